//! Our server does what WCF's did: it takes what .NET's client wrote, answers what WCF answered, and refuses what WCF
//! refused.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use altinn_soap::generated::v1;
use altinn_soap::{XmlLimits, registry};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Response;
use roxmltree::{Document, Node};
use soap_runtime::server::{AnyMessage, RecordedSession, Service, ServiceFault, Sessions};
use soap_runtime::transport::Body;
use soap_runtime::verify::ContextKeys as _;
use soap_runtime::{Clock, Fragment};
use wsdl_codegen::contract::model::Contract;

use super::compare::same_reply;
use super::recording::{Exchange, Keys, Message, between, element, time};
use super::replay::{ENOUGH, port};
use crate::support::package::Package;

const ADDRESSING: &str = "http://www.w3.org/2005/08/addressing";
const SECEXT: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";

#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) requests: usize,
    /// Of those, the ones that reached a handler.
    pub(super) handled: usize,
    pub(super) tokens: usize,
    pub(super) replies: usize,
    pub(super) faults: usize,
    pub(super) packages: usize,
    /// Requests to ports that were generated from a contract of EC.
    pub(super) of_ec: usize,
    pub(super) failures: Vec<String>,
}

/// What the handlers answer next, and what they were asked last.
#[derive(Default)]
struct Scene {
    next: Option<Result<AnyMessage, ServiceFault>>,
    asked: Option<(&'static str, AnyMessage)>,
}

/// Sends the requests of a folder to a service of ours, with the time and the sessions of the recording.
///
/// `is_answered`: the recorded answers are WCF's, and ours have to be the same. `is_one_by_one`: they are in no order.
pub(super) async fn check(
    contract: &Contract,
    exchanges: &[Exchange],
    (is_answered, is_one_by_one): (bool, bool),
    outcome: &mut Outcome,
) {
    let keys = Keys::of(exchanges);
    let mut certificate = Vec::new();
    let sessions = Sessions::default().idle(Duration::from_secs(3600));
    for exchange in exchanges {
        if let Some(token) = element(&exchange.request.envelope(), "BinarySecurityToken") {
            certificate = STANDARD.decode(token).unwrap();
        }
        if is_one_by_one {
            // Those that others of them begin.
            exchanges.iter().for_each(|other| install(&sessions, other, &keys, &certificate));
        }
        if !is_known(exchange, &keys) {
            continue;
        }
        outcome.requests += 1;
        outcome.of_ec += usize::from(Served::by(exchange).is_generated_for_ec());
        // The Basic variant says neither when nor which message it is; one of the requests has no time.
        let sent = [&*exchange.request, &exchange.response].map(Message::envelope);
        let now = sent.iter().find_map(|text| element(text, "Created")).map_or(SystemTime::UNIX_EPOCH, time);
        let scene = Arc::new(Mutex::new(Scene::default()));
        let service = service(exchange, now, &sessions, &scene);
        scene.lock().unwrap().next = answer(exchange, is_answered);
        let response = service.handle(request(&exchange.request)).await;
        let ours = message(response).await;
        outcome.packages += usize::from(ours.package.is_some());
        install(&sessions, exchange, &keys, &certificate);
        let asked = scene.lock().unwrap().asked.take();
        if let Err(failure) = compare(contract, exchange, is_answered, asked, &ours, outcome) {
            outcome.failures.push(format!("{}: {failure}", exchange.name));
        }
    }
}

/// Installs the session that an exchange begins or renews, as its server knew it.
fn install(sessions: &Sessions, exchange: &Exchange, keys: &Keys, certificate: &[u8]) {
    let response = exchange.response.envelope();
    let Some(token) = element(&response, "SecurityContextToken") else { return };
    let text = |local| element(token, local).map(str::to_owned);
    let (identifier, instance) = (text("Identifier").unwrap(), text("Instance"));
    let Some(key) = keys.key(&identifier, instance.as_deref()) else { return };
    let id = between(&response, "SecurityContextToken u:Id=\"", "\"").unwrap().to_owned();
    let created = time(element(element(&response, "Lifetime").unwrap(), "Created").unwrap());
    let cookie = text("Cookie").map(|text| STANDARD.decode(text.trim()).expect("a cookie in base64"));
    let certificate = certificate.to_vec();
    sessions.install(RecordedSession { id, identifier, instance, cookie, key, created, certificate });
}

/// Whether the key of its session was recorded too.
fn is_known(exchange: &Exchange, keys: &Keys) -> bool {
    let request = exchange.request.envelope();
    let Some(token) = element(&request, "SecurityContextToken") else { return true };
    let (identifier, instance) = (element(token, "Identifier").unwrap(), element(token, "Instance"));
    keys.key(identifier, instance).is_some()
}

/// A port, and its operations with their types.
struct Served {
    port: &'static v1::PortDescriptor,
    operations: Vec<&'static v1::Exchange>,
}

impl Served {
    /// What the request of an exchange was sent to. A port of EC is one that was generated from its contract; without that,
    /// the one of EC2 with the other policy.
    fn by(exchange: &Exchange) -> Self {
        if exchange.variant() == "ec" {
            let path = exchange.request.target.split('?').next().unwrap_or_default();
            let mut operations = altinn_soap_ec::exchanges();
            operations.retain(|known| known.port().address.ends_with(path));
            if let Some(first) = operations.first() {
                return Self { port: first.port(), operations };
            }
        }
        let port = port(exchange.variant(), &exchange.request.url());
        let of_port = registry::exchanges().into_iter().filter(|known| known.port().name == port.name);
        Self { port, operations: of_port.collect() }
    }

    fn operation(&self, is: impl Fn(&v1::Operation) -> bool) -> Option<&'static v1::Exchange> {
        self.operations.iter().copied().find(|known| is(known.operation()))
    }

    fn is_generated_for_ec(&self) -> bool {
        let security = &self.port.security;
        security.scheme == v1::SecurityScheme::SecureConversation
            && !security.must_not_cancel
            && self.operations.iter().all(|known| std::ptr::eq(known.port(), self.port))
    }
}

/// A service of the port that the request was sent to.
fn service(exchange: &Exchange, now: SystemTime, sessions: &Sessions, scene: &Arc<Mutex<Scene>>) -> Service {
    let Served { port, operations } = Served::by(exchange);
    let mut serving = v1::Service::new(port, Arc::clone(scene));
    for known in operations {
        let name = known.operation().name;
        serving = serving.any(known.operation(), known.request(), move |scene, request, _| {
            let mut scene = scene.lock().unwrap();
            scene.asked = Some((name, request));
            let answer = scene.next.take().unwrap_or_else(|| Err(ServiceFault::internal()));
            async move { answer }
        });
    }
    let trusts = !exchange.name.contains("untrusted");
    let knows = !exchange.name.contains("password");
    serving
        .service()
        .clock(Arc::new(At(now)))
        .sessions(sessions.clone())
        .certificates(move |_| trusts)
        .users(move |_, _| async move { knows })
}

/// The answer of the recorded handler.
fn answer(exchange: &Exchange, is_answered: bool) -> Option<Result<AnyMessage, ServiceFault>> {
    let text = exchange.response.envelope();
    if exchange.response.is_fault() {
        if text.contains("InternalServiceFault") {
            return Some(Err(ServiceFault::internal()));
        }
        let document = Document::parse(&text).unwrap();
        let detail = document
            .descendants()
            .find(|node| node.has_tag_name(("http://www.altinn.no/services/common/fault/2009/10", "AltinnFault")))?;
        let reason = document.descendants().find(|node| ["Text", "faultstring"].contains(&node.tag_name().name()));
        let detail = Fragment::from_xml(&text[detail.range()]).unwrap();
        return Some(Err(ServiceFault::sender(reason?.text()?.to_owned()).detail_xml(&detail)));
    }
    let action = action(exchange)?;
    let known = Served::by(exchange).operation(|operation| operation.action == action)?;
    let mut decoder = v1::Decoder::new(text.as_bytes(), &XmlLimits::default());
    let direction = v1::Direction::Reply(known.operation());
    let read = v1::read_any_message(known.port().soap, direction, known.reply(), &mut decoder);
    match read {
        Ok(message) => Some(Ok(AnyMessage { message, stream: decoder.stream().take() })),
        // One that was made up for the recording.
        Err(_) if !is_answered => None,
        Err(error) => panic!("{}: {error}", exchange.name),
    }
}

fn action(exchange: &Exchange) -> Option<String> {
    match exchange.request.header("soapaction") {
        Some(action) => Some(action.trim_matches('"').to_owned()),
        None => element(&exchange.request.envelope(), "Action").map(str::to_owned),
    }
}

/// The recorded request.
fn request(message: &Message) -> http::Request<Body> {
    let mut request = http::Request::post(&message.target);
    for (name, value) in message.headers.iter().filter(|(name, _)| name != "transfer-encoding") {
        request = request.header(name, value);
    }
    request.body(message.body.clone().into()).unwrap()
}

/// What was answered.
async fn message(response: Response<Body>) -> Message {
    let (head, body) = response.into_parts();
    let text = |value: &http::HeaderValue| value.to_str().unwrap().to_owned();
    let headers: Vec<_> = head.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect();
    let body = body.collect(ENOUGH).await.unwrap().to_vec();
    let content_type = head.headers.get("content-type").map(text).unwrap_or_default();
    let package = Package::of(&content_type, &body);
    Message { target: String::new(), status: head.status.as_u16(), headers, body, package }
}

fn compare(
    contract: &Contract,
    exchange: &Exchange,
    is_answered: bool,
    asked: Option<(&'static str, AnyMessage)>,
    ours: &Message,
    outcome: &mut Outcome,
) -> Result<(), String> {
    let (text, recorded) = (ours.envelope(), exchange.response.envelope());
    let (our, theirs) = (Document::parse(&text).unwrap(), Document::parse(&recorded).unwrap());
    if let Some((name, request)) = &asked {
        outcome.handled += 1;
        same_request(exchange, name, request)?;
    }
    let derives = exchange.request.envelope().contains("<c:DerivedKeyToken");
    if !is_answered {
        // Nobody said what the answer should be, but for what WCF refuses elsewhere.
        let refused = derives.then_some("InvalidSecurity");
        return match (refused, code(&our)) {
            (None, _) if asked.is_some() || exchange.request.is_trust() && !is_fault(&our) => Ok(()),
            (Some(wanted), Some(code)) if code == wanted => Ok(()),
            (_, code) => Err(format!("not taken: {code:?}, {text}")),
        };
    }
    if ours.status != exchange.response.status || ours.package.is_some() != exchange.response.package.is_some() {
        return Err(format!("{} {:?}, not {}", ours.status, code(&our), exchange.response.status));
    }
    if frame(&our) != frame(&theirs) {
        return Err(format!("{:?}, not {:?}", frame(&our), frame(&theirs)));
    }
    if is_fault(&theirs) {
        outcome.faults += 1;
        return match said(&our) == said(&theirs) {
            true => Ok(()),
            false => Err(format!("{:?}, not {:?}", said(&our), said(&theirs))),
        };
    }
    if exchange.request.is_trust() {
        outcome.tokens += 1;
        return match names(&our) == names(&theirs) {
            true => Ok(()),
            false => Err(format!("{:?}, not {:?}", names(&our), names(&theirs))),
        };
    }
    outcome.replies += 1;
    let (name, _) = asked.ok_or("a reply of no handler")?;
    let known = Served::by(exchange).operation(|operation| operation.name == name).unwrap();
    let mut decoder = v1::Decoder::new(text.as_bytes(), &XmlLimits::default());
    let direction = v1::Direction::Reply(known.operation());
    let reply = v1::read_any_message(known.port().soap, direction, known.reply(), &mut decoder)
        .map_err(|error| format!("{error}: {text}"))?;
    match (decoder.stream().take(), &exchange.response.package) {
        // The stream is all that such a reply holds.
        (Some(stream), Some(package)) => match stream.bytes().unwrap() == package.parts.last().unwrap().content {
            true => Ok(()),
            false => Err("another stream".to_owned()),
        },
        _ => same_reply(contract, known.port(), known.operation(), &*reply, &recorded),
    }
}

/// The request that a handler was given is the one that was sent.
fn same_request(exchange: &Exchange, name: &str, request: &AnyMessage) -> Result<(), String> {
    let known = Served::by(exchange).operation(|operation| operation.name == name).ok_or("an unknown operation")?;
    if action(exchange).as_deref() != Some(known.operation().action) {
        return Err(format!("{name} was called"));
    }
    let text = exchange.request.envelope();
    let mut decoder = v1::Decoder::new(text.as_bytes(), &XmlLimits::default());
    let direction = v1::Direction::Request(known.operation());
    let read = v1::read_any_message(known.port().soap, direction, known.request(), &mut decoder);
    let read = read.map_err(|error| error.to_string())?;
    let octets = |stream: Option<altinn_soap::Binary>| stream.map(|stream| stream.bytes().unwrap());
    let (given, sent) = (octets(request.stream.clone()), octets(decoder.stream().take()));
    match read.same(&*request.message) && given == sent {
        true => Ok(()),
        false => Err("a handler was given another request".to_owned()),
    }
}

fn is_fault(document: &Document<'_>) -> bool {
    document.descendants().any(|node| node.tag_name().name() == "Fault")
}

fn find<'d>(document: &'d Document<'_>, local: &str) -> Option<Node<'d, 'd>> {
    document.descendants().find(|node| node.tag_name().name() == local)
}

/// Action, RelatesTo, whether it is secured, and the headers in their order.
fn frame(document: &Document<'_>) -> (Option<String>, Option<String>, bool, Vec<String>) {
    let header = find(document, "Header");
    let text = |local| find(document, local).and_then(|node| node.text()).map(str::to_owned);
    let names = header.iter().flat_map(|header| header.children()).filter(Node::is_element);
    (
        text("Action"),
        text("RelatesTo"),
        document.descendants().any(|node| node.has_tag_name((SECEXT, "Security"))),
        names.map(|node| node.tag_name().name().to_owned()).collect(),
    )
}

/// A name that is the text of an element.
fn named(node: Node<'_, '_>) -> Code {
    let text = node.text().unwrap_or_default().trim();
    let (prefix, local) = text.split_once(':').map_or((None, text), |(prefix, local)| (Some(prefix), local));
    (node.lookup_namespace_uri(prefix).map(str::to_owned), local.to_owned())
}

/// A namespace and a local name.
type Code = (Option<String>, String);

/// The codes of a fault, and the content of its detail.
fn said(document: &Document<'_>) -> (Vec<Code>, Option<Vec<String>>) {
    let codes = document.descendants().filter(|node| ["faultcode", "Value"].contains(&node.tag_name().name()));
    let detail = document.descendants().find(|node| ["detail", "Detail"].contains(&node.tag_name().name()));
    let texts = |node: Node<'_, '_>| {
        let texts = node.descendants().filter(Node::is_element);
        texts.map(|node| format!("{}={}", node.tag_name().name(), node.text().unwrap_or_default())).collect()
    };
    (codes.map(named).collect(), detail.and_then(|detail| detail.first_element_child()).map(texts))
}

/// The innermost code.
fn code(document: &Document<'_>) -> Option<String> {
    said(document).0.pop().map(|(_, local)| local)
}

/// What a response of the token service is made of: all names but for those of attributes, and what is the same in each.
fn names(document: &Document<'_>) -> Vec<String> {
    let body = find(document, "Body").unwrap();
    let mut names: Vec<String> = body
        .descendants()
        .filter(Node::is_element)
        .map(|node| {
            let plain = ["TokenType", "ComputedKey", "KeySize"].contains(&node.tag_name().name());
            let text = node.text().filter(|_| plain).unwrap_or_default();
            format!("{{{}}}{}={text}", node.tag_name().namespace().unwrap_or_default(), node.tag_name().name())
        })
        .collect();
    // What is not a name of ours.
    names.retain(|name| !name.starts_with(&format!("{{{ADDRESSING}}}")));
    names
}

/// The time of a request.
#[derive(Debug)]
struct At(SystemTime);

impl Clock for At {
    fn now(&self) -> SystemTime {
        self.0
    }
}
