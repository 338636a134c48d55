//! Uploads and downloads with another stack: `cargo xtask interop` starts it and runs these tests.
//!
//! Tests with `huge` in their names take minutes, and run with `cargo xtask interop --large` only.
//!
//! The peer answers an upload with its length and SHA-256, and a download with the bytes of [`Pattern`].

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Instant;

use altinn_soap::{
    Download, Error, ErrorKind, Upload, broker_streamed, intermediary_inbound_streamed as inbound,
    reportee_archive_streamed as archive,
};
use ring::digest;
use tokio::io::{AsyncRead, ReadBuf};

use crate::interop::{Peer, certificate, credentials, module, peers, person, serving};

const SMALL: [u64; 4] = [0, 1, 767, 768];
const LARGE: u64 = 64 << 20;
/// With `cargo xtask interop --large`.
const HUGE: u64 = 5 << 29;

/// Each byte is the exclusive or of the four low bytes of its position.
struct Pattern {
    position: u64,
    length: u64,
}

impl Pattern {
    fn new(length: u64) -> Self {
        Self { position: 0, length }
    }

    fn fill(&mut self, into: &mut [u8]) -> usize {
        let left = usize::try_from(self.length - self.position).unwrap_or(usize::MAX);
        let n = left.min(into.len());
        for byte in &mut into[..n] {
            let [a, b, c, d, ..] = self.position.to_le_bytes();
            *byte = a ^ b ^ c ^ d;
            self.position += 1;
        }
        n
    }

    fn digest(mut self) -> String {
        let mut digest = digest::Context::new(&digest::SHA256);
        let mut piece = vec![0; 1 << 16];
        loop {
            match self.fill(&mut piece) {
                0 => return hex(digest),
                n => digest.update(&piece[..n]),
            }
        }
    }
}

impl AsyncRead for Pattern {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let n = self.fill(into.initialize_unfilled());
        into.advance(n);
        Poll::Ready(Ok(()))
    }
}

fn hex(digest: digest::Context) -> String {
    digest.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A request with fields of the same names in every variant.
macro_rules! request {
    (broker $request:ident) => {
        $request { file_name: "a.zip".into(), reference: "r".into(), reportee: "910000000".into() }
    };
    (broker $request:ident, $reference:expr) => {
        $request { file_reference: $reference, reportee: "910000000".into() }
    };
    (inbound $request:ident) => {
        $request {
            attachment_type_name: None,
            check_sum: None,
            end_user_systemreference: "1".into(),
            file_name: "a.xml".into(),
            name: "A".into(),
            reportee_element_id: 1,
        }
    };
}

/// What the receipt says of an upload, or `None` if the peer takes none.
async fn upload(peer: &Peer, stream: Upload) -> Option<Result<Option<String>, Error>> {
    let (key, user) = (certificate(), credentials());
    Some(match module(&peer.port).as_str() {
        "broker_streamed.basic" => {
            use broker_streamed::basic::{Client, PORT, UploadFileStreamedBasic};
            let client = Client::new(&peer.connection(&PORT), user);
            let request = request!(broker UploadFileStreamedBasic);
            client.upload_file_streamed_basic(request, stream).await.map(|receipt| receipt.receipt_text)
        }
        "broker_streamed.ws" => {
            use broker_streamed::ws::{Client, PORT, UploadFileStreamed};
            let client = Client::new(&peer.connection(&PORT), user);
            let request = request!(broker UploadFileStreamed);
            client.upload_file_streamed(request, stream).await.map(|receipt| receipt.receipt_text)
        }
        "broker_streamed.ec2" => {
            use broker_streamed::ec2::{Client, PORT, UploadFileStreamedEC};
            let client = Client::new(&peer.connection(&PORT), key, user);
            let request = request!(broker UploadFileStreamedEC);
            client.upload_file_streamed_ec(request, stream).await.map(|receipt| receipt.receipt_text)
        }
        "intermediary_inbound_streamed.basic" => {
            use inbound::basic::{Client, PORT, SubmitAttachmentStreamedBasic};
            let client = Client::new(&peer.connection(&PORT), user);
            let request = request!(inbound SubmitAttachmentStreamedBasic);
            let receipt = client.submit_attachment_streamed_basic(request, &person(), stream).await;
            receipt.map(|receipt| receipt.receipt_text)
        }
        "intermediary_inbound_streamed.ws" => {
            use inbound::ws::{Client, PORT, SubmitAttachmentStreamed};
            let client = Client::new(&peer.connection(&PORT), user);
            let request = request!(inbound SubmitAttachmentStreamed);
            let receipt = client.submit_attachment_streamed(request, &person(), stream).await;
            receipt.map(|receipt| receipt.receipt_text)
        }
        "intermediary_inbound_streamed.ec2" => {
            use inbound::ec2::{Client, PORT, SubmitAttachmentStreamedEC};
            let client = Client::new(&peer.connection(&PORT), key, user);
            let request = request!(inbound SubmitAttachmentStreamedEC);
            client.submit_attachment_streamed_ec(request, stream).await.map(|receipt| receipt.receipt_text)
        }
        _ => return None,
    })
}

/// A download of so many bytes, or `None` if the peer gives none.
async fn download(peer: &Peer, length: u64) -> Option<Result<Download, Error>> {
    let (key, user) = (certificate(), credentials());
    let (reference, id) = (format!("bytes:{length}"), i32::try_from(length));
    Some(match module(&peer.port).as_str() {
        "broker_streamed.basic" => {
            use broker_streamed::basic::{Client, DownloadFileStreamedBasic, PORT};
            let request = request!(broker DownloadFileStreamedBasic, reference);
            Client::new(&peer.connection(&PORT), user).download_file_streamed_basic(request).await
        }
        "broker_streamed.ws" => {
            use broker_streamed::ws::{Client, DownloadFileStreamed, PORT};
            let request = request!(broker DownloadFileStreamed, reference);
            Client::new(&peer.connection(&PORT), user).download_file_streamed(request).await
        }
        "broker_streamed.ec2" => {
            use broker_streamed::ec2::{Client, DownloadFileStreamedEC, PORT};
            let request = request!(broker DownloadFileStreamedEC, reference);
            Client::new(&peer.connection(&PORT), key, user).download_file_streamed_ec(request).await
        }
        "reportee_archive_streamed.basic" => {
            use archive::basic::{Client, PORT};
            let client = Client::new(&peer.connection(&PORT), user);
            client.get_attachment_data_streamed_basic(id.ok()?, &person()).await
        }
        "reportee_archive_streamed.ws" => {
            use archive::ws::{Client, PORT};
            let client = Client::new(&peer.connection(&PORT), user);
            client.get_attachment_data_external_streamed(id.ok()?, &person()).await
        }
        "reportee_archive_streamed.ec2" => {
            use archive::ec2::{Client, PORT};
            Client::new(&peer.connection(&PORT), key, user).get_attachment_data_ec_streamed(id.ok()?).await
        }
        _ => return None,
    })
}

/// Both directions, as far as the peer has them. Says how many there were.
async fn exchange(peer: &Peer, length: u64) -> usize {
    let expected = Pattern::new(length).digest();
    let mut exchanges = 0;
    let start = Instant::now();
    let stream = Upload::from_reader(Pattern::new(length)).length(length).limit(u64::MAX);
    if let Some(receipt) = upload(peer, stream).await {
        assert_eq!(receipt.unwrap().unwrap(), format!("{length} {expected}"), "{}", peer.port);
        report("up", peer, length, start);
        exchanges += 1;
    }
    let start = Instant::now();
    if let Some(file) = download(peer, length).await {
        let mut file = file.unwrap();
        let mut digest = digest::Context::new(&digest::SHA256);
        while let Some(piece) = file.chunk().await.unwrap() {
            digest.update(&piece);
        }
        assert_eq!((file.received(), hex(digest)), (length, expected), "{}", peer.port);
        report("down", peer, length, start);
        exchanges += 1;
    }
    exchanges
}

fn report(direction: &str, peer: &Peer, length: u64, start: Instant) {
    if length >= LARGE {
        let seconds = start.elapsed().as_secs_f64();
        println!("{} {direction}: {} MiB in {seconds:.1} s", peer.port, length >> 20);
    }
}

#[tokio::test]
#[ignore = "cargo xtask interop"]
async fn interop_streams_arrive_whole_both_ways() {
    let mut exchanges = 0;
    for peer in peers() {
        for length in SMALL {
            exchanges += exchange(&peer, length).await;
        }
        if !peer.published {
            exchanges += exchange(&peer, LARGE).await;
        }
    }
    println!("{exchanges} streams arrived");
    assert!(exchanges > 0);
}

#[tokio::test]
#[ignore = "cargo xtask interop --large"]
async fn interop_huge_streams_arrive_whole_both_ways() {
    let peers: Vec<_> = peers().into_iter().filter(|peer| !peer.published).collect();
    // Root certificates and sessions cost the same whatever is streamed.
    for peer in &peers {
        assert!(exchange(peer, 1).await > 0, "{} streams nothing", peer.port);
    }
    assert!(!peers.is_empty());
    let before = peak();
    for peer in &peers {
        exchange(peer, HUGE).await;
        println!("resident at most: {} KiB, {before} KiB of them before anything large", peak());
        assert!(peak() - before < 16 << 10, "memory grows with the stream");
    }
}

/// Most memory of this process so far, in KiB; zero where Linux does not say.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or_default()
}

#[tokio::test]
#[ignore = "cargo xtask interop"]
async fn interop_a_fault_after_a_stream_is_read() {
    for peer in &serving(&broker_streamed::ec2::PORT) {
        use broker_streamed::ec2::{Client, PORT, UploadFileStreamedEC};
        let request = UploadFileStreamedEC { reportee: "FAULT".into(), ..request!(broker UploadFileStreamedEC) };
        let client = Client::new(&peer.connection(&PORT), certificate(), credentials());
        let stream = Upload::from_reader(Pattern::new(LARGE)).length(LARGE);
        let error = client.upload_file_streamed_ec(request, stream).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Fault);
        let fault: broker_streamed::types::AltinnFault = error.fault().unwrap().detail().unwrap();
        assert_eq!(fault.altinn_extended_error_message.as_deref(), Some("Reportee"));
    }
}

#[tokio::test]
#[ignore = "cargo xtask interop"]
async fn interop_bytes_are_sent_again_when_the_token_has_ended() {
    for peer in &serving(&broker_streamed::ec2::PORT) {
        use broker_streamed::ec2::{Client, PORT, UploadFileStreamedEC};
        let client = Client::new(&peer.connection(&PORT), certificate(), credentials());
        // Few enough to have arrived before the refusal: a server that closes on unread bytes can cost the client the answer.
        let mut bytes = vec![0; 4096];
        Pattern::new(4096).fill(&mut bytes);
        let expected = format!("4096 {}", Pattern::new(4096).digest());
        // The peer forgets the token after the first, and refuses the second as long as it comes with that token.
        for reportee in ["FORGET", "910000000"] {
            let request = UploadFileStreamedEC { reportee: reportee.into(), ..request!(broker UploadFileStreamedEC) };
            let receipt = client.upload_file_streamed_ec(request, bytes.clone()).await.unwrap();
            assert_eq!(receipt.receipt_text.as_ref(), Some(&expected));
        }
    }
}
