//! What becomes of an input, and what must hold whatever becomes of it.

use std::error::Error as _;
use std::fmt::Write as _;

use altinn_soap::generated::v1;
use altinn_soap::{Error, ErrorKind};

use crate::PLANTED_NUMBER;
use crate::tree::infoset;

/// How far an input came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It was read.
    Accepted,
    /// It was refused, at this stage.
    Refused(&'static str),
}

/// What a call has given.
pub(crate) enum Outcome {
    Read {
        message: Box<dyn v1::Slot>,
        /// Of the stream, if there is one.
        content: Vec<u8>,
    },
    Failed(Error),
}

impl Outcome {
    pub(crate) fn of(result: Result<Box<dyn v1::Slot>, Error>) -> Self {
        match result {
            Ok(message) => Self::Read { message, content: Vec::new() },
            Err(error) => Self::Failed(error),
        }
    }

    pub(crate) fn verdict(&self) -> Verdict {
        match self {
            Self::Read { .. } => Verdict::Accepted,
            Self::Failed(error) => Verdict::Refused(stage(error)),
        }
    }

    /// Errors quote nothing.
    pub(crate) fn assert_quotes_nothing(&self) {
        if let Self::Failed(error) = self {
            let printed = printed(error);
            assert!(!printed.contains(PLANTED_NUMBER), "an error quotes content: {printed}");
        }
    }

    /// The same document in other pieces gives the same, in every detail.
    pub(crate) fn assert_identical(&self, other: &Self) {
        match (self, other) {
            (Self::Read { message, content }, Self::Read { message: other, content: others }) => {
                assert!(message.same(&**other), "in pieces, it gives another value: {message:?} and {other:?}");
                assert!(content == others, "in pieces, it gives another stream");
            }
            // How much longer an item may be depends on the pieces; up to how much is documented.
            (Self::Failed(error), _) | (_, Self::Failed(error)) if printed(error).contains("Limits::item_bytes") => {}
            (Self::Failed(error), Self::Failed(other)) => {
                // Items that come later are read after the head of the answer has been forgotten.
                let printed = |error| printed(error).replace(" (HTTP 200)", "");
                assert_eq!(printed(error), printed(other), "in pieces, it gives another error");
            }
            (Self::Read { .. }, Self::Failed(error)) => panic!("in pieces, it is refused: {}", printed(error)),
            (Self::Failed(error), Self::Read { .. }) => {
                panic!("in pieces, it is accepted, and not: {}", printed(error))
            }
        }
    }

    /// The same content in another form gives the same value, or is refused for the same kind of reason.
    pub(crate) fn assert_alike(&self, other: &Self, write: &dyn Fn(&dyn v1::Slot) -> Option<Vec<u8>>) {
        match (self, other) {
            (Self::Read { message, content }, Self::Read { message: other, content: others }) => {
                assert_same(&**message, &**other, write);
                assert!(content == others, "in another form, it gives another stream");
            }
            // Another form may be a little longer than a limit that the first one just meets.
            (Self::Failed(error), _) | (_, Self::Failed(error)) if stage(error) == LIMIT => {}
            (Self::Failed(error), Self::Failed(other)) => {
                assert!(error.kind() == other.kind(), "{} and {}", printed(error), printed(other));
                let reason = |error: &Error| error.fault().map(|fault| fault.reason().to_owned());
                assert_eq!(reason(error), reason(other), "in another form, it gives another fault");
            }
            (Self::Read { .. }, Self::Failed(error)) => panic!("in another form, it is refused: {}", printed(error)),
            (Self::Failed(error), Self::Read { .. }) => {
                panic!("in another form, it is accepted, and not: {}", printed(error))
            }
        }
    }
}

/// Two values are the same, or are written the same: XML that is kept as it is keeps its prefixes too.
pub(crate) fn assert_same(one: &dyn v1::Slot, other: &dyn v1::Slot, write: &dyn Fn(&dyn v1::Slot) -> Option<Vec<u8>>) {
    if one.same(other) {
        return;
    }
    let written = [one, other].map(write);
    // What reading alone tolerates is not written: such values can't be compared. XML that is kept as it is keeps it.
    let infosets = match written.each_ref() {
        [Some(first), Some(second)] => [infoset(first), infoset(second)],
        [None, None] => return,
        _ => panic!("only one of two values can be written: {one:?} and {other:?}"),
    };
    let texts = written.map(|xml| xml.map(|xml| String::from_utf8_lossy(&xml).into_owned()).unwrap_or_default());
    assert!(infosets[0] == infosets[1], "two values: {one:?} and {other:?}\n{texts:#?}");
}

const LIMIT: &str = "limit";

/// All that a program can print of an error.
pub(crate) fn printed(error: &Error) -> String {
    let mut text = format!("{error} {error:?} {:?}", error.fault());
    let mut source = error.source();
    while let Some(error) = source {
        let _ = write!(text, " {error} {error:?}");
        source = error.source();
    }
    text
}

/// Which part of the runtime refused an input: told by the texts of its errors, so that figures show how deep inputs go.
pub(crate) fn stage(error: &Error) -> &'static str {
    let text = printed(error);
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    match error.kind() {
        _ if says(&["than allowed", "larger than", "than a package may have"]) => LIMIT,
        _ if error.fault().is_some() => "fault",
        ErrorKind::Security | ErrorKind::Session | ErrorKind::Authentication => "security",
        ErrorKind::Transport => "transport",
        ErrorKind::Configuration => "configuration",
        _ if says(&["multipart", "xop:Include", "a part", "a root part"]) => "package",
        ErrorKind::Http if error.source().is_none() => "http",
        _ if says(&[
            "well-formed",
            "UTF-8",
            "ends inside",
            "not declared",
            "entity",
            "character",
            "declaration",
            "outside of the document",
            "after the end",
            "document without",
        ]) =>
        {
            "xml"
        }
        _ if error.element().is_some() => "value",
        _ if says(&["header", "RelatesTo", "relates to"]) => "header",
        _ => "envelope",
    }
}
