//! A port that is served: the way of one request from the HTTP head to the answer.

use std::convert::Infallible;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context as Task, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::header::{ALLOW, HOST, HeaderValue};
use http::{Method, Request, Response, StatusCode, request};

use crate::message::addressing::Edition;
use crate::message::request::{RequestHead, Understood};
#[cfg(feature = "secure-conversation")]
use crate::schema::descriptor::SecurityScheme;
use crate::schema::descriptor::{Operation, PortDescriptor};
use crate::server::auth::{Refusal, Verdict};
use crate::server::context::Context;
use crate::server::contract::Contract;
use crate::server::fault::ServiceFault;
use crate::server::incoming::{MessageKind, NotTaken};
use crate::server::operation::{Call, Operate};
use crate::server::outgoing::{Answered, empty, response};
use crate::server::serving::Serving;
use crate::server::settings::Settings;
use crate::transport::{Body, coding};

/// A port with its handlers, as generated code makes it. Cheap to clone.
///
/// It is a `tower` service from HTTP requests to HTTP responses, so it can be mounted in `axum` (`route_service`) and
/// in `hyper`. How it is set up: [`users`](Self::users), [`limits`](Self::limits) and the other methods, before it is
/// mounted.
#[derive(Clone)]
pub struct Service {
    pub(super) port: &'static PortDescriptor,
    pub(super) operations: Arc<[Arc<dyn Operate>]>,
    pub(super) contract: Option<&'static Contract>,
    pub(super) settings: Arc<Settings>,
}

/// Among the extensions of a request that has come over TLS, of which its head says nothing.
#[derive(Clone)]
pub(super) struct OverTls;

/// A service of operations that are made by hand.
#[cfg(feature = "test-util")]
pub(crate) fn of_operations(port: &'static PortDescriptor, operations: Vec<Arc<dyn Operate>>) -> Service {
    Service { port, operations: operations.into(), contract: None, settings: Arc::default() }
}

impl Service {
    /// Begins a service of a port. Generated code calls this.
    // The handler is listed for its operations before there is a service.
    #[expect(clippy::new_ret_no_self, reason = "the operations are listed in between")]
    pub fn new<H: Send + Sync + 'static>(port: &'static PortDescriptor, handler: H) -> Serving<H> {
        Serving::new(port, handler)
    }

    /// The port that is served.
    pub fn port(&self) -> &'static PortDescriptor {
        self.port
    }

    /// Answers a request. It never fails: what goes wrong is a fault, or an HTTP status.
    pub async fn handle(&self, request: Request<Body>) -> Response<Body> {
        let (head, body) = request.into_parts();
        match head.method {
            Method::POST => unwound(self.post(head, body)).await.unwrap_or_else(|| {
                let answered = Answered { port: self.port, message_id: None, settings: &self.settings };
                answered.fault(None, &ServiceFault::internal())
            }),
            Method::GET => self.describe(&head),
            _ => {
                let mut response = empty(StatusCode::METHOD_NOT_ALLOWED);
                response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, POST"));
                response
            }
        }
    }

    /// The contract.
    fn describe(&self, head: &request::Parts) -> Response<Body> {
        let query = head.uri.query().unwrap_or_default();
        match self.contract.and_then(|contract| contract.answer(query, &self.address(head))) {
            Some(document) => response(StatusCode::OK, "text/xml; charset=utf-8", document.into()),
            None if query.is_empty() => {
                let note = "This is a SOAP endpoint. It takes POST, and answers ?wsdl with its contract.\n";
                response(StatusCode::METHOD_NOT_ALLOWED, "text/plain; charset=utf-8", note.into())
            }
            None => empty(StatusCode::NOT_FOUND),
        }
    }

    /// The URL of this endpoint as its caller knows it, as far as the request tells.
    fn address(&self, head: &request::Parts) -> String {
        if let Some(url) = &self.settings.public_url {
            return format!("{}{}", url.to_string().trim_end_matches('/'), head.uri.path());
        }
        let host = head.uri.authority().map(|authority| authority.as_str().to_owned());
        let host = host.or_else(|| head.headers.get(HOST)?.to_str().ok().map(str::to_owned)).unwrap_or_default();
        let is_tls = head.extensions.get::<OverTls>().is_some()
            || head.uri.scheme_str() == Some("https")
            || self.port.needs_tls();
        format!("{}://{host}{}", if is_tls { "https" } else { "http" }, head.uri.path())
    }

    async fn post(&self, mut head: request::Parts, body: Body) -> Response<Body> {
        let Some(kind) = MessageKind::of(self.port.soap, &head.headers) else {
            return empty(StatusCode::UNSUPPORTED_MEDIA_TYPE);
        };
        let (body, handover) = self.settings.time.apply(coding::unpacked(&mut head.headers, body));
        if !coding::codings(&head.headers).is_empty() {
            return empty(StatusCode::UNSUPPORTED_MEDIA_TYPE);
        }
        let read = match kind.envelope(body, &self.settings).await {
            Ok(envelope) => {
                let document = RequestHead::read(self.port.soap, &envelope.document, &self.settings.limits.xml);
                document.map(|document| (document, envelope))
            }
            Err(NotTaken::TooLarge) => return empty(StatusCode::PAYLOAD_TOO_LARGE),
            Err(NotTaken::Unreadable(error)) => Err(error),
        };
        let mut answered = Answered { port: self.port, message_id: None, settings: &self.settings };
        #[cfg_attr(not(feature = "secure-conversation"), expect(unused_mut, reason = "for what is signed"))]
        let (message, mut envelope) = match read {
            Ok((Some(message), envelope)) => (message, envelope),
            Ok((None, _)) => return answered.fault(None, &ServiceFault::version_mismatch()),
            Err(error) => return answered.fault(None, &ServiceFault::unreadable(&error)),
        };
        answered.message_id = message.message_id.as_deref();
        #[cfg(feature = "secure-conversation")]
        let signed = match self.port.security.scheme {
            SecurityScheme::SecureConversation => {
                match envelope.with_parts_of(&message.security, &self.settings).await {
                    Ok(signed) => Some(signed),
                    Err(error) => return answered.fault(None, &ServiceFault::unreadable(&error)),
                }
            }
            _ => None,
        };
        let verdict = self
            .settings
            .auth
            .check(
                &answered,
                &message,
                #[cfg(feature = "secure-conversation")]
                signed,
                &head,
            )
            .await;
        let caller = match verdict {
            Ok(Verdict::Caller(caller)) => caller,
            Ok(Verdict::Answer(response)) => return response,
            Err(Refusal::Fault(fault)) => return answered.fault(None, &fault),
            Err(Refusal::Challenge(challenge)) => return challenged(challenge),
        };
        let operation = match self.find(&kind, &message, &head) {
            Ok(operation) => operation,
            Err(fault) => return answered.fault(None, &fault),
        };
        let described = operation.operation();
        let action = message.action.clone().or(kind.action);
        let context = Context {
            operation: described,
            action,
            message_id: message.message_id.clone(),
            caller,
            slots: Default::default(),
            headers: Vec::new(),
            http_headers: head.headers,
            extensions: head.extensions,
        };
        let understood =
            Understood { addressing: Edition::of(self.port), security: self.settings.auth.reads_security(self.port) };
        let settings = Arc::clone(&self.settings);
        let call = Call { soap: self.port.soap, understood, envelope, context, settings, handover };
        let outcome = in_time(self.settings.handler_timeout, async {
            let answer = unwound(operation.call(call)).await.unwrap_or_else(|| Err(ServiceFault::internal()))?;
            answered.reply(described, answer).await.map_err(ServiceFault::from)
        });
        outcome.await.unwrap_or_else(|fault| answered.fault(Some(described), &fault))
    }

    /// The operation that a message asks for: by its action, and where that names none or several, by the element in its
    /// body.
    fn find(
        &self,
        kind: &MessageKind,
        message: &RequestHead,
        head: &request::Parts,
    ) -> Result<&Arc<dyn Operate>, ServiceFault> {
        let stated = kind.action.as_deref();
        let action = match Edition::of(self.port) {
            None => stated,
            Some(edition) => {
                if message.is_ambiguous || message.addressing.is_some_and(|other| other != edition) {
                    return Err(ServiceFault::invalid_addressing("InvalidAddressingHeader"));
                }
                let Some(action) = message.action.as_deref() else {
                    return Err(ServiceFault::invalid_addressing("MessageAddressingHeaderRequired"));
                };
                if stated.is_some_and(|stated| !stated.is_empty() && stated != action) {
                    return Err(ServiceFault::action_mismatch());
                }
                if self.settings.checks_to && message.to.as_deref().is_some_and(|to| !self.is_here(to, head)) {
                    return Err(ServiceFault::destination_unreachable());
                }
                Some(action)
            }
        };
        let all = self.operations.iter();
        let of_action =
            |operation: &&Arc<dyn Operate>| action.is_none_or(|action| operation.operation().action == action);
        let found: Vec<_> = all.filter(of_action).collect();
        let asked =
            |fit: Fit| found.iter().find(|operation| fit == Fit::of(operation.operation(), message.element.as_ref()));
        match *found {
            [operation] if action.is_some() => Some(operation),
            _ => asked(Fit::Named).or_else(|| asked(Fit::Open)).copied(),
        }
        .ok_or_else(ServiceFault::action_not_supported)
    }

    /// Whether a URL names this endpoint: the same path, whatever the host, as services are known by several names.
    fn is_here(&self, to: &str, head: &request::Parts) -> bool {
        let anonymous = Edition::of(self.port).is_some_and(|edition| edition.anonymous() == to);
        let Ok(to) = to.parse::<http::Uri>() else { return anonymous };
        anonymous || to.path().eq_ignore_ascii_case(head.uri.path())
    }
}

/// HTTP 401.
fn challenged(challenge: HeaderValue) -> Response<Body> {
    let mut response = empty(StatusCode::UNAUTHORIZED);
    response.headers_mut().insert(http::header::WWW_AUTHENTICATE, challenge);
    response
}

/// How well an operation fits the first element in the body of a message.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fit {
    /// Its request is this element, or has none as the body has.
    Named,
    /// The parts of its request stand in the body without an element around them.
    Open,
    Other,
}

impl Fit {
    fn of(operation: &Operation, element: Option<&(String, String)>) -> Self {
        match (&operation.request, element) {
            (Some(field), Some((namespace, local)))
                if field.name.namespace == namespace && field.name.local == local =>
            {
                Self::Named
            }
            _ if operation.bare => Self::Open,
            (None, None) => Self::Named,
            _ => Self::Other,
        }
    }
}

/// The outcome of a handler as it is answered, or a fault if it takes longer than it may.
async fn in_time<T>(
    limit: Option<Duration>,
    outcome: impl Future<Output = Result<T, ServiceFault>>,
) -> Result<T, ServiceFault> {
    let Some(limit) = limit else { return outcome.await };
    tokio::time::timeout(limit, outcome).await.unwrap_or_else(|_| {
        tracing::error!("a handler took too long");
        Err(ServiceFault::internal())
    })
}

/// The outcome of what a program has written, or of what calls it. `None` if it panics; what the panic says stays here.
async fn unwound<T>(work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    std::future::poll_fn(|task: &mut Task<'_>| {
        let polled = catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(task)));
        polled.map(|polled| polled.map(Some)).unwrap_or_else(|_| {
            tracing::error!("a handler panicked");
            Poll::Ready(None)
        })
    })
    .await
}

impl<B> tower_service::Service<Request<B>> for Service
where
    B: http_body::Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send + 'static,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Task<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let service = self.clone();
        Box::pin(async move { Ok(service.handle(request.map(Body::from_http)).await) })
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service").field("port", self.port).finish_non_exhaustive()
    }
}
