//! The variants of a port, what a submission to each is, and the echo by which its reply is known.

use soap_runtime::generated::v1;
use soap_runtime::{Connection, Credentials, Error, Upload};

use super::support::contract::{self, GREET, Greet};
use super::support::files::{self, DOWNLOAD, DownloadFile, Echo, LIST, Receipt, UPLOAD, UploadFile};
use super::support::secured::{self, certificate};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    /// SOAP 1.1, with credentials in the body.
    Basic,
    /// SOAP 1.1, with HTTP Basic.
    HttpBasic,
    /// SOAP 1.2 with a UsernameToken, over TLS.
    Ws,
    /// The same with a digest of the password, in the clear.
    Digest,
    /// SOAP 1.2 with a session.
    Ec2,
    /// The same with a session that the service remembers.
    Ec,
    /// SOAP 1.1 with MTOM: a stream in the request.
    Upload,
    /// The same in SOAP 1.2, with a UsernameToken.
    SecuredUpload,
    /// SOAP 1.1 with MTOM: a stream in the reply.
    Download,
    /// SOAP 1.1 with a reply that is a list.
    List,
}

static HTTP_BASIC: v1::PortDescriptor = v1::PortDescriptor::new(
    "http_basic",
    "Greeter",
    "http://published.example/Greeter/Greeter.svc",
    v1::SoapVersion::Soap11,
)
.security(v1::Security::http_basic())
.operations(&[&GREET]);

/// Bytes of the longest stream: more than a connection takes at once.
const LONGEST_STREAM: u64 = 64 << 10;

/// Items of a list.
pub const ITEMS: usize = 20;

impl Variant {
    pub fn port(self) -> &'static v1::PortDescriptor {
        match self {
            Self::Basic => &contract::PORT,
            Self::HttpBasic => &HTTP_BASIC,
            Self::Ws => &secured::WS,
            Self::Digest => &secured::WS_DIGEST,
            Self::Ec2 => &secured::EC2,
            Self::Ec => &secured::EC,
            Self::SecuredUpload => &files::WS_PORT,
            Self::Upload | Self::Download => &files::PORT,
            Self::List => &files::TEXT_PORT,
        }
    }

    pub fn is_soap_12(self) -> bool {
        matches!(self, Self::Ws | Self::Digest | Self::Ec2 | Self::Ec | Self::SecuredUpload)
    }

    /// Whether its messages go over TLS.
    pub fn has_tls(self) -> bool {
        self == Self::Ws
    }

    /// Whether a message is sent again to a service that says it is too busy, which only security can vouch for.
    pub fn retries_when_busy(self) -> bool {
        self.is_soap_12()
    }

    pub fn is_upload(self) -> bool {
        matches!(self, Self::Upload | Self::SecuredUpload)
    }

    /// Whether a submission can be sent again at all: a reader can be read once.
    pub fn can_be_repeated(self, id: u64) -> bool {
        !self.is_upload() || has_bytes(id)
    }

    /// Whether a message is sent again in a new session.
    pub fn has_sessions(self) -> bool {
        matches!(self, Self::Ec2 | Self::Ec)
    }

    /// The client of a user, or of the user that all share.
    pub fn client(self, connection: &Connection, user: Option<u64>) -> v1::Port {
        let port = v1::Port::new(connection, self.port());
        let port = if self.has_sessions() { port.certificate(certificate()) } else { port };
        port.credentials(match user {
            Some(id) => Credentials::new(format!("user-{id}"), format!("password-{id}")),
            None => Credentials::new("system-id", "planted-password"),
        })
    }

    /// Makes the submission. Returns what it was answered, in a form that [`echo`](Self::echo) gives too.
    pub async fn submit(self, port: &v1::Port, id: u64) -> Result<String, Error> {
        let mark = mark(id);
        match self {
            Self::Upload | Self::SecuredUpload => {
                let request =
                    UploadFile { file_name: mark, reference: "reference".into(), reportee: "910000000".into() };
                let content = content(id);
                let upload = match has_bytes(id) {
                    true => Upload::from(content),
                    // Sent in chunks: its length is not known before.
                    false => Upload::from_reader(std::io::Cursor::new(content)),
                };
                let receipt: Receipt = port.request(&UPLOAD, &request).upload(upload).call().await?;
                Ok(receipt.receipt_text.unwrap_or_default())
            }
            Self::Download => {
                let request = DownloadFile { file_reference: mark, reportee: "910000000".into() };
                let download = port.request(&DOWNLOAD, &request).download().await?;
                let received = download.collect(2 * LONGEST_STREAM as usize).await?;
                Ok(String::from_utf8_lossy(&received).into_owned())
            }
            Self::List => {
                let items: Vec<String> =
                    port.request(&LIST, &Echo { text: Some(mark), ..Echo::default() }).call().await?;
                Ok(items.concat())
            }
            _ => port.request(&GREET, &Greet { name: mark }).call().await,
        }
    }

    /// What the reply to a submission holds.
    pub fn echo(self, id: u64) -> String {
        match self {
            Self::Download => String::from_utf8(content(id)).unwrap(),
            Self::List => echo_of(id).repeat(ITEMS),
            _ => echo_of(id),
        }
    }

    /// The content of the Body in the reply to a submission; of a download, the stream is a part beside it.
    pub fn reply(self, id: u64) -> String {
        let echo = echo_of(id);
        match self {
            Self::Upload | Self::SecuredUpload => format!(
                r#"<ReceiptExternalStreamedBE xmlns="{}"><ReceiptId>1</ReceiptId><ReceiptText>{echo}</ReceiptText></ReceiptExternalStreamedBE>"#,
                files::NS
            ),
            Self::Download => format!(
                r#"<DownloadFileStreamedBasicResponse xmlns="{}"><DownloadFileStreamedBasicResult>{}</DownloadFileStreamedBasicResult></DownloadFileStreamedBasicResponse>"#,
                files::NS,
                files::include("stream")
            ),
            _ => {
                format!(r#"<GreetResponse xmlns="{}"><GreetResult>{echo}</GreetResult></GreetResponse>"#, contract::NS)
            }
        }
    }
}

/// Whether the content of an upload is given as bytes, and not as a reader.
fn has_bytes(id: u64) -> bool {
    id.is_multiple_of(2)
}

const MARK: (&str, &str) = ("submission-", "-end");

/// What stands in every message of a submission.
fn mark(id: u64) -> String {
    format!("{}{id}{}", MARK.0, MARK.1)
}

/// What a reply holds to know it by.
pub fn echo_of(id: u64) -> String {
    format!("echo of {}", mark(id))
}

/// The submissions whose marks stand in a text.
pub fn marks(text: &str) -> Vec<u64> {
    let marks = text.split(MARK.0).skip(1);
    marks.filter_map(|rest| rest.split_once(MARK.1)?.0.parse().ok()).collect()
}

/// The stream of a submission. Nothing in it is a boundary.
pub fn content(id: u64) -> Vec<u8> {
    let line = format!("stream of {id}; ");
    let length = 1 + id.wrapping_mul(0x9E37_79B9) % LONGEST_STREAM;
    line.bytes().cycle().take(length as usize).collect()
}
