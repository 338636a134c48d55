//! Listens for callers, and gives their requests to the services that are mounted.

mod tls;

use std::convert::Infallible;
use std::fmt;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use rustls::RootCertStore;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream, ToSocketAddrs};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_io_timeout::TimeoutStream;
use tokio_rustls::TlsAcceptor;

use crate::error::Error;
use crate::limits::IDLE_TIMEOUT;
use crate::security::tls_certificate::TlsCertificate;
use crate::server::context::PeerCertificate;
use crate::server::outgoing::empty;
use crate::server::service::{OverTls, Service};
use crate::transport::{Body, tls as authorities};

/// Connections at a time, unless [`Listener::connections`] says otherwise. Further callers wait.
pub const CONNECTIONS: usize = 1000;

/// Time for a TLS handshake.
pub const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// Time from the end of an answer, or from the beginning of a connection, to the end of the head of the next request, unless
/// [`Listener::head_timeout`] says otherwise. IIS waits as long.
pub const HEAD_TIMEOUT: Duration = Duration::from_secs(120);

/// The longest pause of a caller in taking an answer, unless [`Listener::write_timeout`] says otherwise.
pub const WRITE_TIMEOUT: Duration = IDLE_TIMEOUT;

/// Time in which requests are finished after a listener has been told to end, unless [`Listener::grace`] says otherwise.
pub const GRACE: Duration = Duration::from_secs(30);

/// The pause after the system has refused to accept a connection, as it does when there are too many open files.
const ACCEPT_PAUSE: Duration = Duration::from_secs(1);

/// Listens for callers, and gives their requests to the services that are mounted: HTTP/1.1, with TLS or without.
///
/// ```no_run
/// use soap_runtime::TlsCertificate;
/// use soap_runtime::server::{Listener, Service};
///
/// # async fn example(weather: Service, ended: impl Future<Output = ()>) -> Result<(), Box<dyn std::error::Error>> {
/// let certificate = TlsCertificate::from_pem(std::fs::read("server.pem")?, std::fs::read("server.key")?)?;
/// let listener = Listener::bind("0.0.0.0:443").await?.tls(certificate).mount(weather);
/// for url in listener.urls() {
///     println!("{url}?wsdl");
/// }
/// listener.serve_until(ended).await?;
/// # Ok(())
/// # }
/// ```
///
/// Where TLS is the business of a proxy, [`Service::public_url`] says under which URL callers know a service.
pub struct Listener {
    socket: TcpListener,
    address: SocketAddr,
    mounts: Vec<Mount>,
    certificate: Option<TlsCertificate>,
    authorities: RootCertStore,
    connections: usize,
    head_timeout: Duration,
    write_timeout: Duration,
    grace: Duration,
}

struct Mount {
    path: String,
    service: Service,
}

impl Listener {
    /// Listens at an address of this host. Port 0 is one that is free.
    ///
    /// # Errors
    /// The address is not of this host, is taken, or may not be used.
    pub async fn bind(address: impl ToSocketAddrs) -> io::Result<Self> {
        Self::of(TcpListener::bind(address).await?)
    }

    /// Listens at a socket, such as one that was there before the program.
    ///
    /// # Errors
    /// The socket has no address.
    pub fn of(socket: TcpListener) -> io::Result<Self> {
        Ok(Self {
            address: socket.local_addr()?,
            socket,
            mounts: Vec::new(),
            certificate: None,
            authorities: RootCertStore::empty(),
            connections: CONNECTIONS,
            head_timeout: HEAD_TIMEOUT,
            write_timeout: WRITE_TIMEOUT,
            grace: GRACE,
        })
    }

    /// Serves a port at the path of the address in its contract.
    #[must_use]
    pub fn mount(self, service: Service) -> Self {
        let address: http::Uri = service.port().address.parse().unwrap_or_default();
        self.mount_at(address.path(), service)
    }

    /// Serves a port at a path. Upper and lower case are the same in it, as they are to IIS. Of two services at a path the
    /// later one is served.
    #[must_use]
    pub fn mount_at(mut self, path: &str, service: Service) -> Self {
        self.mounts.push(Mount { path: format!("/{}", path.trim_start_matches('/')), service });
        self
    }

    /// Speaks TLS 1.2 and 1.3, with this certificate.
    #[must_use]
    pub fn tls(mut self, certificate: TlsCertificate) -> Self {
        self.certificate = Some(certificate);
        self
    }

    /// Takes, in TLS, certificates of callers only from the authorities in a PEM text. Otherwise it takes all, and which of
    /// them a port accepts is for [`Service::certificates`] alone to say.
    ///
    /// # Errors
    /// A [`Configuration`](crate::ErrorKind::Configuration) error: the text holds no certificate, or one that is not valid.
    pub fn client_authorities_pem(mut self, pem: impl AsRef<[u8]>) -> Result<Self, Error> {
        for root in authorities::from_pem(pem.as_ref())? {
            let added = self.authorities.add(root);
            added.map_err(|error| Error::configuration("a root certificate is not valid").with_source(error))?;
        }
        Ok(self)
    }

    /// The most connections at a time. Further callers wait until one ends.
    #[must_use]
    pub fn connections(mut self, most: usize) -> Self {
        self.connections = most.min(Semaphore::MAX_PERMITS);
        self
    }

    /// How long a connection may be open without a whole head of a request.
    #[must_use]
    pub fn head_timeout(mut self, time: Duration) -> Self {
        self.head_timeout = time;
        self
    }

    /// How long a caller may take nothing of an answer that is there for it.
    #[must_use]
    pub fn write_timeout(mut self, time: Duration) -> Self {
        self.write_timeout = time;
        self
    }

    /// How long requests have to be finished, once the listener has been told to end. What is not finished then is broken off.
    #[must_use]
    pub fn grace(mut self, time: Duration) -> Self {
        self.grace = time;
        self
    }

    /// The address that it listens at.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// The URL of each service that is mounted, by the address that it listens at.
    pub fn urls(&self) -> impl Iterator<Item = String> {
        let scheme = if self.certificate.is_some() { "https" } else { "http" };
        self.mounts.iter().map(move |mount| format!("{scheme}://{}{}", self.address, mount.path))
    }

    /// Serves for ever.
    ///
    /// # Errors
    /// A [`Configuration`](crate::ErrorKind::Configuration) error, before the first connection: TLS cannot be set up so.
    pub async fn serve(self) -> Result<(), Error> {
        self.serve_until(std::future::pending()).await
    }

    /// Serves until something happens. From then on no connection is accepted, and requests that have begun are finished, for as
    /// long as [`grace`](Self::grace) allows. It returns when the last connection has ended.
    ///
    /// When the future is dropped instead, all its connections are broken off at once.
    ///
    /// # Errors
    /// As for [`serve`](Self::serve).
    pub async fn serve_until(self, end: impl Future<Output = ()>) -> Result<(), Error> {
        let Self { socket, mounts, certificate, authorities, connections, head_timeout, write_timeout, grace, .. } =
            self;
        let asks = mounts.iter().any(|mount| mount.service.port().security.client_certificate);
        let acceptor = certificate.map(|certificate| tls::acceptor(certificate, asks, authorities)).transpose()?;
        let shared = Arc::new(Shared { mounts, acceptor, head_timeout, write_timeout });
        let places = Arc::new(Semaphore::new(connections));
        let graceful = GracefulShutdown::new();
        let mut tasks = JoinSet::new();
        let mut end = pin!(end);
        loop {
            let mut next = pin!(async {
                let place = Arc::clone(&places).acquire_owned().await;
                (accept(&socket).await, place)
            });
            let accepted = poll_fn(|task| match end.as_mut().poll(task) {
                Poll::Ready(()) => Poll::Ready(None),
                Poll::Pending => next.as_mut().poll(task).map(Some),
            });
            let Some((stream, place)) = accepted.await else { break };
            while tasks.try_join_next().is_some() {}
            let (shared, watcher) = (Arc::clone(&shared), graceful.watcher());
            tasks.spawn(async move {
                shared.connection(stream, watcher).await;
                drop(place);
            });
        }
        drop(socket);
        let _ = timeout(grace, graceful.shutdown()).await;
        Ok(())
    }
}

/// The next connection. What the system refuses is tried again.
async fn accept(socket: &TcpListener) -> TcpStream {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    loop {
        match socket.accept().await {
            Ok((stream, _)) => return stream,
            Err(error) if matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) => {}
            Err(error) => {
                tracing::error!(%error, "no connection can be accepted");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// What all connections of a listener have in common.
struct Shared {
    mounts: Vec<Mount>,
    acceptor: Option<TlsAcceptor>,
    head_timeout: Duration,
    write_timeout: Duration,
}

impl Shared {
    async fn connection(&self, stream: TcpStream, watcher: Watcher) {
        // A reply is written as a whole as far as it can be; waiting for more would only be late.
        let _ = stream.set_nodelay(true);
        let mut stream = Box::pin(TimeoutStream::new(stream));
        stream.as_mut().set_write_timeout_pinned(Some(self.write_timeout));
        let Some(acceptor) = &self.acceptor else {
            return self.requests(stream, None, watcher).await;
        };
        match timeout(HANDSHAKE_TIMEOUT, acceptor.accept(stream)).await {
            Ok(Ok(stream)) => {
                let shown = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
                let peer = shown.map(|der| PeerCertificate(der.as_ref().into()));
                self.requests(stream, peer, watcher).await;
            }
            Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
            Err(_) => tracing::debug!("a TLS handshake took too long"),
        }
    }

    /// Answers the requests of a connection, one after the other, until the caller or the listener ends it.
    async fn requests(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin + 'static,
        peer: Option<PeerCertificate>,
        watcher: Watcher,
    ) {
        let answer = service_fn(async |mut request: Request<Incoming>| {
            if self.acceptor.is_some() {
                request.extensions_mut().insert(OverTls);
            }
            if let Some(peer) = &peer {
                request.extensions_mut().insert(peer.clone());
            }
            Ok::<_, Infallible>(self.answer(request).await)
        });
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(self.head_timeout);
        if let Err(error) = watcher.watch(http.serve_connection(TokioIo::new(stream), answer)).await {
            tracing::debug!(%error, "a connection was broken off");
        }
    }

    async fn answer(&self, request: Request<Incoming>) -> Response<Body> {
        let path = request.uri().path();
        match self.mounts.iter().rfind(|mount| mount.path.eq_ignore_ascii_case(path)) {
            Some(mount) => mount.service.handle(request.map(Body::from_http)).await,
            None => empty(StatusCode::NOT_FOUND),
        }
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listener").field("address", &self.address).finish_non_exhaustive()
    }
}
