//! The scripted server: real sockets on loopback, with and without TLS, and ports at which nothing is served.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::journal::Journal;
use super::reply::Question;
use super::script::{Act, Content, Framing, Nowhere, Then, When};
use super::support::server::Identity;
use super::variant::{Variant, marks};
use super::wire::{self, Wire};

/// The header in which a caller says which of its messages this is.
pub const HEADER: &str = "x-submission";

/// What the action of a request for a token contains.
pub const TOKEN_ACTION: &str = "/RST/SCT<";

/// The beginning of every identifier of a session.
const SESSION: &str = "urn:uuid:torture-";

/// Octets that a client may still send to a server that has closed its half.
const MOST_DRAINED: usize = 1 << 20;

/// The addresses of a server. It listens until dropped.
pub struct Server {
    pub identity: Option<Identity>,
    address: SocketAddr,
    refused: SocketAddr,
    nowhere: Vec<(Nowhere, SocketAddr)>,
    service: Arc<Service>,
    tasks: Vec<JoinHandle<()>>,
}

struct Service {
    variant: Variant,
    journal: Arc<Journal>,
    /// The identifiers of the sessions that were started.
    sessions: Mutex<HashSet<String>>,
    connections: AtomicUsize,
}

impl Server {
    pub async fn start(variant: Variant, journal: Arc<Journal>) -> Self {
        let identity = variant.has_tls().then(|| Identity::new(&["127.0.0.1"]));
        let acceptor = identity.as_ref().map(Identity::acceptor);
        let service =
            Arc::new(Service { variant, journal, sessions: Mutex::default(), connections: AtomicUsize::new(0) });
        let mut tasks = Vec::new();
        let mut nowhere = Vec::new();
        for kind in [Nowhere::Shut, Nowhere::Reset, Nowhere::Mute, Nowhere::Garbage] {
            let listener = listen().await;
            nowhere.push((kind, listener.local_addr().unwrap()));
            tasks.push(tokio::spawn(serve_nothing(listener, kind)));
        }
        // Bound and never listening, so that nobody else gets the port.
        let unused = tokio::net::TcpSocket::new_v4().unwrap();
        unused.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let refused = unused.local_addr().unwrap();
        let listener = listen().await;
        let address = listener.local_addr().unwrap();
        let shared = Arc::clone(&service);
        tasks.push(tokio::spawn(async move {
            let _unused = unused;
            let mut serving = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                while serving.try_join_next().is_some() {}
                let (service, acceptor) = (Arc::clone(&shared), acceptor.clone());
                service.connections.fetch_add(1, Ordering::SeqCst);
                serving.spawn(async move {
                    match acceptor {
                        Some(acceptor) => {
                            if let Ok(stream) = acceptor.accept(stream).await {
                                service.serve(stream).await;
                            }
                        }
                        None => service.serve(stream).await,
                    }
                    service.connections.fetch_sub(1, Ordering::SeqCst);
                });
            }
        }));
        Self { identity, address, refused, nowhere, service, tasks }
    }

    pub fn url(&self) -> String {
        self.url_of(self.address)
    }

    /// The base of the URLs at which nothing is served.
    pub fn nowhere(&self) -> Vec<(Nowhere, String)> {
        let others = self.nowhere.iter().map(|(kind, address)| (*kind, self.url_of(*address)));
        others.chain([(Nowhere::Refused, self.url_of(self.refused))]).collect()
    }

    fn url_of(&self, address: SocketAddr) -> String {
        format!("{}://{address}", if self.identity.is_some() { "https" } else { "http" })
    }

    /// Resolves when all connections have ended, which every client has let go.
    pub async fn quiet(&self) {
        while self.service.connections.load(Ordering::SeqCst) > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

async fn listen() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

async fn serve_nothing(listener: TcpListener, kind: Nowhere) {
    let mut waiting = tokio::task::JoinSet::new();
    while let Ok((mut stream, _)) = listener.accept().await {
        while waiting.try_join_next().is_some() {}
        match kind {
            Nowhere::Reset => stream.reset(),
            Nowhere::Garbage => {
                let _ = stream.write_all(b"220 mail.example ESMTP\r\n").await;
            }
            Nowhere::Mute => {
                waiting.spawn(until_closed(stream));
            }
            Nowhere::Shut | Nowhere::Refused => {}
        }
    }
}

/// Waits for the client's end of a connection, and reads nothing.
async fn until_closed(stream: TcpStream) {
    let mut first = [0; 1];
    while stream.peek(&mut first).await.is_ok_and(|octets| octets > 0) {
        tokio::time::sleep(Duration::from_millis(20)).await;
        if stream.ready(tokio::io::Interest::READABLE).await.is_ok_and(|ready| ready.is_read_closed()) {
            return;
        }
    }
}

impl Service {
    /// Serves a connection to its end.
    async fn serve(&self, mut stream: impl Wire) {
        let mut polluted = false;
        while let Some(request) = wire::head(&mut stream).await {
            match self.answer(&mut stream, request, polluted).await {
                Some(Then::Surplus | Then::LateSurplus) => polluted = true,
                Some(Then::Keep) => {}
                _ => return,
            }
        }
    }

    /// Deals with one request. Returns how the connection goes on, or `None` if the client has left.
    async fn answer(&self, stream: &mut impl Wire, mut request: wire::Request, polluted: bool) -> Option<Then> {
        let name = request.header(HEADER).and_then(|name| {
            let (id, number) = name.split_once('.')?;
            Some((id.parse::<u64>().ok()?, number.parse::<usize>().ok()?))
        });
        let Some((id, number)) = name else {
            self.journal.strange("a request that no caller has marked".to_owned());
            return None;
        };
        let act = self.journal.receive(id, number, polluted);
        let Act { when, content, framing, then } = act;
        if !request.read(stream, when).await {
            return None;
        }
        let text = request.text();
        let is_token_request = text.contains(TOKEN_ACTION);
        self.check(id, when, &text, is_token_request);
        let token = (is_token_request && content == Content::Reply).then(|| self.issue());
        let question = Question { variant: self.variant, id, number, token: token.as_deref(), text: &text };
        let octets = match content {
            Content::Nothing => Vec::new(),
            _ => question.answer(content).octets(framing),
        };
        let surplus = question.surplus().octets(Framing::Length);
        let octets = if then == Then::Surplus { [octets, surplus.clone()].concat() } else { octets };
        if content != Content::Nothing && then != Then::Keep {
            self.journal.closed();
        }
        wire::write(stream, &octets, framing).await.ok()?;
        match then {
            // What is left of a request that was answered early is no request.
            Then::Keep if !request.read(stream, When::All).await => return None,
            Then::LateSurplus => {
                tokio::time::sleep(Duration::from_millis(1)).await;
                wire::write(stream, &surplus, Framing::Length).await.ok()?;
            }
            Then::Close => {
                let _ = stream.shutdown().await;
            }
            Then::CloseSlowly => {
                let _ = stream.shutdown().await;
                let mut drained = Vec::new();
                while drained.len() < MOST_DRAINED && stream.read_buf(&mut drained).await.unwrap_or(0) > 0 {}
            }
            Then::Reset => stream.reset(),
            Then::Silence => while stream.read(&mut [0; 1 << 10]).await.unwrap_or(0) > 0 {},
            Then::Keep | Then::Surplus => {}
        }
        Some(then)
    }

    /// What arrives is one whole message of the call that says so, in a session that was started.
    fn check(&self, id: u64, when: When, text: &str, is_token_request: bool) {
        let marks = marks(text);
        if marks.iter().any(|mark| *mark != id) {
            self.journal.strange(format!("a message of submission {id} that is another's"));
        }
        if when != When::All {
            return;
        }
        if !is_token_request && marks.len() != 1 {
            self.journal.strange(format!("a message of submission {id} that holds {} submissions", marks.len()));
        }
        if self.variant.has_sessions() && !is_token_request {
            let session = text.split_once(SESSION).and_then(|(_, rest)| rest.split_once('<'));
            let sessions = self.sessions.lock().unwrap();
            if session.is_none_or(|(number, _)| !sessions.contains(&format!("{SESSION}{number}"))) {
                self.journal.strange(format!("a message of submission {id} in a session that nobody started"));
            }
        }
    }

    /// The identifier of a new session.
    fn issue(&self) -> String {
        let mut sessions = self.sessions.lock().unwrap();
        let identifier = format!("{SESSION}{}", sessions.len());
        sessions.insert(identifier.clone());
        identifier
    }
}
