//! Secured ports of the contract, their clients, and a service that a test plays.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use http::{HeaderName, StatusCode};
use soap_runtime::generated::v1;
use soap_runtime::testing::{Answer, RecordedRequest, ScriptedTransport};
use soap_runtime::transport::{BoxFuture, Request, Response, Transport, TransportError};
use soap_runtime::{Certificate, Clock, Connection, ConnectionBuilder, Credentials, Error, Random, verify};

use super::contract::{GREET, Greet, NOTIFY, NS};
use super::credentials;

pub const CONVERSATION: v1::Security = v1::Security::secure_conversation().must_not_cancel().timestamp();

static OPERATIONS: &[&v1::Operation] = &[&GREET, &NOTIFY];

const fn port(name: &'static str, security: v1::Security) -> v1::PortDescriptor {
    let address = "http://published.example/Greeter/Greeter.svc";
    v1::PortDescriptor::new(name, "Greeter", address, v1::SoapVersion::Soap12)
        .addressing()
        .security(security)
        .replies(v1::Replies::Strict)
        .operations(OPERATIONS)
}

pub static WS: v1::PortDescriptor = port("ws", v1::Security::user_name().timestamp());
pub static WS_DIGEST: v1::PortDescriptor = port("ws_digest", v1::Security::user_name().digest().timestamp());
pub static WS_WITHOUT_TIMESTAMP: v1::PortDescriptor = port("ws_without_timestamp", v1::Security::user_name());
pub static EC2: v1::PortDescriptor = port("ec2", CONVERSATION);
pub static EC: v1::PortDescriptor = port("ec", v1::Security::secure_conversation().timestamp());
pub static EC2_1_3: v1::PortDescriptor = port("ec2_1_3", CONVERSATION.version_1_3());

/// As generated code would be.
#[derive(Clone, Debug)]
pub struct Client(v1::Port);

impl Client {
    pub fn ws(connection: &Connection) -> Self {
        Self(v1::Port::new(connection, &WS).credentials(credentials()))
    }

    pub fn with_certificate(connection: &Connection, port: &'static v1::PortDescriptor) -> Self {
        Self(v1::Port::new(connection, port).certificate(certificate()).credentials(credentials()))
    }

    pub fn of(port: v1::Port) -> Self {
        Self(port)
    }

    pub async fn greet(&self, name: &str) -> Result<String, Error> {
        self.0.request(&GREET, &Greet { name: name.into() }).call().await
    }
}

pub fn file(name: &str) -> Vec<u8> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/security").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub fn certificate() -> Certificate {
    static READ: OnceLock<Certificate> = OnceLock::new();
    let read = || Certificate::from_pem(file("vectors/test-cert.pem"), file("vectors/test-key.pem")).unwrap();
    READ.get_or_init(read).clone()
}

/// A clock that a test sets. It starts at 2024-01-15T10:00:00Z.
#[derive(Clone, Debug, Default)]
pub struct Time {
    passed: Arc<AtomicU64>,
    set: Arc<AtomicI64>,
}

pub const START: u64 = 1_705_312_800;

impl Time {
    pub fn pass(&self, seconds: u64) {
        self.passed.fetch_add(seconds, Ordering::Relaxed);
    }

    /// Sets the clock forward, or back: no time passes.
    pub fn set(&self, seconds: i64) {
        self.set.fetch_add(seconds, Ordering::Relaxed);
    }
}

impl Clock for Time {
    fn now(&self) -> SystemTime {
        let start = START.checked_add_signed(self.set.load(Ordering::Relaxed)).unwrap();
        SystemTime::UNIX_EPOCH + Duration::from_secs(start) + self.monotonic()
    }

    fn monotonic(&self) -> Duration {
        Duration::from_secs(self.passed.load(Ordering::Relaxed))
    }
}

/// Octets that count up: no two fillings are equal.
#[derive(Debug, Default)]
pub struct Counting(AtomicU64);

impl Random for Counting {
    fn fill(&self, octets: &mut [u8]) -> std::io::Result<()> {
        for chunk in octets.chunks_mut(8) {
            let next = self.0.fetch_add(1, Ordering::Relaxed) + 1;
            chunk.copy_from_slice(&next.to_be_bytes()[8 - chunk.len()..]);
        }
        Ok(())
    }
}

pub fn builder(network: &ScriptedTransport, time: &Time) -> ConnectionBuilder {
    Connection::builder("https://service.example")
        .transport(network.clone())
        .clock(time.clone())
        .random(Counting::default())
}

pub fn connect(network: &ScriptedTransport, time: &Time) -> Connection {
    builder(network, time).build().unwrap()
}

/// As [`connect`], over a network that takes its time: other tasks run while a request is under way.
pub fn connect_slowly(network: &ScriptedTransport, time: &Time) -> Connection {
    builder(network, time).layer(|inner| Arc::new(Slow(inner))).build().unwrap()
}

#[derive(Debug)]
struct Slow(Arc<dyn Transport>);

impl Transport for Slow {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            self.0.send(request).await
        })
    }
}

/// The text between two others.
pub fn between(text: &str, start: &str, end: &str) -> String {
    let (_, rest) = text.split_once(start).unwrap_or_else(|| panic!("no {start} in {text}"));
    rest.split_once(end).unwrap().0.to_owned()
}

pub fn message_id(request: &RecordedRequest) -> String {
    between(&request.text(), "<a:MessageID>", "</a:MessageID>")
}

pub fn action(request: &RecordedRequest) -> String {
    between(&request.text(), "<a:Action s:mustUnderstand=\"1\">", "</a:Action>")
}

/// What a request is: `RST`, `Cancel`, or the operation.
pub fn kind(request: &RecordedRequest) -> String {
    let action = action(request);
    if action.ends_with("/RST/SCT") { "RST".to_owned() } else { action.rsplit('/').next().unwrap().to_owned() }
}

pub fn kinds(network: &ScriptedTransport) -> Vec<String> {
    network.requests().iter().map(kind).collect()
}

pub fn soap(status: u16, message: String) -> Answer {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/soap+xml; charset=utf-8"));
    Answer { status: StatusCode::from_u16(status).unwrap(), headers, body: message.into() }
}

pub fn with_header(mut answer: Answer, name: &'static str, value: &str) -> Answer {
    answer.headers.append(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
    answer
}

pub const SOAP: &str = "http://www.w3.org/2003/05/soap-envelope";
pub const WSA: &str = "http://www.w3.org/2005/08/addressing";
pub const WSSE: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
pub const WSU: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
pub const SC: &str = "http://schemas.xmlsoap.org/ws/2005/02/sc";
pub const TRUST: &str = "http://schemas.xmlsoap.org/ws/2005/02/trust";
pub const DNSE: &str = "http://schemas.microsoft.com/ws/2006/05/security";

/// The parts of a reply that a test may want otherwise.
pub struct Parts {
    pub relates_to: Option<String>,
    pub action: Option<String>,
    /// The whole Security header.
    pub security: String,
    /// Header blocks besides.
    pub others: String,
    pub body: String,
}

impl Parts {
    /// Everything as WCF has it, at the time that the request says.
    pub fn of(request: &RecordedRequest, body: impl Into<String>) -> Self {
        let text = request.text();
        let timestamp = between(&text, "<u:Timestamp u:Id=\"_0\">", "</u:Timestamp>");
        Self {
            relates_to: Some(message_id(request)),
            action: None,
            security: security(&format!("<u:Timestamp u:Id=\"_0\">{timestamp}</u:Timestamp>")),
            others: String::new(),
            body: body.into(),
        }
    }

    pub fn envelope(&self) -> String {
        let block = |name: &str, text: &Option<String>| {
            text.as_ref().map(|text| format!("<a:{name}>{text}</a:{name}>")).unwrap_or_default()
        };
        let (action, relates_to) = (block("Action", &self.action), block("RelatesTo", &self.relates_to));
        let Self { security, others, body, .. } = self;
        format!(
            r#"<s:Envelope xmlns:s="{SOAP}" xmlns:a="{WSA}" xmlns:u="{WSU}"><s:Header>{action}{relates_to}{others}{security}</s:Header><s:Body>{body}</s:Body></s:Envelope>"#
        )
    }
}

pub fn security(content: &str) -> String {
    format!(r#"<o:Security s:mustUnderstand="1" xmlns:o="{WSSE}">{content}</o:Security>"#)
}

pub fn greeting() -> String {
    format!(r#"<GreetResponse xmlns="{NS}"><GreetResult>Hei</GreetResult></GreetResponse>"#)
}

pub fn ok(request: &RecordedRequest) -> Answer {
    soap(200, Parts::of(request, greeting()).envelope())
}

/// A fault with a subcode, without a Security header, as WCF's security layer sends it.
pub fn fault(namespace: &'static str, local: &'static str) -> impl Fn(&RecordedRequest) -> Answer + Send + Clone {
    move |request| {
        let mut parts = Parts::of(
            request,
            format!(
                r#"<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value xmlns:a="{namespace}">a:{local}</s:Value></s:Subcode></s:Code><s:Reason><s:Text xml:lang="nb-NO">no</s:Text></s:Reason></s:Fault>"#
            ),
        );
        parts.security = String::new();
        soap(500, parts.envelope())
    }
}

/// The parts of a token response that a test may want otherwise.
#[derive(Clone)]
pub struct Rstr {
    pub token_type: String,
    pub token: String,
    pub proof: String,
    pub entropy: String,
    pub lifetime: String,
    pub key_size: String,
    pub action: String,
}

pub const SERVER_ENTROPY: [u8; 32] = [0x42; 32];

impl Default for Rstr {
    fn default() -> Self {
        let (entropy, cookie) = (STANDARD.encode(SERVER_ENTROPY), STANDARD.encode([7; 40]));
        Self {
            token_type: format!("<t:TokenType>{SC}/sct</t:TokenType>"),
            token: format!(
                r#"<t:RequestedSecurityToken><c:SecurityContextToken u:Id="uuid-s-1" xmlns:c="{SC}"><c:Identifier>urn:uuid:session</c:Identifier><dnse:Cookie xmlns:dnse="{DNSE}">{cookie}</dnse:Cookie></c:SecurityContextToken></t:RequestedSecurityToken>"#
            ),
            proof: format!("<t:RequestedProofToken><t:ComputedKey>{TRUST}/CK/PSHA1</t:ComputedKey></t:RequestedProofToken>"),
            entropy: format!(r#"<t:Entropy><t:BinarySecret u:Id="uuid-e-1" Type="{TRUST}/Nonce">{entropy}</t:BinarySecret></t:Entropy>"#),
            lifetime: "<t:Lifetime><u:Created>2024-01-15T10:00:00.000Z</u:Created><u:Expires>2024-01-15T20:00:00.000Z</u:Expires></t:Lifetime>".to_owned(),
            key_size: "<t:KeySize>256</t:KeySize>".to_owned(),
            action: format!("{TRUST}/RSTR/SCT"),
        }
    }
}

impl Rstr {
    pub fn body(&self) -> String {
        let Self { token_type, token, proof, entropy, lifetime, key_size, .. } = self;
        format!(
            r#"<t:RequestSecurityTokenResponse xmlns:t="{TRUST}">{token_type}{token}{proof}{entropy}{lifetime}{key_size}</t:RequestSecurityTokenResponse>"#
        )
    }

    pub fn answer(&self) -> impl Fn(&RecordedRequest) -> Answer + Send + use<> {
        let (action, body) = (self.action.clone(), self.body());
        move |request| {
            let mut parts = Parts::of(request, body.clone());
            parts.action = Some(action.clone());
            soap(200, parts.envelope())
        }
    }
}

/// The key of the session that a request for a token began.
pub fn session_key(request: &RecordedRequest) -> Vec<u8> {
    let text = request.text();
    let entropy = between(&between(&text, "<t:Entropy>", "</t:Entropy>"), ">", "<");
    p_sha1(&STANDARD.decode(entropy).unwrap(), &SERVER_ENTROPY)
}

/// Written out once more, as a test of the runtime's own.
fn p_sha1(secret: &[u8], seed: &[u8]) -> Vec<u8> {
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let hmac = |data: &[u8]| ring::hmac::sign(&key, data).as_ref().to_vec();
    let first = hmac(seed);
    let second = hmac(&first);
    let mut out = hmac(&[&first, seed].concat());
    out.extend(hmac(&[&second, seed].concat()));
    out.truncate(32);
    out
}

/// Confirms that a request is signed with this key, over its Timestamp alone.
pub fn assert_signed(request: &RecordedRequest, key: &[u8]) {
    let keys = |_: &str, _: Option<&str>| Some(key.to_vec());
    let signed = verify::signatures(&request.body, &keys, &Default::default()).unwrap();
    assert_eq!(signed.len(), 1);
    assert_eq!(signed[0].parts.iter().map(|part| &*part.local).collect::<Vec<_>>(), ["Timestamp"]);
}

pub fn other_credentials() -> Credentials {
    Credentials::new("somebody else", "another password")
}
