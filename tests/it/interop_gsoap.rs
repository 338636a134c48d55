//! Calls to services that gSOAP's generator made of the cache's contracts. `cargo xtask interop` starts them, names them
//! in `INTEROP_GSOAP`, a line for each: `wsdl:port`, URL, and runs these tests.

use std::pin::Pin;
use std::sync::OnceLock;
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};
use std::{fs, io};

use altinn_soap::generated::v1;
use altinn_soap::{Connection, Credentials, Delivery, Download, Error, ErrorKind, Upload, broker_streamed, receipt};
use bytes::Bytes;
use futures_core::Stream;
use ring::digest;
use soap_runtime::{Clock, SystemClock};

use crate::interop::named;

const MIB: u64 = 1024 * 1024;
/// 768 is where WCF begins to make parts.
const SIZES: [u64; 5] = [0, 1, 767, 768, 64 * MIB];

/// Where a port is served.
fn url(port: &v1::PortDescriptor) -> String {
    let list = fs::read_to_string(named("INTEROP_GSOAP")).unwrap();
    let url = list.lines().find_map(|line| line.strip_prefix(port.name)?.strip_prefix(' '));
    url.unwrap_or_else(|| panic!("{} is not served", port.name)).to_owned()
}

fn connection(port: &'static v1::PortDescriptor) -> Connection {
    let builder = Connection::builder("https://localhost").port_address(port, url(port));
    builder.allow_http_to_loopback(true).build().unwrap()
}

fn files() -> broker_streamed::basic::Client {
    let connection = connection(&broker_streamed::basic::PORT);
    broker_streamed::basic::Client::new(&connection, Credentials::new("1001", "sys<tem"))
}

/// What files are made of, over and over: octet n is n xor n/2⁸ xor n/2¹⁶, here and in the service.
fn pattern() -> &'static Bytes {
    static PATTERN: OnceLock<Bytes> = OnceLock::new();
    PATTERN.get_or_init(|| (0..1_u32 << 24).map(|n| (n ^ n >> 8 ^ n >> 16) as u8).collect())
}

/// A file in pieces that are no multiple of anything.
fn pieces(size: u64) -> impl Iterator<Item = Bytes> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let pattern = pattern();
        let start = (at % pattern.len() as u64) as usize;
        let length = (pattern.len() - start).min(65_521).min((size - at) as usize);
        at += length as u64;
        (length > 0).then(|| pattern.slice(start..start + length))
    })
}

/// The same as an upload takes it.
struct Pieces<I>(I);

impl<I: Iterator<Item = Bytes> + Unpin> Stream for Pieces<I> {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.0.next().map(Ok))
    }
}

/// SHA-256.
fn hash(pieces: impl Iterator<Item = Bytes>) -> String {
    let mut hash = digest::Context::new(&digest::SHA256);
    pieces.for_each(|piece| hash.update(&piece));
    hex(hash)
}

fn hex(hash: digest::Context) -> String {
    hash.finish().as_ref().iter().map(|octet| format!("{octet:02x}")).collect()
}

/// How the length of an upload is told.
#[derive(Clone, Copy, Debug)]
enum Length {
    Told,
    Chunked,
}

#[tokio::test]
#[ignore = "cargo xtask interop"]
async fn uploads_arrive() {
    let files = files();
    let mut done = 0;
    for size in SIZES {
        let expected = format!("{size}, {}", hash(pieces(size)));
        for length in [Length::Told, Length::Chunked] {
            let stream = Pieces(pieces(size));
            let upload = match length {
                Length::Told => Upload::from_stream(stream).length(size),
                Length::Chunked => Upload::from_stream(stream),
            };
            let request = broker_streamed::basic::UploadFileStreamedBasic {
                file_name: "ærlig & <åpen>.zip".into(),
                reference: "r-1".into(),
                reportee: "910000000".into(),
            };
            let receipt = files.upload_file_streamed_basic(request, upload).await;
            let receipt = receipt.unwrap_or_else(|error| panic!("{size} {length:?}: {error} {:?}", error.fault()));
            assert_eq!(receipt.receipt_text.as_deref(), Some(&*expected), "{length:?}");
            assert_eq!(receipt.receipt_history.as_deref(), Some("ærlig & <åpen>.zip|r-1|910000000"));
            done += 1;
        }
    }
    println!("gSOAP received {done} uploads of 0 B to 64 MiB, checksums equal");
}

#[tokio::test]
#[ignore = "cargo xtask interop"]
async fn downloads_arrive() {
    let files = files();
    let mut done = 0;
    for size in SIZES {
        for length in [Length::Told, Length::Chunked] {
            let reference = match length {
                Length::Told => format!("{size}"),
                Length::Chunked => format!("chunked {size}"),
            };
            let request = broker_streamed::basic::DownloadFileStreamedBasic {
                file_reference: reference,
                reportee: "910000000".into(),
            };
            let download: Download = files.download_file_streamed_basic(request).await.unwrap();
            let (received, found) = received(download).await;
            assert_eq!((received, found), (size, hash(pieces(size))), "{length:?}");
            done += 1;
        }
    }
    println!("gSOAP sent {done} downloads of 0 B to 64 MiB, checksums equal");
}

async fn received(mut download: Download) -> (u64, String) {
    let (mut size, mut hash) = (0, digest::Context::new(&digest::SHA256));
    while let Some(chunk) = download.chunk().await.unwrap() {
        size += chunk.len() as u64;
        hash.update(&chunk);
    }
    (size, hex(hash))
}

#[tokio::test]
#[ignore = "cargo xtask interop"]
async fn a_wrong_password_is_a_fault() {
    let connection = connection(&broker_streamed::basic::PORT);
    let files = broker_streamed::basic::Client::new(&connection, Credentials::new("1001", "guessed"));
    let request = broker_streamed::basic::UploadFileStreamedBasic::default();
    let error = files.upload_file_streamed_basic(request, Upload::from(&b"PK"[..])).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Fault, "{error}");
}

const PASSWORD: &str = "sys<&>\"'tem æ";

async fn receipt_as(user: &str, password: &str) -> Result<Option<receipt::types::Receipt>, Error> {
    let connection = connection(&receipt::ws::PORT);
    let receipts = receipt::ws::Client::new(&connection, Credentials::new(user, password));
    let search = receipt::types::ReceiptSearch { receipt_id: Some(42), ..Default::default() };
    receipts.get_receipt_v2(search).await
}

#[tokio::test]
#[ignore = "cargo xtask interop"]
async fn a_username_token_is_accepted() {
    let receipt = receipt_as("1001", PASSWORD).await;
    let receipt = receipt.unwrap_or_else(|error| panic!("{error} {:?}", error.fault())).unwrap();
    assert_eq!(receipt.receipt_id, Some(42));
    assert_eq!(receipt.receipt_text.as_deref(), Some("from gSOAP: <&> æøå"));
    println!("gSOAP accepted a UsernameToken");
}

#[tokio::test]
#[ignore = "cargo xtask interop"]
async fn a_wrong_password_or_user_is_refused() {
    for (user, password) in [("1001", "guessed"), ("1001", ""), ("1002", PASSWORD)] {
        let error = receipt_as(user, password).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Authentication, "{error}");
        assert_eq!(error.delivery(), Delivery::Answered);
    }
    println!("gSOAP refused a wrong password, an empty one and an unknown user");
}

/// A message from a clock that is an hour slow.
#[tokio::test]
#[ignore = "cargo xtask interop"]
async fn an_old_timestamp_is_refused() {
    let builder = Connection::builder("https://localhost").port_address(&receipt::ws::PORT, url(&receipt::ws::PORT));
    let connection = builder.allow_http_to_loopback(true).clock(Slow).build().unwrap();
    let receipts = receipt::ws::Client::new(&connection, Credentials::new("1001", PASSWORD));
    let error = receipts.get_receipt_v2(receipt::types::ReceiptSearch::default()).await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::Answered, "{error}");
    println!("gSOAP refused an old Timestamp: {:?}", error.kind());
}

#[derive(Debug)]
struct Slow;

impl Clock for Slow {
    fn now(&self) -> SystemTime {
        SystemClock.now() - Duration::from_secs(3600)
    }
}
