//! The error type of the crate.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

use crate::fault::Fault;
use crate::printed::{Cut, ERROR_TEXT};

/// Why a call failed.
///
/// [`kind`](Self::kind) says what went wrong, [`delivery`](Self::delivery) whether the service may have acted on the
/// request, [`fault`](Self::fault) what it answered, and [`advice`](Self::advice) what can be done about it. `Display` and
/// `Debug` name the operation, the place and the rule that was broken; they never quote content, unless
/// [`reasons_in_errors`](crate::ConnectionBuilder::reasons_in_errors) lets the service's own words in, and no text is longer
/// than 1000 bytes, so an error can be logged.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    /// Set by the call, which knows how far it came.
    delivery: Option<Delivery>,
    operation: Option<&'static str>,
    /// Innermost element first.
    path: Vec<&'static str>,
    what: Cow<'static, str>,
    /// A probable cause.
    hint: Option<String>,
    status: Option<u16>,
    place: Option<Place>,
    /// The name of the element that stands there.
    found: Option<String>,
    fault: Option<Fault>,
    /// The answer to an earlier try of the same message.
    earlier_fault: Option<Fault>,
    /// All that was sent was answered by faults that say it was not looked at.
    is_passed_by: bool,
    /// The fault is about a credential, by what the contract's configuration says of it.
    is_about_credentials: bool,
    /// The text says what the service says of its fault.
    shows_reason: bool,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// Where in a message an error is.
#[derive(Clone, Copy)]
enum Place {
    /// After this many bytes.
    Offset(usize),
    /// Both from 1; columns count characters.
    Line { line: usize, column: usize },
}

/// What went wrong.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// No connection, a broken one, or a time-out.
    Transport,
    /// The peer answered HTTP, but not SOAP: an error page, an empty body, another content type.
    Http,
    /// A message that does not follow the contract: an invalid reply, or a request that cannot be written.
    Malformed,
    /// The service answered with a SOAP fault of its own.
    Fault,
    /// The service refused the credentials. The call is not repeated, because repeated failures lock the account.
    Authentication,
    /// The service rejected the security of the message, or the security of its reply is invalid.
    Security,
    /// The security session has ended.
    Session,
    /// The service is too busy, or down for now.
    Busy,
    /// The call cannot succeed with this configuration.
    Configuration,
}

impl ErrorKind {
    fn name(self) -> &'static str {
        match self {
            Self::Transport => "transport",
            Self::Http => "HTTP",
            Self::Malformed => "malformed message",
            Self::Fault => "fault",
            Self::Authentication => "authentication",
            Self::Security => "security",
            Self::Session => "session",
            Self::Busy => "busy",
            Self::Configuration => "configuration",
        }
    }
}

/// Whether the service may have acted on the request.
///
/// It is true of all tries of a call: after a second one that timed out it is unknown, whatever was answered to the first,
/// and after a second one that found no connection it is answered, if the first was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Delivery {
    /// The service has not seen the request: it was refused before it was sent, or no connection could be made.
    NotSent,
    /// The request was sent, at least in part, and no response says whether it was processed.
    Unknown,
    /// The service, or a gateway in front of it, answered the request.
    Answered,
}

impl Delivery {
    /// What is true of two sends of one message.
    pub(crate) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
            (Self::Answered, _) | (_, Self::Answered) => Self::Answered,
            (Self::NotSent, Self::NotSent) => Self::NotSent,
        }
    }
}

/// The text for a required element or attribute that is missing.
pub(crate) const MISSING: &str = "a required element or attribute is missing";
/// The text for a required value that is nil.
pub(crate) const NIL: &str = "xsi:nil where a value is required";

impl Error {
    /// Whether a required value is missing or nil.
    pub(crate) fn is_absence(&self) -> bool {
        [MISSING, NIL].contains(&&*self.0.what)
    }

    pub(crate) fn new(kind: ErrorKind, what: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner {
            kind,
            delivery: None,
            operation: None,
            path: Vec::new(),
            what: what.into(),
            hint: None,
            status: None,
            place: None,
            found: None,
            fault: None,
            earlier_fault: None,
            is_passed_by: false,
            is_about_credentials: false,
            shows_reason: false,
            source: None,
        }))
    }

    pub(crate) fn malformed(what: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Malformed, what)
    }

    pub(crate) fn configuration(what: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Configuration, what)
    }

    pub(crate) fn from_fault(kind: ErrorKind, fault: Fault) -> Self {
        let mut error = Self::new(kind, "the service answered with a fault");
        error.0.fault = Some(fault);
        error
    }

    /// Sets the delivery, replacing any earlier one.
    pub(crate) fn delivered(mut self, delivery: Delivery) -> Self {
        self.0.delivery = Some(delivery);
        self
    }

    /// Sets the delivery unless it has been set where the error arose.
    pub(crate) fn delivered_unless_known(mut self, delivery: Delivery) -> Self {
        self.0.delivery.get_or_insert(delivery);
        self
    }

    /// Adds what is known of earlier tries of the same message: how far they came, and what was answered.
    pub(crate) fn after(mut self, delivery: Delivery, fault: Option<Fault>) -> Self {
        self.0.delivery = Some(self.delivery().and(delivery));
        self.0.earlier_fault = self.0.earlier_fault.or(fault);
        self
    }

    /// The fault of this try or, if it has none, the latest of an earlier one.
    pub(crate) fn into_fault(self) -> Option<Fault> {
        self.0.fault.or(self.0.earlier_fault)
    }

    /// Changes the kind and text of the error, and keeps its facts about the response.
    pub(crate) fn reinterpreted(mut self, kind: ErrorKind, what: impl Into<Cow<'static, str>>) -> Self {
        self.0.kind = kind;
        self.0.what = what.into();
        self
    }

    /// Says that all that was sent was answered by faults that say it was not looked at, and that they can be believed.
    pub(crate) fn passed_by(mut self, is_passed_by: bool) -> Self {
        self.0.is_passed_by = is_passed_by;
        self
    }

    pub(crate) fn is_passed_by(&self) -> bool {
        self.0.is_passed_by
    }

    /// Says that the fault is about a credential, whether one was refused or not.
    pub(crate) fn about_credentials(mut self) -> Self {
        self.0.is_about_credentials = true;
        self
    }

    pub(crate) fn is_about_credentials(&self) -> bool {
        self.0.is_about_credentials
    }

    /// Lets the text say what the service says of its fault.
    pub(crate) fn showing_reason(mut self, shows: bool) -> Self {
        self.0.shows_reason = shows;
        self
    }

    pub(crate) fn in_operation(mut self, operation: &'static str) -> Self {
        self.0.operation = Some(operation);
        self
    }

    pub(crate) fn in_element(mut self, name: &'static str) -> Self {
        self.0.path.push(name);
        self
    }

    pub(crate) fn at_offset(mut self, offset: usize) -> Self {
        self.0.place.get_or_insert(Place::Offset(offset));
        self
    }

    /// Gives its place in this document as a line and a column. To be called once, as it counts from the front: a union
    /// tries its members, and makes an error of each that a text is not.
    pub(crate) fn in_document(mut self, document: &[u8]) -> Self {
        let document = document.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(document);
        if let Some(Place::Offset(offset)) = self.0.place
            && let Some(read) = document.get(..offset).and_then(|read| std::str::from_utf8(read).ok())
        {
            let line = read.bytes().filter(|byte| *byte == b'\n').count() + 1;
            let last = read.rsplit_once('\n').map_or(read, |(_, last)| last);
            self.0.place = Some(Place::Line { line, column: last.chars().count() + 1 });
        }
        self
    }

    /// Says which element stands where another one is expected.
    pub(crate) fn with_found(mut self, namespace: &str, local: &str) -> Self {
        self.0.found = Some(match namespace {
            "" => local.to_owned(),
            _ => format!("{{{namespace}}}{local}"),
        });
        self
    }

    pub(crate) fn with_status(mut self, status: u16) -> Self {
        self.0.status = Some(status);
        self
    }

    pub(crate) fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// The same error for another call that it concerns. The error below it stays with this one.
    #[cfg(feature = "secure-conversation")]
    pub(crate) fn again(&self) -> Self {
        let inner = &*self.0;
        Self(Box::new(Inner {
            path: inner.path.clone(),
            what: inner.what.clone(),
            hint: inner.hint.clone(),
            found: inner.found.clone(),
            fault: inner.fault.clone(),
            earlier_fault: inner.earlier_fault.clone(),
            source: None,
            ..*inner
        }))
    }

    /// Puts the step that failed in front of the text.
    #[cfg(feature = "secure-conversation")]
    pub(crate) fn with_context(mut self, step: &'static str) -> Self {
        self.0.what = format!("{step}: {}", self.0.what).into();
        self
    }

    /// Adds a probable cause. It must not quote a message.
    pub(crate) fn with_hint(mut self, hint: String) -> Self {
        self.0.hint = Some(hint);
        self
    }

    /// What went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Whether the service may have acted on the request.
    ///
    /// An error that is not about a call, such as a wrong setting of a connection, says [`NotSent`](Delivery::NotSent).
    pub fn delivery(&self) -> Delivery {
        self.0.delivery.unwrap_or(match self.0.operation {
            // Every call sets it. If it is unset, nothing is known.
            Some(_) => Delivery::Unknown,
            None => Delivery::NotSent,
        })
    }

    /// The SOAP fault the service answered with.
    ///
    /// If the call was tried more than once, and the last try ended without a fault, it is the fault of the try before.
    /// If the call was not sent because no session could be started, it is the fault of the token service.
    pub fn fault(&self) -> Option<&Fault> {
        self.0.fault.as_ref().or(self.0.earlier_fault.as_ref())
    }

    /// What the service says of its [`fault`](Self::fault), as text for people.
    ///
    /// It may quote the request, so it is not part of what the error prints, unless the connection says so
    /// ([`reasons_in_errors`](crate::ConnectionBuilder::reasons_in_errors)).
    pub fn reason(&self) -> Option<&str> {
        self.fault().map(Fault::reason)
    }

    /// The name of the element that stands where another one is expected, as `{namespace}local`.
    ///
    /// The peer chose it, so it is not part of what the error prints.
    pub fn found(&self) -> Option<&str> {
        self.0.found.as_deref()
    }

    /// The wire name of the operation.
    pub fn operation(&self) -> Option<&'static str> {
        self.0.operation
    }

    /// The HTTP status of the answer.
    pub fn http_status(&self) -> Option<u16> {
        self.0.status
    }

    /// The element the error is about, as wire names from the outside in, joined by `/`.
    pub fn element(&self) -> Option<String> {
        let path: Vec<_> = self.0.path.iter().rev().copied().collect();
        (!path.is_empty()).then(|| path.join("/"))
    }
}

/// Most names of a path that are printed. A contract whose types contain themselves lets the peer choose how many there
/// are.
const PRINTED_NAMES: usize = 8;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.print(&mut Cut::at(ERROR_TEXT, f), self.0.shows_reason)
    }
}

impl Error {
    /// The text without what the service says of its fault.
    pub(crate) fn without_reason(&self) -> String {
        let mut text = String::new();
        // Cannot fail: what it writes to does not.
        let _ = self.print(&mut Cut::at(ERROR_TEXT, &mut text), false);
        text
    }

    fn print(&self, f: &mut impl fmt::Write, shows_reason: bool) -> fmt::Result {
        let inner = &*self.0;
        if let Some(operation) = inner.operation {
            write!(f, "{operation}: ")?;
        }
        write!(f, "{}: {}", inner.kind.name(), inner.what)?;
        if let Some(fault) = &inner.fault {
            write!(f, " {}", fault.code())?;
        }
        if let (None, Some(fault)) = (&inner.fault, &inner.earlier_fault) {
            write!(f, ", after an earlier try that was answered with a fault {}", fault.code())?;
        }
        // The outer names of a long path say little.
        let inmost: Vec<_> = inner.path.iter().take(PRINTED_NAMES).rev().copied().collect();
        if !inmost.is_empty() {
            let outer = if inner.path.len() > PRINTED_NAMES { "…/" } else { "" };
            write!(f, ", in {outer}{}", inmost.join("/"))?;
        }
        match inner.place {
            Some(Place::Offset(offset)) => write!(f, ", at byte {offset}")?,
            Some(Place::Line { line, column }) => write!(f, ", at line {line}, column {column}")?,
            None => {}
        }
        if let Some(status) = inner.status {
            write!(f, " (HTTP {status})")?;
        }
        if let Some(hint) = &inner.hint {
            write!(f, "; {hint}")?;
        }
        if let Some(reason) = self.reason().filter(|reason| shows_reason && !reason.is_empty()) {
            write!(f, "; the service says: {reason:?}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("delivery", &self.delivery())
            .field("message", &format_args!("{self}"))
            .field("source", &self.0.source)
            .finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_path_is_printed_from_its_end() {
        let nested = |depth| (0..depth).fold(Error::malformed("wrong").at_offset(7), |error, _| error.in_element("A"));
        assert_eq!(nested(2).in_element("B").to_string(), "malformed message: wrong, in B/A/A, at byte 7");
        let deep = nested(128).in_element("B");
        assert_eq!(deep.to_string(), format!("malformed message: wrong, in …/{}A, at byte 7", "A/".repeat(7)));
        assert_eq!(deep.element().unwrap().len(), 2 * 129 - 1);
    }

    #[test]
    fn the_place_is_a_line_where_the_text_is_at_hand() {
        let at = |read: &str| {
            let document = format!("\u{FEFF}{read}<rest>");
            Error::malformed("wrong").at_offset(read.len()).in_document(document.as_bytes()).to_string()
        };
        assert_eq!(at(""), "malformed message: wrong, at line 1, column 1");
        assert_eq!(at("<a>\n <æ/>"), "malformed message: wrong, at line 2, column 6");
        let found = Error::malformed("wrong").with_found("urn:x", "B").in_element("A");
        assert_eq!((found.found(), found.to_string().as_str()), (Some("{urn:x}B"), "malformed message: wrong, in A"));
    }

    #[test]
    fn no_text_is_longer_than_its_limit() {
        let error = Error::malformed("x".repeat(100_000)).with_hint("y".repeat(100_000));
        assert_eq!(error.to_string().len(), ERROR_TEXT);
        assert!(format!("{error:#?}").len() < ERROR_TEXT + 200);
    }

    #[test]
    fn a_delivery_that_was_not_set_is_not_claimed() {
        let error = Error::configuration("a wrong setting");
        assert_eq!(error.delivery(), Delivery::NotSent);
        let error = error.in_operation("Get");
        assert_eq!(error.delivery(), Delivery::Unknown);
        let error = error.delivered_unless_known(Delivery::Answered);
        assert_eq!(error.delivery(), Delivery::Answered);
        assert_eq!(error.delivered_unless_known(Delivery::Unknown).delivery(), Delivery::Answered);
    }

    #[test]
    fn of_two_sends_the_less_certain_one_counts() {
        use Delivery::{Answered, NotSent, Unknown};
        for (first, second, both) in [
            (NotSent, NotSent, NotSent),
            (Answered, NotSent, Answered),
            (Answered, Answered, Answered),
            (Answered, Unknown, Unknown),
            (Unknown, NotSent, Unknown),
        ] {
            assert_eq!((first.and(second), second.and(first)), (both, both));
        }
    }
}
