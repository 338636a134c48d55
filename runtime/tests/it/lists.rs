//! Lists item by item: the same items and the same refusals as when the list is read as one value.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use crate::support;
use crate::support::contract::{envelope, fault};
use crate::support::files::{NS, PACKAGE, Receipt, package};
use crate::support::peer::Peer;
use bytes::Bytes;
use futures_core::Stream;
use soap_runtime::generated::v1;
use soap_runtime::transport::{Body, BoxFuture, Request, Response, Transport, TransportError};
use soap_runtime::{Connection, Delivery, Error, ErrorKind, Limits};

const fn operation(reply: v1::Reply) -> v1::Operation {
    v1::Operation::new("List", "urn:list").reply(reply)
}

static LIST: v1::Operation = operation(v1::Reply::unwrapped(
    v1::Field::required(NS, "ListResponse"),
    v1::Field::optional(NS, "ListResult").nillable().items(NS, "Receipt"),
));

static REQUIRED: v1::Operation = operation(v1::Reply::unwrapped(
    v1::Field::required(NS, "ListResponse"),
    v1::Field::required(NS, "ListResult").items(NS, "Receipt"),
));

static BARE: v1::Operation =
    operation(v1::Reply::unwrapped(v1::Field::required(NS, "ListResponse"), v1::Field::many(NS, "Receipt")));

/// Answers every request with the same pieces.
#[derive(Debug)]
struct Pieces {
    status: u16,
    content_type: &'static str,
    pieces: Vec<Bytes>,
}

struct Played(std::vec::IntoIter<Bytes>);

impl Stream for Played {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.0.next().map(Ok))
    }
}

impl Transport for Pieces {
    fn send(&self, _: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        let mut headers = http::HeaderMap::new();
        headers.insert("content-type", http::HeaderValue::from_static(self.content_type));
        let body = Body::stream(Played(self.pieces.clone().into_iter()), None);
        let status = http::StatusCode::from_u16(self.status).unwrap();
        Box::pin(async move { Ok(Response { status, headers, body }) })
    }
}

fn port(transport: Pieces) -> v1::Port {
    let mut limits = Limits::default();
    limits.item_bytes = 4096;
    let connection = Connection::builder("https://localhost").transport(transport).limits(limits).build().unwrap();
    v1::Port::new(&connection, &support::files::TEXT_PORT)
}

async fn item_by_item(port: &v1::Port, operation: &'static v1::Operation) -> Result<Vec<Receipt>, Error> {
    let mut items = port.request(operation, &()).items::<Receipt>().await?;
    let mut all = Vec::new();
    while let Some(item) = items.next().await? {
        all.push(item);
    }
    assert!(items.next().await?.is_none(), "the end stays the end");
    Ok(all)
}

fn text(pieces: Vec<Bytes>) -> Pieces {
    Pieces { status: 200, content_type: "text/xml", pieces }
}

/// Reads it both ways, and checks that they agree.
async fn read(operation: &'static v1::Operation, document: &str) -> Result<Vec<Receipt>, Error> {
    let document = Bytes::from(document.to_owned());
    let port = port(text(document.chunks(11).map(Bytes::copy_from_slice).collect()));
    let (whole, items) =
        (port.request(operation, &()).call::<Vec<Receipt>>().await, item_by_item(&port, operation).await);
    let shown = String::from_utf8_lossy(&document);
    match (&whole, &items) {
        (Ok(whole), Ok(items)) => assert_eq!(whole, items, "{shown}"),
        (Err(whole), Err(items)) => {
            let facts = |error: &Error| (error.kind(), error.delivery(), error.operation(), error.fault().cloned());
            assert_eq!(facts(whole), facts(items), "{shown}: {whole} / {items}");
        }
        _ => panic!("{shown}: {whole:?} / {items:?}"),
    }
    items
}

fn list(items: &str) -> String {
    envelope(&format!(r#"<ListResponse xmlns="{NS}"><ListResult>{items}</ListResult></ListResponse>"#))
}

#[tokio::test]
async fn headers_are_checked_before_items_in_whatever_pieces_they_come() {
    let must = r#"<s:Header><Must xmlns="urn:other" s:mustUnderstand="1"/></s:Header><s:Body>"#;
    let document = list("<Receipt><ReceiptId>no number</ReceiptId></Receipt>").replacen("<s:Body>", must, 1);
    for size in [1, 50, 10_000] {
        let pieces = document.as_bytes().chunks(size).map(Bytes::copy_from_slice).collect();
        let error = item_by_item(&port(text(pieces)), &LIST).await.unwrap_err();
        assert!(error.to_string().contains("must be understood"), "in pieces of {size}: {error}");
    }
}

fn three() -> String {
    let mut items = String::new();
    for id in 1..=3 {
        items.push_str(&format!(
            "\n <Receipt><ReceiptText>a &lt;b&gt; &amp; <![CDATA[</Receipt>]]><!-- </Receipt> --></ReceiptText><ReceiptId>{id}</ReceiptId></Receipt>"
        ));
    }
    format!("\u{FEFF}<?xml version=\"1.0\" encoding='utf-8'?><!-- > -->{}\n", list(&items))
}

#[tokio::test]
async fn both_ways_agree() {
    assert_eq!(read(&LIST, &three()).await.unwrap().len(), 3);
    let nil = r#"xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="true""#;
    let item = "<Receipt><ReceiptId>1</ReceiptId></Receipt>";
    let bare = |inner: &str| envelope(&format!(r#"<ListResponse xmlns="{NS}">{inner}</ListResponse>"#));
    for (document, count) in [
        (list(""), 0),
        (list("<Receipt/>"), 1),
        (list(&format!("<Receipt {nil}/>{item}<Receipt {nil}></Receipt>")), 1),
        (list(&format!("<Other><Receipt/></Other>{item}<Other/>")), 1),
        (list(item).replace("<s:Body>", "<s:Header><a><Receipt/></a></s:Header><s:Body>"), 1),
        (list(item).replace("<s:Body>", "<s:Header/>\n<s:Body>\n"), 1),
        (bare("<ListResult/>"), 0),
        (bare(&format!("<ListResult {nil}/>")), 0),
        (bare(&format!("<ListResult {nil}>{item}text<![CDATA[text]]><Receipt xmlns=\"urn:other\"/></ListResult>")), 0),
        (bare(""), 0),
        (bare("<Other>x</Other>"), 0),
        (
            list(item)
                .replace("<ListResponse", "<p:ListResponse xmlns:p=\"urn:p\"")
                .replace("</ListResponse", "</p:ListResponse"),
            99,
        ),
    ] {
        match read(&LIST, &document).await {
            Ok(items) => assert_eq!(items.len(), count, "{document}"),
            Err(error) => assert_eq!(count, 99, "{document}: {error}"),
        }
    }
    let prefixed = format!(
        r#"<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:p="{NS}"><e:Body><p:ListResponse><p:ListResult><p:Receipt ><p:ReceiptId>7</p:ReceiptId></p:Receipt ></p:ListResult></p:ListResponse ></e:Body></e:Envelope>"#
    );
    assert_eq!(read(&LIST, &prefixed).await.unwrap()[0].receipt_id, Some(7));
    assert_eq!(read(&BARE, &bare(&format!("{item}<x/>{item}"))).await.unwrap().len(), 2);
    assert!(read(&REQUIRED, &bare("")).await.is_err());
    assert_eq!(
        read(&LIST, &list(item).replace("<ListResponse", &format!("<ListResponse {nil}"))).await.unwrap().len(),
        1
    );
    assert!(read(&REQUIRED, &list("")).await.unwrap().is_empty());
}

#[tokio::test]
async fn both_ways_refuse() {
    let item = "<Receipt><ReceiptId>1</ReceiptId></Receipt>";
    let good = list(item);
    for document in [
        String::new(),
        " ".into(),
        "planted".into(),
        "<a/>".into(),
        format!("<!DOCTYPE a>{good}"),
        format!("{good}<a/>"),
        format!("{good}text"),
        good.replace("<s:Body>", "<s:Body>text"),
        good.replace("<s:Body>", "<s:Body/><s:Body>"),
        good.replace("</s:Body>", "</s:Body><s:Header/>"),
        good.replace("<s:Body>", "<s:Other/><s:Body>"),
        good.replace("<ListResponse", "<Other/><ListResponse"),
        good.replace("</ListResponse>", "</ListResponse><Other/>"),
        good.replace("<ListResult>", "<ListResult>text"),
        good.replace("<ListResult>", "<ListResult><![CDATA[x]]>"),
        good.replace("</ListResult>", "</ListResult><ListResult/>"),
        good.replace("<ListResult>", "<ListResult xmlns=\"urn:x\"/><ListResult>"),
        good.replace("</ListResult>", "</ListResul>"),
        good.replace("</s:Body>", "</s:Bodi>"),
        good.replace("<Receipt>", "<Receipt xmlns=\"urn:x\">"),
        good.replace("<Receipt>", "<p:Receipt>"),
        good.replace("<ReceiptId>1", "<ReceiptId>x"),
        good.replace("<ReceiptId>1", "<ReceiptId>1</ReceiptId><ReceiptId>2"),
        good.replace("</Receipt>", "</Other></Receipt>"),
        good.replace("soap/envelope", "soap/other"),
        fault("Server", "reason"),
        fault("Server", "reason").replace("<s:Body>", "<s:Header/><s:Body>"),
        fault("Server", "reason").replace("</s:Body>", "text</s:Body>"),
        fault("Server", "reason").replace("</faultcode>", "</faultcode><faultcode>s:Client</faultcode>"),
        fault("Server", "reason").replace("reason", "<b>rea</b>son"),
        fault("Server", "reason").replace("faultstring", "s:faultstring"),
        fault("Server", "reason").replace("soap/envelope", "soap/other"),
        fault("Server", "reason").replace("</s:Body>", "<a/></s:Body>"),
        fault("Server", "reason").replace("</s:Envelope>", "<a/></s:Envelope>"),
        fault("Server", "reason").replace("</s:Envelope>", "</s:Envelope><a/>"),
        fault("Server", "reason").replace("</s:Fault>", "</s:Fault><s:Fault/>"),
        fault("Server", "reason").replace("</s:Fault>", &format!("</s:Fault><ListResponse xmlns=\"{NS}\"/>")),
        fault("Server", "reason").replace("<s:Fault>", &format!("<ListResponse xmlns=\"{NS}\"/><s:Fault>")),
        good.replace("</s:Body>", "<s:Fault><faultcode>s:Server</faultcode></s:Fault></s:Body>"),
    ] {
        assert!(read(&LIST, &document).await.is_err(), "{document}");
    }
}

#[tokio::test]
async fn however_it_is_cut() {
    let document = Bytes::from(three());
    let expected = read(&LIST, &three()).await.unwrap();
    for at in 0..=document.len() {
        let port = port(text(vec![document.slice(..at), document.slice(at..)]));
        assert_eq!(item_by_item(&port, &LIST).await.unwrap(), expected, "{at}");
    }
    let bytes = port(text(document.chunks(1).map(Bytes::copy_from_slice).collect()));
    assert_eq!(item_by_item(&bytes, &LIST).await.unwrap(), expected);
    for to in 0..document.len() - 1 {
        let port = port(text(vec![document.slice(..to)]));
        let error = item_by_item(&port, &LIST).await.unwrap_err();
        assert_eq!(error.delivery(), Delivery::Answered, "{to}");
    }
}

#[tokio::test]
async fn in_a_package_and_with_an_error_status() {
    let body = package(&[("0", three().as_bytes()), ("1", b"unreferenced")]);
    for to in [body.len(), body.len() - 10, 300, 100] {
        let pieces = vec![Bytes::copy_from_slice(&body[..to])];
        let port = port(Pieces { status: 200, content_type: PACKAGE, pieces });
        assert_eq!(item_by_item(&port, &LIST).await.is_ok(), to == body.len(), "{to}");
    }
    // What an item includes comes behind the list.
    let include = support::files::include("1");
    let including = list(&format!("<Receipt><ReceiptText>{include}</ReceiptText></Receipt>"));
    let body = package(&[("0", including.as_bytes()), ("1", b"text")]).into();
    let behind = self::port(Pieces { status: 200, content_type: PACKAGE, pieces: vec![body] });
    let error = item_by_item(&behind, &LIST).await.unwrap_err();
    assert!(error.to_string().contains("read this list as a whole"), "{error}");
    for (status, document, kind) in [
        (500, fault("Server", "no"), ErrorKind::Fault),
        (500, three(), ErrorKind::Http),
        (503, "<html/>".to_owned(), ErrorKind::Busy),
        (500, String::new(), ErrorKind::Http),
    ] {
        let port = port(Pieces { status, content_type: "text/xml", pieces: vec![document.into()] });
        let error = item_by_item(&port, &LIST).await.unwrap_err();
        assert_eq!((error.kind(), error.http_status()), (kind, Some(status)), "{error}");
    }
}

#[tokio::test]
async fn in_other_encodings() {
    let documents = three().replace("a &lt;", "æ &lt;").trim_start_matches('\u{FEFF}').to_owned();
    let expected = read(&LIST, &documents).await.unwrap();
    let utf16: Vec<u8> = documents.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let latin1: Vec<u8> = documents.chars().map(|c| u8::try_from(c).unwrap()).collect();
    let head = "multipart/related; type=\"application/xop+xml\"; boundary=b";
    let packed =
        [b"--b\r\nContent-Type: application/xop+xml; charset=latin1\r\n\r\n", &latin1[..], b"\r\n--b--"].concat();
    for (content_type, document) in [
        ("text/xml; charset=utf-8", documents.replace("utf-8", "utf-16").into_bytes()),
        ("text/xml; charset=utf-16", utf16.clone()),
        ("text/xml", utf16),
        ("text/xml; charset=ISO-8859-1", latin1),
        (head, packed),
    ] {
        for size in [1, 1000] {
            let pieces = document.chunks(size).map(Bytes::copy_from_slice).collect();
            let port = port(Pieces { status: 200, content_type, pieces });
            assert_eq!(item_by_item(&port, &LIST).await.unwrap(), expected, "{content_type}");
        }
    }
    let port = port(Pieces { status: 200, content_type: "text/xml; charset=utf-7", pieces: vec![documents.into()] });
    let error = item_by_item(&port, &LIST).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Malformed, Delivery::Answered), "{error}");
    assert!(error.to_string().contains("encoding that is not known"), "{error}");
}

/// Each is named as what it is.
#[tokio::test]
async fn a_broken_package_is_no_empty_body() {
    let head = "multipart/related; type=\"application/xop+xml\"; boundary=b";
    for (body, says) in [
        ("", "an empty body"),
        ("--c", "without any part"),
        ("--b\r\n\r\n", "before its closing boundary"),
        ("--b\r\n\r\n\r\n--b--", "root part is empty"),
        ("--b\r\nContent-Type: image/png\r\n\r\nx\r\n--b--", "no XML"),
    ] {
        let port = port(Pieces { status: 200, content_type: head, pieces: vec![body.into()] });
        let error = item_by_item(&port, &LIST).await.unwrap_err();
        assert_eq!(error.delivery(), Delivery::Answered, "{error}");
        assert!(error.to_string().contains(says), "{body:?}: {error}");
        let error = port.request(&LIST, &()).call::<Vec<Receipt>>().await.unwrap_err();
        assert!(error.to_string().contains(says), "{body:?}: {error}");
    }
}

#[tokio::test]
async fn an_item_has_its_limit() {
    let large = list(&format!("<Receipt><ReceiptText>{}</ReceiptText></Receipt>", "x".repeat(3 << 20)));
    let large = Bytes::from(large);
    let port = port(text(large.chunks(1000).map(Bytes::copy_from_slice).collect()));
    let error = item_by_item(&port, &LIST).await.unwrap_err();
    assert!(error.to_string().contains("Limits::item_bytes"), "{error}");
    let no_list = port.request(&support::files::UPLOAD, &Receipt::default()).items::<Receipt>().await.unwrap_err();
    // There was an answer, though nothing of it can be read.
    assert_eq!((no_list.kind(), no_list.delivery()), (ErrorKind::Configuration, Delivery::Answered));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_is_flat() {
    const ITEMS: u64 = 40_000;
    const TEXT: usize = 2000;
    let written = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&written);
    let peer = Peer::start(move |mut request| {
        let counter = Arc::clone(&counter);
        async move {
            request.read(1).await;
            request.write("HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n").await;
            let chunk = |text: &str| format!("{:x}\r\n{text}\r\n", text.len());
            let whole = list("|");
            let (start, end) = whole.split_once('|').unwrap();
            let item = format!("<Receipt><ReceiptText>{}</ReceiptText></Receipt>", "x".repeat(TEXT));
            let items = chunk(&item.repeat(100));
            request.write(chunk(start)).await;
            for _ in 0..ITEMS / 100 {
                request.write(&items).await;
                counter.fetch_add(100, Ordering::SeqCst);
            }
            request.write(chunk(end) + &chunk("")).await;
            request.read(usize::MAX).await;
        }
    });
    let connection = Connection::builder(peer.url()).allow_http_to_loopback(true).build().unwrap();
    let port = v1::Port::new(&connection, &support::files::TEXT_PORT);
    let mut items = port.request(&LIST, &()).items::<Receipt>().await.unwrap();
    let (mut read, mut most) = (0, 0);
    while let Some(item) = items.next().await.unwrap() {
        assert_eq!(item.receipt_text.unwrap().len(), TEXT);
        if read == 0 {
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        read += 1;
        most = most.max(written.load(Ordering::SeqCst).saturating_sub(read));
    }
    assert_eq!(read, ITEMS);
    assert!(most * (TEXT as u64) < 16 << 20, "{most} items were held at once");
}

/// Damage of every kind: never a panic, never other items, and refused in one way only if refused in the other.
#[test]
fn damaged() {
    use proptest::prelude::*;
    const PIECES: [&str; 14] =
        ["", "<", ">", "/", "\"", "<a>", "</a>", "<!--", "-->", "<![CDATA[", "]]>", " ", "&", "<Receipt>"];
    let (read, refused) = (AtomicU64::new(0), AtomicU64::new(0));
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    let edits = prop::collection::vec((any::<prop::sample::Index>(), 0..PIECES.len()), 1..4);
    let result = proptest::test_runner::TestRunner::new(config).run(&edits, |edits| {
        let mut document = three().into_bytes();
        for (at, piece) in edits {
            let at = at.index(document.len());
            document.splice(at..at + 1, PIECES[piece].bytes());
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let pieces = document.chunks(5).map(Bytes::copy_from_slice).collect();
        let port = port(text(pieces));
        let (whole, items) = runtime.block_on(async {
            (port.request(&LIST, &()).call::<Vec<Receipt>>().await, item_by_item(&port, &LIST).await)
        });
        let shown = String::from_utf8_lossy(&document);
        match (whole, items) {
            (Ok(whole), Ok(items)) => {
                read.fetch_add(1, Ordering::Relaxed);
                prop_assert_eq!(whole, items, "{}", shown);
            }
            (Err(_), Err(_)) => {
                refused.fetch_add(1, Ordering::Relaxed);
            }
            (whole, items) => prop_assert!(false, "{shown}: {whole:?} / {items:?}"),
        }
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
    let (read, refused) = (read.into_inner(), refused.into_inner());
    println!("{read} damaged lists read, {refused} refused");
    assert!(read > 0 && refused > 0, "{read} read, {refused} refused");
}
