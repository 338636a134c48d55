//! A peer for streams: reads the head of a request, and leaves the rest to the test.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinHandle;

/// A request whose body is still to be read.
pub struct Incoming {
    pub stream: TcpStream,
    pub head: String,
    /// What came with the head.
    pub start: Vec<u8>,
}

impl Incoming {
    /// Reads so many bytes of the body, or to the end of the connection.
    pub async fn read(&mut self, bytes: usize) -> usize {
        let mut read = std::mem::take(&mut self.start).len();
        let mut buffer = vec![0; 256 << 10];
        while read < bytes {
            match self.stream.read(&mut buffer).await {
                Ok(0) | Err(_) => break,
                Ok(more) => read += more,
            }
        }
        read
    }

    /// Reads to the closing boundary of a package. Returns the number of bytes, framing included.
    pub async fn read_package(&mut self, count: impl Fn(usize)) -> usize {
        let mut tail = std::mem::take(&mut self.start);
        let mut read = tail.len();
        let mut buffer = vec![0; 256 << 10];
        while memchr::memmem::find(&tail, b"+id=1--\r\n").is_none() {
            let more = self.stream.read(&mut buffer).await.unwrap();
            assert!(more > 0, "the request ends too early");
            read += more;
            count(read);
            tail.extend_from_slice(&buffer[..more]);
            tail.drain(..tail.len().saturating_sub(200));
        }
        read
    }

    pub async fn write(&mut self, text: impl AsRef<[u8]>) {
        let _ = self.stream.write_all(text.as_ref()).await;
    }
}

pub fn answer(status: &str, content_type: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let head = format!("HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// Does the same with every request, one to a connection.
pub struct Peer {
    pub address: SocketAddr,
    task: JoinHandle<()>,
}

impl Peer {
    pub fn start<F, T>(serve: F) -> Self
    where
        F: Fn(Incoming) -> T + Send + Sync + 'static,
        T: Future<Output = ()> + Send + 'static,
    {
        let socket = TcpSocket::new_v4().unwrap();
        // Small, so that little is on the way.
        socket.set_recv_buffer_size(64 << 10).unwrap();
        socket.set_send_buffer_size(64 << 10).unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(16).unwrap();
        let address = listener.local_addr().unwrap();
        let serve = Arc::new(serve);
        let task = tokio::spawn(async move {
            let mut serving = tokio::task::JoinSet::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                let serve = Arc::clone(&serve);
                serving.spawn(async move {
                    let mut start = Vec::new();
                    let end = loop {
                        if let Some(end) = memchr::memmem::find(&start, b"\r\n\r\n") {
                            break end;
                        }
                        if stream.read_buf(&mut start).await.unwrap_or(0) == 0 {
                            return;
                        }
                    };
                    let head = String::from_utf8(start[..end].to_vec()).unwrap();
                    serve(Incoming { stream, head, start: start.split_off(end + 4) }).await;
                });
            }
        });
        Self { address, task }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Bytes made as they are asked for, which counts them.
pub struct Made {
    pub left: u64,
    pub made: Arc<AtomicU64>,
    pub dropped: Arc<AtomicU64>,
    piece: Bytes,
    pause: Option<(Duration, Pin<Box<tokio::time::Sleep>>)>,
}

impl Made {
    pub fn new(bytes: u64) -> Self {
        Self {
            left: bytes,
            made: Arc::default(),
            dropped: Arc::default(),
            piece: Bytes::from(vec![b'\r'; 64 << 10]),
            pause: None,
        }
    }

    /// Waits before each piece.
    pub fn slowly(mut self, pause: Duration, piece: usize) -> Self {
        self.pause = Some((pause, Box::pin(tokio::time::sleep(pause))));
        self.piece.truncate(piece);
        self
    }
}

impl Stream for Made {
    type Item = Result<Bytes, std::io::Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some((time, pause)) = &mut self.pause {
            std::task::ready!(pause.as_mut().poll(cx));
            *pause = Box::pin(tokio::time::sleep(*time));
        }
        let piece = self.piece.slice(..(self.piece.len() as u64).min(self.left) as usize);
        self.left -= piece.len() as u64;
        self.made.fetch_add(piece.len() as u64, Ordering::SeqCst);
        Poll::Ready((!piece.is_empty()).then_some(Ok(piece)))
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        self.dropped.store(1, Ordering::SeqCst);
    }
}
