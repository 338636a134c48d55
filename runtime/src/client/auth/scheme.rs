//! The two traits of an authentication scheme. Nothing else in the client depends on which scheme a port has.

use std::fmt::Debug;
use std::time::SystemTime;

use http::HeaderMap;

use crate::client::post::Endpoint;
use crate::client::settings::Settings;
use crate::error::Error;
use crate::message::Freshness;
use crate::mtom::parts::Attachments;
use crate::transport::BoxFuture;

/// How the caller of a port authenticates. Made with the port's client, and shared by all its calls.
pub(crate) trait Scheme: Debug + Send + Sync {
    /// Gets the proof for one message. This may take exchanges with the service.
    ///
    /// # Errors
    /// The service has refused the credential before, or has no session to give. The message must not be sent.
    fn prepare<'a>(&'a self, endpoint: &'a Endpoint<'a>) -> BoxFuture<'a, Result<Box<dyn Proof + 'a>, Error>>;
}

/// By what one message, and one only, shows who sent it. The defaults are those of a scheme without any proof.
pub(crate) trait Proof: Send + Sync {
    /// The `wsse:Security` header of the message, made at the moment when it is written. A part of it may go into an
    /// attachment.
    ///
    /// # Errors
    /// A credential that cannot be written, or no random octets.
    fn security_header(&self, _: &Settings, _: Option<&mut Attachments>) -> Result<Option<String>, Error> {
        Ok(None)
    }

    /// Adds HTTP headers to the request.
    ///
    /// # Errors
    /// A credential that cannot stand in a header.
    fn add_http_headers(&self, _: &mut HeaderMap) -> Result<(), Error> {
        Ok(())
    }

    /// Learns from the HTTP headers of the answer, before its body is read.
    fn learn_http_headers(&self, _: &HeaderMap, _: SystemTime) {}

    /// What the reply has to prove in turn.
    fn reply_security(&self) -> ReplySecurity {
        ReplySecurity::None
    }

    /// Says what an error means under this scheme.
    fn interpret(&self, error: Error) -> Error {
        error
    }

    /// Learns from the outcome of the message. Returns whether the call may be sent once more with another proof: only
    /// where the service said that it did not process the message.
    fn learn(&self, _: Option<&Error>, _: SystemTime) -> bool {
        false
    }
}

/// What a reply has to prove.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReplySecurity {
    /// Nothing; messages are not secured, and a Security header in the reply is not read.
    None,
    /// Nothing, but if the reply has a Timestamp, it must be valid.
    Optional,
    /// A Security header with a valid Timestamp.
    Timestamp,
}

impl ReplySecurity {
    /// Of a port with WS-Security whose policy says whether messages have a Timestamp.
    pub(crate) fn with_timestamp(required: bool) -> Self {
        if required { Self::Timestamp } else { Self::Optional }
    }

    /// What the Timestamp of a reply that comes now is checked against, if it is.
    pub(crate) fn freshness(self, settings: &Settings) -> Option<Freshness> {
        let required = match self {
            Self::None => return None,
            Self::Optional => false,
            Self::Timestamp => settings.security.require_reply_timestamp,
        };
        Some(Freshness { now: settings.now(), skew: settings.security.clock_skew, required })
    }
}
