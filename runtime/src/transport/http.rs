//! HTTP/1.1 over TLS by reqwest, and gzip: no redirects, no cookies, no retries.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use http::header::{ACCEPT_ENCODING, HeaderValue};
use http_body::Body as _;
use tokio::time::{Instant, Sleep, sleep};

use crate::address::HostAndPort;
use crate::clock::Clock;
use crate::error::Error;
use crate::limits::REPLY_HEADERS;
use crate::transport::body::Body;
use crate::transport::coding;
use crate::transport::error::{Phase, TransportError};
use crate::transport::progress::{Outgoing, Progress, Stage};
use crate::transport::proxy::Proxy;
use crate::transport::rate::Meter;
use crate::transport::tls::{self, Tls};
use crate::transport::urls::Urls;
use crate::transport::{BoxFuture, Request, Response, Transport, proxy};

/// Settings of the connection's builder.
pub(crate) struct Options {
    pub(crate) connect_timeout: Duration,
    pub(crate) pool_idle_timeout: Duration,
    pub(crate) pool_size: usize,
    pub(crate) proxies: Vec<Proxy>,
    pub(crate) tls: Tls,
    pub(crate) connect_to: Option<HostAndPort>,
    pub(crate) user_agent: String,
    pub(crate) reply_headers: usize,
    pub(crate) clock: Arc<dyn Clock>,
}

/// Stands for no limit: tokio's timers take no longer ones.
const LONGEST_PAUSE: Duration = Duration::from_secs(30 * 366 * 24 * 3600);

/// How often time-outs are checked: at most every millisecond, even if a time-out is shorter, and at least every hour.
const SHORTEST_LOOK: Duration = Duration::from_millis(1);
const LONGEST_LOOK: Duration = Duration::from_secs(3600);

pub(crate) struct HttpTransport {
    client: reqwest::Client,
    urls: Urls,
    connect_timeout: Duration,
    proxied: bool,
    /// The caller has a certificate for TLS.
    proven: bool,
}

impl HttpTransport {
    pub(crate) fn new(options: Options) -> Result<Self, Error> {
        let proven = options.tls.certificate.is_some();
        let mut builder = reqwest::Client::builder()
            .tls_backend_preconfigured(tls::client_config(options.tls, options.clock)?)
            .http1_only()
            // Folded headers are obsolete and still sent: `Content-Type: multipart/related;` with its parameters on
            // separate lines.
            .http1_allow_obsolete_multiline_headers_in_responses(true)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .tcp_nodelay(true)
            .user_agent(options.user_agent)
            .dns_resolver(Arc::new(Resolver { connect_to: options.connect_to }))
            // Divides the time between the addresses of a host. The clock of the phase is in `send`.
            .connect_timeout(options.connect_timeout)
            .pool_idle_timeout(options.pool_idle_timeout)
            .pool_max_idle_per_host(options.pool_size)
            .no_proxy();
        if options.reply_headers != REPLY_HEADERS {
            builder = builder.http1_max_headers(options.reply_headers);
        }
        let proxied = !options.proxies.is_empty();
        for proxy in options.proxies {
            builder = builder.proxy(proxy.into_reqwest()?);
        }
        let client = builder.build().map_err(|error| {
            Error::configuration("the HTTP client cannot be set up").with_source(error.without_url())
        })?;
        Ok(Self { client, urls: Urls::default(), connect_timeout: options.connect_timeout, proxied, proven })
    }

    async fn exchange(&self, request: Request) -> Result<Response, TransportError> {
        let Request { url, headers, body, reply_timeout, idle_timeout, minimum_rate } = request;
        let progress = Arc::new(Progress::new());
        let url = self.urls.get(&url).ok_or_else(|| TransportError::refused("the URL is not valid"))?;
        let mut post = reqwest::Request::new(reqwest::Method::POST, url);
        *post.headers_mut() = headers;
        post.headers_mut().entry(ACCEPT_ENCODING).or_insert(HeaderValue::from_static("gzip"));
        let meter = Meter::new(minimum_rate, idle_timeout);
        *post.body_mut() = Some(reqwest::Body::wrap(Outgoing::new(body, Arc::clone(&progress), meter)));
        let mut answer = pin!(self.client.execute(post));
        // A single timer that is not reset while the exchange makes progress, because timers are most of the cost of
        // waiting.
        let look = self.connect_timeout.min(idle_timeout).min(reply_timeout).clamp(SHORTEST_LOOK, LONGEST_LOOK);
        let mut alarm = pin!(sleep(look));
        let answer = loop {
            if let Some(answer) = either(answer.as_mut(), alarm.as_mut()).await {
                break answer;
            }
            let time_out = match progress.stage() {
                Stage::Waiting | Stage::Abandoned => self.connect_timeout,
                Stage::Sending => idle_timeout,
                // The time that the caller's own source takes is not limited here.
                Stage::Starved => Duration::MAX,
                Stage::Sent => reply_timeout,
            };
            let (now, end) = (Instant::now(), progress.moved().checked_add(time_out));
            if end.is_some_and(|end| end <= now) {
                return Err(TransportError::timed_out(phase(progress.abandon())));
            }
            // The next stage may have a shorter time-out.
            let next = now + look;
            alarm.as_mut().reset(end.map_or(next, |end| end.min(next)));
        };
        let answer: http::Response<reqwest::Body> =
            answer.map_err(|error| self.failed(error, phase(progress.abandon())))?.into();
        let (mut head, body) = answer.into_parts();
        let length = body.size_hint().exact();
        let incoming = Incoming { body, idle: idle_timeout, pause: None, pausing: false, request: progress };
        let body = coding::unpacked(&mut head.headers, Body::stream(incoming, length));
        Ok(Response { status: head.status, headers: head.headers, body })
    }

    /// The error of the phase that failed, as far as its source shows which.
    fn failed(&self, error: reqwest::Error, phase: Phase) -> TransportError {
        let error = error.without_url();
        // The request's own body failed, and its error is the cause.
        if let Some(own) = tls::find::<TransportError>(&error) {
            return own.again().with_source(error);
        }
        if error.is_builder() {
            return TransportError::refused("the HTTP request cannot be built").with_source(error);
        }
        if let Some(tls) = tls::find::<rustls::Error>(&error) {
            let failed = match phase {
                _ if tls::ends_the_handshake(tls) => {
                    TransportError::new(Phase::Tls).because(tls::explain(tls, self.proven))
                }
                Phase::Connect => TransportError::new(Phase::Tls).because(tls::explain(tls, self.proven)),
                _ => TransportError::new(phase),
            };
            return failed.with_source(tls::Quoteless::of(tls));
        }
        if phase != Phase::Connect {
            let not_http = tls::find::<hyper::Error>(&error).is_some_and(hyper::Error::is_parse);
            let failed = TransportError::new(phase).with_source(error);
            return if not_http { failed.because("the answer is not HTTP, or its head is too large") } else { failed };
        }
        if tls::find::<NotResolved>(&error).is_some() {
            return TransportError::new(Phase::Resolve).with_source(error);
        }
        if error.is_timeout() || tls::find::<io::Error>(&error).is_some_and(|io| io.kind() == io::ErrorKind::TimedOut) {
            return TransportError::timed_out(Phase::Connect).with_source(error);
        }
        let why = self.proxied.then(|| proxy::explain(&error));
        let failed = TransportError::new(Phase::Connect).with_source(error);
        match why {
            Some(why) => failed.because(why),
            None => failed,
        }
    }
}

fn phase(stage: Stage) -> Phase {
    match stage {
        Stage::Waiting | Stage::Abandoned => Phase::Connect,
        Stage::Sending | Stage::Starved => Phase::Send,
        Stage::Sent => Phase::Reply,
    }
}

/// The result of the first future, or `None` if the second one completes first.
async fn either<T>(
    mut first: Pin<&mut impl Future<Output = T>>,
    mut second: Pin<&mut impl Future<Output = ()>>,
) -> Option<T> {
    std::future::poll_fn(|cx| {
        if let Poll::Ready(value) = first.as_mut().poll(cx) {
            return Poll::Ready(Some(value));
        }
        second.as_mut().poll(cx).map(|()| None)
    })
    .await
}

impl Transport for HttpTransport {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        Box::pin(self.exchange(request))
    }
}

impl fmt::Debug for HttpTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpTransport")
            .field("connect_timeout", &self.connect_timeout)
            .field("proxied", &self.proxied)
            .finish()
    }
}

/// The system's name look-up, with an error type of its own.
struct Resolver {
    /// What is looked up, whatever host a URL names.
    connect_to: Option<HostAndPort>,
}

#[derive(Debug)]
struct NotResolved(io::Error);

impl fmt::Display for NotResolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("name look-up failed")
    }
}

impl StdError for NotResolved {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&self.0)
    }
}

impl reqwest::dns::Resolve for Resolver {
    fn resolve(&self, name: reqwest::dns::Name) -> reqwest::dns::Resolving {
        let connect_to = self.connect_to.clone();
        Box::pin(async move {
            // Port 0 stands for that of the URL.
            let (host, port) = match &connect_to {
                Some(HostAndPort { host, port }) => (host.as_str(), port.unwrap_or(0)),
                None => (name.as_str(), 0),
            };
            let addresses = tokio::net::lookup_host((host, port)).await.map_err(NotResolved)?;
            let addresses: Vec<SocketAddr> = addresses.collect();
            Ok(Box::new(addresses.into_iter()) as reqwest::dns::Addrs)
        })
    }
}

/// The body of an answer, whose pauses are limited.
struct Incoming {
    body: reqwest::Body,
    idle: Duration,
    /// Runs only while the reader waits for the next piece, so that a slow reader is not mistaken for a slow peer.
    pause: Option<Pin<Box<Sleep>>>,
    pausing: bool,
    request: Arc<Progress>,
}

/// An answer that came before the end of its request ends the request, once it has been read or dropped.
impl Drop for Incoming {
    fn drop(&mut self) {
        self.request.stop();
    }
}

impl Stream for Incoming {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            match Pin::new(&mut this.body).poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => {
                    this.pausing = false;
                    // Trailers are ignored.
                    if let Ok(piece) = frame.into_data() {
                        return Poll::Ready(Some(Ok(piece)));
                    }
                }
                Poll::Ready(Some(Err(error))) => {
                    let (failed, error) = (TransportError::new(Phase::Body), error.without_url());
                    let failed = match tls::find::<rustls::Error>(&error) {
                        Some(tls) => failed.with_source(tls::Quoteless::of(tls)),
                        None => failed.with_source(error),
                    };
                    return Poll::Ready(Some(Err(failed)));
                }
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Pending => break,
            }
        }
        let pause = this.pause.get_or_insert_with(|| Box::pin(sleep(this.idle.min(LONGEST_PAUSE))));
        if !this.pausing {
            this.pausing = true;
            pause.as_mut().reset(Instant::now() + this.idle.min(LONGEST_PAUSE));
        }
        pause.as_mut().poll(cx).map(|()| Some(Err(TransportError::timed_out(Phase::Body))))
    }
}
