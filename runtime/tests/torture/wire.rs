//! HTTP/1.1 by hand: requests are read no further than asked, answers are written right or wrong.

use std::io;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

use super::script::{Framing, When};

/// A connection that can be reset.
pub trait Wire: AsyncRead + AsyncWrite + Unpin + Send {
    /// Makes the end of the connection a reset.
    fn reset(&self);
}

impl Wire for TcpStream {
    fn reset(&self) {
        let _ = self.set_zero_linger();
    }
}

impl Wire for tokio_rustls::server::TlsStream<TcpStream> {
    fn reset(&self) {
        self.get_ref().0.reset();
    }
}

/// A request as far as it has been read.
pub struct Request {
    pub head: String,
    pub body: Vec<u8>,
}

/// An answer that has not been framed.
pub struct Answer {
    pub status: u16,
    pub content_type: &'static str,
    pub body: Vec<u8>,
}

/// The last octets of a request.
const LAST_OCTETS: usize = 8;

/// The head of the next request, or `None` if the client has closed.
pub async fn head(stream: &mut impl Wire) -> Option<Request> {
    let mut bytes = Vec::new();
    loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let body = bytes.split_off(end + 4);
            return Some(Request { head: String::from_utf8_lossy(&bytes).into_owned(), body });
        }
        if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
            return None;
        }
    }
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// Reads on, so far. False if the client has closed before.
    pub async fn read(&mut self, stream: &mut impl Wire, when: When) -> bool {
        loop {
            let (read, length) = (self.body.len(), self.length());
            let enough = match (when, length) {
                (When::Head, _) => true,
                (When::Half, Some(length)) => read >= length / 2,
                (When::Almost, Some(length)) => read >= length.saturating_sub(LAST_OCTETS),
                (When::All, Some(length)) => read >= length,
                (When::Half, None) => read > 0,
                (When::Almost | When::All, None) => false,
            };
            if enough {
                return true;
            }
            if stream.read_buf(&mut self.body).await.unwrap_or(0) == 0 {
                return false;
            }
        }
    }

    /// The length of the body, chunks and all. Of chunks, it is known when the last has come.
    fn length(&self) -> Option<usize> {
        const LAST_CHUNK: &[u8] = b"\r\n0\r\n\r\n";
        match self.header("content-length") {
            Some(length) => length.parse().ok(),
            None => memchr::memmem::find(&self.body, LAST_CHUNK).map(|at| at + LAST_CHUNK.len()),
        }
    }

    /// The body as far as it has been read. Behind it, there can be the next request of a client that was answered twice.
    pub fn text(&self) -> String {
        let length = self.length().unwrap_or(self.body.len()).min(self.body.len());
        String::from_utf8_lossy(&self.body[..length]).into_owned()
    }
}

impl Answer {
    /// Its octets as they go over the wire.
    pub fn octets(&self, framing: Framing) -> Vec<u8> {
        let Self { status, content_type, body } = self;
        let version = if framing == Framing::Old { "1.0" } else { "1.1" };
        let mut lines = format!("HTTP/{version} {status} Whatever\r\n");
        if !content_type.is_empty() {
            lines += &format!("Content-Type: {content_type}\r\n");
        }
        if (300..400).contains(status) {
            lines += "Location: /elsewhere\r\n";
        }
        framed(&lines, body, framing)
    }
}

/// A message as it goes over the wire, from the lines of its head.
pub fn framed(lines: &str, body: &[u8], framing: Framing) -> Vec<u8> {
    let joined = |lines: &str, body: &[u8]| [lines.as_bytes(), b"\r\n", body].concat();
    let of_length = |length: usize, body: &[u8]| joined(&format!("{lines}Content-Length: {length}\r\n"), body);
    let zipped =
        |body: &[u8]| joined(&format!("{lines}Content-Encoding: gzip\r\nContent-Length: {}\r\n", body.len()), body);
    let chunked = |body: &[u8]| joined(&format!("{lines}Transfer-Encoding: chunked\r\n"), body);
    match framing {
        Framing::Length | Framing::Pieces => of_length(body.len(), body),
        Framing::Chunked => chunked(&[&chunks(body)[..], b"0\r\n\r\n"].concat()),
        Framing::Gzip => zipped(&gzip(body)),
        Framing::Old => joined(lines, body),
        Framing::Continued => {
            let hints = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n";
            [&hints[..], &of_length(body.len(), body)].concat()
        }
        Framing::HalfHead => lines.as_bytes()[..lines.len() / 2].to_vec(),
        Framing::HalfBody => of_length(body.len(), &body[..body.len() / 2]),
        Framing::HalfChunked => chunked(&chunks(body)),
        Framing::TooLong => of_length(body.len() + 20, body),
        Framing::TooShort => of_length(body.len() - 20, body),
        Framing::BadChunk => chunked(&[b"zz\r\n", body].concat()),
        Framing::HalfGzip => {
            let whole = gzip(body);
            zipped(&whole[..whole.len() / 2])
        }
        Framing::OnlyContinue => b"HTTP/1.1 100 Continue\r\n\r\n".to_vec(),
        Framing::NotHttp => b"SSH-2.0-OpenSSH_9.6\r\n".to_vec(),
    }
}

/// Writes octets; in pieces with pauses, if that is how they are framed.
pub async fn write(stream: &mut (impl AsyncWrite + Unpin), octets: &[u8], framing: Framing) -> io::Result<()> {
    if framing != Framing::Pieces {
        stream.write_all(octets).await?;
        return stream.flush().await;
    }
    for piece in octets.chunks(octets.len().div_ceil(7)) {
        stream.write_all(piece).await?;
        stream.flush().await?;
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    Ok(())
}

/// Two chunks.
fn chunks(body: &[u8]) -> Vec<u8> {
    let (first, second) = body.split_at(body.len() / 2);
    let mut all = Vec::new();
    for chunk in [first, second].into_iter().filter(|chunk| !chunk.is_empty()) {
        all.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        all.extend_from_slice(chunk);
        all.extend_from_slice(b"\r\n");
    }
    all
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    io::Write::write_all(&mut encoder, body).unwrap();
    encoder.finish().unwrap()
}
