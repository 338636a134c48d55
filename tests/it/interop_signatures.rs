//! Security headers that other stacks check, and that they wrote. `cargo xtask interop` runs the two tests around those
//! stacks and names the folder in `INTEROP_SIGNATURES`.
//!
//! `ours.tsv` and `theirs.tsv` list what lies there. Keys and passwords are made up for the run.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use altinn_soap::generated::v1;
use altinn_soap::testing::{Answer, RecordedRequest, ScriptedTransport};
use altinn_soap::{Certificate, Connection, Credentials, EndUser, ErrorKind, SecurityOptions, XmlLimits, registry};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use roxmltree::{Document, Node};
use soap_runtime::verify::{self, Signer};

use crate::interop::named;
use crate::support::package::Package;
use crate::support::root;

const USER: &str = "1001";
/// Its hexadecimal form, and not itself, stands in the list.
const PASSWORD: &str = "sys<&>\"'tem æ";
const IDENTIFIER: &str = "urn:uuid:5c75c75c-7000-4000-8000-000000000001";
const SERVER_ENTROPY: [u8; 32] = [0x5e; 32];
const LABEL: &[u8] = b"WS-SecureConversationWS-SecureConversation";

fn folder() -> PathBuf {
    named("INTEROP_SIGNATURES")
}

fn certificate() -> Certificate {
    let file = |name: &str| fs::read(root().join("tests/fixtures/security/vectors").join(name)).unwrap();
    Certificate::from_pem(file("test-cert.pem"), file("test-key.pem")).unwrap()
}

/// The messages that are written, and what there is to know of each.
struct Written {
    folder: PathBuf,
    list: String,
    count: usize,
    /// How many of them were sent as packages.
    packages: usize,
}

impl Written {
    /// A line: file, kind, password, key of the HMAC, entropies of client and server; what a kind lacks is `-`.
    fn add(&mut self, message: &RecordedRequest, kind: &str, password: &str, hmac_key: &[u8], entropies: &[u8]) {
        self.count += 1;
        let name = format!("{:03}-{kind}.xml", self.count);
        self.packages += usize::from(package(message).is_some());
        fs::write(self.folder.join(&name), envelope(message)).unwrap();
        let [password, hmac_key, entropies] = [password.as_bytes(), hmac_key, entropies].map(hex);
        writeln!(self.list, "{name}\t{kind}\t{password}\t{hmac_key}\t{entropies}").unwrap();
    }
}

fn package(message: &RecordedRequest) -> Option<Package> {
    Package::of(message.header("content-type").unwrap_or_default(), &message.body)
}

/// The envelope as a signature covers it.
fn envelope(message: &RecordedRequest) -> String {
    package(message).map_or_else(|| message.text(), |package| package.inlined())
}

fn hex(octets: &[u8]) -> String {
    if octets.is_empty() { "-".into() } else { octets.iter().map(|octet| format!("{octet:02x}")).collect() }
}

fn unhex(text: &str) -> Vec<u8> {
    let digits = text.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
    digits.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
}

/// P_SHA1 (RFC 5246's P_hash with SHA-1), written out once more: the runtime's own is under test.
fn p_sha1(secret: &[u8], seed: &[u8], octets: usize) -> Vec<u8> {
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let hmac = |data: &[u8]| ring::hmac::sign(&key, data).as_ref().to_vec();
    let (mut out, mut a) = (Vec::new(), seed.to_vec());
    while out.len() < octets {
        a = hmac(&a);
        out.extend(hmac(&[a.as_slice(), seed].concat()));
    }
    out.truncate(octets);
    out
}

fn find<'a, 'input>(document: &'a Document<'input>, local: &str) -> Option<Node<'a, 'input>> {
    document.descendants().find(|node| node.is_element() && node.tag_name().name() == local)
}

fn text(document: &Document<'_>, local: &str) -> String {
    find(document, local).and_then(|node| node.text()).unwrap_or_default().to_owned()
}

fn octets(document: &Document<'_>, local: &str) -> Vec<u8> {
    STANDARD.decode(text(document, local)).unwrap()
}

/// Gives a token, as a WCF service would.
fn issue(request: &RecordedRequest) -> Answer {
    let request = request.text();
    let request = Document::parse(&request).unwrap();
    let (id, created, expires) = (text(&request, "MessageID"), text(&request, "Created"), text(&request, "Expires"));
    let (entropy, cookie) = (STANDARD.encode(SERVER_ENTROPY), STANDARD.encode([0xc0; 900]));
    let body = format!(
        r#"<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://www.w3.org/2005/08/addressing" xmlns:u="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"><s:Header><a:Action s:mustUnderstand="1">http://schemas.xmlsoap.org/ws/2005/02/trust/RSTR/SCT</a:Action><a:RelatesTo>{id}</a:RelatesTo><o:Security s:mustUnderstand="1" xmlns:o="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"><u:Timestamp u:Id="_0"><u:Created>{created}</u:Created><u:Expires>{expires}</u:Expires></u:Timestamp></o:Security></s:Header><s:Body><t:RequestSecurityTokenResponse xmlns:t="http://schemas.xmlsoap.org/ws/2005/02/trust"><t:RequestedSecurityToken><c:SecurityContextToken u:Id="uuid-5c75c75c-1" xmlns:c="http://schemas.xmlsoap.org/ws/2005/02/sc"><c:Identifier>{IDENTIFIER}</c:Identifier><Cookie xmlns="http://schemas.microsoft.com/ws/2006/05/security">{cookie}</Cookie></c:SecurityContextToken></t:RequestedSecurityToken><t:RequestedProofToken><t:ComputedKey>http://schemas.xmlsoap.org/ws/2005/02/trust/CK/PSHA1</t:ComputedKey></t:RequestedProofToken><t:Entropy><t:BinarySecret>{entropy}</t:BinarySecret></t:Entropy><t:Lifetime><u:Created>{created}</u:Created><u:Expires>2099-01-01T00:00:00.000Z</u:Expires></t:Lifetime></t:RequestSecurityTokenResponse></s:Body></s:Envelope>"#
    );
    let content_type = "application/soap+xml; charset=utf-8".parse().unwrap();
    Answer {
        status: http::StatusCode::OK,
        headers: [(http::header::CONTENT_TYPE, content_type)].into_iter().collect(),
        body: body.into(),
    }
}

fn connection(network: &ScriptedTransport, derived_keys: bool) -> Connection {
    let mut options = SecurityOptions::default();
    options.derived_keys = derived_keys;
    Connection::builder("https://localhost")
        .transport(network.clone())
        .security(options)
        .documented_rules(false)
        .build()
        .unwrap()
}

/// Calls every operation of a port once. A fault is answer enough.
async fn call_all(port: &v1::Port, exchanges: &[&'static v1::Exchange]) {
    let person = EndUser::new("01017012345", "pass&word").pin_code("SMSPin", "12345");
    for (seed, exchange) in (1..).zip(exchanges) {
        let operation = exchange.operation();
        let request =
            v1::Direction::Request(operation).sample(exchange.request(), &mut v1::Sampler::new(seed).known_only());
        let has_stream = |shape: &v1::Shape| shape.fields().iter().any(v1::Field::is_stream);
        let call = port.request(operation, &*request).principal(&person);
        let error = if exchange.request().shape().is_some_and(has_stream) {
            call.upload("content").call::<()>().await.unwrap_err()
        } else {
            call.call_any(exchange.reply()).await.unwrap_err()
        };
        assert_eq!(error.kind(), ErrorKind::Fault, "{}: {error}", operation.name);
    }
}

fn network(exchanges: &[&'static v1::Exchange]) -> ScriptedTransport {
    exchanges.iter().fold(ScriptedTransport::new().scripted_sessions(), |network, _| network.fault("Client", "no", ""))
}

/// Every operation of every secured port.
#[tokio::test]
#[ignore = "cargo xtask interop"]
async fn messages_for_other_stacks() {
    let mut written = Written { folder: folder(), list: String::new(), count: 0, packages: 0 };
    let mut ports: Vec<&'static v1::PortDescriptor> = Vec::new();
    for exchange in registry::exchanges() {
        if !ports.iter().any(|port| std::ptr::eq(*port, exchange.port())) {
            ports.push(exchange.port());
        }
    }
    for port in ports {
        let exchanges: Vec<_> =
            registry::exchanges().into_iter().filter(|exchange| std::ptr::eq(exchange.port(), port)).collect();
        match port.security.scheme {
            v1::SecurityScheme::UserName => {
                let network = network(&exchanges);
                let client =
                    v1::Port::new(&connection(&network, false), port).credentials(Credentials::new(USER, PASSWORD));
                call_all(&client, &exchanges).await;
                for request in network.requests() {
                    written.add(&request, "username", PASSWORD, &[], &[]);
                }
            }
            v1::SecurityScheme::SecureConversation => {
                for derived in [false, true] {
                    conversation(&mut written, port, &exchanges, derived).await;
                }
            }
            _ => {}
        }
    }
    fs::write(written.folder.join("ours.tsv"), &written.list).unwrap();
    println!("{} messages written, {} of them as packages", written.count, written.packages);
    assert!(written.count > 150 && written.packages > 15);
}

async fn conversation(
    written: &mut Written,
    port: &'static v1::PortDescriptor,
    exchanges: &[&'static v1::Exchange],
    derived: bool,
) {
    let network = exchanges.iter().fold(ScriptedTransport::new().scripted_sessions().answer(issue), |network, _| {
        network.fault("Client", "no", "")
    });
    let credentials = Credentials::new(USER, PASSWORD);
    let client =
        v1::Port::new(&connection(&network, derived), port).certificate(certificate()).credentials(credentials);
    call_all(&client, exchanges).await;

    let requests = network.requests();
    let (first, calls) = requests.split_first().unwrap();
    let first_text = first.text();
    let client_entropy = octets(&Document::parse(&first_text).unwrap(), "BinarySecret");
    let key = p_sha1(&client_entropy, &SERVER_ENTROPY, 32);
    let entropies = [client_entropy.as_slice(), &SERVER_ENTROPY].concat();
    written.add(first, "certificate", "", &[], &[]);
    assert_eq!(calls.len(), exchanges.len(), "one session for all calls");
    for call in calls {
        if derived {
            let message = envelope(call);
            let message = Document::parse(&message).unwrap();
            let number = |local| text(&message, local).parse::<usize>().unwrap();
            let (offset, length) = (number("Offset"), number("Length"));
            let seed = [LABEL, &octets(&message, "Nonce")].concat();
            let derived_key = p_sha1(&key, &seed, offset + length).split_off(offset);
            written.add(call, "derived", "", &derived_key, &entropies);
        } else {
            written.add(call, "context", "", &key, &entropies);
        }
    }
}

/// What the other stacks signed, and messages that were changed afterwards or signed with another key.
///
/// A line: file, key of the session, then what has to be found: `refused`, or for each signature `certificate`,
/// `context` or `derived` with the parts it covers (`certificate:Timestamp,To`).
#[test]
#[ignore = "cargo xtask interop"]
fn messages_of_other_stacks() {
    let folder = folder();
    let list = fs::read_to_string(folder.join("theirs.tsv")).unwrap();
    let (mut confirmed, mut refused) = (0, 0);
    let own = STANDARD.decode(certificate_base64()).unwrap();
    for line in list.lines() {
        let mut columns = line.split('\t');
        let mut column = || columns.next().unwrap_or_else(|| panic!("{line}"));
        let (name, key, expected) = (column(), unhex(column()), column());
        let keys = |_: &str, _: Option<&str>| Some(key.clone());
        let message = fs::read_to_string(folder.join(name)).unwrap();
        let found = verify::signatures(message.as_bytes(), &keys, &XmlLimits::default());
        if expected == "refused" {
            let error = found.expect_err(name);
            assert_eq!(error.kind(), ErrorKind::Security, "{name}: {error}");
            refused += 1;
            continue;
        }
        let found = found.unwrap_or_else(|error| panic!("{name}: {error}"));
        let signed = found.iter().map(|signed| {
            let kind = match &signed.by {
                Signer::Certificate(der) => {
                    assert_eq!(der, &own, "{name}");
                    "certificate"
                }
                Signer::Context { derived: false, .. } => "context",
                _ => "derived",
            };
            let parts: Vec<_> = signed.parts.iter().map(|part| part.local.as_str()).collect();
            format!("{kind}:{}", parts.join(","))
        });
        assert_eq!(signed.collect::<Vec<_>>().join(" "), expected, "{name}");
        confirmed += found.len();

        // The year in a Timestamp, which all of them sign, and the first digit of a digest.
        for place in ["Created>", "DigestValue>"] {
            let at = message.find(place).unwrap_or_else(|| panic!("{name}: no {place}")) + place.len();
            let at = at + message[at..].find(|first: char| !first.is_whitespace()).unwrap();
            let other = if message[at..].starts_with('2') { "3" } else { "2" };
            let changed = [&message[..at], other, &message[at + 1..]].concat();
            assert!(verify::signatures(changed.as_bytes(), &keys, &XmlLimits::default()).is_err(), "{name}: {place}");
            refused += 1;
        }
    }
    println!("ours confirms {confirmed} signatures of others and refuses {refused} forgeries");
    assert!(confirmed > 0 && refused > 0, "the list is empty");
}

fn certificate_base64() -> String {
    let pem = fs::read_to_string(root().join("tests/fixtures/security/vectors/test-cert.pem")).unwrap();
    pem.lines().filter(|line| !line.starts_with("-----")).collect()
}
