//! What a generator would have written for a port with MTOM: the contract of `BrokerServiceExternalBasicStreamed`, which
//! the recorded exchanges use, and an operation with binary members.

use soap_runtime::generated::v1;
use soap_runtime::{Binary, Connection, Credentials, Download, Error, Fragment, Items, Upload};

use super::contract::{PASSWORD, USER_NAME};
use super::secured::{CONVERSATION, certificate};

pub const NS: &str = "http://www.altinn.no/services/ServiceEngine/Broker/2015/06";

pub static UPLOAD: v1::Operation = v1::Operation::new("UploadFileStreamedBasic", "http://www.altinn.no/services/ServiceEngine/Broker/2015/06/IBrokerServiceExternalBasicStreamed/UploadFileStreamedBasic").request(v1::Field::required(NS, "StreamedPayloadBasicBE")).reply(v1::Reply::element(v1::Field::required(NS, "ReceiptExternalStreamedBE")));

pub static DOWNLOAD: v1::Operation = v1::Operation::new("DownloadFileStreamedBasic", "http://www.altinn.no/services/ServiceEngine/Broker/2015/06/IBrokerServiceExternalBasicStreamed/DownloadFileStreamedBasic").request(v1::Field::required(NS, "DownloadFileStreamedBasic")).reply(v1::Reply::unwrapped(
        v1::Field::required(NS, "DownloadFileStreamedBasicResponse"),
        v1::Field::required(NS, "DownloadFileStreamedBasicResult").stream(),
    ));

/// A stream beside other values, one of them binary, and one of them open.
pub static FETCH: v1::Operation = v1::Operation::new("Fetch", "urn:fetch")
    .request(v1::Field::required(NS, "Fetch"))
    .reply(v1::Reply::element(v1::Field::required(NS, "FetchResponse")));

pub static ECHO: v1::Operation = v1::Operation::new("Echo", "urn:echo")
    .request(v1::Field::required(NS, "Echo"))
    .reply(v1::Reply::element(v1::Field::required(NS, "Echo")));

/// A list of texts.
pub static LIST: v1::Operation =
    v1::Operation::new("List", "urn:list").request(v1::Field::required(NS, "List")).reply(v1::Reply::unwrapped(
        v1::Field::required(NS, "ListResponse"),
        v1::Field::optional(NS, "ListResult").items(NS, "Name"),
    ));

#[derive(Clone, Default, PartialEq)]
pub struct UploadFile {
    pub file_name: String,
    pub reference: String,
    pub reportee: String,
}

v1::record!(UploadFile: v1::Shape::new(NS, "StreamedPayloadBasicBE", &[
            v1::Field::required(NS, "FileName").nillable().header(),
            v1::Field::required(NS, "Reference").nillable().header(),
            v1::Field::required(NS, "Reportee").nillable().header().sensitive(),
            v1::Field::required(NS, "SystemPassword").nillable().header().slot(PASSWORD),
            v1::Field::required(NS, "SystemUserName").nillable().header().slot(USER_NAME),
            v1::Field::required(NS, "DataStream").stream(),
        ]), { 0 => file_name, 1 => reference, 2 => reportee });

#[derive(Clone, Default, PartialEq)]
pub struct Receipt {
    pub receipt_id: Option<i32>,
    pub receipt_text: Option<String>,
}

v1::record!(Receipt: v1::Shape::new(NS, "ReceiptExternalStreamedBE", &[v1::Field::optional(NS, "ReceiptId"), v1::Field::optional(NS, "ReceiptText").nillable()]), { 0 => receipt_id, 1 => receipt_text });

#[derive(Clone, Default, PartialEq)]
pub struct DownloadFile {
    pub file_reference: String,
    pub reportee: String,
}

v1::record!(DownloadFile: v1::Shape::new(NS, "DownloadFileStreamedBasic", &[
            v1::Field::required(NS, "systemUserName").slot(USER_NAME),
            v1::Field::required(NS, "systemPassword").slot(PASSWORD),
            v1::Field::required(NS, "fileReference"),
            v1::Field::required(NS, "reportee"),
        ]), { 2 => file_reference, 3 => reportee });

#[derive(Clone, Default, PartialEq)]
pub struct Fetched {
    pub thumbnail: Option<Binary>,
}

v1::record!(Fetched: v1::Shape::new(NS, "FetchResponse", &[v1::Field::required(NS, "Content").stream(), v1::Field::optional(NS, "Thumbnail")]), { 1 => thumbnail });

#[derive(Clone, Default, PartialEq)]
pub struct Echo {
    pub one: Option<Binary>,
    pub many: Vec<Binary>,
    pub text: Option<String>,
    pub any: Option<Fragment>,
}

v1::record!(Echo: v1::Shape::new(NS, "Echo", &[
            v1::Field::optional(NS, "One"),
            v1::Field::many(NS, "Many"),
            v1::Field::optional(NS, "Text"),
            v1::Field::optional(NS, "Any").any(),
        ]), { 0 => one, 1 => many, 2 => text, 3 => any });

static OPERATIONS: [&v1::Operation; 5] = [&UPLOAD, &DOWNLOAD, &FETCH, &ECHO, &LIST];

const fn port(mtom: bool) -> v1::PortDescriptor {
    secured(v1::SoapVersion::Soap11, mtom, v1::Security::none())
}

const fn secured(soap: v1::SoapVersion, mtom: bool, security: v1::Security) -> v1::PortDescriptor {
    let port = v1::PortDescriptor::new(
        "BasicHttpBinding_IBrokerServiceExternalBasicStreamed",
        "BrokerServiceExternalBasicStreamed",
        "http://published.example/ServiceEngineExternal/BrokerServiceExternalBasicStreamed.svc",
        soap,
    )
    .security(security)
    .replies(v1::Replies::Strict)
    .operations(&OPERATIONS);
    let port = if matches!(soap, v1::SoapVersion::Soap12) { port.addressing() } else { port };
    if mtom { port.mtom() } else { port }
}

pub static PORT: v1::PortDescriptor = port(true);
pub static TEXT_PORT: v1::PortDescriptor = port(false);
pub static WS_PORT: v1::PortDescriptor = secured(v1::SoapVersion::Soap12, true, v1::Security::user_name().timestamp());
pub static EC2_PORT: v1::PortDescriptor = secured(v1::SoapVersion::Soap12, true, CONVERSATION);
pub static EC2_TEXT_PORT: v1::PortDescriptor = secured(v1::SoapVersion::Soap12, false, CONVERSATION);

#[derive(Clone, Debug)]
pub struct Files {
    port: v1::Port,
}

impl Files {
    pub fn new(connection: &Connection) -> Self {
        Self { port: v1::Port::new(connection, &PORT).credentials(Credentials::new("sluttbruker", "hemmelig")) }
    }

    pub fn text(connection: &Connection) -> Self {
        Self { port: v1::Port::new(connection, &TEXT_PORT).credentials(Credentials::new("sluttbruker", "hemmelig")) }
    }

    pub fn ws(connection: &Connection) -> Self {
        Self { port: v1::Port::new(connection, &WS_PORT).credentials(Credentials::new("sluttbruker", "hemmelig")) }
    }

    /// A client of one of the ports that ask for a certificate.
    pub fn ec2(connection: &Connection, port: &'static v1::PortDescriptor) -> Self {
        let credentials = Credentials::new("sluttbruker", "hemmelig");
        Self { port: v1::Port::new(connection, port).certificate(certificate()).credentials(credentials) }
    }

    pub async fn upload(&self, request: UploadFile, upload: impl Into<Upload>) -> Result<Receipt, Error> {
        self.port.request(&UPLOAD, &request).upload(upload).call().await
    }

    pub async fn download(&self, request: DownloadFile) -> Result<Download, Error> {
        self.port.request(&DOWNLOAD, &request).download().await
    }

    pub async fn fetch(&self) -> Result<(Fetched, Download), Error> {
        self.port.request(&FETCH, &Echo::default()).download_with().await
    }

    pub async fn list(&self) -> Result<Items<String>, Error> {
        self.port.request(&LIST, &Echo::default()).items().await
    }

    pub async fn echo(&self, request: Echo) -> Result<Echo, Error> {
        self.port.request(&ECHO, &request).call().await
    }
}

/// As in the recordings.
pub fn upload_request() -> UploadFile {
    UploadFile {
        file_name: "a.zip".into(),
        reference: "00112233-4455-6677-8899-aabbccddeeff".into(),
        reportee: "910000000".into(),
    }
}

pub fn download_request() -> DownloadFile {
    DownloadFile { file_reference: "1500".into(), reportee: "910000000".into() }
}

pub fn receipt(id: i32) -> String {
    super::contract::envelope(&format!(
        r#"<ReceiptExternalStreamedBE xmlns="{NS}"><ReceiptId>{id}</ReceiptId></ReceiptExternalStreamedBE>"#
    ))
}

/// A reply to `Download` that refers to a part.
pub fn download_reply(id: &str) -> String {
    super::contract::envelope(&format!(
        r#"<DownloadFileStreamedBasicResponse xmlns="{NS}"><DownloadFileStreamedBasicResult>{}</DownloadFileStreamedBasicResult></DownloadFileStreamedBasicResponse>"#,
        include(id)
    ))
}

pub fn include(id: &str) -> String {
    format!(r#"<xop:Include href="cid:{id}" xmlns:xop="http://www.w3.org/2004/08/xop/include"/>"#)
}

pub const PACKAGE: &str =
    r#"multipart/related; type="application/xop+xml"; start="<0>"; boundary="boundary"; start-info="text/xml""#;

/// Parts as a package of type [`PACKAGE`]; `0` is the root.
pub fn package(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut package = Vec::new();
    for (id, content) in parts {
        let media_type =
            if *id == "0" { "application/xop+xml;charset=utf-8;type=\"text/xml\"" } else { "application/octet-stream" };
        package.extend_from_slice(
            format!("\r\n--boundary\r\nContent-ID: <{id}>\r\nContent-Transfer-Encoding: binary\r\nContent-Type: {media_type}\r\n\r\n")
                .as_bytes(),
        );
        package.extend_from_slice(content);
    }
    package.extend_from_slice(b"\r\n--boundary--\r\n");
    package
}

/// A recorded message: its header lines and its body, chunks put together.
pub fn recorded(name: &str) -> (Vec<(String, String)>, Vec<u8>) {
    let path = format!("{}/../tests/fixtures/mtom/{name}", env!("CARGO_MANIFEST_DIR"));
    let bytes = std::fs::read(path).unwrap();
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let head = std::str::from_utf8(&bytes[..end]).unwrap();
    let lines = head.lines().skip(1).filter_map(|line| line.split_once(": "));
    let lines: Vec<(String, String)> =
        lines.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
    let body = &bytes[end + 4..];
    let chunked = lines.iter().any(|(name, value)| name == "transfer-encoding" && value == "chunked");
    let body = if chunked { unchunked(body) } else { body.to_vec() };
    (lines, body)
}

pub fn unchunked(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let line = rest.windows(2).position(|window| window == b"\r\n").unwrap();
        let length = usize::from_str_radix(std::str::from_utf8(&rest[..line]).unwrap(), 16).unwrap();
        if length == 0 {
            return body;
        }
        body.extend_from_slice(&rest[line + 2..line + 2 + length]);
        rest = &rest[line + 2 + length + 2..];
    }
}

pub fn header<'a>(lines: &'a [(String, String)], name: &str) -> &'a str {
    &lines.iter().find(|(known, _)| known == name).unwrap().1
}
