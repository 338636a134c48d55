//! Downloads over a socket: memory, every way to read one, and everything that ends one early.
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::support::AMPLE;
use crate::support::files::{Files, PACKAGE, download_reply, download_request, package};
use crate::support::peer::{Incoming, Peer, answer};
use crate::support::server::{Act, Server};
use soap_runtime::{Connection, ConnectionBuilder, Delivery, Download, Error, ErrorKind};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const SHORT: Duration = Duration::from_millis(200);

/// What may be on its way at any time: the pieces in hand, and the buffers of both sockets.
const ON_THE_WAY: u64 = 16 << 20;

fn to(url: String) -> ConnectionBuilder {
    Connection::builder(url)
        .allow_http_to_loopback(true)
        .connect_timeout(AMPLE)
        .reply_timeout(AMPLE)
        .idle_timeout(AMPLE)
}

async fn download(builder: ConnectionBuilder) -> Result<Download, Error> {
    Files::new(&builder.build().unwrap()).download(download_request()).await
}

/// A reply with this content, as it is sent.
fn reply(content: &[u8]) -> Vec<u8> {
    answer("200 OK", PACKAGE, package(&[("0", download_reply("1").as_bytes()), ("1", content)]))
}

fn content(bytes: usize) -> Vec<u8> {
    (0..bytes).map(|at| if at % 7 == 0 { b'\r' } else { (at % 251) as u8 }).collect()
}

/// A folder of its own, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("altinn-soap-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn files(&self) -> Vec<String> {
        let names = std::fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.collect()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_is_flat() {
    const BYTES: u64 = 256 << 20;
    let written = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&written);
    let peer = Peer::start(move |mut request: Incoming| {
        let counter = Arc::clone(&counter);
        async move {
            request.read_package(|_| {}).await;
            request
                .write(format!("HTTP/1.1 200 OK\r\nContent-Type: {PACKAGE}\r\nTransfer-Encoding: chunked\r\n\r\n"))
                .await;
            let whole = package(&[("0", download_reply("1").as_bytes()), ("1", b"")]);
            let (start, end) = whole.split_at(whole.len() - b"\r\n--boundary--\r\n".len());
            request.write(format!("{:X}\r\n", start.len())).await;
            request.write(start).await;
            let piece = [b"10000\r\n".as_slice(), &[b'\r'; 0x10000], b"\r\n"].concat();
            request.write("\r\n").await;
            for _ in 0..BYTES >> 16 {
                request.write(&piece).await;
                counter.fetch_add(1 << 16, Ordering::SeqCst);
            }
            request.write(format!("{:X}\r\n", end.len())).await;
            request.write([end, b"\r\n0\r\n\r\n"].concat()).await;
        }
    });
    let mut download = download(to(peer.url())).await.unwrap();
    assert_eq!(download.expected_len(), None);
    let (mut read, mut most) = (0, 0);
    while let Some(piece) = download.chunk().await.unwrap() {
        if read == 0 {
            // Nobody reads for a while: nobody writes then.
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        read += piece.len() as u64;
        most = most.max(written.load(Ordering::SeqCst).saturating_sub(read));
    }
    assert_eq!((read, download.received()), (BYTES, BYTES));
    assert!(most < ON_THE_WAY, "{most} bytes were held at once");
}

#[tokio::test]
async fn every_way_to_read_one() {
    let content = content(3_000_000);
    let server = Server::start(vec![Act::Answer(reply(&content)); 8]).await;
    let connection = to(server.url()).build().unwrap();
    let files = Files::new(&connection);
    let next = || files.download(download_request());

    assert_eq!(next().await.unwrap().collect(content.len()).await.unwrap(), content);
    let error = next().await.unwrap().collect(content.len() - 1).await.unwrap_err();
    assert!(error.to_string().contains("limit of 2999999 bytes"), "{error}");

    let mut copied = Vec::new();
    assert_eq!(next().await.unwrap().copy_to(&mut copied).await.unwrap(), 3_000_000);
    assert!(copied == content);

    let mut reader = next().await.unwrap();
    let mut first = [0; 10];
    reader.read_exact(&mut first).await.unwrap();
    assert_eq!(first, content[..10]);
    // What was not taken is not lost when the rest is read in another way.
    assert!(reader.collect(content.len()).await.unwrap() == content[10..]);

    let mut read = Vec::new();
    next().await.unwrap().read_to_end(&mut read).await.unwrap();
    assert!(read == content);

    let mut stream = std::pin::pin!(next().await.unwrap());
    let mut pieces = Vec::new();
    while let Some(piece) = std::future::poll_fn(|cx| futures_core::Stream::poll_next(stream.as_mut(), cx)).await {
        pieces.extend_from_slice(&piece.unwrap());
    }
    assert!(pieces == content);

    let told = Arc::new(AtomicU64::new(0));
    let seen = Arc::clone(&told);
    let watched = next().await.unwrap().on_progress(move |bytes, total| {
        assert_eq!(total, Some(3_000_000));
        seen.store(bytes, Ordering::SeqCst);
    });
    let _ = watched.collect(usize::MAX).await.unwrap();
    assert_eq!(told.load(Ordering::SeqCst), 3_000_000);
}

#[tokio::test]
async fn the_connection_is_used_again() {
    let mut chunked =
        format!("HTTP/1.1 200 OK\r\nContent-Type: {PACKAGE}\r\nTransfer-Encoding: chunked\r\n\r\n").into_bytes();
    let whole = package(&[("0", download_reply("1").as_bytes()), ("1", b"content")]);
    for piece in whole.chunks(100).chain([&b"epilogue"[..]]) {
        chunked.extend_from_slice(format!("{:x}\r\n", piece.len()).as_bytes());
        chunked.extend_from_slice(&[piece, b"\r\n"].concat());
    }
    let end = b"0\r\n\r\n".to_vec();
    let late = Act::Dribble(vec![chunked.clone(), end.clone()], Duration::from_millis(50));
    let at_once = Act::Answer([chunked, end].concat());
    let server = Server::start([at_once.clone(), late, at_once, Act::Answer(reply(b"content"))]).await;
    let files = Files::new(&to(server.url()).build().unwrap());
    for _ in 0..4 {
        assert_eq!(files.download(download_request()).await.unwrap().collect(7).await.unwrap(), "content");
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_file_is_complete_or_not_there() {
    let folder = Folder::new("save");
    let content = content(3_000_000);
    let whole = reply(&content);
    let half = whole[..whole.len() / 2].to_vec();
    let server = Server::start([Act::Answer(whole.clone()), Act::Close(half), Act::Answer(whole)]).await;
    let files = Files::new(&to(server.url()).build().unwrap());
    let path = folder.path("a.zip");

    let saved = files.download(download_request()).await.unwrap().save_to(&path).await.unwrap();
    assert_eq!(saved, 3_000_000);
    assert!(std::fs::read(&path).unwrap() == content);
    assert_eq!(folder.files(), ["a.zip"]);

    std::fs::write(&path, "what was there before").unwrap();
    let error = files.download(download_request()).await.unwrap().save_to(&path).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Transport, Delivery::Answered), "{error:?}");
    assert_eq!(error.operation(), Some("DownloadFileStreamedBasic"));
    assert_eq!(std::fs::read(&path).unwrap(), b"what was there before");
    assert_eq!(folder.files(), ["a.zip"]);

    let nowhere = folder.path("missing").join("a.zip");
    let error = files.download(download_request()).await.unwrap().save_to(nowhere).await.unwrap_err();
    assert!(error.to_string().contains("cannot be written"), "{error}");
    assert_eq!(error.kind(), ErrorKind::Configuration);
}

#[tokio::test]
async fn dropping_ends_the_exchange_and_leaves_no_file() {
    let folder = Folder::new("drop");
    let mut start = reply(&content(100_000));
    start.truncate(90_000);
    let server = Server::start([Act::Stall(start.clone()), Act::Stall(start)]).await;
    drop(download(to(server.url())).await.unwrap());
    tokio::time::timeout(AMPLE, server.closed()).await.unwrap();

    let download = download(to(server.url())).await.unwrap();
    let path = folder.path("a.zip");
    let saving = tokio::spawn(async move { download.save_to(path).await });
    let until = |exists| {
        let folder = &folder;
        async move {
            while folder.files().is_empty() == exists {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
    };
    tokio::time::timeout(AMPLE, until(true)).await.unwrap();
    saving.abort();
    tokio::time::timeout(AMPLE, server.closed()).await.unwrap();
    tokio::time::timeout(AMPLE, until(false)).await.unwrap();
}

#[tokio::test]
async fn cut_off_and_stalled() {
    let whole = reply(&content(100_000));
    let half = &whole[..90_000];
    let body = package(&[("0", download_reply("1").as_bytes()), ("1", &content(100_000))]);
    let cut = &body[..body.len() - 5];
    for (act, kind, says) in [
        (Act::Close(half.to_vec()), ErrorKind::Transport, "cut off"),
        (Act::Stall(half.to_vec()), ErrorKind::Transport, "within the answer"),
        // The HTTP message is complete, the package in it is not.
        (Act::Answer(answer("200 OK", PACKAGE, cut)), ErrorKind::Malformed, "before its closing boundary"),
    ] {
        let server = Server::start([act]).await;
        let mut download = download(to(server.url()).idle_timeout(SHORT)).await.unwrap();
        let error = loop {
            match download.chunk().await {
                Ok(piece) => assert!(piece.is_some(), "a short success"),
                Err(error) => break error,
            }
        };
        assert_eq!((error.kind(), error.delivery()), (kind, Delivery::Answered), "{error:?}");
        assert!(error.to_string().contains(says), "{error}");
        // It stays failed.
        assert!(download.chunk().await.is_err());
        assert!(std::pin::pin!(download).read(&mut [0; 8]).await.is_err());
    }
}

#[tokio::test]
async fn a_writer_that_fails() {
    let server = Server::start([Act::Answer(reply(&content(100_000)))]).await;
    let (mut one, other) = tokio::io::duplex(10);
    drop(other);
    let error = download(to(server.url())).await.unwrap().copy_to(&mut one).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Configuration, Delivery::Answered));
    one.shutdown().await.unwrap();
}
