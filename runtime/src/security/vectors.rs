//! The message files of `tests/fixtures/security/vectors`: written byte for byte, read, and their signatures confirmed.

#![cfg(test)]
#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]

use std::fs;
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest as _, Sha1};
use zeroize::Zeroizing;

use crate::credentials::Credentials;
use crate::error::Error;
use crate::limits::XmlLimits;
use crate::message::addressing::{Addressing, Edition, Rest, TO_ID, canonical_to};
use crate::message::{Body, Expected, Heading, Visitor, visit, write_with};
use crate::random::{Random, SystemRandom};
use crate::schema::decode::Decoder;
use crate::security::certificate::Certificate;
use crate::security::derived_key::{Derivation, session_key};
use crate::security::names::{ADDRESSING, CONVERSATION_2005, RSA_SHA1, UTILITY};
use crate::security::signature::{Reference, canonical_signed_info};
use crate::security::timestamp::Timestamp;
use crate::security::trust::context_token::{SecurityContextToken, TokenParts};
use crate::security::trust::request::{self, TokenRequest};
use crate::security::trust::response::{self, Issue, IssuedToken, ResponseReader};
use crate::security::trust::version::{FEBRUARY_2005, VERSION_1_3, Version};
use crate::security::verify::{self, Signer};
use crate::security::{canonical, header, instant};
use crate::soap::SoapVersion::Soap12;
use crate::value::Guid;
use crate::xml::tree::Element;

const VERSION: &Version = &FEBRUARY_2005;
const TO: &str = "https://tt02.example.invalid/ServiceEngineExternal/BrokerServiceExternalEC2.svc";
const ACTION: &str = "http://www.altinn.no/services/ServiceEngine/Broker/2015/06/IBrokerServiceExternalEC/TestEC";
const BODY: &str = "<m:Test xmlns:m=\"http://www.altinn.no/services/2009/10\"><m:x>1</m:x></m:Test>";
const CONTEXT: &str = "urn:uuid:44444444-4444-4444-4444-444444444444";

fn file(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/security/vectors").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn client_entropy() -> [u8; 32] {
    std::array::from_fn(|at| at as u8)
}

fn key() -> Zeroizing<Vec<u8>> {
    session_key(&client_entropy(), &std::array::from_fn::<u8, 32, _>(|at| 32 + at as u8), 32)
}

fn now() -> SystemTime {
    instant::parse("2024-01-15T10:00:00Z").unwrap()
}

fn certificate() -> Certificate {
    Certificate::from_pem(file("test-cert.pem"), file("test-key.pem")).unwrap()
}

/// The identifiers that were given, in turn, and then no more.
#[derive(Debug)]
struct Given(Mutex<Vec<&'static str>>);

impl Random for Given {
    fn fill(&self, octets: &mut [u8]) -> std::io::Result<()> {
        octets.fill(9);
        Ok(())
    }

    fn guid(&self) -> std::io::Result<Guid> {
        Ok(self.0.lock().unwrap().remove(0).parse().unwrap())
    }
}

fn id(text: &str) -> Guid {
    text.parse().unwrap()
}

/// The token in the response, with the key that comes of it.
fn token(name: &str) -> IssuedToken {
    let mut response = ResponseReader::new(VERSION);
    let document = file(name);
    let mut reader = Decoder::new(document.as_bytes(), &XmlLimits::default());
    let expected = Expected { action: Some(VERSION.issue.reply_action), ..Expected::default() };
    visit(Soap12, &mut reader, Some(&expected), &mut response).unwrap();
    response.token(&client_entropy()).unwrap()
}

/// The same without its cookie: that of a server that keeps the session in memory.
fn token_without_cookie() -> IssuedToken {
    let parts = TokenParts {
        id: "uuid-33333333-3333-3333-3333-333333333333-1".to_owned(),
        identifier: CONTEXT.to_owned(),
        ..Default::default()
    };
    IssuedToken { token: SecurityContextToken::new(VERSION, parts), key: key(), life: Duration::from_secs(36_000) }
}

/// What a service does with the child of a body.
struct Child<F>(F);

impl<F: FnMut(&mut Decoder<'_>) -> Result<(), Error>> Visitor for Child<F> {
    fn child(&mut self, reader: &mut Decoder<'_>) -> Result<(), Error> {
        self.0(reader)
    }

    fn end(&mut self, _: &mut Decoder<'_>) -> Result<(), Error> {
        Ok(())
    }
}

fn body_of(name: &str, read: impl FnMut(&mut Decoder<'_>) -> Result<(), Error>) {
    let document = file(name);
    visit(Soap12, &mut Decoder::new(document.as_bytes(), &XmlLimits::default()), None, &mut Child(read)).unwrap();
}

fn message(action: &str, number: u32, to_id: Option<&'static str>, security: &str, body: &str) -> String {
    let message_id = format!("urn:uuid:00000000-0000-4000-8000-{number:012}");
    let addressing =
        Addressing { edition: Edition::V1, action, rest: Rest::Request { message_id: &message_id, to: TO, to_id } };
    let heading = Heading { addressing: Some(addressing), security: Some(security), given: &[] };
    String::from_utf8(write_with(Soap12, &heading, Body::Raw(body)).unwrap().into_octets()).unwrap()
}

fn number_of(name: &str) -> u32 {
    let document = file(name);
    let at = document.find("<a:MessageID>urn:uuid:00000000-0000-4000-8000-").unwrap() + 46;
    document[at..at + 12].parse().unwrap()
}

#[test]
fn ec2_rst_issue_is_written() {
    let given = Given(Mutex::default());
    let (bst, entropy_id) = (id("11111111-1111-1111-1111-111111111111"), id("22222222-2222-2222-2222-222222222222"));
    let security = header::certificate(
        &Timestamp::new(now()),
        &certificate(),
        &bst,
        (TO_ID, &canonical_to(Soap12, TO).unwrap()),
        &given,
    )
    .unwrap();
    let body = request::issue(VERSION, &client_entropy(), &entropy_id);
    let written = message(VERSION.issue.action, number_of("ec2-rst-issue.xml"), Some(TO_ID), &security, &body);
    assert_eq!(written, file("ec2-rst-issue.xml"));
}

#[test]
fn application_messages_are_written() {
    let derivation = Derivation::new(std::array::from_fn(|at| 0xa0 + at as u8));
    let derived = id("66666666-6666-6666-6666-666666666666");
    for (name, token, derivation) in [
        ("ec2-app.xml", token("ec2-rstr-issue.xml"), None),
        ("ec-app.xml", token_without_cookie(), None),
        ("ec-app-derived.xml", token_without_cookie(), Some((&derivation, &derived))),
    ] {
        let security = header::context(&Timestamp::new(now()), &token.token, &token.key, VERSION, derivation, None);
        assert_eq!(message(ACTION, number_of(name), None, &security, BODY), file(name), "{name}");
    }
}

#[test]
fn ec_cancel_is_written() {
    let token = token_without_cookie();
    let security = header::context(&Timestamp::new(now()), &token.token, &token.key, VERSION, None, None);
    let body = request::cancel(VERSION, &token.token);
    let written = message(VERSION.cancel.action, number_of("ec-cancel.xml"), None, &security, &body);
    assert_eq!(written, file("ec-cancel.xml"));
}

#[test]
fn ws_username_is_written() {
    let given = Given(Mutex::new(vec!["aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa"]));
    let credentials = Credentials::new("systemUser", "p<&æ");
    let security = header::user_name(now(), true, &credentials, false, &given).unwrap();
    assert_eq!(message(ACTION, number_of("ws-username.xml"), None, &security, BODY), file("ws-username.xml"));
}

#[test]
fn responses_are_read() {
    let issued = token("ec2-rstr-issue.xml");
    assert_eq!((issued.token.identifier.as_str(), issued.token.instance.as_deref()), (CONTEXT, None));
    assert_eq!((*issued.key).clone(), *key());
    assert_eq!(issued.life, Duration::from_secs(36_000));
    let mut response = ResponseReader::new(VERSION);
    body_of("ec-rstr-renew.xml", |reader| response.read_child(reader));
    let renewed: [u8; 32] = std::array::from_fn(|at| 0x40 + at as u8);
    let renewed = response.token(&renewed).unwrap();
    assert!(renewed.token.instance.is_some());
    assert_eq!(STANDARD.encode(&*renewed.key), "sSKdxLdZNBFtQTa4GALXpNkRdUJLAtgSKpo3STW7ans=");
}

/// The service's side: what the client writes is read, and what the service writes are the vectors again.
#[test]
fn requests_are_read_and_responses_are_written() {
    let body = |name: &str| {
        let document = file(name);
        let (start, end) = (document.find("<s:Body>").unwrap() + 8, document.find("</s:Body>").unwrap());
        document[start..end].to_owned()
    };
    body_of("ec2-rst-issue.xml", |reader| {
        let (version, request) = TokenRequest::read(reader)?;
        assert!(std::ptr::eq(version, VERSION));
        assert!(matches!(request, TokenRequest::Issue { entropy } if *entropy == client_entropy()));
        Ok(())
    });
    body_of("ec-cancel.xml", |reader| {
        let (_, request) = TokenRequest::read(reader)?;
        assert!(matches!(request, TokenRequest::Cancel { identifier } if identifier == CONTEXT));
        Ok(())
    });
    for (name, entropy, id) in [
        ("ec2-rstr-issue.xml", 0x20, "uuid-55555555-5555-5555-5555-555555555555-1"),
        ("ec-rstr-renew.xml", 0x60, "uuid-99999999-9999-9999-9999-999999999999-1"),
    ] {
        let mut response = ResponseReader::new(VERSION);
        body_of(name, |reader| response.read_child(reader));
        let created = now() + Duration::from_millis(100);
        let issue = Issue {
            token: &response.token(&client_entropy()).unwrap().token,
            entropy: &std::array::from_fn::<u8, 32, _>(|at| entropy + at as u8),
            entropy_id: id,
            created,
            expires: created + Duration::from_secs(36_000),
        };
        assert_eq!(issue.body(VERSION), body(name), "{name}");
    }
    assert_eq!(response::cancelled(VERSION), body("ec-rstr-cancel.xml"));
}

/// The edition of 2005/12 wraps its responses.
#[test]
fn responses_are_read_as_they_are_written_in_both_editions() {
    for version in [VERSION, &VERSION_1_3] {
        let token = token_without_cookie().token;
        let token = SecurityContextToken::new(
            version,
            TokenParts { id: token.id.clone(), identifier: "urn:a&b".to_owned(), ..Default::default() },
        );
        let expires = now() + Duration::from_secs(60);
        let issue = Issue { token: &token, entropy: &[5; 32], entropy_id: "e", created: now(), expires };
        let timestamp = header::user_name(now(), true, &Credentials::new("", ""), false, &SystemRandom).unwrap();
        let message = message(version.issue.reply_action, 1, None, &timestamp, &issue.body(version));
        let mut response = ResponseReader::new(version);
        let mut reader = Decoder::new(message.as_bytes(), &XmlLimits::default());
        visit(Soap12, &mut reader, None, &mut response).unwrap();
        let issued = response.token(&client_entropy()).unwrap();
        assert_eq!((issued.token.identifier.as_str(), issued.life), ("urn:a&b", Duration::from_secs(60)));
        assert_eq!(issued.key, session_key(&client_entropy(), &[5; 32], 32));
        // And again from what a client writes to end it.
        let cancel = format!("<x xmlns:u='u'>{}</x>", request::cancel(version, &issued.token));
        let mut reader = Decoder::new(cancel.as_bytes(), &XmlLimits::default());
        reader.next().unwrap();
        reader.next().unwrap();
        let (read, request) = TokenRequest::read(&mut reader).unwrap();
        assert!(std::ptr::eq(read, version));
        assert!(matches!(request, TokenRequest::Cancel { identifier } if identifier == "urn:a&b"));
    }
}

#[test]
fn every_signature_is_confirmed() {
    let keys = |identifier: &str, _: Option<&str>| (identifier == CONTEXT).then(|| key().to_vec());
    let (timestamp, to) = ((UTILITY, "Timestamp"), (ADDRESSING, "To"));
    let context = |derived| Signer::Context { identifier: CONTEXT.to_owned(), instance: None, derived };
    let owner = Signer::Certificate(certificate().der().to_vec());
    type Expected<'a> = (&'a Signer, &'a [(&'a str, &'a str)]);
    let cases: &[(&str, &[Expected<'_>])] = &[
        ("ec2-rst-issue.xml", &[(&owner, &[timestamp, to])]),
        ("ec2-rst-issue-thumbprint.xml", &[(&owner, &[timestamp, to])]),
        ("ec2-app.xml", &[(&context(false), &[timestamp])]),
        ("ec-app.xml", &[(&context(false), &[timestamp])]),
        ("ec-cancel.xml", &[(&context(false), &[timestamp])]),
        ("ec-app-derived.xml", &[(&context(true), &[timestamp])]),
        ("ec-renew.xml", &[(&owner, &[timestamp, to]), (&context(false), &[timestamp])]),
        ("ec-renew-derived.xml", &[(&owner, &[timestamp, to]), (&context(true), &[timestamp])]),
        ("ws-username.xml", &[]),
        ("ec2-rstr-issue.xml", &[]),
        ("ec-rstr-renew.xml", &[]),
        ("ec-rstr-cancel.xml", &[]),
    ];
    for (name, expected) in cases {
        let document = file(name);
        let signed = verify::signatures(document.as_bytes(), &keys, &XmlLimits::default())
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let found: Vec<_> = signed
            .iter()
            .map(|signed| {
                (&signed.by, signed.parts.iter().map(|part| (&*part.namespace, &*part.local)).collect::<Vec<_>>())
            })
            .collect();
        let expected: Vec<_> = expected.iter().map(|(by, parts)| (*by, parts.to_vec())).collect();
        assert_eq!(found, expected, "{name}");
    }
}

/// What xmlsec1 (1.2.37) signed, with everything otherwise that may be: prefixes, white space, comments, the order of
/// attributes, listed prefixes.
#[test]
fn signatures_of_another_hand_are_confirmed() {
    let keys = |identifier: &str, _: Option<&str>| (identifier == CONTEXT).then(|| key().to_vec());
    for (name, parts) in [("../xmlsec/rsa.xml", &["Timestamp", "To"][..]), ("../xmlsec/hmac.xml", &["Timestamp"])] {
        let document = file(name);
        let check = |text: &str| verify::signatures(text.as_bytes(), &keys, &XmlLimits::default());
        let signed = check(&document).unwrap_or_else(|error| panic!("{name}: {error}"));
        let found: Vec<_> = signed[0].parts.iter().map(|part| part.local.as_str()).collect();
        assert_eq!(found, parts, "{name}");
        // Listed prefixes and white space are signed, comments are not.
        check(&document.replace("<!-- gone -->", "")).unwrap();
        assert!(check(&document.replace("<!-- gone -->", " ")).is_err());
        let listed = check(&document.replace("xmlns:unused=\"urn:unused\"", "xmlns:unused=\"urn:used\""));
        assert_eq!(listed.is_err(), name.contains("rsa"), "{name}");
    }
}

/// Whatever is changed in what is signed, or in what says how, is noticed.
#[test]
fn forgeries_are_refused() {
    let keys = |_: &str, _: Option<&str>| Some(key().to_vec());
    let check = |document: &str| verify::signatures(document.as_bytes(), &keys, &XmlLimits::default());
    let forged = |name: &str, from: &str, to: &str| {
        let document = file(name);
        assert!(document.contains(from), "{name}: {from}");
        check(&document.replacen(from, to, 1)).unwrap_err().to_string()
    };
    for (from, to, said) in [
        ("10:00:00.000Z", "10:00:00.001Z", "digest differs"),
        ("u:Id=\"_0\"", "Id=\"_0\"", "not there"),
        ("<u:Expires>", "<u:Created/><u:Expires>", "digest differs"),
        ("xmldsig#hmac-sha1", "xmldsig-more#hmac-sha256", "method"),
        ("xmldsig#sha1\"", "xmlenc#sha256\"", "SHA-1"),
        ("<DigestValue>Q", "<DigestValue>R", "digest differs"),
        ("<SignatureValue>3", "<SignatureValue>4", "does not match"),
        ("<SignatureValue>3FBgMRh1vOfHkI559vs8+OPffYI=", "<SignatureValue>3FBgMRh1vOfHkA==", "does not match"),
        ("URI=\"#uuid-", "URI=\"#uuix-", "not in the Security header"),
        ("<s:Body>", "<s:Body u:Id=\"_0\">", "two parts"),
        (
            "<Transforms>",
            "<Transforms><Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"/>",
            "one Transform",
        ),
        (
            "<SignedInfo><CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/>",
            "<SignedInfo><CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#WithComments\"/>",
            "CanonicalizationMethod",
        ),
    ] {
        let error = forged("ec2-app.xml", from, to);
        assert!(error.contains(said), "{from}: {error}");
    }
    assert!(forged("ec2-rst-issue.xml", "BrokerServiceExternalEC2.svc", "Other.svc").contains("digest differs"));
    assert!(forged("ec2-rst-issue.xml", "<SignatureValue>i", "<SignatureValue>j").contains("does not match"));
    assert!(forged("ec-app-derived.xml", "<c:Length>24", "<c:Length>25").contains("does not match"));
    assert!(forged("ec-app-derived.xml", "<c:Length>24", "<c:Length>2400000000").contains("out of bounds"));
    let unknown =
        verify::signatures(file("ec2-app.xml").as_bytes(), &|_: &str, _: Option<&str>| None, &XmlLimits::default());
    assert!(unknown.unwrap_err().to_string().contains("key is not known"));
}

/// The templates give what the canonicaliser makes of the messages they are for.
#[test]
fn templates_are_canonical() {
    fn find<'t>(element: &'t Element, local: &str, path: &mut Vec<&'t Element>) -> bool {
        path.push(element);
        if element.local == local || element.elements().any(|child| find(child, local, path)) {
            return true;
        }
        path.pop();
        false
    }
    let document = file("ec2-rst-issue.xml");
    let root = Element::parse(document.as_bytes(), &XmlLimits::default()).unwrap();
    let canonical = |local| {
        let mut path = Vec::new();
        assert!(find(&root, local, &mut path));
        canonical::exclusive(&path, &[], usize::MAX).unwrap()
    };
    let (timestamp, to) = (Timestamp::new(now()).canonical(), canonical_to(Soap12, TO).unwrap());
    assert_eq!(canonical("Timestamp"), timestamp);
    assert_eq!(canonical("To"), to);
    let references = [Reference::to("_0", &timestamp), Reference::to(TO_ID, &to)];
    assert_eq!(canonical("SignedInfo"), canonical_signed_info(RSA_SHA1, &references));
    assert_eq!(STANDARD.encode(Sha1::digest(&timestamp)), "QNVwUr9enX1e7OcJsB/qo9QE5/s=");

    // An address with every character that is written in another way.
    let odd = "https://host/a&b<c>\"d'\u{e6}";
    let heading = Heading {
        addressing: Some(Addressing {
            edition: Edition::V1,
            action: "urn:a",
            rest: Rest::Request { message_id: "urn:b", to: odd, to_id: Some(TO_ID) },
        }),
        security: Some(""),
        given: &[],
    };
    for soap in [crate::soap::SoapVersion::Soap11, Soap12] {
        let written = write_with(soap, &heading, Body::Raw("")).unwrap();
        let root = Element::parse(written.as_ref(), &XmlLimits::default()).unwrap();
        let mut path = Vec::new();
        assert!(find(&root, "To", &mut path));
        assert_eq!(canonical::exclusive(&path, &[], usize::MAX).unwrap(), canonical_to(soap, odd).unwrap());
    }
}

/// K4: the Timestamp of a message that Altinn accepted in 2010.
#[test]
fn the_timestamp_of_the_capture_of_2010() {
    let created = instant::parse("2010-08-31T16:16:25.892Z").unwrap();
    let canonical = Timestamp::new(created).canonical();
    assert_eq!(STANDARD.encode(Sha1::digest(canonical)), "zIE77bDq85IfSPHZaWyccj2G+oY=");
}

#[test]
fn a_token_is_repeated_as_it_came() {
    let root = file("ec2-rstr-issue.xml");
    let token = token("ec2-rstr-issue.xml");
    let element =
        &root[root.find("<c:SecurityContextToken").unwrap()..root.find("</t:RequestedSecurityToken>").unwrap()];
    assert_eq!(token.token.element(None), element);
    assert!(element.contains(CONVERSATION_2005));
}
