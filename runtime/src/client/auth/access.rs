//! How a port shows who calls: nothing, a user name and password, or a session.

use std::sync::Arc;
use std::time::SystemTime;

use http::HeaderMap;

use crate::client::auth::circuit::Circuit;
use crate::client::connection::Connection;
use crate::client::post::Line;
use crate::credentials::Credentials;
use crate::error::{Error, ErrorKind};
use crate::mtom::parts::Attachments;
use crate::schema::descriptor::{PortDescriptor, Security};
use crate::security::header;
use crate::security::timestamp::Timestamp;

#[cfg(feature = "secure-conversation")]
use {
    crate::client::auth::session::Session,
    crate::client::auth::token::ContextToken,
    crate::error::Delivery,
    crate::fault::{Fault, Remedy},
    crate::security::certificate::Certificate,
    crate::security::derived_key::Derivation,
    crate::security::trust::version::{FEBRUARY_2005, VERSION_1_3},
    crate::security::username_token::no_random,
};

/// What a port calls with, for as long as it lives.
#[derive(Clone, Debug)]
pub(crate) enum Access {
    Open,
    UserName {
        credentials: Arc<Credentials>,
        digest: bool,
        circuit: Arc<Circuit>,
    },
    #[cfg(feature = "secure-conversation")]
    Session(Arc<Session>),
    /// A mistake in how the client was made, told by every call.
    Mistake(&'static str),
}

/// What one message is sent with.
pub(crate) enum Pass<'a> {
    Open,
    UserName(&'a Credentials, bool),
    #[cfg(feature = "secure-conversation")]
    Context(&'a Session, Arc<ContextToken>),
}

impl Access {
    /// Without a certificate.
    pub(crate) fn new(
        connection: &Connection,
        port: &PortDescriptor,
        url: Option<&http::Uri>,
        credentials: Option<&Arc<Credentials>>,
    ) -> Self {
        match (port.security, credentials, url) {
            (Security::None, _, _) => Self::Open,
            (Security::SecureConversation { .. }, _, _) => Self::Mistake("this port asks for a certificate"),
            (Security::UserName { .. }, None, _) => Self::Mistake("this port asks for a user name and password"),
            (Security::UserName { digest, .. }, Some(credentials), Some(url)) => Self::UserName {
                credentials: Arc::clone(credentials),
                digest,
                circuit: connection.registry().circuit(url, credentials),
            },
            // The mistake in the URL is told first.
            (Security::UserName { .. }, Some(_), None) => Self::Open,
        }
    }

    /// With a certificate.
    #[cfg(feature = "secure-conversation")]
    pub(crate) fn with_certificate(
        connection: &Connection,
        port: &PortDescriptor,
        url: Option<&http::Uri>,
        certificate: &Certificate,
    ) -> Self {
        match (port.security, url) {
            (Security::SecureConversation { must_not_cancel, version_1_3, .. }, Some(url)) => {
                let version = if version_1_3 { &VERSION_1_3 } else { &FEBRUARY_2005 };
                Self::Session(connection.registry().session(url, port.soap, certificate, version, !must_not_cancel))
            }
            (Security::SecureConversation { .. }, None) => Self::Open,
            _ => Self::Mistake("this port takes no certificate"),
        }
    }

    /// Gets ready for one message. With a session, this may itself take an exchange.
    ///
    /// # Errors
    /// The credential has been refused before, or no session could be had. Nothing of the call was sent.
    #[cfg_attr(not(feature = "secure-conversation"), expect(clippy::unused_async, reason = "a session is waited for"))]
    pub(crate) async fn pass(&self, line: &Line<'_>) -> Result<Pass<'_>, Error> {
        match self {
            Self::Open => Ok(Pass::Open),
            Self::Mistake(what) => Err(Error::configuration(*what)),
            Self::UserName { credentials, digest, circuit } => {
                circuit.check(line.connection.now())?;
                Ok(Pass::UserName(credentials, *digest))
            }
            #[cfg(feature = "secure-conversation")]
            Self::Session(session) => Ok(Pass::Context(session, session.token(line).await?)),
        }
    }

    /// Takes in how a message fared, so that the next one fares better.
    ///
    /// Says whether the same call may be sent once more with another pass. It may, only if the service said that it
    /// did not look at the message.
    pub(crate) fn learn(&self, pass: &Pass<'_>, error: Option<&Error>, now: SystemTime) -> bool {
        if error.is_some_and(|error| error.kind() == ErrorKind::Authentication) {
            self.refused(now);
        }
        match pass {
            Pass::Open | Pass::UserName(..) => false,
            #[cfg(feature = "secure-conversation")]
            Pass::Context(session, token) => {
                if error.is_none_or(|error| error.delivery() == Delivery::Answered) {
                    token.touch(now);
                }
                match error.and_then(Error::fault).map(Fault::remedy) {
                    Some(Remedy::NewSession) => {
                        session.discard(token);
                        true
                    }
                    Some(Remedy::NewSessionIfHeld) if session.held_in_memory => {
                        session.discard(token);
                        true
                    }
                    Some(Remedy::NewSessionIfProven) => session.discard_suspect(token, now),
                    _ => {
                        // A reply, or a fault of the service itself: it has accepted the token.
                        if error.is_none_or(|error| error.kind() == ErrorKind::Fault) {
                            token.prove();
                        }
                        false
                    }
                }
            }
        }
    }

    fn refused(&self, now: SystemTime) {
        match self {
            Self::Open | Self::Mistake(_) => {}
            Self::UserName { circuit, .. } => circuit.open(now),
            #[cfg(feature = "secure-conversation")]
            Self::Session(session) => session.circuit.open(now),
        }
    }
}

impl Pass<'_> {
    /// The Security header of a message that is made now, and that may have attachments.
    ///
    /// # Errors
    /// Credentials that can't be written, or no random octets.
    pub(crate) fn header(
        &self,
        connection: &Connection,
        attachments: Option<&mut Attachments>,
    ) -> Result<Option<String>, Error> {
        #[cfg(not(feature = "secure-conversation"))]
        let _ = attachments;
        match self {
            Self::Open => Ok(None),
            Self::UserName(credentials, digest) => {
                let timestamp = Timestamp::new(connection.now());
                header::user_name(&timestamp, credentials, *digest, connection.random()).map(Some)
            }
            #[cfg(feature = "secure-conversation")]
            Self::Context(session, token) => {
                let timestamp = token.timestamp(connection.now());
                if !connection.security().derived_keys {
                    return Ok(Some(header::context(&timestamp, token, session.version(), None, attachments)));
                }
                let id = connection.random().guid().map_err(no_random)?;
                let mut nonce = [0; Derivation::NONCE];
                connection.random().fill(&mut nonce).map_err(no_random)?;
                let derivation = Derivation::new(nonce);
                Ok(Some(header::context(&timestamp, token, session.version(), Some((&derivation, &id)), attachments)))
            }
        }
    }

    /// Whether replies have to be secured.
    pub(crate) fn is_secured(&self) -> bool {
        !matches!(self, Self::Open)
    }

    /// Adds what HTTP has to say about the session.
    pub(crate) fn add_to(&self, headers: &mut HeaderMap) {
        match self {
            Self::Open | Self::UserName(..) => {}
            #[cfg(feature = "secure-conversation")]
            Self::Context(_, token) => token.jar.add_to(headers),
        }
        let _ = headers;
    }

    /// Takes in what HTTP said about the session.
    pub(crate) fn learn_from(&self, headers: &HeaderMap, now: SystemTime) {
        match self {
            Self::Open | Self::UserName(..) => {}
            #[cfg(feature = "secure-conversation")]
            Self::Context(_, token) => token.jar.learn(headers, now),
        }
        let _ = (headers, now);
    }
}
