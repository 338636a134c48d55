//! SOAP with Attachments: requests to the octet, and replies as peers write them, or should not.

use std::io::Write as _;
use std::process::{Command, Stdio};

use altinn_soap::generated::v1::Attachment;
use altinn_soap::testing::ScriptedTransport;
use altinn_soap::{Connection, ConnectionBuilder, Credentials, Error, ErrorKind};

use crate::golden::attachments::gallery::{gallery, guarded};
use crate::interop::named;
use crate::support::package::Package;

/// What a part may hold: lines that look like the end of one, and octets that are no text.
const PHOTO: &[u8] = b"\xFF\xD8\r\n--uuid:\r\n\x00\r\n";

/// Every octet that is asked for is the same.
#[derive(Debug)]
struct Same;

impl soap_runtime::Random for Same {
    fn fill(&self, octets: &mut [u8]) -> std::io::Result<()> {
        octets.fill(0xAB);
        Ok(())
    }
}

fn builder(network: &ScriptedTransport) -> ConnectionBuilder {
    Connection::builder("https://localhost").transport(network.clone()).random(Same)
}

fn client(network: &ScriptedTransport) -> gallery::Client {
    gallery::Client::new(&builder(network).build().unwrap())
}

fn picture() -> gallery::Hang {
    let note = Attachment::new("Bodø".as_bytes()).of_type("text/plain; charset=utf-8");
    gallery::Hang { language: Some("nb".to_owned()), ..gallery::Hang::new("Skrik", PHOTO, note) }
}

fn envelope(body: &str) -> String {
    format!("<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>{body}</s:Body></s:Envelope>")
}

/// A package of an envelope and these parts: head lines and content.
fn package(body: &str, parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut package =
        format!("--b\r\nContent-Type: text/xml; charset=UTF-8\r\nContent-ID: <root>\r\n\r\n{}", envelope(body))
            .into_bytes();
    for (head, content) in parts {
        package.extend_from_slice(
            format!("\r\n--b\r\n{head}{}\r\n", if head.is_empty() { "" } else { "\r\n" }).as_bytes(),
        );
        package.extend_from_slice(content);
    }
    package.extend_from_slice(b"\r\n--b--\r\n");
    package
}

const PACKAGE: &str = "multipart/related; type=\"text/xml\"; start=\"<root>\"; boundary=b";

async fn show(parts: &[(&str, &[u8])]) -> Result<gallery::ShowResponse, Error> {
    let network = ScriptedTransport::new().respond(200, PACKAGE, package("", parts));
    client(&network).show(1).await
}

/// A body, a header and two attachments, as the WS-I Attachments Profile has them.
#[tokio::test]
async fn a_request_to_the_octet() {
    let network = ScriptedTransport::new().reply("<Hung xmlns='urn:gallery'><number>7</number></Hung>");
    let reply = client(&network).hang(picture()).await.unwrap();
    assert_eq!((reply.number, reply.receipt), (7, None));
    let requests = network.requests();
    let unique = "abababab-abab-abab-abab-abababababab";
    assert_eq!(
        requests[0].header("content-type").unwrap(),
        format!(
            "multipart/related; type=\"text/xml\"; start=\"<{unique}@soap.invalid>\"; boundary=\"uuid:{unique}+id=1\""
        )
    );
    assert_eq!(requests[0].header("mime-version"), Some("1.0"));
    assert_eq!(requests[0].header("soapaction"), Some("\"urn:gallery/hang\""));
    let expected = [
        format!(
            "\r\n--uuid:{unique}+id=1\r\nContent-ID: <{unique}@soap.invalid>\r\nContent-Transfer-Encoding: 8bit\r\n\
             Content-Type: text/xml; charset=utf-8\r\n\r\n\
             <s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\" \
             xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\"><s:Header>\
             <a:Language xmlns:a=\"urn:gallery\">nb</a:Language></s:Header><s:Body>\
             <a:Picture xmlns:a=\"urn:gallery\"><a:title>Skrik</a:title></a:Picture></s:Body></s:Envelope>\
             \r\n--uuid:{unique}+id=1\r\nContent-ID: <photo={unique}@soap.invalid>\r\n\
             Content-Transfer-Encoding: binary\r\nContent-Type: image/jpeg\r\n\r\n"
        )
        .as_bytes(),
        PHOTO,
        format!(
            "\r\n--uuid:{unique}+id=1\r\nContent-ID: <note={unique}@soap.invalid>\r\n\
             Content-Transfer-Encoding: binary\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nBodø\
             \r\n--uuid:{unique}+id=1--\r\n"
        )
        .as_bytes(),
    ]
    .concat();
    assert_eq!(String::from_utf8_lossy(&requests[0].body), String::from_utf8_lossy(&expected));
    assert_eq!(requests[0].body, expected);
}

/// The MIME parser of Python's standard library finds the same in it.
#[tokio::test]
#[ignore = "cargo xtask interop"]
async fn interop_python_reads_a_request() {
    const SCRIPT: &str = "\
import sys, email
message = email.message_from_bytes(sys.stdin.buffer.read())
assert message.is_multipart() and not message.defects, message.defects
for part in message.get_payload():
    print(part['content-id'].split('=')[0], part['content-type'], part.get_payload(decode=True).hex())
assert message.get_payload()[0]['content-id'] == message.get_param('start')
";
    let network = ScriptedTransport::new().reply("<Hung xmlns='urn:gallery'><number>7</number></Hung>");
    client(&network).hang(picture()).await.unwrap();
    let request = &network.requests()[0];
    let head = format!("MIME-Version: 1.0\r\nContent-Type: {}\r\n\r\n", request.header("content-type").unwrap());
    let mut python = Command::new(named("INTEROP_PYTHON"))
        .args(["-c", SCRIPT])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program of Python");
    python.stdin.take().unwrap().write_all(&[head.as_bytes(), &request.body].concat()).unwrap();
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success());
    let hex = |content: &[u8]| content.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let lines: Vec<String> = String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect();
    assert_eq!(
        lines[1..],
        [
            format!("<photo image/jpeg {}", hex(PHOTO)),
            format!("<note text/plain; charset=utf-8 {}", hex("Bodø".as_bytes())),
        ]
    );
}

/// In the rpc style the other parts stand in the wrapper.
#[tokio::test]
async fn a_request_in_the_rpc_style() {
    let network = ScriptedTransport::new()
        .reply("<r:ReplaceResponse xmlns:r='urn:gallery:calls'><done>true</done></r:ReplaceResponse>");
    assert!(client(&network).replace(gallery::Replace::new(3, PHOTO)).await.unwrap());
    let request = &network.requests()[0];
    let package = Package::of(request.header("content-type").unwrap(), &request.body).unwrap();
    let text = String::from_utf8_lossy(&package.parts[0].content).into_owned();
    assert!(text.contains("<a:Replace xmlns:a=\"urn:gallery:calls\"><number>3</number></a:Replace>"), "{text}");
    assert_eq!((package.parts.len(), &*package.parts[1].content), (2, PHOTO));
    assert!(package.form().contains("1 content-type: application/octet-stream"), "{}", package.form());
}

/// The only part is an attachment, and the body empty; a UsernameToken is in the header as in any other message.
#[tokio::test]
async fn a_request_of_soap_1_2_with_a_user_name() {
    let network = ScriptedTransport::new().reply("<Number xmlns='urn:gallery'>5</Number>");
    let connection = builder(&network).build().unwrap();
    let client = guarded::Client::new(&connection, Credentials::new("ada", "secret"));
    assert_eq!(client.scan(Attachment::from(PHOTO)).await.unwrap(), 5);
    let request = &network.requests()[0];
    let content_type = request.header("content-type").unwrap();
    assert!(content_type.contains("type=\"application/soap+xml\""), "{content_type}");
    assert!(content_type.ends_with("; action=\"urn:gallery/scan\""), "{content_type}");
    let package = Package::of(content_type, &request.body).unwrap();
    let text = String::from_utf8_lossy(&package.parts[0].content).into_owned();
    assert!(text.contains("<o:Username>ada</o:Username>") && text.contains("<s:Body></s:Body>"), "{text}");
    assert!(package.form().contains("0 content-type: application/soap+xml; charset=utf-8"), "{}", package.form());
    assert_eq!(package.parts[1].content, PHOTO);
}

/// A media type is a line of a head: nothing else may get into it.
#[tokio::test]
async fn a_media_type_that_is_none_is_not_sent() {
    for wrong in ["image/png\r\nX: y", "png", "", "image/bil\u{e5}de", "a/b\n"] {
        let network = ScriptedTransport::new();
        let request = gallery::Replace::new(3, Attachment::new(PHOTO).of_type(wrong));
        let error = client(&network).replace(request).await.unwrap_err();
        assert_eq!((error.kind(), network.requests().len()), (ErrorKind::Malformed, 0), "{wrong:?}");
        assert!(error.to_string().contains("media type"), "{error}");
    }
}

/// Told by the name in the id, in whatever order; an id may be escaped, and a part too many is passed over.
#[tokio::test]
async fn attachments_of_a_reply_by_name() {
    let parts = [
        ("Content-ID: <note=1@x>\r\nContent-Type: text/plain; charset=utf-8", "Bodø".as_bytes()),
        ("Content-ID: <frame=2@x>", b"too many"),
        ("Content-ID: <ph%6Fto=3@x>\r\nContent-Transfer-Encoding: binary", PHOTO),
    ];
    let reply = show(&parts).await.unwrap();
    assert_eq!((reply.photo.content.bytes().unwrap(), reply.photo.media_type), (PHOTO.into(), None));
    assert_eq!(reply.note, Attachment::new("Bodø".as_bytes()).of_type("text/plain; charset=utf-8"));
}

/// Where no id has the name of a part, the order of the contract counts: parts may have no ids at all.
#[tokio::test]
async fn attachments_of_a_reply_by_order() {
    for ids in [["", ""], ["Content-ID: <1>", "Content-ID: <2>"]] {
        let reply = show(&[(ids[0], PHOTO), (ids[1], b"note")]).await.unwrap();
        assert_eq!((reply.photo, reply.note), (PHOTO.into(), Attachment::new(&b"note"[..])));
    }
}

#[tokio::test]
async fn an_optional_attachment() {
    let hung = "<Hung xmlns='urn:gallery'><number>7</number></Hung>";
    let pdf = ("Content-ID: <receipt=1@x>\r\nContent-Type: application/pdf", &b"%PDF"[..]);
    let network =
        ScriptedTransport::new().respond(200, PACKAGE, package(hung, &[pdf])).respond(200, PACKAGE, package(hung, &[]));
    let reply = client(&network).hang(picture()).await.unwrap();
    assert_eq!(reply.receipt, Some(Attachment::new(pdf.1).of_type("application/pdf")));
    assert_eq!(client(&network).hang(picture()).await.unwrap().receipt, None);
}

#[tokio::test]
async fn packages_that_are_not_what_the_contract_says() {
    let photo = ("Content-ID: <photo=1@x>", PHOTO);
    for (parts, said) in [
        (&[][..], "a required attachment is missing"),
        (&[photo], "a required attachment is missing"),
        (&[photo, photo, ("Content-ID: <note=2@x>", b"")], "two attachments for one part"),
        (&[photo, ("Content-ID: <note=2@x>\r\nContent-Transfer-Encoding: quoted-printable", b"")], "transfer encoding"),
    ] {
        let error = show(parts).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Malformed, "{error}");
        assert!(error.to_string().contains(said), "{error}");
    }
    let error = show(&[photo]).await.unwrap_err();
    assert!(error.to_string().contains("note") && !error.to_string().contains("uuid"), "{error}");
    // The envelope alone.
    let network = ScriptedTransport::new().reply("");
    let error = client(&network).show(1).await.unwrap_err();
    assert!(error.to_string().contains("a required attachment is missing"), "{error}");
}

/// Wherever a package ends too early, it is an error.
#[tokio::test]
async fn packages_that_are_cut_off() {
    let whole = package("", &[("Content-ID: <photo=1@x>", PHOTO), ("Content-ID: <note=2@x>", b"note")]);
    let end = whole.len() - "\r\n".len();
    for len in (1..end).rev().step_by(7) {
        let network = ScriptedTransport::new().respond(200, PACKAGE, whole[..len].to_vec());
        let error = client(&network).show(1).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Malformed, "{len}: {error}");
    }
}

/// A fault has no attachments, in a package or alone.
#[tokio::test]
async fn faults() {
    let fault = "<s:Fault><faultcode>s:Server</faultcode><faultstring>closed</faultstring></s:Fault>";
    let network = ScriptedTransport::new().fault("Server", "closed", "").respond(500, PACKAGE, package(fault, &[]));
    for _ in 0..2 {
        let error = client(&network).show(1).await.unwrap_err();
        assert_eq!(error.fault().map(|fault| fault.reason().to_owned()).as_deref(), Some("closed"));
    }
}

/// Attachments count against the limits, and large ones go to disk.
#[tokio::test]
async fn limits_and_the_disk() {
    let large = vec![b'x'; 100_000];
    let parts = [("Content-ID: <photo=1@x>", &*large), ("Content-ID: <note=2@x>", b"note")];
    let network = ScriptedTransport::new()
        .respond(200, PACKAGE, package("", &parts))
        .respond(200, PACKAGE, package("", &parts))
        .respond(200, PACKAGE, package("", &parts));
    let mut limits = altinn_soap::Limits::default();
    limits.reply_bytes = 50_000;
    let small = builder(&network).limits(limits).build().unwrap();
    let error = gallery::Client::new(&small).show(1).await.unwrap_err();
    assert!(error.to_string().contains("Limits::reply_bytes"), "{error}");
    let folder = std::env::temp_dir();
    let spilling = builder(&network).limits(limits).spill_parts(10_000, folder).build().unwrap();
    let reply = gallery::Client::new(&spilling).show(1).await.unwrap();
    assert_eq!(format!("{:?}", reply.photo.content), "[100000 bytes on disk]");
    assert_eq!(reply.photo.content.bytes().unwrap(), large);
    let mut limits = altinn_soap::Limits::default();
    limits.mtom.parts = 2;
    let few = builder(&network).limits(limits).build().unwrap();
    let error = gallery::Client::new(&few).show(1).await.unwrap_err();
    assert!(error.to_string().contains("MtomLimits::"), "{error}");
}
