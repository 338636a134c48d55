//! A service in memory: reads a request, and answers in the version and with the security of the request.
//!
//! It answers every request, and checks neither user names nor certificates. It keeps the sessions that it starts, and
//! refuses a message that is not signed with the key of its session.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http::header::CONTENT_TYPE;

use crate::error::Error;
use crate::limits::{Limits, XmlLimits};
use crate::message::fault_write::FaultToWrite;
use crate::message::service::{ReplyHead, RequestHead, read_request, write_reply};
use crate::mtom::media_type::MediaType;
use crate::mtom::package::Package;
use crate::soap::SoapVersion;
use crate::testing::RecordedRequest;
use crate::xml::Reader;

#[cfg(feature = "secure-conversation")]
use {
    crate::error::ErrorKind,
    crate::security::derived_key::session_key,
    crate::security::names::{CONVERSATION_2005, SECEXT},
    crate::security::trust::context_token::{SecurityContextToken, TokenParts},
    crate::security::trust::request::{KEY_OCTETS, Kind, TokenRequest},
    crate::security::trust::response::{self, Issue},
    crate::security::trust::version::Version,
    crate::security::verify,
    base64::Engine as _,
    base64::engine::general_purpose::STANDARD,
    std::cell::Cell,
    std::time::{Duration, SystemTime},
    zeroize::Zeroizing,
};

/// A request as the service has read it.
pub(super) struct Received {
    pub(super) soap: SoapVersion,
    head: RequestHead,
    #[cfg(feature = "secure-conversation")]
    token_request: Option<TokenRequest>,
    #[cfg(feature = "secure-conversation")]
    envelope: Bytes,
}

impl Received {
    /// Reads a request. One that is not SOAP is answered as if it had no headers.
    pub(super) fn read(request: &RecordedRequest) -> Self {
        let content_type = request.headers.get(CONTENT_TYPE).map_or(&[][..], |value| value.as_bytes());
        let package = MediaType::parse(content_type).ok().filter(|found| found.essence() == "multipart/related");
        // For a package, the type of its envelope is a parameter.
        let soap_12 = String::from_utf8_lossy(content_type).contains(SoapVersion::Soap12.media_type());
        let soap = if soap_12 { SoapVersion::Soap12 } else { SoapVersion::Soap11 };
        let envelope = package
            .map_or_else(|| request.body.clone(), |media_type| root(&media_type, &request.body).unwrap_or_default());
        let mut reader = Reader::new(&envelope, &XmlLimits::default());
        #[cfg(feature = "secure-conversation")]
        {
            let is_token_request =
                |head: &RequestHead| head.action.as_deref().is_some_and(|action| action.contains("/RST/SCT"));
            let read = read_request(soap, &mut reader, |head, reader| {
                if is_token_request(head) { TokenRequest::read(reader).map(Some) } else { Ok(None) }
            });
            let (head, token_request) = read.unwrap_or_default();
            Self { soap, head, token_request: token_request.flatten(), envelope }
        }
        #[cfg(not(feature = "secure-conversation"))]
        {
            let read = read_request(soap, &mut reader, |_, _| Ok(()));
            Self { soap, head: read.unwrap_or_default().0 }
        }
    }

    /// A reply with this content of the body.
    pub(super) fn reply(&self, body: &str) -> String {
        self.write(None, body)
    }

    /// A fault.
    pub(super) fn fault(&self, fault: &FaultToWrite<'_>) -> String {
        self.write(None, &fault.body(self.soap))
    }

    /// The Timestamp repeats the time of the request, so that the client's clock accepts it.
    fn write(&self, action: Option<&str>, body: &str) -> String {
        let head = ReplyHead { action, relates_to: self.head.message_id.as_deref(), timestamp: self.head.timestamp };
        write_reply(self.soap, &head, body)
    }
}

/// The lifetime of a session, as in WCF.
#[cfg(feature = "secure-conversation")]
const SESSION_LIFE: Duration = Duration::from_secs(10 * 3600);

/// The service's half of all keys.
#[cfg(feature = "secure-conversation")]
const ENTROPY: [u8; KEY_OCTETS] = [0x5e; KEY_OCTETS];

/// The sessions of the service: the identifier of each token, and the key.
#[cfg(feature = "secure-conversation")]
#[derive(Default)]
pub(super) struct Sessions {
    started: u32,
    open: Vec<(String, Zeroizing<Vec<u8>>)>,
}

/// Keys are not printed.
#[cfg(feature = "secure-conversation")]
impl std::fmt::Debug for Sessions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sessions").field("open", &self.open.len()).finish_non_exhaustive()
    }
}

/// An answer of the security layer, which the application does not see.
#[cfg(feature = "secure-conversation")]
pub(super) struct SecurityAnswer {
    pub(super) is_fault: bool,
    pub(super) message: String,
}

#[cfg(feature = "secure-conversation")]
impl Received {
    /// What the security layer answers to a request for a token, for its end, or with a wrong signature; `None` for any
    /// other request.
    pub(super) fn secure(&self, sessions: &mut Sessions) -> Option<SecurityAnswer> {
        if let Some(code) = self.refusal(sessions) {
            let fault = FaultToWrite {
                code: "Client",
                subcode: Some(code),
                innermost: None,
                reason: "refused",
                language: "en",
                detail: "",
            };
            return Some(SecurityAnswer { is_fault: true, message: self.fault(&fault) });
        }
        let request = self.token_request.as_ref()?;
        let version = request.version;
        let message = match (request.kind, &request.entropy, &request.target) {
            (Kind::Issue, Some(entropy), _) => {
                let token = sessions.start(version, entropy);
                self.write(Some(version.issue.reply_action), &self.issue(version, &token))
            }
            (Kind::Cancel, _, Some((identifier, _))) => {
                sessions.open.retain(|(open, _)| open != identifier);
                self.write(Some(version.cancel.reply_action), &response::cancelled(version))
            }
            _ => return None,
        };
        Some(SecurityAnswer { is_fault: false, message })
    }

    /// The code of the fault for a message whose signature is wrong, or whose session is over.
    fn refusal(&self, sessions: &Sessions) -> Option<(&'static str, &'static str)> {
        let is_unknown = Cell::new(false);
        let keys = |identifier: &str, _: Option<&str>| {
            let open = sessions.open.iter().find(|(open, _)| open == identifier);
            is_unknown.set(open.is_none());
            open.map(|(_, key)| key.to_vec())
        };
        match verify::signatures(&self.envelope, &keys, &XmlLimits::default()) {
            Err(_) if is_unknown.get() => Some((CONVERSATION_2005, "BadContextToken")),
            Err(error) if error.kind() == ErrorKind::Security => Some((SECEXT, "InvalidSecurity")),
            // A request that is not SOAP is left to the application.
            Ok(_) | Err(_) => None,
        }
    }

    fn issue(&self, version: &Version, token: &SecurityContextToken) -> String {
        let created = self.head.timestamp.map_or(SystemTime::UNIX_EPOCH, |timestamp| timestamp.created);
        let expires = created + SESSION_LIFE;
        Issue { token, entropy: &ENTROPY, entropy_id: "uuid-5e55-0", created, expires, applies_to: None, context: None }
            .body(version, None)
    }
}

#[cfg(feature = "secure-conversation")]
impl Sessions {
    fn start(&mut self, version: &Version, client_entropy: &[u8]) -> SecurityContextToken {
        self.started += 1;
        let parts = TokenParts {
            id: format!("uuid-5e55-{}", self.started),
            identifier: format!("urn:uuid:5e55-{}", self.started),
            cookie: Some(STANDARD.encode([0xc0; 900])),
            ..TokenParts::default()
        };
        self.open.push((parts.identifier.clone(), session_key(client_entropy, &ENTROPY, KEY_OCTETS)));
        SecurityContextToken::new(version, parts)
    }
}

/// The envelope in a package that is in memory.
fn root(media_type: &MediaType, package: &Bytes) -> Result<Bytes, Error> {
    let mut package = Package::open(media_type, package.clone().into(), &Limits::default())?;
    match pin!(package.root()).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(root) => root.map(|(envelope, _)| envelope),
        Poll::Pending => Err(Error::malformed("a package in memory that is waited for")),
    }
}
