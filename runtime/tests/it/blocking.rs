//! Calls from a program without `async`.
use std::io::Read as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::support::contract::{Client, envelope};
use crate::support::files::{Files, NS, PACKAGE, download_reply, download_request, package, receipt, upload_request};
use crate::support::peer::{Incoming, Peer, answer};
use crate::support::{credentials, greeting};
use soap_runtime::{Connection, Delivery, ErrorKind, Upload};

/// A server on threads of its own.
struct Elsewhere {
    peer: Option<Peer>,
    runtime: tokio::runtime::Runtime,
}

impl Elsewhere {
    fn start<F, T>(serve: F) -> Self
    where
        F: Fn(Incoming) -> T + Send + Sync + 'static,
        T: Future<Output = ()> + Send + 'static,
    {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let _inside = runtime.enter();
        let peer = Peer::start(serve);
        drop(_inside);
        Self { peer: Some(peer), runtime }
    }

    fn connection(&self) -> Connection {
        let url = self.peer.as_ref().unwrap().url();
        Connection::builder(url).allow_http_to_loopback(true).build().unwrap()
    }
}

impl Drop for Elsewhere {
    fn drop(&mut self) {
        let _inside = self.runtime.enter();
        self.peer = None;
    }
}

/// Reads a request, which is a text or a package.
async fn read(request: &mut Incoming) -> usize {
    let head = request.head.to_lowercase();
    if head.contains("multipart/related") {
        return request.read_package(|_| {}).await;
    }
    let (_, length) = head.split_once("content-length:").unwrap();
    request.read(length.lines().next().unwrap().trim().parse().unwrap()).await
}

/// The server takes one request on a connection, and says so: else another one may be on its way as it closes.
fn last(answer: &[u8]) -> Vec<u8> {
    let head = b"HTTP/1.1 200 OK\r\n";
    [head, &b"Connection: close\r\n"[..], answer.strip_prefix(head).unwrap()].concat()
}

async fn greet(mut request: Incoming) {
    read(&mut request).await;
    request.write(last(&answer("200 OK", "text/xml", greeting("Hei")))).await;
}

#[test]
fn a_call_is_waited_for() {
    let server = Elsewhere::start(greet);
    let connection = server.connection();
    let client = Client::new(&connection, credentials());
    for _ in 0..3 {
        assert_eq!(connection.wait(client.greet("Kari")).unwrap(), "Hei");
    }
    // From several threads at once.
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(connection.wait(client.greet("Kari")).unwrap(), "Hei"));
        }
    });
}

#[test]
fn an_error_comes_as_it_is() {
    let connection = Connection::builder("http://127.0.0.1:1").allow_http_to_loopback(true).build().unwrap();
    let error = connection.wait(Client::new(&connection, credentials()).greet("Kari")).unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Transport, Delivery::NotSent), "{error}");
}

#[tokio::test]
async fn within_a_runtime_nothing_is_sent() {
    let connection = Connection::builder("http://127.0.0.1:1").allow_http_to_loopback(true).build().unwrap();
    let error = connection.wait(Client::new(&connection, credentials()).greet("Kari")).unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Configuration, Delivery::NotSent), "{error}");
    assert!(error.to_string().contains("awaited"), "{error}");
}

#[tokio::test]
async fn a_connection_that_waited_may_end_within_a_runtime() {
    let connection = tokio::task::spawn_blocking(|| {
        let connection = Connection::builder("http://127.0.0.1:1").allow_http_to_loopback(true).build().unwrap();
        std::thread::spawn(move || {
            let _ = connection.wait(Client::new(&connection, credentials()).greet("Kari"));
            connection
        })
        .join()
        .unwrap()
    });
    drop(connection.await.unwrap());
}

#[test]
fn without_any_runtime_nothing_is_sent() {
    let connection = Connection::builder("http://127.0.0.1:1").allow_http_to_loopback(true).build().unwrap();
    let client = Client::new(&connection, credentials());
    let mut call = std::pin::pin!(client.greet("Kari"));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let std::task::Poll::Ready(Err(error)) = call.as_mut().poll(&mut context) else { panic!("it is waiting") };
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Configuration, Delivery::NotSent), "{error}");
    assert!(error.to_string().contains("tokio runtime"), "{error}");
}

#[test]
fn an_upload_is_read_and_a_download_is_a_reader() {
    let seen = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&seen);
    let server = Elsewhere::start(move |mut request: Incoming| {
        let counted = Arc::clone(&counted);
        async move {
            let read = read(&mut request).await;
            let is_upload = request.head.to_lowercase().contains("upload");
            let reply = match is_upload {
                true => {
                    counted.store(read as u64, Ordering::SeqCst);
                    answer("200 OK", "text/xml", receipt(1))
                }
                false => {
                    answer("200 OK", PACKAGE, package(&[("0", download_reply("1").as_bytes()), ("1", &[7; 300_000])]))
                }
            };
            request.write(last(&reply)).await;
        }
    });
    let connection = server.connection();
    let files = Files::new(&connection);
    let content = std::io::repeat(b'x').take(1 << 20);
    let receipt = connection.wait(files.upload(upload_request(), Upload::from_read(content))).unwrap();
    assert_eq!(receipt.receipt_id, Some(1));
    assert!(seen.load(Ordering::SeqCst) > 1 << 20);

    let mut read = Vec::new();
    let download = connection.wait(files.download(download_request())).unwrap();
    connection.reader(download).read_to_end(&mut read).unwrap();
    assert_eq!(read, [7; 300_000]);
}

#[test]
fn a_list_is_an_iterator() {
    let server = Elsewhere::start(|mut request: Incoming| async move {
        read(&mut request).await;
        let items = "<Name>a</Name><Name>b</Name>";
        let list = format!("<ListResponse xmlns=\"{NS}\"><ListResult>{items}</ListResult></ListResponse>");
        request.write(last(&answer("200 OK", "text/xml", envelope(&list)))).await;
    });
    let connection = server.connection();
    let items = connection.wait(Files::new(&connection).list()).unwrap();
    let all: Result<Vec<String>, _> = connection.iter(items).collect();
    assert_eq!(all.unwrap(), ["a", "b"]);
}
