//! Requests that are changed on their way to a port that is served.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use altinn_soap::generated::v1;
use altinn_soap::transport::{BoxFuture, Request, Response, Transport, TransportError};
use altinn_soap::{Connection, Upload};
use bytes::Bytes;
use futures_core::Stream;
use http::{HeaderMap, StatusCode, Uri};
use soap_runtime::server::{AnyMessage, Listing, Service, ServiceFault};

use crate::choices::{Choices, Plan};
use crate::mutate::Change;
use crate::network::{Time, block_on, client, limits};
use crate::outcome::Verdict;
use crate::service::{self, Call, Echo, Fetched, NS};
use crate::tree::Element;
use crate::{PLANTED, PLANTED_NUMBER};

/// A request of a call as it was sent.
#[derive(Clone)]
struct Sent {
    url: Uri,
    headers: HeaderMap,
    body: Bytes,
}

/// A service that notes what it is sent.
#[derive(Clone, Debug)]
struct Noting {
    service: Service,
    sent: Arc<Mutex<Vec<Sent>>>,
}

impl std::fmt::Debug for Sent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sent")
    }
}

impl Transport for Noting {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        Box::pin(async move {
            let Request { url, headers, body, .. } = request;
            let sent = Sent { url, headers, body: body.collect(usize::MAX).await? };
            self.sent.lock().unwrap_or_else(|error| panic!("{error}")).push(sent.clone());
            self.service.send(again(sent)).await
        })
    }
}

fn again(sent: Sent) -> Request {
    Request {
        url: sent.url,
        headers: sent.headers,
        body: sent.body.into(),
        reply_timeout: Duration::from_secs(1),
        idle_timeout: Duration::from_secs(1),
        minimum_rate: 0,
    }
}

/// How an envelope ends.
const END: &str = "</s:Envelope>";

/// A message with a stream.
#[derive(Clone, Default, PartialEq)]
struct Stored {
    name: Option<String>,
}

v1::record!(Stored: v1::Shape::new(NS, "Stored", &[
    v1::Field::optional(NS, "Name").header(),
    v1::Field::required(NS, "Content").stream(),
]), { 0 => name });

static STORE: v1::Operation = v1::Operation::new("Store", "urn:store")
    .request(v1::Field::required(NS, "Stored"))
    .reply(v1::Reply::element(v1::Field::required(NS, "Echo")));

static STREAMS: v1::PortDescriptor =
    v1::PortDescriptor::new("Streams", "Fuzz", "http://published.example/Streams.svc", v1::SoapVersion::Soap11).mtom();

static SESSIONS: v1::PortDescriptor =
    v1::PortDescriptor::new("Sessions", "Fuzz", "http://published.example/Sessions.svc", v1::SoapVersion::Soap12)
        .addressing()
        .security(v1::Security::secure_conversation().timestamp());

/// What is sent: a call of an exchange, or a stream.
enum Sending {
    Call(&'static v1::Exchange),
    /// To a service that takes and gives streams and items one by one, as generated ones do.
    Stream(usize),
    /// In a session that the service remembers, and that is ended.
    Session,
}

impl Sending {
    fn of(choices: &mut Choices<'_>) -> Self {
        match choices.below(5) {
            0 => Self::Call(&service::conversations()[choices.below(2)]),
            // The other one sends packages.
            1 => Self::Call(&service::echoes()[0]),
            2 => Self::Call(choices.of(service::generated())),
            3 => Self::Stream(choices.below(3)),
            _ => Self::Session,
        }
    }

    /// A service that takes it.
    fn service(&self) -> Service {
        let echo = service::echoes()[0].operation();
        let service = match self {
            Self::Call(exchange) => answering(exchange),
            Self::Stream(_) => v1::Service::new(&STREAMS, ())
                .upload(&STORE, |_, _: Stored, content, _| async move {
                    let received = content.collect(1 << 20).await?;
                    Ok(Echo::of_number(received.len() as i32))
                })
                .download(service::fetch().operation(), |_, _: Echo, _| async move {
                    Ok((Fetched::default(), Upload::from("content")))
                })
                .list(service::lists()[0].operation(), |_, asked: Echo, _| async move {
                    Ok(Listing::from_stream(Twice(vec![asked.clone(), asked])))
                })
                .service(),
            Self::Session => {
                v1::Service::new(&SESSIONS, ()).operation(echo, |_, asked: Echo, _| async move { Ok(asked) }).service()
            }
        };
        let service = service.clock(Arc::new(Time)).limits(limits()).certificates(|_| true);
        service.users(|user, password| async move { user == "user" && password.is("password") })
    }

    /// Sends it.
    fn send(&self, connection: &Connection, seed: u64) {
        let asked = Echo::of_number(7);
        match self {
            Self::Call(exchange) => drop(Call::sample(exchange, seed).over(connection)),
            Self::Stream(which) => {
                let port = service::port(connection, &STREAMS);
                let stored = Stored { name: Some("a name".to_owned()) };
                block_on(async {
                    match which {
                        0 => drop(port.request(&STORE, &stored).upload("a stream").call::<Echo>().await),
                        1 => drop(port.request(service::fetch().operation(), &asked).download_with::<Fetched>().await),
                        _ => drop(port.request(service::lists()[0].operation(), &asked).call::<Vec<Echo>>().await),
                    }
                });
            }
            Self::Session => {
                let port = service::port(connection, &SESSIONS);
                block_on(async {
                    drop(port.request(service::echoes()[0].operation(), &asked).call::<Echo>().await);
                    connection.close().await;
                });
            }
        }
    }
}

/// Some items, one by one.
struct Twice(Vec<Echo>);

impl Stream for Twice {
    type Item = Result<Echo, ServiceFault>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.0.pop().map(Ok))
    }
}

/// The port of an exchange, which answers with a sample.
fn answering(exchange: &'static v1::Exchange) -> Service {
    let reply = move || v1::Direction::Reply(exchange.operation()).sample(exchange.reply(), &mut v1::Sampler::new(7));
    let serving = v1::Service::new(exchange.port(), ());
    let serving = serving.any(exchange.operation(), exchange.request(), move |_, _, _| {
        let message = reply();
        async move { Ok(AnyMessage { message, stream: None }) }
    });
    serving.service()
}

/// Changes what stands before or behind the envelope of a package, in one place or none.
fn change_around(octets: &mut Vec<u8>, choices: &mut Choices<'_>) {
    if octets.is_empty() {
        return;
    }
    let at = choices.below(octets.len());
    match choices.below(6) {
        0..3 => {}
        3 => octets[at] = choices.below(256) as u8,
        4 => octets.truncate(at),
        _ => drop(octets.splice(at..at, PLANTED.bytes())),
    }
}

/// Accepted is a request that is answered without a fault. A fault quotes nothing of it but its id, and the names of headers
/// that are not understood: both are asked for.
pub(crate) fn served(input: &[u8]) -> Verdict {
    let plan = Plan::of(input);
    let mut choices = Choices::new(plan.choices);
    let sending = Sending::of(&mut choices);
    let network = Noting { service: sending.service(), sent: Arc::default() };
    sending.send(&client(network.clone()), choices.below(1 << 16) as u64);
    let sent = network.sent.lock().unwrap_or_else(|error| panic!("{error}")).clone();
    let mut sent = sent[choices.below(sent.len())].clone();
    let text = String::from_utf8_lossy(&sent.body);
    let (Some(start), Some(end)) = (text.find("<s:Envelope"), text.find(END)) else {
        return Verdict::Refused("package");
    };
    let end = end + END.len();
    let document = Element::parse(&text[start..end]);
    let (mut before, mut after) = (sent.body[..start].to_vec(), sent.body[end..].to_vec());
    change_around(if choices.below(2) == 0 { &mut after } else { &mut before }, &mut choices);
    sent.body = [before, Change::of(choices).written(document, plan.form), after].concat().into();
    let (status, answer) = block_on(async {
        let response = network.service.send(again(sent)).await?;
        Ok::<_, TransportError>((response.status, response.body.collect(usize::MAX).await?))
    })
    .unwrap_or_else(|error| panic!("the service does not answer: {error}"));
    if status == StatusCode::OK {
        return Verdict::Accepted;
    }
    let answer = String::from_utf8_lossy(&answer);
    let names_headers = answer.contains("MustUnderstand");
    let (front, rest) = answer.split_once("<a:RelatesTo>").unwrap_or((&answer, ""));
    let rest = rest.split_once("</a:RelatesTo>").map_or(rest, |(_, rest)| rest);
    let quotes = [front, rest].iter().any(|text| text.contains(PLANTED_NUMBER));
    assert!(names_headers || !quotes, "a fault quotes content: {answer}");
    Verdict::Refused(if status == StatusCode::INTERNAL_SERVER_ERROR { "fault" } else { "http" })
}
