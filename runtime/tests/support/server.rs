//! An HTTP server that reads requests and answers with given bytes, right or wrong.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::server::danger::ClientCertVerifier;
use tokio_rustls::rustls::{self, ServerConfig};

/// What is done after a request has been read.
#[derive(Clone, Debug)]
pub enum Act {
    /// Answers, and takes the next request on the same connection.
    Answer(Vec<u8>),
    /// Writes this, then closes.
    Close(Vec<u8>),
    /// Writes this, then nothing more.
    Stall(Vec<u8>),
    /// Writes the pieces with a pause before each.
    Dribble(Vec<Vec<u8>>, Duration),
    /// Does not even read the request.
    Deaf,
    /// Writes this without reading anything.
    Blurt(&'static [u8]),
    /// Reads the request this slowly: so many bytes, then a pause. Then does the other thing.
    Slowly(usize, Duration, Box<Act>),
}

impl From<String> for Act {
    fn from(answer: String) -> Self {
        Self::Answer(answer.into_bytes())
    }
}

/// An answer with its length.
pub fn answer(status: &str, content_type: &str, body: impl AsRef<[u8]>) -> Act {
    let body = body.as_ref();
    let mut bytes = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n", body.len()).into_bytes();
    if !content_type.is_empty() {
        bytes.extend_from_slice(format!("Content-Type: {content_type}\r\n").as_bytes());
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(body);
    Act::Answer(bytes)
}

/// A SOAP 1.1 message.
pub fn xml(status: &str, body: impl AsRef<[u8]>) -> Act {
    answer(status, "text/xml; charset=utf-8", body)
}

#[derive(Clone, Debug)]
pub struct Received {
    pub head: String,
    pub body: Vec<u8>,
}

impl Received {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

#[derive(Default)]
struct State {
    script: Mutex<VecDeque<Act>>,
    received: Mutex<Vec<Received>>,
    client_certificates: Mutex<Vec<Vec<u8>>>,
    connections: AtomicUsize,
    closed: tokio::sync::Notify,
}

/// Listens until dropped.
pub struct Server {
    pub address: SocketAddr,
    scheme: &'static str,
    state: Arc<State>,
    task: JoinHandle<()>,
}

impl Server {
    pub async fn start(script: impl IntoIterator<Item = Act>) -> Self {
        Self::start_with(script, None).await
    }

    pub async fn start_tls(script: impl IntoIterator<Item = Act>, identity: &Identity) -> Self {
        Self::start_with(script, Some(identity.acceptor())).await
    }

    /// Asks for a client certificate that this authority has issued.
    pub async fn start_mutual(script: impl IntoIterator<Item = Act>, identity: &Identity, authority: &[u8]) -> Self {
        Self::start_with(script, Some(identity.mutual_acceptor(authority))).await
    }

    async fn start_with(script: impl IntoIterator<Item = Act>, tls: Option<TlsAcceptor>) -> Self {
        let state = Arc::new(State { script: Mutex::new(script.into_iter().collect()), ..State::default() });
        let socket = TcpSocket::new_v4().unwrap();
        // Small, so that a reader's pace is soon the writer's.
        socket.set_recv_buffer_size(64 << 10).unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(64).unwrap();
        let address = listener.local_addr().unwrap();
        let scheme = if tls.is_some() { "https" } else { "http" };
        let shared = Arc::clone(&state);
        let task = tokio::spawn(async move {
            // Connections end with the server.
            let mut serving = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (state, tls) = (Arc::clone(&shared), tls.clone());
                state.connections.fetch_add(1, Ordering::SeqCst);
                serving.spawn(async move {
                    match tls {
                        Some(tls) => match tls.accept(stream).await {
                            Ok(stream) => {
                                if let Some([first, ..]) = stream.get_ref().1.peer_certificates() {
                                    state.client_certificates.lock().unwrap().push(first.to_vec());
                                }
                                serve(stream, &state).await;
                            }
                            Err(_) => return,
                        },
                        None => serve(stream, &state).await,
                    }
                    state.closed.notify_one();
                });
            }
        });
        Self { address, scheme, state, task }
    }

    pub fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    pub fn received(&self) -> Vec<Received> {
        self.state.received.lock().unwrap().clone()
    }

    pub fn connections(&self) -> usize {
        self.state.connections.load(Ordering::SeqCst)
    }

    /// The certificates that callers proved themselves with, one for each TLS connection that had one.
    pub fn client_certificates(&self) -> Vec<Vec<u8>> {
        self.state.client_certificates.lock().unwrap().clone()
    }

    /// Resolves when a connection has ended.
    pub async fn closed(&self) {
        self.state.closed.notified().await;
    }

    /// Resolves when so many requests have been read.
    pub async fn has_received(&self, requests: usize) {
        while self.received().len() < requests {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut stream: impl AsyncRead + AsyncWrite + Unpin, state: &State) {
    loop {
        let mut act = state.script.lock().unwrap().front().cloned();
        if matches!(act, Some(Act::Deaf)) {
            std::future::pending::<()>().await;
        }
        if let Some(Act::Blurt(bytes)) = act {
            let _ = stream.write_all(bytes).await;
            let _ = stream.read(&mut [0; 1 << 10]).await;
            return;
        }
        let pace = match act {
            Some(Act::Slowly(bytes, pause, _)) => Some((bytes, pause)),
            _ => None,
        };
        let Some(request) = read_request(&mut stream, pace).await else { return };
        state.received.lock().unwrap().push(request);
        act = state.script.lock().unwrap().pop_front();
        if let Some(Act::Slowly(_, _, then)) = act {
            act = Some(*then);
        }
        match act {
            Some(Act::Answer(bytes)) => {
                if stream.write_all(&bytes).await.is_err() {
                    return;
                }
            }
            Some(Act::Close(bytes)) => {
                let _ = stream.write_all(&bytes).await;
                let _ = stream.shutdown().await;
                return;
            }
            Some(Act::Stall(bytes)) => {
                let _ = stream.write_all(&bytes).await;
                // Until the client goes.
                let _ = stream.read(&mut [0; 1]).await;
                return;
            }
            Some(Act::Dribble(pieces, pause)) => {
                for piece in pieces {
                    tokio::time::sleep(pause).await;
                    if stream.write_all(&piece).await.is_err() {
                        return;
                    }
                }
            }
            Some(Act::Deaf | Act::Blurt(_) | Act::Slowly(..)) | None => return,
        }
    }
}

async fn read_request(stream: &mut (impl AsyncRead + Unpin), pace: Option<(usize, Duration)>) -> Option<Received> {
    let mut bytes = Vec::new();
    let mut buffer = vec![0; pace.map_or(64 << 10, |(bytes, _)| bytes)];
    let mut since_pause = 0;
    loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
            let mut request = Received { head, body: bytes.split_off(end + 4) };
            let length: usize = request.header("content-length").map_or(0, |length| length.parse().unwrap());
            let chunked = request.header("transfer-encoding") == Some("chunked");
            // Chunks are kept as they came.
            while request.body.len() < length || (chunked && !request.body.ends_with(b"0\r\n\r\n")) {
                let read = stream.read(&mut buffer).await.ok().filter(|read| *read > 0)?;
                request.body.extend_from_slice(&buffer[..read]);
                since_pause += read;
                if let Some((limit, pause)) = pace.filter(|(limit, _)| since_pause >= *limit) {
                    since_pause -= limit;
                    tokio::time::sleep(pause).await;
                }
            }
            return Some(request);
        }
        let read = stream.read(&mut buffer).await.ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&buffer[..read]);
    }
}

/// A certificate with its key, from an authority of its own.
pub struct Identity {
    pub root_pem: String,
    pub root_der: Vec<u8>,
    chain: Vec<rustls::pki_types::CertificateDer<'static>>,
    key: rustls::pki_types::PrivateKeyDer<'static>,
}

impl Identity {
    pub fn new(names: &[&str]) -> Self {
        let root_key = rcgen::KeyPair::generate().unwrap();
        let mut root = rcgen::CertificateParams::new([]).unwrap();
        root.distinguished_name.push(rcgen::DnType::CommonName, format!("Root of {}", names.join(" ")));
        root.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        root.not_before = rcgen::date_time_ymd(2000, 1, 1);
        root.not_after = rcgen::date_time_ymd(2200, 1, 1);
        let root_certificate = root.self_signed(&root_key).unwrap();
        let issuer = rcgen::Issuer::new(root, root_key);
        let key = rcgen::KeyPair::generate().unwrap();
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = rcgen::CertificateParams::new(names).unwrap();
        params.not_before = rcgen::date_time_ymd(2000, 1, 1);
        params.not_after = rcgen::date_time_ymd(2100, 1, 1);
        let certificate = params.signed_by(&key, &issuer).unwrap();
        Self {
            root_pem: root_certificate.pem(),
            root_der: root_certificate.der().to_vec(),
            chain: vec![certificate.der().clone()],
            key: rustls::pki_types::PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        }
    }

    /// Certificate and key as PEM texts.
    pub fn pem(&self) -> (String, String) {
        let pem = |label: &str, der: &[u8]| {
            let text = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, der);
            format!("-----BEGIN {label}-----\n{text}\n-----END {label}-----\n")
        };
        (pem("CERTIFICATE", &self.chain[0]), pem("PRIVATE KEY", self.key.secret_der()))
    }

    pub fn certificate(&self) -> Vec<u8> {
        self.chain[0].to_vec()
    }

    pub fn acceptor(&self) -> TlsAcceptor {
        self.acceptor_with(None)
    }

    fn mutual_acceptor(&self, authority: &[u8]) -> TlsAcceptor {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(authority.to_vec().into()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
        self.acceptor_with(Some(verifier))
    }

    fn acceptor_with(&self, clients: Option<Arc<dyn ClientCertVerifier>>) -> TlsAcceptor {
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap();
        let config = match clients {
            Some(clients) => config.with_client_cert_verifier(clients),
            None => config.with_no_client_auth(),
        };
        let config = config.with_single_cert(self.chain.clone(), self.key.clone_key()).unwrap();
        TlsAcceptor::from(Arc::new(config))
    }
}

/// A forward proxy that leads every CONNECT to one address, or refuses with a status line.
pub struct Proxy {
    pub address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Proxy {
    pub async fn to(target: Result<SocketAddr, &'static str>) -> Self {
        Self::start(target, None).await
    }

    /// One that is itself reached by TLS.
    pub async fn tls_to(target: SocketAddr, identity: &Identity) -> Self {
        Self::start(Ok(target), Some(identity.acceptor())).await
    }

    async fn start(target: Result<SocketAddr, &'static str>, tls: Option<TlsAcceptor>) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let heads = Arc::new(Mutex::new(Vec::new()));
        let record = Arc::clone(&heads);
        let task = tokio::spawn(async move {
            let mut serving = tokio::task::JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                let (record, tls) = (Arc::clone(&record), tls.clone());
                serving.spawn(async move {
                    match tls {
                        Some(tls) => lead(tls.accept(client).await.unwrap(), target, &record).await,
                        None => lead(client, target, &record).await,
                    }
                });
            }
        });
        Self { address, heads, task }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn lead(
    mut client: impl AsyncRead + AsyncWrite + Unpin,
    target: Result<SocketAddr, &'static str>,
    record: &Mutex<Vec<String>>,
) {
    let Some(request) = read_request(&mut client, None).await else { return };
    record.lock().unwrap().push(request.head);
    match target {
        Ok(target) => {
            let mut server = TcpStream::connect(target).await.unwrap();
            client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.unwrap();
            let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
        }
        Err(status) => {
            let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n");
            let _ = client.write_all(answer.as_bytes()).await;
        }
    }
}
