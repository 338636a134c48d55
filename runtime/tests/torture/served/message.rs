//! Requests as our client writes them, octet for octet, and spoilt.

use std::cell::RefCell;

use soap_runtime::Connection;
use soap_runtime::generated::v1;
use soap_runtime::server::Service;
use soap_runtime::transport::{BoxFuture, Phase, Request, Response, Transport, TransportError};

use super::super::chance::Chance;
use super::super::support::secured::Time;
use super::super::variant::Variant;
use super::abuse::Spoilt;

tokio::task_local! {
    static TAKEN: RefCell<Option<Message>>;
}

/// A request that has not been framed.
pub struct Message {
    /// Of its head, but for those that frame it.
    pub lines: String,
    pub body: Vec<u8>,
}

/// What the actions of requests to the token service contain.
const TRUST: &str = "/trust/RST/SCT";

/// A network that sends nothing but what begins or ends a session, and keeps what it is given.
#[derive(Debug)]
struct Keeping(Service);

impl Transport for Keeping {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        Box::pin(async move {
            let mut lines = format!("POST {} HTTP/1.1\r\nHost: localhost\r\n", request.url.path());
            for (name, value) in &request.headers {
                lines += &format!("{name}: {}\r\n", value.to_str().unwrap());
            }
            let Request { url, headers, body, reply_timeout, idle_timeout, minimum_rate } = request;
            let body = body.collect(usize::MAX).await?;
            if memchr::memmem::find(&body, TRUST.as_bytes()).is_some() {
                let body = body.into();
                return self.0.send(Request { url, headers, body, reply_timeout, idle_timeout, minimum_rate }).await;
            }
            TAKEN.with(|taken| taken.replace(Some(Message { lines, body: body.to_vec() })));
            Err(TransportError::new(Phase::Send))
        })
    }
}

/// The clients whose requests are kept.
pub struct Writer {
    variant: Variant,
    connection: Connection,
    good: v1::Port,
    stale: v1::Port,
}

impl Writer {
    pub fn new(variant: Variant, service: &Service, time: &Time) -> Self {
        let connection = |time: &Time| {
            let builder = Connection::builder("https://localhost").transport(Keeping(service.clone()));
            builder.clock(time.clone()).build().unwrap()
        };
        let past = Time::default();
        past.set(-3600);
        let now = connection(time);
        Self {
            variant,
            good: variant.client(&now, None),
            stale: variant.client(&connection(&past), None),
            connection: now,
        }
    }

    /// Ends its session.
    pub async fn close(&self) {
        self.connection.close().await;
    }

    /// The request of a submission.
    pub async fn write(&self, id: u64, spoilt: Spoilt, chance: &mut Chance) -> Message {
        let stranger;
        let port = match spoilt {
            Spoilt::Stranger => {
                stranger = self.variant.client(&self.connection, Some(id));
                &stranger
            }
            Spoilt::Stale => &self.stale,
            _ => &self.good,
        };
        let call = async {
            let _ = self.variant.submit(port, id).await;
            TAKEN.with(|taken| taken.take())
        };
        let mut message = TAKEN.scope(RefCell::default(), call).await.expect("a request");
        message.spoil(spoilt, chance);
        message
    }
}

/// Octets of a closing boundary, or more.
const CLOSING: usize = 64;

impl Message {
    pub fn is_package(&self) -> bool {
        !self.body.starts_with(b"<")
    }

    fn spoil(&mut self, spoilt: Spoilt, chance: &mut Chance) {
        let find = |body: &[u8], text: &str| memchr::memmem::find(body, text.as_bytes()).expect("a part of a request");
        let start = find(&self.body, "<s:Envelope");
        let end = find(&self.body, "</s:Envelope>") + "</s:Envelope>".len();
        let within = start + 1 + chance.below((end - start - 1) as u64) as usize;
        let insert = |body: &mut Vec<u8>, at: usize, octets: &[u8]| drop(body.splice(at..at, octets.iter().copied()));
        match spoilt {
            Spoilt::No | Spoilt::Stranger | Spoilt::Stale => {}
            Spoilt::Truncated => {
                // What follows the end of an envelope or package is missed by nobody.
                let most = if self.is_package() { self.body.len() - CLOSING } else { end - 1 };
                self.body.truncate(chance.below(most as u64) as usize);
            }
            Spoilt::NoUtf8 => insert(&mut self.body, within, b"\xFF"),
            Spoilt::SecondRoot => insert(&mut self.body, end, b"<more/>"),
            Spoilt::DocumentType => insert(&mut self.body, start, b"<!DOCTYPE planted>"),
            Spoilt::OtherOperation => {
                self.lines = self.lines.replace("soapaction: \"", "soapaction: \"urn:other");
                if let Some(at) = memchr::memmem::find(&self.body, b"</a:Action>") {
                    insert(&mut self.body, at, b"Other");
                } else {
                    // The element in the body says the same.
                    let at = find(&self.body, "<s:Body>") + "<s:Body>".len();
                    insert(&mut self.body, at, b"<other/>");
                }
            }
            Spoilt::OtherType => self.lines = self.lines.replace("content-type: ", "content-type: image/"),
            Spoilt::Forged => {
                let at = find(&self.body, "<SignatureValue>") + "<SignatureValue>".len();
                self.body[at] = if self.body[at] == b'A' { b'B' } else { b'A' };
            }
            Spoilt::Unsecured => {
                let lines = self.lines.split_inclusive("\r\n").filter(|line| !line.starts_with("authorization"));
                self.lines = lines.collect();
                if let Some(at) = memchr::memmem::find(&self.body, b"<o:Security") {
                    let end = find(&self.body, "</o:Security>") + "</o:Security>".len();
                    self.body.drain(at..end);
                }
            }
        }
    }
}
