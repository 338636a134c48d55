//! A service in memory: reads a request, and answers in the version and with the security of the request.
//!
//! It answers whatever it is asked: it checks no credential and no signature. A test that is about these looks at the
//! requests that were recorded.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http::header::CONTENT_TYPE;

use crate::error::Error;
use crate::limits::{Limits, XmlLimits};
use crate::message::service::{FaultToWrite, ReplyHead, RequestHead, read_request, write_reply};
use crate::mtom::media_type::MediaType;
use crate::mtom::package::Package;
use crate::soap::SoapVersion;
use crate::testing::RecordedRequest;
use crate::xml::Reader;

#[cfg(feature = "secure-conversation")]
use {
    crate::security::trust::context_token::{SecurityContextToken, TokenParts},
    crate::security::trust::request::{KEY_OCTETS, TokenRequest},
    crate::security::trust::response::{self, Issue},
    crate::security::trust::version::Version,
    base64::Engine as _,
    base64::engine::general_purpose::STANDARD,
    std::time::{Duration, SystemTime},
};

/// A request as the service has read it.
pub(super) struct Received {
    pub(super) soap: SoapVersion,
    head: RequestHead,
    #[cfg(feature = "secure-conversation")]
    token_request: Option<(&'static Version, TokenRequest)>,
}

impl Received {
    /// Reads a request. One that is not SOAP is answered as if it had no headers.
    pub(super) fn read(request: &RecordedRequest) -> Self {
        let content_type = request.headers.get(CONTENT_TYPE).map_or(&[][..], |value| value.as_bytes());
        let media_type = MediaType::parse(content_type);
        let is_package = media_type.essence() == "multipart/related";
        // Of a package, the type of its envelope stands in a parameter.
        let soap_12 = String::from_utf8_lossy(content_type).contains(SoapVersion::Soap12.media_type());
        let soap = if soap_12 { SoapVersion::Soap12 } else { SoapVersion::Soap11 };
        let envelope = if is_package { root(&media_type, &request.body) } else { Ok(request.body.clone()) };
        let envelope = envelope.unwrap_or_default();
        let mut reader = Reader::new(&envelope, &XmlLimits::default());
        #[cfg(feature = "secure-conversation")]
        {
            let is_token_request =
                |head: &RequestHead| head.action.as_deref().is_some_and(|action| action.contains("/RST/SCT"));
            let read = read_request(soap, &mut reader, |head, reader| {
                if is_token_request(head) { TokenRequest::read(reader).map(Some) } else { Ok(None) }
            });
            let (head, token_request) = read.unwrap_or_default();
            Self { soap, head, token_request: token_request.flatten() }
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

    /// The time of the request is one that its sender believes, whatever its clock says.
    fn write(&self, action: Option<&str>, body: &str) -> String {
        let head = ReplyHead { action, relates_to: self.head.message_id.as_deref(), timestamp: self.head.timestamp };
        write_reply(self.soap, &head, body)
    }
}

/// The life of a session, as WCF gives it.
#[cfg(feature = "secure-conversation")]
const SESSION_LIFE: Duration = Duration::from_secs(10 * 3600);

#[cfg(feature = "secure-conversation")]
impl Received {
    /// The answer to a request for a token or for its end; `None` for any other request.
    pub(super) fn session(&self) -> Option<String> {
        let (version, request) = self.token_request.as_ref()?;
        Some(match request {
            TokenRequest::Issue { .. } => self.write(Some(version.issue.reply_action), &self.issue(version)),
            TokenRequest::Cancel { .. } => self.write(Some(version.cancel.reply_action), &response::cancelled(version)),
        })
    }

    fn issue(&self, version: &Version) -> String {
        let parts = TokenParts {
            id: "uuid-5e55-1".to_owned(),
            identifier: "urn:uuid:5e55".to_owned(),
            cookie: Some(STANDARD.encode([0xc0; 900])),
            ..TokenParts::default()
        };
        let created = self.head.timestamp.map_or(SystemTime::UNIX_EPOCH, |timestamp| timestamp.created);
        let issue = Issue {
            token: &SecurityContextToken::new(version, parts),
            entropy: &[0x5e; KEY_OCTETS],
            entropy_id: "uuid-5e55-2",
            created,
            expires: created + SESSION_LIFE,
        };
        issue.body(version)
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
