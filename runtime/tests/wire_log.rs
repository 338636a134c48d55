//! What the wire log and support bundles show: names and plain texts, and nothing that was planted anywhere.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::fs;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use soap_runtime::generated::v1;
use soap_runtime::testing::ScriptedTransport;
use soap_runtime::transport::{Phase, TransportError};
use soap_runtime::{
    Binary, Connection, ConnectionBuilder, Credentials, Fragment, HexBinary, Hook, HookError, OutgoingMessage,
    SupportBundle, Upload, WireLog,
};
use support::capture;
use support::contract::{self, NS, PASSWORD, USER_NAME, envelope};
use support::files::{self, Files};
use support::secured::{self, Client, EC, EC2, Rstr, SC, Time, WSSE};

static FILE: v1::Operation = v1::Operation::new("File", "urn:file")
    .request(v1::Field::required(NS, "File"))
    .reply(v1::Reply::element(v1::Field::required(NS, "Filed")));
static LIST: v1::Operation =
    v1::Operation::new("List", "urn:list").request(v1::Field::required(NS, "File")).reply(v1::Reply::unwrapped(
        v1::Field::required(NS, "ListResponse"),
        v1::Field::optional(NS, "ListResult").items(NS, "Filed"),
    ));
static PORT: v1::PortDescriptor =
    v1::PortDescriptor::new("Forms", "Forms", "https://published.example/forms?planted=1", v1::SoapVersion::Soap11)
        .operations(&[&FILE, &LIST]);

/// One of everything that a record can hold.
#[derive(Clone, PartialEq)]
struct Form {
    id: i32,
    title: String,
    number: String,
    page: Vec<Page>,
    tag: Vec<String>,
    any: Option<Fragment>,
    content: Binary,
    hex: HexBinary,
    person: Option<Person>,
}
v1::record!(Form: v1::Shape::new(NS, "Form", &[
    v1::Field::required("", "id").attribute(),
    v1::Field::required(NS, "Title"),
    v1::Field::required(NS, "Number").sensitive(),
    v1::Field::many(NS, "Page"),
    v1::Field::required(NS, "Tags").items(NS, "Tag"),
    v1::Field::optional("", "any").any(),
    v1::Field::required(NS, "Content"),
    v1::Field::required(NS, "Hex"),
    v1::Field::optional(NS, "Person").sensitive(),
    v1::Field::optional(NS, "User").slot(USER_NAME),
    v1::Field::optional(NS, "Password").slot(PASSWORD),
]), { 0 => id, 1 => title, 2 => number, 3 => page, 4 => tag, 5 => any, 6 => content, 7 => hex, 8 => person });

#[derive(Clone, PartialEq)]
struct Page {
    text: String,
}
v1::record!(Page: v1::Shape::new(NS, "Page", &[v1::Field::required(NS, "Text")]), { 0 => text });

/// Nothing in it is sensitive by itself.
#[derive(Clone, PartialEq)]
struct Person {
    name: String,
    kind: String,
}
v1::record!(Person: v1::Shape::new(NS, "Person", &[
    v1::Field::required(NS, "Name"),
    v1::Field::required("", "kind").attribute(),
]), { 0 => name, 1 => kind });

/// The detail of a fault.
#[derive(Clone, PartialEq)]
struct Trouble {
    guid: String,
    number: String,
}
v1::record!(Trouble: v1::Shape::new(NS, "Trouble", &[
    v1::Field::required(NS, "Guid"),
    v1::Field::required(NS, "Number").sensitive(),
]), { 0 => guid, 1 => number });
v1::fault_detail!(Trouble, [v1::Name::new(NS, "Trouble")]);

fn form() -> Form {
    Form {
        id: 7,
        title: "A < B".to_owned(),
        number: "planted 13097248022".to_owned(),
        page: vec![Page { text: "one".to_owned() }, Page { text: "two".to_owned() }],
        tag: vec!["red".to_owned(), "blue".to_owned()],
        any: Some(
            Fragment::from_xml("<x:open xmlns:x='urn:x' a='planted'>planted<x:in>planted</x:in></x:open>").unwrap(),
        ),
        content: b"planted"[..].to_vec().into(),
        hex: b"planted".to_vec().into(),
        person: Some(Person { name: "planted".to_owned(), kind: "planted".to_owned() }),
    }
}

/// What the form is on the wire, as a service sends it back.
fn filed() -> String {
    let (base64, hex) = (STANDARD.encode("planted"), "706C616E746564");
    format!(
        "<Filed xmlns='{NS}' id='7'><Title>A &lt; B</Title><Number>planted 13097248022</Number><Page><Text>one</Text><Extra>planted</Extra></Page>\
         <Page><Text><![CDATA[two]]></Text></Page><Tags><Tag>red</Tag><Tag>blue</Tag></Tags>\
         <open xmlns='urn:x' a='planted'>planted<in>planted</in></open><Content>{base64}</Content><Hex>{hex}</Hex>\
         <Person kind='planted'><Name>planted</Name></Person></Filed>"
    )
}

/// A folder of one test, which begins empty.
fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn builder(network: &ScriptedTransport, log: WireLog) -> ConnectionBuilder {
    Connection::builder("https://service.example").transport(network.clone()).clock(Time::default()).wire_log(log)
}

async fn file(builder: ConnectionBuilder) -> Result<Form, soap_runtime::Error> {
    let connection = builder.build().unwrap();
    let port = v1::Port::new(&connection, &PORT).credentials(Credentials::new("planted-user", "planted-password"));
    port.request(&FILE, &form()).call().await
}

#[tokio::test]
async fn plain_texts_are_shown_and_no_others() {
    let path = folder("shown").join("soap.log");
    let network = ScriptedTransport::new().respond(200, "text/xml; charset=utf-8", envelope(&filed()));
    let reply = file(builder(&network, WireLog::to_file(&path).unwrap())).await.unwrap();
    assert_eq!(reply.page.len(), 2);
    let log = fs::read_to_string(&path).unwrap();
    let body = |root: &str, user: &str, unknown: &str| {
        format!(
            "  <Body>\n    <{root} xmlns=\"{NS}\" id=\"7\">\n      <Title>A &#x3C; B</Title>\n      <Number>[redacted]</Number>\n      \
             <Page>\n        <Text>one</Text>\n{unknown}      </Page>\n      <Page>\n        <Text>two</Text>\n      </Page>\n      \
             <Tags>\n        <Tag>red</Tag>\n        <Tag>blue</Tag>\n      </Tags>\n      \
             <open xmlns=\"urn:x\" a=\"[7 characters]\">[7 characters]\n        <in>[7 characters]</in>\n      </open>\n      \
             <Content>[12 characters]</Content>\n      <Hex>[14 characters]</Hex>\n      \
             <Person kind=\"[7 characters]\">\n        <Name>[redacted]</Name>\n      </Person>\n{user}    </{root}>\n  </Body>\n</Envelope>"
        )
    };
    let user = "      <User>[redacted]</User>\n      <Password>[redacted]</Password>\n";
    let soap = "<Envelope xmlns=\"http://schemas.xmlsoap.org/soap/envelope/\">\n";
    let expected = format!(
        "2024-01-15T10:00:00.000Z File: sent to https://service.example/forms\n\
         soapaction: \"urn:file\"\ncontent-type: text/xml; charset=utf-8\n\n{soap}{}\n\n\
         2024-01-15T10:00:00.000Z File: answered, HTTP 200\ncontent-type: text/xml\n\n{soap}{}\n\n",
        body("File", user, ""),
        body("Filed", "", "        <Extra>[7 characters]</Extra>\n"),
    );
    assert_eq!(log, expected);
    #[cfg(unix)]
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&path).unwrap().permissions()) & 0o777, 0o600);
}

#[tokio::test]
async fn items_of_a_list_are_shown_as_those_of_a_whole_reply() {
    let path = folder("items").join("soap.log");
    // What is declared around an item is known in it.
    let item = filed().replace(&format!(" xmlns='{NS}'"), "");
    let list =
        format!("<ListResponse xmlns='{NS}'><ListResult>{item}{item}<Filed id='planted'/></ListResult></ListResponse>");
    let network =
        ScriptedTransport::new().respond(200, "text/xml", envelope(&filed())).respond(200, "text/xml", envelope(&list));
    let connection = builder(&network, WireLog::to_file(&path).unwrap()).build().unwrap();
    let port = v1::Port::new(&connection, &PORT).credentials(Credentials::new("planted-user", "planted-password"));
    port.request(&FILE, &form()).call::<Form>().await.unwrap();
    let log = || fs::read_to_string(&path).unwrap();
    let whole = log();
    let whole =
        whole.lines().skip_while(|line| !line.contains("<Filed ")).map(|line| line.get(4..).unwrap_or_default());
    let whole = whole.take_while(|line| !line.starts_with("</")).collect::<Vec<_>>().join("\n");

    let mut items = port.request(&LIST, &form()).items::<Form>().await.unwrap();
    let before = log();
    assert!(before.ends_with("List: answered, HTTP 200\ncontent-type: text/xml\n\n"), "{before}");
    assert!(items.next().await.unwrap().is_some() && items.next().await.unwrap().is_some());
    assert!(items.next().await.is_err(), "an item that is not as its contract has it is not shown");
    let expected: String = [1, 2]
        .map(|number| format!("2024-01-15T10:00:00.000Z List: item {number} of the answer\n{whole}\n</Filed>\n\n"))
        .concat();
    assert_eq!(log().strip_prefix(&before).unwrap(), expected);
    assert!(whole.contains("<Title>A &#x3C; B</Title>") && !whole.contains("planted"), "{whole}");
}

/// Puts something planted where it is not expected.
#[derive(Debug)]
struct Planting;

impl Hook for Planting {
    fn outgoing(&self, message: &mut OutgoingMessage) -> Result<(), HookError> {
        message.replace_envelope(message.envelope().replace("A &lt; B", "planted"));
        Ok(message.set_http_header("x-hook", "planted")?)
    }
}

#[tokio::test]
async fn nothing_planted_is_in_any_log() {
    capture::start();
    let folder = folder("planted");
    let fault = |detail: &str| {
        let detail = format!("<detail>{detail}</detail>");
        contract::fault("Client", "planted reason").replace("</s:Fault>", &format!("{detail}</s:Fault>"))
    };
    let trouble =
        format!("<Trouble xmlns='{NS}'><Guid>guid-7</Guid><Number>planted</Number></Trouble><other>planted</other>");
    let header = |block: &str| envelope(&filed()).replace("<s:Body>", &format!("<s:Header>{block}</s:Header><s:Body>"));
    // Answers to the same request: each as it comes over the wire log to a file and over `tracing`, and into bundles.
    let answers: Vec<(u16, &str, Bytes)> = vec![
        (200, "text/xml", envelope(&filed()).into()),
        (200, "text/xml", header("<q xmlns='urn:q' a='planted'>planted</q>").into()),
        (200, "text/xml", envelope("<Else>planted</Else>").into()),
        (200, "text/xml", envelope(&filed().replace("id='7'", "id='planted'")).into()),
        (200, "text/xml", envelope(&filed().replace("</Title>", "</Title>planted")).into()),
        (200, "text/xml", "<planted>13097248022".into()),
        (200, "text/xml", "planted".into()),
        (200, "text/xml", b"<a>planted\xFF</a>"[..].into()),
        (200, "text/xml; charset=planted", envelope(&filed()).into()),
        (500, "text/xml", fault("<x>planted</x>").into()),
        (500, "text/xml", fault(&trouble).into()),
        (503, "text/html", "<html>planted</html>".into()),
        (200, "planted/planted; boundary=planted", "planted".into()),
        (200, "multipart/related; boundary=planted", "--planted".into()),
    ];
    let count = answers.len();
    for (number, log) in
        [WireLog::to_file(folder.join("wire.log")).unwrap(), WireLog::to_tracing()].into_iter().enumerate()
    {
        let respond = |network: ScriptedTransport, (status, media_type, body): &(u16, &str, Bytes)| {
            let (status, media_type, body) = (*status, (*media_type).to_owned(), body.clone());
            network.answer(move |_| {
                let mut answer = soap_runtime::testing::Answer {
                    status: http::StatusCode::from_u16(status).unwrap(),
                    headers: http::HeaderMap::new(),
                    body: body.clone(),
                };
                for (name, value) in [
                    ("content-type", &*media_type),
                    ("set-cookie", "s=planted"),
                    ("x-odd", "planted"),
                    ("server", "planted"),
                ] {
                    answer.headers.insert(name, value.parse().unwrap());
                }
                answer
            })
        };
        let network = answers.iter().fold(ScriptedTransport::new(), respond).error(TransportError::new(Phase::Connect));
        let bundle = SupportBundle::to_folder(folder.join(format!("bundles-{number}"))).unwrap().about("accounts 2.1");
        let free = Fragment::from_xml("<f xmlns='urn:f' a='planted'>planted<Action>planted</Action></f>").unwrap();
        let connection = builder(&network, log)
            .support_bundle(bundle)
            .log_fault_detail::<Trouble>()
            .http_header("x-api-key", "planted")
            .http_header("authorization", "planted")
            .http_header("cookie", "c=planted")
            .soap_header(free)
            .reasons_in_errors(true)
            .build()
            .unwrap();
        let port = v1::Port::new(&connection, &PORT).credentials(Credentials::new("planted-user", "planted-password"));
        let mut failed = 0;
        for _ in 0..=count {
            failed += usize::from(port.request(&FILE, &form()).call::<Form>().await.is_err());
        }
        network.assert_done();
        assert_eq!(fs::read_dir(folder.join(format!("bundles-{number}"))).unwrap().count(), failed);
    }
    secured_and_packed(&folder).await;

    let mut texts = vec![("tracing".to_owned(), capture::logged())];
    let mut folders = vec![folder];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => texts.push((path.display().to_string(), fs::read_to_string(&path).unwrap())),
            }
        }
    }
    let secrets =
        ["planted", "13097248022", "cGxhbnRl", "706C616E", "HwcHBwc", &STANDARD.encode(secured::SERVER_ENTROPY)[..12]];
    for (name, text) in &texts {
        for planted in secrets {
            // Names are shown: that of an element, and those of the test's own headers.
            if let Some(line) = text.lines().find(|line| line.contains(planted)) {
                panic!("{name}: {planted} in {line}");
            }
        }
    }
    // The test sees what it looks at.
    let all: String = texts.iter().map(|(_, text)| &**text).collect();
    for seen in [
        "A &#x3C; B",
        "guid-7",
        "Client",
        "error: File: fault",
        "accounts 2.1",
        "soap-runtime 0",
        "request for a token",
        "BinarySecret",
    ] {
        assert!(all.contains(seen), "no {seen}");
    }
}

/// Ports with WS-Security, sessions, MTOM and hooks.
async fn secured_and_packed(folder: &std::path::Path) {
    let log = |name: &str| WireLog::to_file(folder.join(name)).unwrap();
    let bundle = || SupportBundle::to_folder(folder.join("secured")).unwrap();
    let network = ScriptedTransport::new()
        .scripted_sessions()
        .answer(Rstr::default().answer())
        .answer(secured::ok)
        .answer(secured::fault(SC, "BadContextToken"))
        .answer(Rstr::default().answer())
        .answer(secured::fault(WSSE, "InvalidSecurityToken"))
        .answer(secured::ok)
        .answer(secured::ok)
        .answer(Rstr::default().answer())
        .answer(secured::ok);
    let connection = secured::builder(&network, &Time::default())
        .wire_log(log("secured.log"))
        .support_bundle(bundle())
        .build()
        .unwrap();
    let credentials = || Credentials::new("planted-user", "planted-password");
    let ec2 = v1::Port::new(&connection, &EC2).certificate(secured::certificate()).credentials(credentials());
    let ec2 = Client::of(ec2);
    ec2.greet("planted").await.unwrap();
    ec2.greet("planted").await.unwrap_err();
    for port in [&secured::WS, &secured::WS_DIGEST] {
        Client::of(v1::Port::new(&connection, port).credentials(credentials())).greet("planted").await.unwrap();
    }
    let ec = v1::Port::new(&connection, &EC).certificate(secured::certificate()).credentials(credentials());
    Client::of(ec).greet("planted").await.unwrap();
    network.assert_done();

    let package = files::package(&[("0", files::download_reply("1").as_bytes()), ("1", b"planted content")]);
    let network = ScriptedTransport::new()
        .respond(200, "text/xml", files::receipt(7))
        .respond(200, files::PACKAGE, package)
        .respond(200, "text/xml", envelope(&filed()));
    let files = Files::new(&builder(&network, log("packed.log")).support_bundle(bundle()).build().unwrap());
    files.upload(files::upload_request(), Upload::from(b"planted".to_vec())).await.unwrap();
    drop(files.download(files::download_request()).await.unwrap());
    file(builder(&network, log("hooked.log")).hook(Planting)).await.unwrap();
    assert!(network.requests()[2].text().contains("<a:Title>planted"));
}
