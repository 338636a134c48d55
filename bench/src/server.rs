//! A peer that answers as fast as it can: a thread to a connection.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

use rustls::pki_types::PrivateKeyDer;
use soap_runtime::Connection;

/// A server's certificate, and what it takes to use it.
pub(crate) struct Identity {
    pub(crate) root: Vec<u8>,
    pub(crate) root_pem: String,
    pub(crate) server: Arc<rustls::ServerConfig>,
}

impl Identity {
    pub(crate) fn new() -> Self {
        let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
        let key = PrivateKeyDer::try_from(certified.signing_key.serialize_der()).expect("a key");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let server = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("TLS")
            .with_no_client_auth()
            .with_single_cert(vec![certified.cert.der().clone()], key)
            .expect("TLS");
        Self { root_pem: certified.cert.pem(), root: certified.cert.der().to_vec(), server: Arc::new(server) }
    }
}

/// Writes the answer to a request, of which it gets the head. The body has been read.
pub(crate) type Answer = dyn Fn(&str, &mut dyn Write) -> io::Result<()> + Send + Sync;

/// A server on loopback, and how to reach it.
pub(crate) struct Peer {
    pub(crate) url: String,
    /// With TLS.
    pub(crate) identity: Option<Identity>,
}

impl Peer {
    pub(crate) fn start(tls: bool, answer: Arc<Answer>) -> Self {
        let identity = tls.then(Identity::new);
        let port = serve(identity.as_ref().map(|identity| Arc::clone(&identity.server)), answer);
        Self { url: format!("{}://localhost:{port}", if tls { "https" } else { "http" }), identity }
    }

    pub(crate) fn connection(&self) -> Connection {
        let mut builder = Connection::builder(&*self.url).allow_http_to_loopback(true).only_given_roots();
        if let Some(identity) = &self.identity {
            builder = builder.root_certificate_der(identity.root.clone());
        }
        builder.build().expect("a connection")
    }

    pub(crate) fn bare_client(&self) -> reqwest::Client {
        let mut roots = rustls::RootCertStore::empty();
        if let Some(identity) = &self.identity {
            roots.add(identity.root.clone().into()).expect("a root");
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("TLS")
            .with_root_certificates(roots)
            .with_no_client_auth();
        let builder =
            reqwest::Client::builder().tls_backend_preconfigured(config).http1_only().tcp_nodelay(true).no_proxy();
        builder.build().expect("a client")
    }
}

/// Answers every request until the process ends. Returns the port.
fn serve(tls: Option<Arc<rustls::ServerConfig>>, answer: Arc<Answer>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("a port").port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (Ok(stream), tls, answer) = (stream, tls.clone(), Arc::clone(&answer)) else { return };
            std::thread::spawn(move || {
                let _ = stream.set_nodelay(true);
                match tls {
                    None => answer_all(stream, &*answer),
                    Some(config) => {
                        let connection = rustls::ServerConnection::new(config).expect("TLS");
                        answer_all::<rustls::StreamOwned<_, TcpStream>>(
                            rustls::StreamOwned::new(connection, stream),
                            &*answer,
                        );
                    }
                }
            });
        }
    });
    port
}

fn answer_all<S: Read + Write>(mut stream: S, answer: &Answer) {
    let mut buffer = vec![0; 256 << 10];
    while let Some(head) = read_request(&mut stream, &mut buffer) {
        if answer(&head, &mut stream).and_then(|()| stream.flush()).is_err() {
            return;
        }
    }
}

/// Reads a request with a length, and returns its head.
fn read_request(stream: &mut impl Read, buffer: &mut [u8]) -> Option<String> {
    let mut head = Vec::new();
    let end = loop {
        if let Some(end) = head.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        let read = stream.read(buffer).ok().filter(|read| *read > 0)?;
        head.extend_from_slice(&buffer[..read]);
    };
    let mut read = head.len() - end - 4;
    let text = String::from_utf8_lossy(&head[..end]).into_owned();
    let length = text.lines().filter_map(|line| line.split_once(": "));
    let length = length.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let length = length.map(|(_, value)| value.parse().unwrap_or(0)).next().unwrap_or(0);
    while read < length {
        read += stream.read(buffer).ok().filter(|read| *read > 0)?;
    }
    Some(text)
}

/// Writes an answer: its content is this many bytes, between two texts.
pub(crate) fn write(stream: &mut dyn Write, media_type: &str, before: &str, bytes: u64, after: &str) -> io::Result<()> {
    let length = before.len() as u64 + bytes + after.len() as u64;
    stream.write_all(
        format!("HTTP/1.1 200 OK\r\nContent-Type: {media_type}\r\nContent-Length: {length}\r\n\r\n{before}").as_bytes(),
    )?;
    if bytes > 0 {
        let piece = vec![0xA5; 256 << 10];
        let mut left = bytes;
        while left > 0 {
            let now = left.min(piece.len() as u64);
            stream.write_all(&piece[..now as usize])?;
            left -= now;
        }
    }
    stream.write_all(after.as_bytes())
}
