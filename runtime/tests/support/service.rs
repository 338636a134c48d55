//! A service on loopback that computes each answer from its request, and keeps count.

use std::net::SocketAddr;
use std::ops::Range;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, Uri};
use soap_runtime::testing::{Answer, RecordedRequest};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

type Make = dyn Fn(&RecordedRequest) -> Answer + Send + Sync;

struct State {
    answer: Box<Make>,
    received: Mutex<Vec<RecordedRequest>>,
    /// The numbers of the requests that are not answered for now.
    held: watch::Sender<Range<usize>>,
}

/// Listens until dropped.
pub struct Service {
    address: SocketAddr,
    state: Arc<State>,
    task: JoinHandle<()>,
}

impl Service {
    pub async fn start(answer: impl Fn(&RecordedRequest) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (answer, held) = (Box::new(answer), watch::Sender::new(0..0));
        let state = Arc::new(State { answer, received: Mutex::default(), held });
        let shared = Arc::clone(&state);
        let task = tokio::spawn(async move {
            // Connections end with the service.
            let mut serving = JoinSet::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                let state = Arc::clone(&shared);
                serving.spawn(async move { while serve(&mut stream, &state).await.is_some() {} });
            }
        });
        Self { address, state, task }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Holds the answers to these requests back, counted from 0, and no others. A session starts all the same.
    pub fn hold(&self, requests: Range<usize>) {
        self.state.held.send_replace(requests);
    }

    pub fn received(&self) -> Vec<RecordedRequest> {
        self.state.received.lock().unwrap().clone()
    }

    pub fn count(&self) -> usize {
        self.state.received.lock().unwrap().len()
    }

    /// Resolves when so many requests have been read.
    pub async fn has_received(&self, requests: usize) {
        while self.count() < requests {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Reads a request and answers it; `None` at the end of the connection.
async fn serve(stream: &mut TcpStream, state: &State) -> Option<()> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = memchr::memmem::find(&bytes, b"\r\n\r\n") {
            break end;
        }
        read(stream, &mut bytes).await?;
    };
    let mut body = bytes.split_off(end + 4);
    let head = String::from_utf8(bytes).unwrap();
    let mut lines = head.trim_end().lines();
    let url: Uri = lines.next()?.split(' ').nth(1)?.parse().unwrap();
    let header = |line: &str| {
        let (name, value) = line.split_once(':').unwrap();
        (name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value.trim()).unwrap())
    };
    let headers: HeaderMap = lines.map(header).collect();
    let length: usize = headers["content-length"].to_str().unwrap().parse().unwrap();
    while body.len() < length {
        read(stream, &mut body).await?;
    }
    let request = RecordedRequest { url, headers, body: body.into() };
    let number = {
        let mut received = state.received.lock().unwrap();
        received.push(request.clone());
        received.len() - 1
    };
    let starts_session = request.text().contains("/RST/SCT");
    state.held.subscribe().wait_for(|held| !held.contains(&number) || starts_session).await.ok()?;
    let Answer { status, headers, body } = (state.answer)(&request);
    let mut head = format!("HTTP/1.1 {} x\r\nContent-Length: {}\r\n", status.as_u16(), body.len());
    for (name, value) in &headers {
        head.push_str(&format!("{name}: {}\r\n", value.to_str().unwrap()));
    }
    stream.write_all(&[head.as_bytes(), b"\r\n", &body].concat()).await.ok()
}

async fn read(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> Option<()> {
    stream.read_buf(bytes).await.ok().filter(|read| *read > 0).map(drop)
}
