//! Uploads and downloads beside bare reqwest and gSOAP moving the same number of bytes, over loopback.
//!
//! The peer is a thread that reads or writes a socket as fast as it can. All clients run on one other thread, whose
//! time on the processor is what is printed as CPU.

use std::io::{self, Write};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use altinn_soap_generated::broker_streamed::basic;
use bytes::Bytes;
use futures_core::Stream;
use http_body::{Frame, SizeHint};
use soap_runtime::generated::v1;
use soap_runtime::{Credentials, Upload};

use crate::gsoap;
use crate::measure::{peak, timed};
use crate::ratio::median;
use crate::server::{Peer, write};

const PIECE: usize = 64 << 10;
const BROKER: &str = "http://www.altinn.no/services/ServiceEngine/Broker/2015/06";
const ROUNDS: usize = 5;

pub(crate) fn run() {
    let bytes = std::env::args().nth(2).and_then(|mebibytes| mebibytes.parse::<u64>().ok()).unwrap_or(1024) << 20;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    println!("{} MiB, {ROUNDS} rounds; idle: {} KiB resident at most", bytes >> 20, peak());
    for tls in [false, true] {
        runtime.block_on(compare(bytes, tls));
    }
}

async fn compare(bytes: u64, tls: bool) {
    let peer = Peer::start(tls, Arc::new(move |head, stream| answer(head, stream, bytes)));
    let (url, bare) = (&peer.url, peer.bare_client());
    let port = v1::Port::new(&peer.connection(), &basic::PORT).credentials(Credentials::new("user", "password"));
    println!("{}", if tls { "TLS" } else { "plain" });
    let root = peer.identity.as_ref().map(|identity| identity.root_pem.as_bytes());
    let (gsoap, mut gsoap_peak) = (gsoap::client(bytes), 0);
    let mut gsoap = |direction| match &gsoap {
        Some(client) => {
            let (seconds, cpu, peak) = gsoap::call(client, url, direction, bytes, root);
            gsoap_peak = gsoap_peak.max(peak);
            (seconds, cpu)
        }
        None => (f64::NAN, f64::NAN),
    };
    let mut figures = [const { Vec::new() }; 6];
    for round in 0..=ROUNDS {
        let timed = [
            timed(bare_upload(&bare, url, bytes)).await,
            timed(upload(&port, bytes)).await,
            gsoap("up"),
            timed(bare_download(&bare, url, bytes)).await,
            timed(download(&port, bytes)).await,
            gsoap("down"),
        ];
        if round > 0 {
            figures.iter_mut().zip(timed).for_each(|(figures, timed)| figures.push(timed));
        }
    }
    let names =
        ["reqwest, upload", "MTOM upload", "gSOAP, upload", "reqwest, download", "MTOM download", "gSOAP, download"];
    let medians = figures.map(|figures| {
        let mut seconds: Vec<f64> = figures.iter().map(|figure| figure.0).collect();
        let mut cpu: Vec<f64> = figures.iter().map(|figure| figure.1).collect();
        (median(&mut seconds), median(&mut cpu))
    });
    let gsoap_peak = if gsoap_peak > 0 { format!("; gSOAP's client: {gsoap_peak} KiB") } else { String::new() };
    for (at, (name, (seconds, cpu))) in names.iter().zip(medians).enumerate() {
        if seconds.is_nan() {
            continue; // left out
        }
        let of = medians[at / 3 * 3].0 / seconds;
        let (rate, cost) = (bytes as f64 / seconds / 1e6, cpu * 1e9 / bytes as f64);
        println!("  {name:20} {rate:>6.0} MB/s   CPU {cost:.3} ns/byte   ratio {of:.2}");
    }
    println!("  resident at most: {} KiB, server included{gsoap_peak}", peak());
}

/// The same piece, again and again.
struct Pieces {
    piece: Bytes,
    left: u64,
}

fn pieces(bytes: u64) -> Pieces {
    Pieces { piece: Bytes::from(vec![0xA5; PIECE]), left: bytes }
}

impl Stream for Pieces {
    type Item = Result<Bytes, std::io::Error>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let more = self.left > 0;
        self.left = self.left.saturating_sub(PIECE as u64);
        Poll::Ready(more.then(|| Ok(self.piece.clone())))
    }
}

impl http_body::Body for Pieces {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        self.poll_next(cx).map(|next| next.map(|piece| piece.map(Frame::data)))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

async fn bare_upload(client: &reqwest::Client, url: &str, bytes: u64) {
    let request = client.post(format!("{url}/up")).body(reqwest::Body::wrap(pieces(bytes)));
    let answer = request.send().await.expect("an answer");
    answer.bytes().await.expect("all of it");
}

async fn bare_download(client: &reqwest::Client, url: &str, bytes: u64) {
    let mut answer = client.post(format!("{url}/down")).send().await.expect("an answer");
    let mut read = 0;
    while let Some(piece) = answer.chunk().await.expect("all of it") {
        read += piece.len() as u64;
    }
    assert_eq!(read, bytes);
}

fn operation(name: &str) -> &'static v1::Operation {
    basic::PORT.operations.iter().find(|operation| operation.name == name).expect("an operation")
}

async fn upload(port: &v1::Port, bytes: u64) {
    let request =
        basic::UploadFileStreamedBasic { file_name: "a.zip".into(), reference: "r".into(), reportee: "1".into() };
    let content = Upload::from_stream(pieces(bytes)).length(bytes).limit(u64::MAX);
    let reply: basic::ReceiptExternalStreamedBE =
        port.request(operation("UploadFileStreamedBasic"), &request).upload(content).call().await.expect("a receipt");
    assert_eq!(reply.receipt_id, Some(1));
}

async fn download(port: &v1::Port, bytes: u64) {
    let request = basic::DownloadFileStreamedBasic { file_reference: "r".into(), reportee: "1".into() };
    let mut download =
        port.request(operation("DownloadFileStreamedBasic"), &request).download().await.expect("a download");
    while download.chunk().await.expect("all of it").is_some() {}
    assert_eq!(download.received(), bytes);
}

/// `/up` and uploads are answered with a receipt, `/down` with bytes, downloads with a package.
fn answer(head: &str, stream: &mut dyn Write, bytes: u64) -> io::Result<()> {
    let envelope = |body: &str| {
        format!(
            r#"<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>{body}</s:Body></s:Envelope>"#
        )
    };
    if head.contains("/down ") {
        return write(stream, "application/octet-stream", "", bytes, "");
    }
    if head.contains("DownloadFile") {
        let root = envelope(&format!(
            r#"<DownloadFileStreamedBasicResponse xmlns="{BROKER}"><DownloadFileStreamedBasicResult><xop:Include href="cid:1" xmlns:xop="http://www.w3.org/2004/08/xop/include"/></DownloadFileStreamedBasicResult></DownloadFileStreamedBasicResponse>"#
        ));
        let before = format!(
            "\r\n--uuid:1+id=1\r\nContent-ID: <0>\r\nContent-Type: application/xop+xml;charset=utf-8;type=\"text/xml\"\r\n\r\n{root}\r\n--uuid:1+id=1\r\nContent-ID: <1>\r\nContent-Transfer-Encoding: binary\r\n\r\n"
        );
        let media_type = r#"multipart/related; type="application/xop+xml"; start="<0>"; boundary="uuid:1+id=1"; start-info="text/xml""#;
        return write(stream, media_type, &before, bytes, "\r\n--uuid:1+id=1--\r\n");
    }
    let receipt = envelope(&format!(
        r#"<ReceiptExternalStreamedBE xmlns="{BROKER}"><ReceiptId>1</ReceiptId></ReceiptExternalStreamedBE>"#
    ));
    write(stream, "text/xml", &receipt, 0, "")
}
