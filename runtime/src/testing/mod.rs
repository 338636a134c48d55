//! Doubles for tests: of a service, with values ([`Service`]), and of the network, with octets ([`ScriptedTransport`]).

mod double;
#[doc(hidden)]
pub mod hostile;
mod service;

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use http::{StatusCode, Uri};

use crate::address;
use crate::message::fault_write::FaultToWrite;
use crate::soap::SoapVersion;
use crate::transport::{Body, BoxFuture, Request, Response, Transport, TransportError, coding};
pub use double::Service;
use service::Received;
#[cfg(feature = "secure-conversation")]
use service::Sessions;

/// A [`Transport`] that answers from a script, in order, and records the requests.
///
/// Clones share both, so a test keeps one and passes another to the connection.
///
/// Where a request asks for it, an answer is secured as a service would. Requests that start or end a session
/// (WS-SecureConversation) are answered without a step of the script, and a message of a session that is not signed
/// with its key is refused, unless the test scripts the sessions too ([`scripted_sessions`]).
///
/// [`scripted_sessions`]: Self::scripted_sessions
///
/// ```
/// use soap_runtime::Connection;
/// use soap_runtime::testing::ScriptedTransport;
/// use soap_runtime::transport::{Phase, TransportError};
///
/// let network = ScriptedTransport::new()
///     .reply(r#"<GetReceiptResponse xmlns="http://example.org/receipt"/>"#)
///     .fault("Server", "try again later", "")
///     .error(TransportError::timed_out(Phase::Reply));
/// let connection = Connection::builder("https://localhost").transport(network.clone()).build()?;
/// // … call a client that is made from `connection`, then:
/// assert_eq!(network.requests().len(), 0);
/// assert_eq!(network.left(), 3);
/// # Ok::<(), soap_runtime::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct ScriptedTransport(Arc<Mutex<Script>>);

#[derive(Debug, Default)]
struct Script {
    steps: VecDeque<Step>,
    requests: Vec<RecordedRequest>,
    scripted_sessions: bool,
    #[cfg(feature = "secure-conversation")]
    sessions: Sessions,
}

/// Computes an answer from a request.
type Make = Box<dyn Fn(&RecordedRequest) -> Answer + Send>;

enum Step {
    /// The content of a SOAP body.
    Reply(String),
    Fault {
        code: String,
        reason: String,
        detail: String,
    },
    Made(Make),
    Answer {
        status: StatusCode,
        headers: HeaderMap,
        body: Bytes,
    },
    Error(TransportError),
    Silence,
}

/// An answer that a test computes from a request.
#[derive(Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: StatusCode,
    /// HTTP headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

/// A request as it would have been sent.
#[derive(Clone)]
pub struct RecordedRequest {
    /// Where to.
    pub url: Uri,
    /// HTTP headers, but for those that the network layer adds.
    pub headers: HeaderMap,
    /// The message, credentials included. It is not part of `Debug`.
    pub body: Bytes,
}

impl RecordedRequest {
    /// The message as text. Bytes that are not UTF-8 are replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

impl ScriptedTransport {
    /// An empty script: any call panics.
    pub fn new() -> Self {
        Self::default()
    }

    /// Answers with this XML in the body of an envelope, HTTP 200.
    #[must_use]
    pub fn reply(self, body: impl Into<String>) -> Self {
        self.step(Step::Reply(body.into()))
    }

    /// Answers with a SOAP fault, HTTP 500.
    ///
    /// `code` is `Client` or `Server`, written as `Sender` or `Receiver` in SOAP 1.2. `detail` is XML, and empty
    /// for none.
    #[must_use]
    pub fn fault(self, code: impl Into<String>, reason: impl Into<String>, detail: impl Into<String>) -> Self {
        self.step(Step::Fault { code: code.into(), reason: reason.into(), detail: detail.into() })
    }

    /// Answers with anything.
    ///
    /// # Panics
    /// If the status is not an HTTP status or the content type is not a valid header value.
    #[must_use]
    pub fn respond(self, status: u16, content_type: &str, body: impl Into<Bytes>) -> Self {
        let status = StatusCode::from_u16(status).expect("an HTTP status");
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_str(content_type).expect("a content type"));
        self.step(Step::Answer { status, headers, body: body.into() })
    }

    /// Answers with the result of a function of the request.
    #[must_use]
    pub fn answer(self, make: impl Fn(&RecordedRequest) -> Answer + Send + 'static) -> Self {
        self.step(Step::Made(Box::new(make)))
    }

    /// Makes requests that start or end a session take steps of the script, as all others do. No signature is checked then.
    #[must_use]
    pub fn scripted_sessions(self) -> Self {
        self.script().scripted_sessions = true;
        self
    }

    /// Fails.
    #[must_use]
    pub fn error(self, error: TransportError) -> Self {
        self.step(Step::Error(error))
    }

    /// Never answers: for tests that cancel a call.
    #[must_use]
    pub fn silence(self) -> Self {
        self.step(Step::Silence)
    }

    /// What was sent so far.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.script().requests.clone()
    }

    /// Steps of the script that have not been used.
    pub fn left(&self) -> usize {
        self.script().steps.len()
    }

    /// # Panics
    /// If a part of the script was not used.
    pub fn assert_done(&self) {
        assert_eq!(self.left(), 0, "steps of the script that were not used");
    }

    fn step(self, step: Step) -> Self {
        self.script().steps.push_back(step);
        self
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn play(&self, request: Request) -> Result<Response, TransportError> {
        let Request { url, headers, body, .. } = request;
        let body = body.collect(usize::MAX).await?;
        let request = RecordedRequest { url, headers, body };
        let received = Received::read(&request);
        let step = {
            let mut script = self.script();
            script.requests.push(request.clone());
            #[cfg(feature = "secure-conversation")]
            if !script.scripted_sessions
                && let Some(answer) = received.secure(&mut script.sessions)
            {
                let status = if answer.is_fault { StatusCode::INTERNAL_SERVER_ERROR } else { StatusCode::OK };
                return Ok(soap(received.soap, status, answer.message));
            }
            script.steps.pop_front()
        };
        match step.expect("a request beyond the end of the script") {
            Step::Reply(body) => Ok(soap(received.soap, StatusCode::OK, received.reply(&body))),
            Step::Fault { code, reason, detail } => {
                let fault = FaultToWrite {
                    code: &code,
                    subcode: None,
                    innermost: None,
                    reason: &reason,
                    language: "en",
                    detail: &detail,
                };
                Ok(soap(received.soap, StatusCode::INTERNAL_SERVER_ERROR, received.fault(&fault)))
            }
            Step::Made(make) => {
                let Answer { status, headers, body } = make(&request);
                Ok(Response { status, headers, body: body.into() })
            }
            Step::Answer { status, headers, body } => Ok(Response { status, headers, body: body.into() }),
            Step::Error(error) => Err(error),
            Step::Silence => std::future::pending().await,
        }
    }
}

/// The body without gzip, as the network's own transport gives it: for a [`Transport`] that a test makes itself.
///
/// If the headers name that coding, they do no longer.
pub fn unpacked(headers: &mut HeaderMap, body: Body) -> Body {
    coding::unpacked(headers, body)
}

fn soap(version: SoapVersion, status: StatusCode, message: String) -> Response {
    let mut headers = HeaderMap::new();
    let content_type = format!("{}; charset=utf-8", version.media_type());
    headers.extend(HeaderValue::try_from(content_type).ok().map(|value| (CONTENT_TYPE, value)));
    Response { status, headers, body: message.into() }
}

impl Transport for ScriptedTransport {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        Box::pin(self.play(request))
    }
}

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reply(body) => write!(f, "Reply({} bytes)", body.len()),
            Self::Fault { code, .. } => write!(f, "Fault({code})"),
            Self::Made(_) => f.write_str("Made"),
            Self::Answer { status, body, .. } => write!(f, "Answer({status}, {} bytes)", body.len()),
            Self::Error(error) => write!(f, "Error({error})"),
            Self::Silence => f.write_str("Silence"),
        }
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Answer({}, {} bytes)", self.status, self.body.len())
    }
}

impl fmt::Debug for RecordedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecordedRequest({}, {} bytes)", address::without_query(&self.url), self.body.len())
    }
}
