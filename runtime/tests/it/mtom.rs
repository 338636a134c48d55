//! Calls on a port with MTOM: what is sent, and what becomes of answers of every form.
use crate::support::contract::{self, envelope};
use crate::support::files::{
    Echo, Files, NS, PACKAGE, download_reply, download_request, header, include, package, receipt, recorded,
    upload_request,
};
use soap_runtime::testing::{RecordedRequest, ScriptedTransport};
use soap_runtime::{Binary, Connection, Delivery, Error, ErrorKind, Fragment, Limits, Upload};

fn connection(network: &ScriptedTransport) -> Connection {
    Connection::builder("https://localhost").transport(network.clone()).build().unwrap()
}

fn files(network: &ScriptedTransport) -> Files {
    Files::new(&connection(network))
}

fn answering(status: u16, content_type: &str, body: impl Into<bytes::Bytes>) -> ScriptedTransport {
    ScriptedTransport::new().respond(status, content_type, body)
}

/// Head lines and content of each part.
fn parts(content_type: &str, body: &[u8]) -> Vec<(String, Vec<u8>)> {
    let boundary = content_type.split("boundary=\"").nth(1).unwrap().split('"').next().unwrap();
    let delimiter = format!("\r\n--{boundary}");
    let mut places: Vec<usize> = memchr::memmem::find_iter(body, delimiter.as_bytes()).collect();
    assert_eq!(&body[places.pop().unwrap() + delimiter.len()..], b"--\r\n");
    let ends = places[1..].iter().copied().chain([body.len() - delimiter.len() - 4]);
    let whole = places.iter().zip(ends).map(|(from, to)| &body[from + delimiter.len() + 2..to]);
    whole
        .map(|part| {
            let end = memchr::memmem::find(part, b"\r\n\r\n").unwrap();
            (String::from_utf8(part[..end].to_vec()).unwrap(), part[end + 4..].to_vec())
        })
        .collect()
}

/// A document without prefixes, declarations and ids of parts.
fn infoset(xml: &[u8]) -> String {
    fn push(node: roxmltree::Node<'_, '_>, out: &mut String) {
        if node.is_text() {
            out.push_str(node.text().unwrap());
        }
        if node.is_element() {
            let name = node.tag_name();
            out.push_str(&format!("<{{{}}}{}", name.namespace().unwrap_or_default(), name.name()));
            for attribute in node.attributes() {
                let value = if attribute.name() == "href" { "" } else { attribute.value() };
                out.push_str(&format!(
                    " {{{}}}{}={value}",
                    attribute.namespace().unwrap_or_default(),
                    attribute.name()
                ));
            }
            out.push('>');
            node.children().for_each(|child| push(child, out));
            out.push_str("</>");
        }
    }
    let mut out = String::new();
    push(roxmltree::Document::parse(std::str::from_utf8(xml).unwrap()).unwrap().root_element(), &mut out);
    out
}

/// Head lines of a part without its id.
fn without_id(head: &str) -> Vec<&str> {
    head.lines().map(|line| if line.starts_with("Content-ID: <") { "Content-ID" } else { line }).collect()
}

#[track_caller]
fn assert_same_request(ours: &RecordedRequest, recording: &str) {
    let (lines, theirs) = recorded(recording);
    let (our_type, their_type) = (ours.header("content-type").unwrap(), header(&lines, "content-type"));
    let without_boundary = |text: &str| {
        let (before, after) = text.split_once("boundary=\"").unwrap();
        format!("{before}{}", after.split_once('"').unwrap().1)
    };
    assert_eq!(without_boundary(our_type), without_boundary(their_type));
    for name in ["soapaction", "mime-version"] {
        assert_eq!(ours.header(name), Some(header(&lines, name)), "{name}");
    }
    let (ours, theirs) = (parts(our_type, &ours.body), parts(their_type, &theirs));
    assert_eq!(ours.len(), theirs.len());
    for (at, (ours, theirs)) in ours.iter().zip(&theirs).enumerate() {
        assert_eq!(without_id(&ours.0), without_id(&theirs.0));
        match at {
            0 => assert_eq!(infoset(&ours.1), infoset(&theirs.1)),
            _ => assert_eq!(ours.1, theirs.1),
        }
    }
}

fn replay(recording: &str) -> ScriptedTransport {
    let (lines, body) = recorded(recording);
    answering(200, header(&lines, "content-type"), body)
}

#[tokio::test]
async fn an_upload_is_what_dotnet_sends() {
    for folder in ["wcf/both/basic-upload-mtom", "wcf/client/basic-upload-mtom"] {
        let network = replay(&format!("{folder}/001-response.http"));
        let (lines, theirs) = recorded(&format!("{folder}/001-request.http"));
        let content = parts(header(&lines, "content-type"), &theirs).pop().unwrap().1;
        let receipt = files(&network).upload(upload_request(), content).await.unwrap();
        assert_same_request(&network.requests()[0], &format!("{folder}/001-request.http"));
        let result = std::fs::read_to_string(format!(
            "{}/../tests/fixtures/mtom/{folder}/result.jsonl",
            env!("CARGO_MANIFEST_DIR")
        ));
        let result = result.unwrap();
        assert!(result.contains(&format!("\"ReceiptId\":{}", receipt.receipt_id.unwrap())), "{result}");
        assert!(result.contains(&format!("\"ReceiptText\":\"{}\"", receipt.receipt_text.unwrap())), "{result}");
    }
}

#[tokio::test]
async fn a_download_is_what_dotnet_sends_and_its_content_what_wcf_answers() {
    for folder in ["wcf/both/basic-download-mtom", "wcf/client/basic-download-mtom"] {
        let network = replay(&format!("{folder}/001-response.http"));
        let (lines, body) = recorded(&format!("{folder}/001-response.http"));
        let expected = parts(header(&lines, "content-type"), &body).pop().unwrap().1;
        let request = recorded(&format!("{folder}/001-request.http")).1;
        let mut wanted = download_request();
        if memchr::memmem::find(&request, b"<fileReference>1500<").is_none() {
            let text = String::from_utf8_lossy(&request).into_owned();
            let reference = text.split("<fileReference>").nth(1).unwrap().split('<').next().unwrap();
            wanted.file_reference = reference.to_owned();
        }
        let download = files(&network).download(wanted).await.unwrap();
        assert_eq!(download.expected_len(), Some(expected.len() as u64));
        assert_eq!(download.collect(1500).await.unwrap(), expected);
        assert_same_request(&network.requests()[0], &format!("{folder}/001-request.http"));
    }
}

#[tokio::test]
async fn faults_come_in_packages_too() {
    let (lines, body) = recorded("wcf/both/basic-fault/001-response.http");
    let content_type = header(&lines, "content-type");
    let network = answering(500, content_type, body.clone()).respond(500, content_type, body.clone()).respond(
        500,
        content_type,
        body,
    );
    let files = files(&network);
    let errors = [
        files.download(download_request()).await.unwrap_err(),
        files.upload(upload_request(), "content").await.unwrap_err(),
        files.echo(Echo::default()).await.unwrap_err(),
    ];
    for error in errors {
        assert_eq!(
            (error.kind(), error.delivery(), error.http_status()),
            (ErrorKind::Fault, Delivery::Answered, Some(500))
        );
        assert_eq!(error.fault().unwrap().reason(), "bad fileReference");
        assert!(error.fault().unwrap().detail_xml().unwrap().contains("<ErrorID>1</ErrorID>"));
    }
}

#[tokio::test]
async fn the_answer_is_read_by_its_content_type() {
    // Text to an MTOM request, with the content inline.
    let inline = download_reply("x").replace(&include("x"), "YWJj\r\n ZGVm");
    let network = answering(200, "text/xml; charset=utf-8", inline).fault("Server", "no", "").respond(
        200,
        "text/xml",
        receipt(7),
    );
    let files = files(&network);
    assert_eq!(files.download(download_request()).await.unwrap().collect(6).await.unwrap(), "abcdef");
    assert_eq!(files.download(download_request()).await.unwrap_err().kind(), ErrorKind::Fault);
    assert_eq!(files.upload(upload_request(), "").await.unwrap().receipt_id, Some(7));

    // A package to a text request; the request's content is inline.
    let network = answering(200, PACKAGE, package(&[("0", receipt(8).as_bytes())])).respond(
        200,
        PACKAGE,
        package(&[("0", download_reply("1").as_bytes()), ("1", b"abc")]),
    );
    let text = Files::text(&connection(&network));
    assert_eq!(text.upload(upload_request(), "abc").await.unwrap().receipt_id, Some(8));
    assert_eq!(text.download(download_request()).await.unwrap().collect(3).await.unwrap(), "abc");
    let request = &network.requests()[0];
    assert_eq!(request.header("content-type"), Some("text/xml; charset=utf-8"));
    assert!(request.text().contains(">YWJj</"), "{}", request.text());
}

#[tokio::test]
async fn large_members_are_parts_in_both_directions() {
    let network = answering(200, PACKAGE, package(&[
        ("0", envelope(&format!(
            "<Echo xmlns=\"{NS}\"><One> {} </One><Many>{}</Many><Many>YQ==</Many><Text>{}</Text><Open xmlns:x=\"urn:x\"><x:y>{}</x:y></Open></Echo>",
            include("1"), include("%32"), include("3"), include("4")
        )).as_bytes()),
        ("1", b"one"), ("2", &[0xFF; 5000]), ("3", b"text"), ("4", b"any"), ("unreferenced", b"x"),
    ]));
    let sent = Echo {
        one: Some(vec![1; 767].into()),
        many: vec![vec![2; 768].into(), vec![3; 100_000].into(), Binary::default()],
        text: Some("x".repeat(1000)),
        any: None,
    };
    let echo = files(&network).echo(sent).await.unwrap();
    assert_eq!(echo.one, Some("one".into()));
    assert_eq!(echo.many, [Binary::from(vec![0xFF; 5000]), Binary::from("a")]);
    assert_eq!(echo.text.as_deref(), Some("dGV4dA=="));
    let open = Fragment::from_xml(echo.any.unwrap().as_xml()).unwrap();
    assert!(open.as_xml().contains("<x:y>YW55</x:y>"), "{}", open.as_xml());

    let request = &network.requests()[0];
    let parts = parts(request.header("content-type").unwrap(), &request.body);
    let contents: Vec<usize> = parts[1..].iter().map(|(_, content)| content.len()).collect();
    assert_eq!(contents, [768, 100_000]);
    let root = String::from_utf8(parts[0].1.clone()).unwrap();
    assert_eq!(root.matches("xop:Include").count(), 2);
    assert!(root.contains(&"AQEB".repeat(255)), "767 bytes stay in the envelope");
}

/// Content that stands in the envelope is all there is, whatever comes with it.
#[tokio::test]
async fn a_part_without_an_id_is_no_stream() {
    let inline = download_reply("x").replace(&include("x"), "YWJj");
    for id in ["", "other"] {
        let network = answering(200, PACKAGE, package(&[("0", inline.as_bytes()), (id, b"something else")]));
        let download = files(&network).download(download_request()).await.unwrap();
        assert_eq!(download.collect(100).await.unwrap(), "abc", "{id:?}");
    }
}

#[tokio::test]
async fn xml_of_a_caller_includes_nothing() {
    for xml in [include("1"), format!("<a xmlns='urn:a'>{}</a>", include("1"))] {
        assert!(Fragment::from_xml(xml).unwrap_err().to_string().contains("xop:Include"));
    }
}

/// The namespace of a reference is an attribute's value, which may be written with character references.
#[tokio::test]
async fn a_reference_is_known_by_its_name_however_it_is_written() {
    let reference = include("1").replace("/xop/include", "/xo&#x70;/include");
    let reply = envelope(&format!(
        "<Echo xmlns=\"{NS}\"><One>{}</One><x:y xmlns:x=\"urn:x\">{reference}</x:y></Echo>",
        include("2")
    ));
    let network = answering(200, PACKAGE, package(&[("0", reply.as_bytes()), ("1", b"any"), ("2", b"one")]));
    let echo = files(&network).echo(Echo::default()).await.unwrap();
    assert_eq!(echo.one, Some("one".into()));
    assert!(echo.any.unwrap().as_xml().contains(">YW55</x:y>"));
}

/// A download reads its envelope before the parts have come: a fault's detail must not lack what it includes.
#[tokio::test]
async fn a_fault_of_a_download_has_all_of_its_detail() {
    let detail = format!("<x:Detail xmlns:x=\"urn:x\">{}</x:Detail>", include("1"));
    let fault = contract::fault("Client", "no").replace("</s:Fault>", &format!("<detail>{detail}</detail></s:Fault>"));
    let content = [0x5A; 1000];
    let network = answering(500, PACKAGE, package(&[("0", fault.as_bytes()), ("1", &content)]));
    let error = files(&network).download(download_request()).await.unwrap_err();
    let detail = error.fault().unwrap().detail_xml().unwrap();
    assert!(detail.contains(&"Wlpa".repeat(333)), "{detail}");
}

#[tokio::test]
async fn the_threshold_can_be_chosen() {
    let reply = envelope(&format!("<Echo xmlns=\"{NS}\"/>"));
    for (threshold, expected) in [(1, 2), (usize::MAX, 1)] {
        let network = answering(200, "text/xml", reply.clone());
        let mut limits = Limits::default();
        limits.mtom.part_threshold = threshold;
        let connection =
            Connection::builder("https://localhost").transport(network.clone()).limits(limits).build().unwrap();
        let sent = Echo { one: Some("x".into()), ..Echo::default() };
        Files::new(&connection).echo(sent).await.unwrap();
        let request = &network.requests()[0];
        assert_eq!(parts(request.header("content-type").unwrap(), &request.body).len(), expected);
    }
}

fn fetch_reply(thumbnail: &str) -> String {
    let thumbnail =
        if thumbnail.is_empty() { String::new() } else { format!("<Thumbnail>{}</Thumbnail>", include(thumbnail)) };
    envelope(&format!("<FetchResponse xmlns=\"{NS}\"><Content>{}</Content>{thumbnail}</FetchResponse>", include("s")))
}

#[tokio::test]
async fn a_stream_may_come_with_other_parts() {
    let (with, without) = (fetch_reply("t"), fetch_reply(""));
    let (with, without) = (("0", with.as_bytes()), ("0", without.as_bytes()));
    let (small, stream, other) = (("t", &b"thumb"[..]), ("s", &b"the stream"[..]), ("o", &b"other"[..]));
    for order in [
        vec![with, small, stream],
        vec![with, other, small, stream, other],
        vec![small, with, stream],
        vec![small, stream, with],
        vec![stream, small, with, other],
        vec![stream, with, small],
    ] {
        let network = answering(200, PACKAGE, package(&order));
        let (fetched, download) = files(&network).fetch().await.unwrap_or_else(|error| panic!("{error} in {order:?}"));
        assert_eq!(fetched.thumbnail, Some("thumb".into()), "{order:?}");
        assert_eq!(download.collect(10).await.unwrap(), "the stream", "{order:?}");
    }
    for order in [vec![without, stream], vec![stream, without], vec![other, without, other, stream, other]] {
        let (fetched, download) = files(&answering(200, PACKAGE, package(&order))).fetch().await.unwrap();
        assert_eq!(fetched.thumbnail, None);
        assert_eq!(download.collect(10).await.unwrap(), "the stream");
    }
}

#[tokio::test]
async fn references_that_lead_nowhere() {
    let stream = ("s", &b"the stream"[..]);
    let reply = |text: &str| text.to_owned();
    let thumb = |content: &str| fetch_reply("t").replace(&include("t"), content);
    let beside = fetch_reply("t").replace(&include("t"), &format!("YQ=={}", include("t")));
    for (name, envelope, says) in [
        ("missing", fetch_reply("t"), "not there"),
        ("twice", thumb(&include("s")), "twice"),
        ("no cid", thumb(&include("t").replace("cid:", "http:")), "cid:"),
        ("no href", thumb(&include("t").replace("href", "hrefs")), "without href"),
        ("another namespace", thumb(&include("t").replace("include", "exclude")), "simple value"),
        ("beside text", beside, "beside"),
        ("text after", thumb(&format!("{}YQ==", include("t"))), "text"),
        ("no envelope", reply("<a/>"), "not a SOAP envelope"),
        ("no XML", reply("a"), ""),
    ] {
        let package = package(&[("0", envelope.as_bytes()), stream]);
        let error = files(&answering(200, PACKAGE, package)).fetch().await.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Malformed, Delivery::Answered), "{name}");
        assert!(error.to_string().contains(says), "{name}: {error}");
    }
    let gone = package(&[("0", fetch_reply("").as_bytes()), ("x", b"")]);
    let error = files(&answering(200, PACKAGE, gone)).fetch().await.unwrap_err();
    assert!(error.to_string().contains("not there"), "{error}");
    // A part that the envelope needs, behind the stream: the stream would have to be held for it.
    let late = package(&[("0", fetch_reply("t").as_bytes()), stream, ("t", b"thumb")]);
    let error = files(&answering(200, PACKAGE, late)).fetch().await.unwrap_err();
    assert!(error.to_string().contains("not there"), "{error}");
    let text = files(&answering(200, "text/xml", fetch_reply(""))).fetch().await.unwrap_err();
    assert!(text.to_string().contains("not there"), "{text}");
}

#[tokio::test]
async fn cut_off_at_every_byte_is_never_a_success() {
    let whole = package(&[("0", download_reply("1").as_bytes()), ("1", b"content\r\n--bound\r\n")]);
    let end = whole.len() - 2;
    for to in 0..=whole.len() {
        let network = answering(200, PACKAGE, whole[..to].to_vec());
        let outcome: Result<_, Error> =
            async { files(&network).download(download_request()).await?.collect(100).await }.await;
        assert_eq!(outcome.is_ok(), to >= end, "{to} of {}", whole.len());
        if let Err(error) = outcome {
            assert_eq!(error.operation(), Some("DownloadFileStreamedBasic"), "{error}");
            assert!(matches!(error.kind(), ErrorKind::Malformed | ErrorKind::Http), "{error}");
        }
    }
}

#[tokio::test]
async fn broken_packages_with_an_error_status_are_pages() {
    for (status, kind) in [(413, ErrorKind::Http), (503, ErrorKind::Busy), (500, ErrorKind::Http)] {
        for body in ["", "--boundary", "planted"] {
            let error = files(&answering(status, PACKAGE, body)).upload(upload_request(), "x").await.unwrap_err();
            assert_eq!((error.kind(), error.http_status()), (kind, Some(status)), "{error}");
            assert!(!format!("{error:?}").contains("planted"));
        }
    }
    let network = answering(413, "text/html", "<html/>").fault("Client", "reason", "");
    let files = files(&network);
    assert!(files.upload(upload_request(), "x").await.unwrap_err().to_string().contains("larger than"));
    assert_eq!(files.upload(upload_request(), "x").await.unwrap_err().kind(), ErrorKind::Fault);
    assert_eq!(contract::NS, "urn:example:greeter");
}

#[tokio::test]
async fn limits_are_checked_before_anything_is_sent() {
    let network = ScriptedTransport::new();
    let files = files(&network);
    let dir = std::env::temp_dir();
    assert!(Upload::from_path(dir.join("no such file")).await.unwrap_err().to_string().contains("cannot be read"));
    assert!(Upload::from_path(dir).await.is_err());
    let error = files.upload(upload_request(), Upload::from("12345").limit(4)).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Malformed, Delivery::NotSent));
    assert!(error.to_string().contains("5 bytes, more than the 4"), "{error}");
}
