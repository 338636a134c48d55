//! Parts of replies that are kept on disk instead of in memory.
use std::path::Path;

use crate::support::contract::envelope;
use crate::support::files::{
    Echo, Files, NS, PACKAGE, download_reply, download_request, include, package, receipt, upload_request,
};
use base64::Engine as _;
use soap_runtime::testing::ScriptedTransport;
use soap_runtime::{Binary, Connection, ConnectionBuilder, Delivery, Download, ErrorKind, Limits, Upload};

/// More than what is written to disk at once.
const LARGE: usize = (2 << 20) + 7;

fn content(len: usize) -> Vec<u8> {
    (0..len).map(|at| (at ^ (at >> 8)) as u8).collect()
}

fn answering(body: Vec<u8>) -> ScriptedTransport {
    ScriptedTransport::new().respond(200, PACKAGE, body)
}

/// A part of more than 1000 bytes goes to disk.
fn spilling(network: &ScriptedTransport, folder: &Path) -> ConnectionBuilder {
    Connection::builder("https://localhost").transport(network.clone()).spill_parts(1000, folder)
}

fn files(network: &ScriptedTransport, folder: &Path) -> Files {
    Files::new(&spilling(network, folder).build().unwrap())
}

fn echo_reply(padding: &str) -> Vec<u8> {
    envelope(&format!(
        "<Echo xmlns=\"{NS}\"><One>{}</One><Many>{}</Many><Many>{}</Many><!--{padding}--></Echo>",
        include("1"),
        include("2"),
        include("3")
    ))
    .into_bytes()
}

fn echo(one: &[u8], two: &[u8], three: &[u8]) -> Vec<u8> {
    package(&[("0", &echo_reply("")), ("1", one), ("2", two), ("3", three)])
}

fn is_empty(folder: &Path) -> bool {
    std::fs::read_dir(folder).unwrap().next().is_none()
}

#[tokio::test]
async fn large_parts_are_on_disk_and_read_as_if_they_were_not() {
    let folder = tempfile::tempdir().unwrap();
    let large = content(LARGE);
    let network = answering(echo(&content(1000), &content(1001), &large));
    let reply = files(&network, folder.path()).echo(Echo::default()).await.unwrap();
    assert!(is_empty(folder.path()), "the files have no names");
    assert_eq!(
        format!("{:?} {:?}", reply.one, reply.many),
        format!("Some([1000 bytes]) [[1001 bytes on disk], [{LARGE} bytes on disk]]")
    );
    assert_eq!(reply.many[1].len(), LARGE as u64);
    assert_eq!(reply.many[1].bytes().unwrap(), large);
    // Equal by what they hold, wherever that is.
    assert_eq!(reply.many, [Binary::from(content(1001)), large.clone().into()]);
    assert_eq!(reply.many[1], reply.many[1].clone());
    assert_ne!(reply.many[0], Binary::from(content(1000)));
    let mut other = content(1001);
    other[1000] ^= 1;
    assert_ne!(reply.many[0], other.into());
}

#[tokio::test]
async fn what_is_on_disk_is_a_stream_and_can_be_sent_on() {
    let folder = tempfile::tempdir().unwrap();
    let large = content(LARGE);
    let network = answering(echo(b"", b"", &large));
    let reply = files(&network, folder.path()).echo(Echo::default()).await.unwrap();
    let received = &reply.many[1];

    let mut download = Download::from(received.clone());
    assert_eq!(download.expected_len(), Some(LARGE as u64));
    assert!(download.chunk().await.unwrap().unwrap().len() < LARGE);
    let saved = folder.path().join("saved");
    assert_eq!(Download::from(received.clone()).save_to(&saved).await.unwrap(), LARGE as u64);
    assert_eq!(std::fs::read(saved).unwrap(), large);

    // Twice, as the source can be read again: by a stream, and by a member.
    let network = ScriptedTransport::new().respond(200, "text/xml", receipt(1)).respond(200, "text/xml", receipt(2));
    let upload = Upload::from(received.clone());
    assert!(upload.can_restart());
    for _ in 0..2 {
        files(&network, folder.path()).upload(upload_request(), upload.clone()).await.unwrap();
    }
    for request in network.requests() {
        assert!(memchr::memmem::find(&request.body, &large).is_some());
    }
    let network = ScriptedTransport::new().respond(200, "text/xml", envelope(&format!("<Echo xmlns=\"{NS}\"/>")));
    let sent = Echo { one: Some(received.clone()), ..Echo::default() };
    files(&network, folder.path()).echo(sent).await.unwrap();
    assert!(memchr::memmem::find(&network.requests()[0].body, &large).is_some());
}

#[test]
fn a_stream_can_be_made_outside_of_a_runtime() {
    let download = Download::from(Binary::from("abc"));
    assert_eq!(download.expected_len(), Some(3));
}

#[tokio::test]
async fn memory_and_disk_have_limits_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let mut limits = Limits::default();
    limits.reply_bytes = 4096;
    limits.mtom.spilled_bytes = 10_000;
    let ask = async |one: usize, two: usize, three: usize| {
        let network = answering(echo(&content(one), &content(two), &content(three)));
        let connection = spilling(&network, folder.path()).limits(limits).build().unwrap();
        Files::new(&connection).echo(Echo::default()).await
    };
    // What goes to disk does not count as memory, not even what was held until then.
    ask(900, 5000, 5000).await.unwrap();
    let error = ask(900, 5000, 5001).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Malformed, Delivery::Answered));
    assert!(error.to_string().contains("MtomLimits::spilled_bytes"), "{error}");
    limits.reply_bytes = 1000;
    let network = answering(package(&[("0", &echo_reply(&"x".repeat(1000))), ("1", b""), ("2", b""), ("3", b"")]));
    let connection = spilling(&network, folder.path()).limits(limits).build().unwrap();
    let error = Files::new(&connection).echo(Echo::default()).await.unwrap_err();
    assert!(error.to_string().contains("Limits::reply_bytes"), "the envelope stays in memory: {error}");
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let network = answering(echo(&content(1), &content(1001), b""));
    let error = files(&network, &folder.path().join("gone")).echo(Echo::default()).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Configuration, Delivery::Answered));
    assert!(error.to_string().contains("ConnectionBuilder::spill_parts"), "{error}");
}

#[tokio::test]
async fn a_package_that_is_cut_off_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut cut = echo(b"", b"", &content(LARGE));
    cut.truncate(cut.len() - 20);
    let error = files(&answering(cut), folder.path()).echo(Echo::default()).await.unwrap_err();
    assert!(error.fault().is_none());
    assert!(is_empty(folder.path()));
}

#[tokio::test]
async fn a_stream_ahead_of_its_envelope_waits_on_disk() {
    let folder = tempfile::tempdir().unwrap();
    let large = content(LARGE);
    let network = answering(package(&[("1", &large), ("0", download_reply("1").as_bytes())]));
    let mut limits = Limits::default();
    limits.reply_bytes = 4096;
    let connection = spilling(&network, folder.path()).limits(limits).build().unwrap();
    let download = Files::new(&connection).download(download_request()).await.unwrap();
    assert_eq!(download.expected_len(), Some(LARGE as u64));
    assert_eq!(download.collect(LARGE).await.unwrap(), large);
}

/// Base64 in an envelope may be the value of anything.
#[tokio::test]
async fn large_base64_in_an_envelope_is_on_disk_only_where_it_is_binary() {
    let folder = tempfile::tempdir().unwrap();
    let large = content(LARGE);
    let base64 = base64::engine::general_purpose::STANDARD.encode(&large);
    let lines: Vec<&str> = base64.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap()).collect();
    let lines = lines.join("&#13;\n");
    let any = format!("<x:any xmlns:x=\"urn:any\">{lines}</x:any>");
    let reply = envelope(&format!("<Echo xmlns=\"{NS}\"><One>{base64}</One><Text>{lines}</Text>{any}</Echo>"));
    for network in [
        ScriptedTransport::new().respond(200, "text/xml", reply.clone()),
        answering(package(&[("0", reply.as_bytes())])),
    ] {
        let reply = files(&network, folder.path()).echo(Echo::default()).await.unwrap();
        assert!(is_empty(folder.path()), "the files have no names");
        let one = reply.one.unwrap();
        assert_eq!(format!("{one:?}"), format!("[{LARGE} bytes on disk]"));
        assert_eq!(one.bytes().unwrap(), large);
        assert!(reply.text.unwrap() == lines.replace("&#13;", "\r"));
        let any = reply.any.unwrap();
        assert!(any.as_xml().ends_with(&format!(">{lines}</x:any>")));
    }
}

#[tokio::test]
async fn a_stream_that_comes_inline_is_on_disk_too() {
    let folder = tempfile::tempdir().unwrap();
    let large = content(LARGE);
    let base64 = base64::engine::general_purpose::STANDARD.encode(&large);
    let reply = String::from_utf8(download_reply("1").into_bytes()).unwrap().replace(&include("1"), &base64);
    let network = ScriptedTransport::new().respond(200, "text/xml", reply);
    let download = files(&network, folder.path()).download(download_request()).await.unwrap();
    assert_eq!(download.expected_len(), Some(LARGE as u64));
    assert_eq!(download.collect(usize::MAX).await.unwrap(), large);
}
