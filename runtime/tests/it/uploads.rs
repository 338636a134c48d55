//! Uploads over a socket: memory, answers before the end, and everything that ends one early.
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::support::AMPLE;
use crate::support::contract::fault;
use crate::support::files::{Files, Receipt, receipt, upload_request};
use crate::support::peer::{Incoming, Made, Peer, answer};
use soap_runtime::{Connection, ConnectionBuilder, Delivery, Error, ErrorKind, Upload};

const SHORT: Duration = Duration::from_millis(200);

/// What may be on its way at any time: the pieces in hand, and the buffers of both sockets.
const ON_THE_WAY: u64 = 16 << 20;

fn to(peer: &Peer) -> ConnectionBuilder {
    Connection::builder(peer.url())
        .allow_http_to_loopback(true)
        .connect_timeout(AMPLE)
        .reply_timeout(AMPLE)
        .idle_timeout(AMPLE)
}

async fn upload(builder: ConnectionBuilder, upload: impl Into<Upload>) -> Result<Receipt, Error> {
    Files::new(&builder.build().unwrap()).upload(upload_request(), upload).await
}

async fn until(what: &AtomicU64, value: u64) {
    let changed = async {
        while what.load(Ordering::SeqCst) != value {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(AMPLE, changed).await.unwrap();
}

/// Reads all of the request, then answers.
async fn accept(mut request: Incoming) {
    request.read_package(|_| {}).await;
    request.write(answer("200 OK", "text/xml", receipt(1))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_is_flat() {
    const BYTES: u64 = 256 << 20;
    for known in [true, false] {
        let source = Made::new(BYTES);
        let (made, most) = (Arc::clone(&source.made), Arc::new(AtomicU64::new(0)));
        let ahead = Arc::clone(&most);
        let peer = Peer::start(move |mut request| {
            let (made, ahead) = (Arc::clone(&made), Arc::clone(&ahead));
            async move {
                // Whatever was made and has not arrived is held by somebody.
                let read = request.read_package(|read| {
                    let held = made.load(Ordering::SeqCst).saturating_sub(read as u64);
                    ahead.fetch_max(held, Ordering::SeqCst);
                });
                assert!(read.await as u64 > BYTES);
                let framing = if request.head.contains("content-length: ") { 1 } else { 2 };
                request.write(answer("200 OK", "text/xml", receipt(framing))).await;
            }
        });
        let mut content = Upload::from_stream(source);
        if known {
            content = content.length(BYTES);
        }
        let receipt = upload(to(&peer), content).await.unwrap();
        assert_eq!(
            receipt.receipt_id,
            Some(if known { 1 } else { 2 }),
            "Content-Length if the length is known, else chunks"
        );
        let most = most.load(Ordering::SeqCst);
        assert!(most < ON_THE_WAY, "{most} bytes were held at once");
    }
}

#[tokio::test]
async fn an_answer_before_the_end_is_the_answer() {
    for (status, content_type, body, kind) in [
        ("500 Internal Server Error", "text/xml", fault("Server", "no"), ErrorKind::Fault),
        ("413 Payload Too Large", "text/html", "<html/>".to_owned(), ErrorKind::Http),
        ("503 Service Unavailable", "text/html", "<html/>".to_owned(), ErrorKind::Busy),
    ] {
        for first in [0, 3 << 20] {
            let early = answer(status, content_type, &body);
            let peer = Peer::start(move |mut request| {
                let early = early.clone();
                async move {
                    request.read(first).await;
                    request.write(early).await;
                    // As servers do, lest the answer be lost: goes on reading for a while.
                    request.read(usize::MAX).await;
                }
            });
            let source = Made::new(u64::MAX);
            let dropped = Arc::clone(&source.dropped);
            let error = upload(to(&peer), Upload::from_stream(source)).await.unwrap_err();
            assert_eq!((error.kind(), error.delivery()), (kind, Delivery::Answered), "{error}");
            // Nobody asks for the rest of the content any more.
            until(&dropped, 1).await;
        }
    }
}

#[tokio::test]
async fn a_connection_that_is_cut_leaves_delivery_unknown() {
    let peer = Peer::start(|mut request| async move {
        request.read(1 << 20).await;
    });
    let error = upload(to(&peer), Upload::from_stream(Made::new(u64::MAX))).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Transport, Delivery::Unknown), "{error:?}");
}

#[tokio::test]
async fn a_server_that_never_reads_is_given_up() {
    let peer = Peer::start(|request| async move {
        let _open = request;
        std::future::pending::<()>().await;
    });
    let error = upload(to(&peer).idle_timeout(SHORT), Upload::from_stream(Made::new(u64::MAX))).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Transport, Delivery::Unknown), "{error:?}");
    assert!(error.to_string().contains("takes no more of it"), "{error}");
}

#[tokio::test]
async fn a_slow_source_is_no_dead_server() {
    let peer = Peer::start(accept);
    let source = Made::new(4).slowly(SHORT * 3, 1);
    let builder = to(&peer).idle_timeout(SHORT).reply_timeout(SHORT);
    assert_eq!(upload(builder, Upload::from_stream(source)).await.unwrap().receipt_id, Some(1));
}

#[tokio::test]
async fn a_source_that_fails_never_looks_complete() {
    let closing = Arc::new(AtomicU64::new(0));
    let seen = Arc::clone(&closing);
    let peer = Peer::start(move |mut request| {
        let seen = Arc::clone(&seen);
        async move {
            let mut body = std::mem::take(&mut request.start);
            while tokio::io::AsyncReadExt::read_buf(&mut request.stream, &mut body).await.unwrap_or(0) > 0 {}
            let complete = memchr::memmem::find(&body, b"+id=1--").is_some() || body.ends_with(b"\r\n0\r\n\r\n");
            seen.fetch_add(u64::from(complete), Ordering::SeqCst);
        }
    });
    struct Fails(u64);
    impl futures_core::Stream for Fails {
        type Item = Result<&'static [u8], &'static str>;

        fn poll_next(
            mut self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Self::Item>> {
            self.0 += 1;
            std::task::Poll::Ready(Some(if self.0 < 4 { Ok(b"content") } else { Err("the disk is on fire") }))
        }
    }
    for (content, says) in [
        (Upload::from_stream(Fails(0)), "source failed"),
        (Upload::from_reader(&b"content"[..]).length(8), "ended before the length"),
        (Upload::from_reader(&b"content"[..]).length(6), "more bytes than the length"),
        (Upload::from_reader(&b"content"[..]).limit(6), "larger than the operation takes"),
    ] {
        let error = upload(to(&peer), content).await.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Malformed, Delivery::Unknown), "{error:?}");
        assert!(error.to_string().contains(says), "{error}");
    }
    // What had been handed over may have been sent or not; the peer has seen the end of the connection either way.
    tokio::time::sleep(SHORT).await;
    assert_eq!(closing.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn dropping_the_call_ends_it() {
    let gone = Arc::new(AtomicU64::new(0));
    let seen = Arc::clone(&gone);
    let peer = Peer::start(move |mut request| {
        let seen = Arc::clone(&seen);
        async move {
            request.read(usize::MAX).await;
            seen.store(1, Ordering::SeqCst);
        }
    });
    let source = Made::new(u64::MAX);
    let (made, dropped) = (Arc::clone(&source.made), Arc::clone(&source.dropped));
    let call = tokio::spawn(upload(to(&peer), Upload::from_stream(source)));
    while made.load(Ordering::SeqCst) < 8 << 20 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    call.abort();
    until(&gone, 1).await;
    until(&dropped, 1).await;
}

#[tokio::test]
async fn sources_of_every_kind_and_their_second_time() {
    let peer = Peer::start(accept);
    let connection = to(&peer).build().unwrap();
    let files = Files::new(&connection);
    let path = std::env::temp_dir().join(format!("altinn-soap-upload-{}", std::process::id()));
    std::fs::write(&path, vec![7; 1_000_000]).unwrap();
    let file = Upload::from_path(&path).await.unwrap();
    assert_eq!(file.len(), Some(1_000_000));
    for (content, again) in [
        (file, true),
        (Upload::from("bytes"), true),
        (Upload::from(vec![0; 3 << 20]), true),
        (Upload::from(""), true),
        (Upload::from_reader(tokio::io::AsyncReadExt::take(tokio::io::repeat(1), 300_000)), false),
        (Upload::from_stream(Made::new(300_000)).length(300_000), false),
    ] {
        assert!(content.can_restart(), "nothing was taken yet");
        let told = Arc::new(AtomicU64::new(0));
        let seen = Arc::clone(&told);
        let total = content.len();
        let content = content.on_progress(move |bytes, of| {
            assert_eq!(of, total);
            assert!(bytes > seen.swap(bytes, Ordering::SeqCst));
        });
        files.upload(upload_request(), content.clone()).await.unwrap();
        let told = told.load(Ordering::SeqCst);
        assert!(content.len().is_none_or(|len| len == told), "{told}");
        assert_eq!(content.can_restart(), again, "{content:?}");
        if !again {
            let error = files.upload(upload_request(), content).await.unwrap_err();
            assert!(error.to_string().contains("used already"), "{error}");
        }
    }
    std::fs::remove_file(path).unwrap();
}

/// What a pipe gives is gone then: it is no source that can be sent again.
#[cfg(unix)]
#[tokio::test]
async fn a_pipe_is_no_file() {
    use std::os::fd::AsRawFd as _;

    let (reader, _writer) = std::io::pipe().unwrap();
    let error = Upload::from_path(format!("/dev/fd/{}", reader.as_raw_fd())).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Configuration, Delivery::NotSent));
    assert!(error.to_string().contains("Upload::from_reader"), "{error}");
}

#[tokio::test]
async fn a_source_that_nobody_asked_can_be_sent_elsewhere() {
    // A port where nobody listens.
    let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = format!("http://{}", socket.local_addr().unwrap());
    drop(socket);
    let content = Upload::from_reader(&b"content"[..]);
    let connection = Connection::builder(nobody).allow_http_to_loopback(true).build().unwrap();
    let error = Files::new(&connection).upload(upload_request(), content.clone()).await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert!(content.can_restart());
    let peer = Peer::start(accept);
    assert_eq!(upload(to(&peer), content).await.unwrap().receipt_id, Some(1));
}
