//! The services that are called: those that were generated, and a small one with a list, binary members and a stream.

use std::sync::{Arc, OnceLock};

use altinn_soap::generated::v1;
use altinn_soap::testing::{Answer, ScriptedTransport};
use altinn_soap::{Certificate, Connection, Credentials, EndUser, registry};
use http::{HeaderValue, StatusCode, header};

use crate::network::{Origin, block_on, connection};
use crate::outcome::Outcome;
use crate::tree::{Content, Element, Form, Name};

pub(crate) const NS: &str = "urn:example:fuzz";

static ECHO: v1::Operation = v1::Operation::new("Echo", "urn:echo")
    .request(v1::Field::required(NS, "Echo"))
    .reply(v1::Reply::element(v1::Field::required(NS, "Echo")));
/// A list of records.
static LIST: v1::Operation =
    v1::Operation::new("List", "urn:list").request(v1::Field::required(NS, "Echo")).reply(v1::Reply::unwrapped(
        v1::Field::required(NS, "ListResponse"),
        v1::Field::optional(NS, "ListResult").items(NS, "Echo"),
    ));
/// A stream beside other values.
static FETCH: v1::Operation = v1::Operation::new("Fetch", "urn:fetch")
    .request(v1::Field::required(NS, "Echo"))
    .reply(v1::Reply::element(v1::Field::required(NS, "Fetched")));

/// The members of [`Echo`] whose content may stand in a part.
pub(crate) const BINARY: [&str; 4] = ["One", "Many", "Thumbnail", "Content"];

#[derive(Clone, Default, PartialEq)]
pub(crate) struct Echo {
    one: Option<v1::Binary>,
    many: Vec<v1::Binary>,
    number: Option<i32>,
    time: v1::Nillable<v1::DateTime>,
    text: Option<String>,
    any: Option<v1::Fragment>,
}

v1::record!(Echo: v1::Shape::new(NS, "Echo", &[
    v1::Field::optional(NS, "One"),
    v1::Field::many(NS, "Many"),
    v1::Field::optional(NS, "Number"),
    v1::Field::optional(NS, "Time").nillable(),
    v1::Field::optional(NS, "Text").nillable(),
    v1::Field::optional(NS, "Any").any(),
]), { 0 => one, 1 => many, 2 => number, 3 => time, 4 => text, 5 => any });

impl Echo {
    pub(crate) fn of_number(number: i32) -> Self {
        Self { number: Some(number), ..Self::default() }
    }
}

#[derive(Clone, Default, PartialEq)]
pub(crate) struct Fetched {
    thumbnail: Option<v1::Binary>,
}

v1::record!(Fetched: v1::Shape::new(NS, "Fetched", &[
    v1::Field::required(NS, "Content").stream(),
    v1::Field::optional(NS, "Thumbnail"),
]), { 1 => thumbnail });

static PORT: v1::PortDescriptor =
    v1::PortDescriptor::new("Fuzz", "Fuzz", "http://published.example/Fuzz.svc", v1::SoapVersion::Soap11)
        .operations(&[&ECHO, &LIST, &FETCH]);
static SECURED: v1::PortDescriptor =
    v1::PortDescriptor::new("Fuzz12", "Fuzz", "http://published.example/Fuzz12.svc", v1::SoapVersion::Soap12)
        .addressing()
        .mtom()
        .security(v1::Security::user_name().timestamp())
        .operations(&[&ECHO, &LIST, &FETCH]);
static CONVERSATION: v1::PortDescriptor =
    v1::PortDescriptor::new("Trust", "Fuzz", "http://published.example/Trust.svc", v1::SoapVersion::Soap12)
        .addressing()
        .security(v1::Security::secure_conversation().must_not_cancel().timestamp())
        .operations(&[&ECHO]);
static CONVERSATION_1_3: v1::PortDescriptor =
    v1::PortDescriptor::new("Trust13", "Fuzz", "http://published.example/Trust13.svc", v1::SoapVersion::Soap12)
        .addressing()
        .mtom()
        .security(v1::Security::secure_conversation().must_not_cancel().timestamp().version_1_3())
        .operations(&[&ECHO]);

static EXCHANGES: [v1::Exchange; 7] = [
    v1::Exchange::new(&PORT, &ECHO, v1::message_type::<Echo>(), v1::message_type::<Echo>()),
    v1::Exchange::new(&SECURED, &ECHO, v1::message_type::<Echo>(), v1::message_type::<Echo>()),
    v1::Exchange::new(&PORT, &LIST, v1::message_type::<Echo>(), v1::message_type::<Vec<Echo>>()),
    v1::Exchange::new(&SECURED, &LIST, v1::message_type::<Echo>(), v1::message_type::<Vec<Echo>>()),
    v1::Exchange::new(&SECURED, &FETCH, v1::message_type::<Echo>(), v1::message_type::<Fetched>()),
    v1::Exchange::new(&CONVERSATION, &ECHO, v1::message_type::<Echo>(), v1::message_type::<Echo>()),
    v1::Exchange::new(&CONVERSATION_1_3, &ECHO, v1::message_type::<Echo>(), v1::message_type::<Echo>()),
];

pub(crate) fn echoes() -> &'static [v1::Exchange] {
    &EXCHANGES[..2]
}

pub(crate) fn lists() -> &'static [v1::Exchange] {
    &EXCHANGES[2..4]
}

pub(crate) fn fetch() -> &'static v1::Exchange {
    &EXCHANGES[4]
}

/// With sessions of both versions of WS-Trust.
pub(crate) fn conversations() -> &'static [v1::Exchange] {
    &EXCHANGES[5..]
}

/// The generated exchanges that can be made without a stream.
pub(crate) fn generated() -> &'static [&'static v1::Exchange] {
    static ALL: OnceLock<Vec<&'static v1::Exchange>> = OnceLock::new();
    ALL.get_or_init(|| {
        let works = |exchange: &&'static v1::Exchange| {
            let call = Call::sample(exchange, 0);
            matches!(call.make(0, |_, answer| answer), Outcome::Read { .. })
        };
        registry::exchanges().into_iter().filter(works).collect()
    })
}

/// A call, and the right answer to it.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) exchange: &'static v1::Exchange,
    request: Arc<dyn v1::Slot>,
    /// As the contract has it, without headers of the infrastructure.
    reply: Element,
}

impl Call {
    /// Request and reply are made from a seed.
    pub(crate) fn sample(exchange: &'static v1::Exchange, seed: u64) -> Self {
        let operation = exchange.operation();
        let mut sampler = v1::Sampler::new(seed);
        let request = v1::Direction::Request(operation).sample(exchange.request(), &mut sampler);
        let direction = v1::Direction::Reply(operation);
        let reply = direction.sample(exchange.reply(), &mut sampler);
        let stream = v1::Binary::from(vec![b'x'; 40]);
        let reply =
            v1::write_message(exchange.port().soap, direction, &*reply, v1::Style::Server, &slots(), Some(&stream));
        let reply = reply.unwrap_or_else(|error| panic!("{error}"));
        Self { exchange, request: Arc::from(request), reply: Element::parse(&String::from_utf8_lossy(&reply)) }
    }

    /// The right answer, with the headers of the answer that a service in memory gives.
    pub(crate) fn merged(&self, answer: &Answer) -> Element {
        let mut reply = self.reply.clone();
        let mut outer = Element::parse(&String::from_utf8_lossy(&answer.body));
        let Some(blocks) = outer.child_mut("Header").map(|header| std::mem::take(&mut header.content)) else {
            return reply;
        };
        for declaration in outer.declarations {
            if !reply.declarations.iter().any(|(prefix, _)| *prefix == declaration.0) {
                reply.declarations.push(declaration);
            }
        }
        if reply.child_mut("Header").is_none() {
            let name = Name { local: "Header".into(), ..reply.name.clone() };
            reply.content.insert(0, Content::Element(Element::new(name)));
        }
        if let Some(header) = reply.child_mut("Header") {
            header.content.extend(blocks);
        }
        reply
    }

    /// Makes the call. The answers are what the edit makes of the right ones.
    pub(crate) fn make(&self, pieces: u64, edit: impl Fn(Origin, Answer) -> Answer + Send + Sync + 'static) -> Outcome {
        self.over(&self.connection(pieces, edit))
    }

    /// A connection to the service, whose answers are edited.
    pub(crate) fn connection(
        &self,
        pieces: u64,
        edit: impl Fn(Origin, Answer) -> Answer + Send + Sync + 'static,
    ) -> Connection {
        let call = self.clone();
        let edit = move |origin, mut answer: Answer| {
            if origin == Origin::Service && answer.status == StatusCode::OK {
                answer.body = Form::of(0).write(&call.merged(&answer)).into();
            }
            edit(origin, answer)
        };
        connection(script(), pieces, Box::new(edit))
    }

    /// Makes the call over a connection, and reads the answer whole.
    pub(crate) fn over(&self, connection: &Connection) -> Outcome {
        let port = port(connection, self.exchange.port());
        let request = port.request(self.exchange.operation(), &*self.request);
        Outcome::of(block_on(request.principal(person()).call_any(self.exchange.reply())))
    }
}

/// Steps for more requests than any call makes: a busy service and a lost session are asked again.
pub(crate) fn script() -> ScriptedTransport {
    (0..6).fold(ScriptedTransport::new(), |script, _| script.reply(""))
}

pub(crate) fn port(connection: &Connection, descriptor: &'static v1::PortDescriptor) -> v1::Port {
    static CERTIFICATE: OnceLock<Certificate> = OnceLock::new();
    let certificate = CERTIFICATE.get_or_init(|| {
        let file = |name: &str| crate::fixture(&format!("security/vectors/{name}"));
        Certificate::from_pem(file("test-cert.pem"), file("test-key.pem")).unwrap_or_else(|error| panic!("{error}"))
    });
    let port = v1::Port::new(connection, descriptor).credentials(Credentials::new("user", "password"));
    if descriptor.security.scheme == v1::SecurityScheme::SecureConversation {
        port.certificate(certificate.clone())
    } else {
        port
    }
}

fn person() -> EndUser {
    EndUser::new("a person", "a password").pin_code("SMSPin", "1234")
}

pub(crate) fn slots() -> v1::Slots {
    let mut slots = v1::Slots::of_client("user".into(), "password".into());
    v1::Principal::fill(&person(), &mut slots);
    slots
}

pub(crate) fn content_type(answer: &mut Answer, value: &[u8]) {
    if let Ok(value) = HeaderValue::from_bytes(value) {
        answer.headers.insert(header::CONTENT_TYPE, value);
    }
}
