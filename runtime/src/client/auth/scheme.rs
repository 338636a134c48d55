//! The two traits of an authentication scheme. Nothing else in the client depends on which scheme a port has.

use std::fmt::Debug;
use std::time::SystemTime;

use http::{HeaderMap, StatusCode};
use zeroize::Zeroizing;

use crate::client::post::Endpoint;
use crate::client::settings::Settings;
use crate::error::Error;
use crate::message::{Freshness, Required};
use crate::mtom::parts::Attachments;
use crate::schema::descriptor::Replies;
use crate::secret::Secret;
use crate::transport::BoxFuture;

/// How the caller of a port authenticates. Created with the client of the port and shared by all its calls.
pub(crate) trait Scheme: Debug + Send + Sync {
    /// Prepares the proof for one message. This may send other messages to the service first.
    ///
    /// # Errors
    /// No session can be started. The message must not be sent.
    fn prepare<'a>(&'a self, endpoint: &'a Endpoint<'a>) -> BoxFuture<'a, Result<Box<dyn Proof + 'a>, Error>>;

    /// Asks the service by an empty request what a proof has to contain, before a message that can be sent only once.
    ///
    /// # Errors
    /// A failure of the network. The message must not be sent.
    fn ask_first<'a>(&'a self, _: &'a Endpoint<'a>, _action: &'a str) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(std::future::ready(Ok(())))
    }
}

/// Authenticates exactly one message. The default methods add nothing and require nothing.
pub(crate) trait Proof: Send + Sync {
    /// The `wsse:Security` header of the message, created when the message is written. Parts of it may become
    /// attachments.
    ///
    /// # Errors
    /// A credential that cannot be written, or no random octets.
    fn security_header(&self, _: &Settings, _: Option<&mut Attachments>) -> Result<Option<Zeroizing<String>>, Error> {
        Ok(None)
    }

    /// Adds HTTP headers to the request.
    ///
    /// # Errors
    /// A credential that cannot be written in an HTTP header.
    fn add_http_headers(&self, _: &mut HeaderMap) -> Result<(), Error> {
        Ok(())
    }

    /// The credential of this message, if each may have another one.
    fn token(&self) -> Option<&Secret> {
        None
    }

    /// Evaluates the HTTP head of the response, before its body is read.
    fn learn_http_headers(&self, _: StatusCode, _: &HeaderMap, _: SystemTime) {}

    /// What is required of the Security header of the reply.
    fn reply_security(&self) -> ReplySecurity {
        ReplySecurity::None
    }

    /// Reclassifies an error that has a specific meaning under this scheme.
    fn interpret(&self, error: Error) -> Error {
        error
    }

    /// Evaluates the outcome of the message. Returns whether the call may be sent once more with another proof, which
    /// is so only if the service said that it did not process the message.
    fn learn(&self, _: Option<&Error>, _: SystemTime) -> Repeat {
        Repeat::No
    }
}

/// Whether a call may be sent once more with another proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repeat {
    No,
    /// A fault says that the proof was not usable.
    Refused,
    /// HTTP 401 asks for another one: at first, and when what it was made of is too old.
    Challenged,
}

/// What is required of the Security header of a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReplySecurity {
    /// Nothing; messages are not secured, and a Security header in the reply is not read.
    None,
    /// Nothing has to be there, but a Timestamp must be valid.
    Optional,
    /// As requests have a Timestamp, a reply may have to; see [`Replies`].
    Timestamp,
}

impl ReplySecurity {
    /// For a port with WS-Security, by whether its policy requires a Timestamp.
    pub(crate) fn with_timestamp(required: bool) -> Self {
        if required { Self::Timestamp } else { Self::Optional }
    }

    /// The rule for the Security header of a reply that arrives now, if it is checked.
    pub(crate) fn freshness(self, replies: Replies, settings: &Settings) -> Option<Freshness> {
        let required = match (self, replies) {
            (Self::None, _) => return None,
            (Self::Optional, _) | (Self::Timestamp, Replies::Lenient) => Required::Nothing,
            (Self::Timestamp, Replies::Wcf) => Required::Header,
            (Self::Timestamp, Replies::Strict) => Required::Timestamp,
        };
        Some(Freshness { now: settings.now(), skew: settings.security.clock_skew, required })
    }
}
