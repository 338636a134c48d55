//! The error of a transport: how far an exchange came before it failed.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt::{self, Write as _};

use crate::error::{Delivery, Error, ErrorKind};
use crate::printed::{Cut, ERROR_TEXT};

/// A part of an HTTP exchange, in the order they happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// The host name is looked up.
    Resolve,
    /// The TCP connection is made, through the proxy if there is one.
    Connect,
    /// The TLS handshake, in which the server's certificate is checked.
    Tls,
    /// The request is sent.
    Send,
    /// The request is sent; the head of the answer is waited for.
    Reply,
    /// The body of the answer arrives.
    Body,
}

impl Phase {
    /// Whether the service may have acted on the request when this phase fails.
    ///
    /// A partial response does not count, because whether the call succeeded may be in the rest.
    pub fn delivery(self) -> Delivery {
        match self {
            Self::Resolve | Self::Connect | Self::Tls => Delivery::NotSent,
            Self::Send | Self::Reply | Self::Body => Delivery::Unknown,
        }
    }

    fn failed(self) -> &'static str {
        match self {
            Self::Resolve => "the host name could not be looked up",
            Self::Connect => "no connection could be made",
            Self::Tls => "no TLS connection could be made",
            Self::Send => "the connection broke while the request was sent",
            Self::Reply => "the connection broke before an answer came",
            Self::Body => "the answer was cut off",
        }
    }

    fn timed_out(self) -> &'static str {
        match self {
            Self::Resolve => "time-out while the host name was looked up",
            Self::Connect => "time-out while the connection was made",
            Self::Tls => "time-out while TLS was agreed on",
            Self::Send => "time-out while the request was sent: the peer takes no more of it",
            Self::Reply => "time-out while waiting for the answer",
            Self::Body => "time-out within the answer: its rest does not come",
        }
    }
}

/// Why an HTTP exchange failed.
pub struct TransportError {
    phase: Phase,
    trouble: Trouble,
    what: Cow<'static, str>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trouble {
    Failed,
    TimedOut,
    TooLarge,
    /// The content of the response does not match its head.
    Undecodable,
    /// The request is invalid.
    Refused,
    /// The caller's source of the request's content failed.
    Source,
}

impl TransportError {
    /// A failure in a phase.
    pub fn new(phase: Phase) -> Self {
        Self { phase, trouble: Trouble::Failed, what: phase.failed().into(), source: None }
    }

    /// A time-out in a phase.
    pub fn timed_out(phase: Phase) -> Self {
        Self { phase, trouble: Trouble::TimedOut, what: phase.timed_out().into(), source: None }
    }

    /// A body with more bytes than are allowed.
    pub(crate) fn too_large(limit: usize) -> Self {
        let what = format!("the message is larger than the limit of {limit} bytes");
        Self { phase: Phase::Body, trouble: Trouble::TooLarge, what: what.into(), source: None }
    }

    /// A body that is not in the encoding that it says it is in.
    pub(crate) fn undecodable(what: Cow<'static, str>) -> Self {
        Self { phase: Phase::Body, trouble: Trouble::Undecodable, what, source: None }
    }

    /// A request that cannot be sent.
    pub(crate) fn refused(what: &'static str) -> Self {
        Self { phase: Phase::Connect, trouble: Trouble::Refused, what: what.into(), source: None }
    }

    /// Marks the error as one of the caller's source of the content.
    pub(crate) fn by_the_source(mut self) -> Self {
        self.trouble = Trouble::Source;
        self
    }

    /// The same error again, for one that is known by reference only.
    pub(crate) fn again(&self) -> Self {
        Self { phase: self.phase, trouble: self.trouble, what: self.what.clone(), source: None }
    }

    /// Replaces the standard text. It must not quote a message, a header value or a credential.
    #[must_use]
    pub fn because(mut self, what: impl Into<Cow<'static, str>>) -> Self {
        self.what = what.into();
        self
    }

    /// Adds the error below this one.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// How far the exchange came.
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// Whether a time-out ended it.
    pub fn is_timeout(&self) -> bool {
        self.trouble == Trouble::TimedOut
    }

    /// Whether a limit on the size of the answer ended it.
    pub fn is_too_large(&self) -> bool {
        self.trouble == Trouble::TooLarge
    }

    /// The error of the call.
    pub(crate) fn into_error(self) -> Error {
        let (kind, delivery) = match self.trouble {
            Trouble::Failed | Trouble::TimedOut => (ErrorKind::Transport, self.phase.delivery()),
            // The whole response has arrived.
            Trouble::TooLarge => (ErrorKind::Http, Delivery::Answered),
            Trouble::Undecodable => (ErrorKind::Malformed, Delivery::Answered),
            Trouble::Refused => (ErrorKind::Configuration, Delivery::NotSent),
            Trouble::Source => (ErrorKind::Malformed, self.phase.delivery()),
        };
        let error = Error::new(kind, self.what).delivered(delivery);
        match self.source {
            Some(source) => error.with_source(source),
            None => error,
        }
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Cut::at(ERROR_TEXT, f).write_str(&self.what)
    }
}

impl fmt::Debug for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransportError")
            .field("phase", &self.phase)
            .field("trouble", &self.trouble)
            .field("message", &format_args!("{self}"))
            .field("source", &self.source)
            .finish()
    }
}

impl StdError for TransportError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}
