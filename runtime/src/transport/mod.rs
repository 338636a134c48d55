//! The network, behind one trait.
//!
//! A [`Transport`] takes an HTTP request and gives the answer's head, with a body that is still arriving. The default
//! one speaks HTTP/1.1 over TLS. Wrap it to observe or change every request of a connection: to add a header, count
//! requests, log sizes, or simulate a failing network.
//!
//! ```
//! use std::sync::Arc;
//! use std::sync::atomic::{AtomicUsize, Ordering};
//!
//! use soap_runtime::Connection;
//! use soap_runtime::transport::{BoxFuture, Request, Response, Transport, TransportError};
//! use http::HeaderValue;
//!
//! /// Counts the requests, and marks each with a header.
//! #[derive(Debug)]
//! struct Marked {
//!     inner: Arc<dyn Transport>,
//!     requests: Arc<AtomicUsize>,
//! }
//!
//! impl Transport for Marked {
//!     fn send(&self, mut request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
//!         self.requests.fetch_add(1, Ordering::Relaxed);
//!         request.headers.insert("x-department", HeaderValue::from_static("tax"));
//!         self.inner.send(request)
//!     }
//! }
//!
//! let requests = Arc::new(AtomicUsize::new(0));
//! let counter = Arc::clone(&requests);
//! let connection = Connection::builder("https://localhost")
//!     .layer(move |inner| Arc::new(Marked { inner, requests: counter }))
//!     .build()?;
//! # Ok::<(), soap_runtime::Error>(())
//! ```

use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use ::http::{HeaderMap, HeaderName, StatusCode, Uri};

use crate::address;

mod body;
pub(crate) mod coding;
mod error;
pub(crate) mod gathered;
pub(crate) mod http;
#[cfg(feature = "server")]
mod http_body;
mod progress;
pub(crate) mod proxy;
mod rate;
pub(crate) mod time_limit;
pub(crate) mod tls;
pub(crate) mod transcoded;
mod urls;

pub use body::Body;
pub use error::{Phase, TransportError};

/// A future that can be stored and sent.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Sends HTTP requests.
///
/// An implementation sends each request at most once, follows no redirect, and says in its error how far it
/// came. Dropping the future, or the body of the response, ends the exchange.
pub trait Transport: fmt::Debug + Send + Sync {
    /// Posts a request and waits for the head of the answer.
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>>;
}

/// An HTTP POST.
pub struct Request {
    /// Where to.
    pub url: Uri,
    /// `Content-Type`, `SOAPAction` and what layers add.
    pub headers: HeaderMap,
    /// The message.
    pub body: Body,
    /// Time from the last byte of the request to the head of the answer.
    pub reply_timeout: Duration,
    /// Longest pause between two pieces of either body.
    pub idle_timeout: Duration,
    /// Least octets of the request in each minute in which the network is waited for. 0 is no limit.
    ///
    /// The client limits the time of the answer's body, whatever the transport.
    pub minimum_rate: u64,
}

/// The answer to a [`Request`].
pub struct Response {
    /// HTTP status.
    pub status: StatusCode,
    /// HTTP headers.
    pub headers: HeaderMap,
    /// The message, while it arrives.
    pub body: Body,
}

/// Prints header names without values, and no body: both may contain credentials. For requests, as the peer chooses the
/// names of an answer.
struct HeaderNames<'a>(&'a HeaderMap);

impl fmt::Debug for HeaderNames<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.0.keys().take(PRINTED_HEADERS).map(HeaderName::as_str);
        f.debug_list().entries(names).finish()
    }
}

/// Most names of headers that are printed.
const PRINTED_HEADERS: usize = 20;

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("url", &format_args!("{}", address::without_query(&self.url)))
            .field("headers", &HeaderNames(&self.headers))
            .field("body", &self.body)
            .field("reply_timeout", &self.reply_timeout)
            .field("idle_timeout", &self.idle_timeout)
            .field("minimum_rate", &self.minimum_rate)
            .finish()
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("headers", &self.headers.len())
            .field("body", &self.body)
            .finish()
    }
}
