//! What WCF refuses is refused, and with the same fault: the vectors, each with one thing wrong.

#![cfg(test)]
#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{Request, StatusCode};

use crate::clock::Clock;
use crate::schema::descriptor::{Operation, PortDescriptor, Reply, Security};
use crate::schema::field::Field;
use crate::security::derived_key::{hmac, session_key};
use crate::security::instant;
use crate::security::names::{HMAC_SHA1, SECEXT};
use crate::security::signature::{self, Reference};
use crate::security::trust::version::FEBRUARY_2005;
use crate::server::{RecordedSession, Service, Sessions};
use crate::soap::SoapVersion;
use crate::transport::Body;

const ACTION: &str = "http://www.altinn.no/services/ServiceEngine/Broker/2015/06/IBrokerServiceExternalEC/TestEC";
const NS: &str = "http://www.altinn.no/services/2009/10";
const PATH: &str = "/ServiceEngineExternal/BrokerServiceExternalEC2.svc";
const ID: &str = "uuid-33333333-3333-3333-3333-333333333333-1";
const IDENTIFIER: &str = "urn:uuid:44444444-4444-4444-4444-444444444444";

static TEST: Operation = Operation::new("Test", ACTION)
    .request(Field::required(NS, "Test"))
    .reply(Reply::void(Field::required(NS, "TestResponse")));

const OPERATIONS: &[&Operation] = &[&TEST];
const PORT: PortDescriptor =
    PortDescriptor::new("P", "S", "https://localhost/x", SoapVersion::Soap12).addressing().operations(OPERATIONS);
static EC2: PortDescriptor =
    PORT.transport_binding().security(Security::secure_conversation().timestamp().must_not_cancel());
static EC: PortDescriptor = PORT.transport_binding().security(Security::secure_conversation().timestamp());
static WS: PortDescriptor = PORT.security(Security::user_name().timestamp());
static DIGEST: PortDescriptor = PORT.security(Security::user_name().timestamp().digest());

fn file(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/security/vectors").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn key() -> Vec<u8> {
    let octets = |from: u8| -> [u8; 32] { std::array::from_fn(|at| from + at as u8) };
    session_key(&octets(0), &octets(32), 32).to_vec()
}

#[derive(Debug)]
struct At(SystemTime);

impl Clock for At {
    fn now(&self) -> SystemTime {
        self.0
    }
}

/// A service that knows the session of the vectors.
fn service(port: &'static PortDescriptor, now: &str, sessions: Sessions) -> Service {
    let app = file("ec2-app.xml");
    let cookie = app.split_once("security\">").unwrap().1.split_once("</Cookie>").unwrap().0;
    let cookie = port.security.must_not_cancel.then(|| STANDARD.decode(cookie).unwrap());
    let certificate = file("test-cert.pem").lines().filter(|line| !line.starts_with("---")).collect::<String>();
    sessions.install(RecordedSession {
        id: ID.to_owned(),
        identifier: IDENTIFIER.to_owned(),
        instance: None,
        cookie,
        key: key(),
        created: instant::parse("2024-01-15T10:00:00Z").unwrap(),
        certificate: STANDARD.decode(certificate).unwrap(),
    });
    Service::new(port, ())
        .operation(&TEST, |_, (): (), _| async move { Ok(()) })
        .service()
        .clock(Arc::new(At(instant::parse(now).unwrap())))
        .sessions(sessions)
        .certificates(|_| true)
        .users(|user, password| async move { user == "systemUser" && password.is("p<&æ") })
}

/// The outcome of a message: the innermost code of its fault or nothing, and whether it has a Security header.
async fn outcome(port: &'static PortDescriptor, now: &str, message: &str) -> (Option<String>, bool) {
    outcome_with(Sessions::default(), port, now, message).await
}

async fn outcome_with(
    sessions: Sessions,
    port: &'static PortDescriptor,
    now: &str,
    message: &str,
) -> (Option<String>, bool) {
    let request = Request::post(PATH).header("content-type", "application/soap+xml; charset=utf-8");
    let response = service(port, now, sessions).handle(request.body(Body::from(message.to_owned())).unwrap()).await;
    let status = response.status();
    let body = response.into_body().collect(1 << 20).await.unwrap();
    let text = String::from_utf8(body.to_vec()).unwrap();
    let code = text.contains("<s:Fault>").then(|| {
        let mut codes = text.split("</s:Value>").map(|before| before.rsplit(['>', ':']).next().unwrap());
        let (outer, inner) = (codes.next().unwrap(), codes.next().unwrap_or_default());
        let has_subcode = text.contains("<s:Subcode>");
        (if has_subcode { inner } else { outer }).to_owned()
    });
    assert_eq!(status == StatusCode::OK, code.is_none(), "{text}");
    (code, text.contains("<u:Timestamp"))
}

const NOW: &str = "2024-01-15T10:00:00Z";

/// Checks that the vector is taken as it is, and refused unsecured with this code after each change.
#[track_caller]
fn assert_refused(port: &'static PortDescriptor, vector: &str, code: &str, changes: &[(&str, &str)]) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let message = file(vector);
        assert_eq!(outcome(port, NOW, &message).await, (None, true), "{vector}");
        for (from, to) in changes {
            assert!(message.contains(from), "{vector}: nothing to change: {from}");
            let found = outcome(port, NOW, &message.replacen(from, to, 1)).await;
            assert_eq!(found, (Some(code.to_owned()), false), "{vector}: {from} to {to}");
        }
    });
}

const TIMESTAMP: &str = "<u:Timestamp u:Id=\"_0\"><u:Created>2024-01-15T10:00:00.000Z</u:Created><u:Expires>2024-01-15T10:05:00.000Z</u:Expires></u:Timestamp>";

#[test]
fn a_message_of_a_session() {
    let end = "</o:Security>";
    let other = "<o:UsernameToken><o:Username>u</o:Username><o:Password>p</o:Password></o:UsernameToken>";
    assert_refused(
        &EC2,
        "ec2-app.xml",
        "InvalidSecurity",
        &[
            // What is signed, or the signature.
            ("u:Timestamp u:Id=\"_0\"", "u:Timestamp"),
            ("10:00:00.000Z", "10:00:00.001Z"),
            ("<SignatureValue>", "<SignatureValue>AAAA"),
            ("xmldsig#hmac-sha1", "xmldsig-more#hmac-sha256"),
            ("xmldsig#sha1", "xmlenc#sha256"),
            // The layout.
            (TIMESTAMP, ""),
            (TIMESTAMP, &[TIMESTAMP, TIMESTAMP].concat()),
            (end, &[other, end].concat()),
            (TIMESTAMP, &["<x:Unknown xmlns:x=\"urn:x\"/>", TIMESTAMP].concat()),
            (
                "<u:Created>2024-01-15T10:00:00.000Z</u:Created><u:Expires>2024-01-15T10:05:00.000Z</u:Expires>",
                "<u:Expires>2024-01-15T10:05:00.000Z</u:Expires><u:Created>2024-01-15T10:00:00.000Z</u:Created>",
            ),
            // The token.
            (ID, "uuid-33333333-3333-3333-3333-333333333333-2"),
            (IDENTIFIER, "urn:uuid:44444444-4444-4444-4444-444444444445"),
            ("security\">U3Vv", "security\">U3Vw"),
            ("security\">U3Vv", "security\">!"),
            // No header, or two.
            ("<o:Security ", &format!("<o:Security xmlns:o=\"{SECEXT}\"/><o:Security ")),
            (
                "<o:Security s:mustUnderstand=\"1\" xmlns:o=\"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd\">",
                "<o:Security xmlns:o=\"urn:other\">",
            ),
        ],
    );
    let without_cookie = file("ec2-app.xml");
    let (start, end) = (without_cookie.find("<Cookie").unwrap(), without_cookie.find("</Cookie>").unwrap() + 9);
    assert_refused(&EC2, "ec2-app.xml", "BadContextToken", &[(&without_cookie[start..end], "")]);
    assert_refused(
        &EC,
        "ec-app.xml",
        "InvalidSecurity",
        &[("u:Timestamp u:Id=\"_0\"", "u:Timestamp"), ("<SignatureValue>", "<SignatureValue>AAAA")],
    );
    assert_refused(
        &EC,
        "ec-app.xml",
        "BadContextToken",
        &[(IDENTIFIER, "urn:uuid:44444444-4444-4444-4444-444444444445")],
    );
}

/// The signature is moved, or covers something else.
#[tokio::test]
async fn where_a_signature_stands_and_what_it_covers() {
    let refused = (Some("InvalidSecurity".to_owned()), false);
    let message = file("ec2-app.xml");
    let (start, end) = (message.find("<Signature ").unwrap(), message.find("</Signature>").unwrap() + 12);
    let (signature, without) = (&message[start..end], [&message[..start], &message[end..]].concat());
    for before in ["<u:Timestamp", "<c:SecurityContextToken"] {
        assert_eq!(outcome(&EC2, NOW, &without.replacen(before, &[signature, before].concat(), 1)).await, refused);
    }
    assert_eq!(outcome(&EC2, NOW, &without).await, refused, "without a signature");

    // Signed with the right key, over more or over something else.
    let timestamp = "<u:Timestamp xmlns:u=\"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd\" u:Id=\"_0\"><u:Created>2024-01-15T10:00:00.000Z</u:Created><u:Expires>2024-01-15T10:05:00.000Z</u:Expires></u:Timestamp>";
    let body = "<s:Body xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" xmlns:u=\"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd\" u:Id=\"b\"><m:Test xmlns:m=\"http://www.altinn.no/services/2009/10\"><m:x>1</m:x></m:Test></s:Body>";
    let signed = |references: &[Reference<'_>], message: &str| {
        let value = hmac(&key(), &[signature::canonical_signed_info(HMAC_SHA1, references).as_bytes()]);
        let signature = signature::element(HMAC_SHA1, references, &value, FEBRUARY_2005.context_token, ID);
        message.replacen("</o:Security>", &[&signature, "</o:Security>"].concat(), 1)
    };
    let with_id = without.replacen("<s:Body>", "<s:Body u:Id=\"b\">", 1);
    let right = signed(&[Reference::to("_0", timestamp)], &with_id);
    assert_eq!(outcome(&EC2, NOW, &right).await, (None, true));
    for references in [vec![Reference::to("_0", timestamp), Reference::to("b", body)], vec![Reference::to("b", body)]] {
        assert_eq!(outcome(&EC2, NOW, &signed(&references, &with_id)).await, refused);
    }
    // A fresh Timestamp that nobody signed, and the one that is signed somewhere else.
    let elsewhere = with_id.replacen("<u:Timestamp u:Id=\"_0\">", "<u:Timestamp u:Id=\"_9\">", 1);
    let elsewhere = elsewhere.replacen("</m:x>", &["</m:x>", TIMESTAMP].concat(), 1);
    assert_eq!(outcome(&EC2, NOW, &signed(&[Reference::to("_0", timestamp)], &elsewhere)).await, refused);
    // With another key.
    let value =
        hmac(&[1; 32], &[signature::canonical_signed_info(HMAC_SHA1, &[Reference::to("_0", timestamp)]).as_bytes()]);
    let wrong =
        signature::element(HMAC_SHA1, &[Reference::to("_0", timestamp)], &value, FEBRUARY_2005.context_token, ID);
    let wrong = without.replacen("</o:Security>", &[&wrong, "</o:Security>"].concat(), 1);
    assert_eq!(outcome(&EC2, NOW, &wrong).await, refused);
}

/// What is verified is what is read: an old message in a header for another role proves nothing of this one.
#[tokio::test]
async fn a_signature_in_a_header_for_somebody_else() {
    let message = file("ec2-app.xml");
    let (start, end) = (message.find("<o:Security ").unwrap(), message.find("</o:Security>").unwrap() + 13);
    let header = &message[start..end];
    let old = header.replacen("<o:Security ", "<o:Security s:role=\"urn:somebody\" ", 1);
    let fresh = header.replacen("\"_0\"", "\"_1\"", 1).replace("T10:0", "T11:0");
    let fresh = format!(
        "{}<Signature {}/></o:Security>",
        fresh.split_once("<Signature ").unwrap().0,
        "xmlns=\"http://www.w3.org/2000/09/xmldsig#\""
    );
    for both in [[&*old, &fresh], [&fresh, &old]] {
        let message = message.replacen(header, &both.concat(), 1);
        let found = outcome(&EC2, "2024-01-15T11:00:00Z", &message).await;
        assert_eq!(found, (Some("InvalidSecurity".to_owned()), false));
    }
}

/// Only where the service says so.
#[tokio::test]
async fn keys_that_are_derived() {
    let message = file("ec-app-derived.xml");
    let derived = || Sessions::default().derived_keys();
    assert_eq!(outcome_with(derived(), &EC, NOW, &message).await, (None, true));
    let refused = (Some("InvalidSecurity".to_owned()), false);
    assert_eq!(outcome(&EC, NOW, &message).await, refused);
    let changed = message.replacen("<SignatureValue>", "<SignatureValue>AAAA", 1);
    assert_eq!(outcome_with(derived(), &EC, NOW, &changed).await, refused);
    let long = message.replacen("<c:Nonce>", &format!("<c:Nonce>{}", "AAAA".repeat(100)), 1);
    assert_ne!(long, message);
    assert_eq!(outcome_with(derived(), &EC, NOW, &long).await, refused);
}

#[tokio::test]
async fn when_a_message_is_taken() {
    for (vector, port) in [("ec2-app.xml", &EC2), ("ec-app.xml", &EC), ("ws-username.xml", &WS)] {
        for (now, is_taken) in [
            ("2024-01-15T09:55:01Z", true),
            ("2024-01-15T09:55:00Z", false),
            ("2024-01-15T10:01:59Z", true),
            ("2024-01-15T10:10:00Z", false),
        ] {
            let found = outcome(port, now, &file(vector)).await;
            let expected = (!is_taken).then(|| "InvalidSecurity".to_owned());
            assert_eq!(found, (expected, is_taken), "{vector} at {now}");
        }
    }
}

#[test]
fn a_request_for_a_token() {
    assert_refused(
        &EC2,
        "ec2-rst-issue.xml",
        "InvalidSecurity",
        &[
            ("a:To s:mustUnderstand=\"1\" u:Id=\"_1\"", "a:To s:mustUnderstand=\"1\""),
            ("EC2.svc</a:To>", "EC3.svc</a:To>"),
            ("xmldsig#rsa-sha1", "xmldsig-more#rsa-sha256"),
            ("10:00:00.000Z", "10:00:00.001Z"),
            (TIMESTAMP, ""),
            ("/RST/SCT</a:Action>", "/RST/SCT/Renew</a:Action>"),
        ],
    );
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let message = file("ec2-rst-issue.xml");
    let invalid = (Some("InvalidRequest".to_owned()), true);
    for (from, to) in [
        ("<t:KeySize>256<", "<t:KeySize>128<"),
        ("<t:Entropy>", "<t:Other>"),
        ("/trust/Issue<", "/trust/Validate<"),
        ("/sc/sct</t:TokenType>", "/sc/other</t:TokenType>"),
        ("<t:RequestSecurityToken ", "<t:RequestSecurityTokens "),
    ] {
        let closing = [from.replacen('<', "</", 1), to.replacen('<', "</", 1)];
        let changed = message.replacen(from, to, 1);
        let changed = match from.starts_with("<t:Entropy") {
            true => changed.replacen(&closing[0], &closing[1], 1),
            false => changed.replace(
                "</t:RequestSecurityToken>",
                if to.contains("Tokens ") { "</t:RequestSecurityTokens>" } else { "</t:RequestSecurityToken>" },
            ),
        };
        assert_ne!(changed, message, "{from}");
        assert_eq!(runtime.block_on(outcome(&EC2, NOW, &changed)), invalid, "{from} to {to}");
    }
    // By its thumbprint, and in the other mode.
    assert_eq!(runtime.block_on(outcome(&EC2, NOW, &file("ec2-rst-issue-thumbprint.xml"))), (None, true));
    assert_eq!(runtime.block_on(outcome(&EC, NOW, &message)), (None, true));
}

#[tokio::test]
async fn the_end_and_the_renewal_of_a_session() {
    assert_eq!(outcome(&EC, NOW, &file("ec-cancel.xml")).await, (None, true));
    let not_allowed = (Some("SecureConversationCancellationNotAllowed".to_owned()), false);
    assert_eq!(outcome(&EC2, NOW, &file("ec-cancel.xml")).await, not_allowed);
    assert_eq!(outcome(&EC, NOW, &file("ec-renew.xml")).await, (None, true));
    // Derived keys are refused over TLS, and a stateless service has no renewal.
    let refused = (Some("InvalidSecurity".to_owned()), false);
    for (vector, port) in [("ec-app-derived.xml", &EC), ("ec-renew-derived.xml", &EC), ("ec-renew.xml", &EC2)] {
        assert_eq!(outcome(port, NOW, &file(vector)).await, refused, "{vector}");
    }
}

#[test]
fn a_user_name() {
    assert_refused(
        &WS,
        "ws-username.xml",
        "FailedAuthentication",
        &[("systemUser", "systemuser"), ("p&lt;&amp;æ", "p&lt;&amp;"), ("p&lt;&amp;æ", "")],
    );
    assert_refused(
        &WS,
        "ws-username.xml",
        "InvalidSecurityToken",
        &[
            ("#PasswordText", "#PasswordDigest"),
            ("#PasswordText", "#Other"),
            ("<o:Username>", "<o:Other/><o:Username>"),
            ("<o:Username>systemUser</o:Username>", ""),
        ],
    );
    assert_refused(
        &WS,
        "ws-username.xml",
        "InvalidSecurity",
        &[
            (TIMESTAMP, &[TIMESTAMP, TIMESTAMP].concat()),
            (TIMESTAMP, &["<o:Unknown/>", TIMESTAMP].concat()),
            ("2024-01-15T10:00:00.000Z", "2024-01-15 10:00:00"),
        ],
    );
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    // WCF asks for no Timestamp where nothing is signed; a digest is not asked for, or asked for.
    let message = file("ws-username.xml");
    assert_eq!(runtime.block_on(outcome(&WS, NOW, &message.replacen(TIMESTAMP, "", 1))).0, None);
    let refused = (Some("InvalidSecurityToken".to_owned()), false);
    assert_eq!(runtime.block_on(outcome(&DIGEST, NOW, &message)), refused);
}

/// Faults that come from behind the security layer are secured.
#[tokio::test]
async fn what_is_addressed_elsewhere() {
    let message = file("ec2-app.xml");
    for (from, to, code) in [
        ("EC2.svc</a:To>", "EC.svc</a:To>", "DestinationUnreachable"),
        ("TestEC</a:Action>", "NopeEC</a:Action>", "ActionNotSupported"),
        ("<a:MessageID>", "<x:H xmlns:x=\"urn:x\" s:mustUnderstand=\"1\"/><a:MessageID>", "MustUnderstand"),
        ("<a:ReplyTo>", "<a:To>urn:second</a:To><a:ReplyTo>", "InvalidAddressingHeader"),
        ("a:Action", "x:Action xmlns:x=\"urn:x\"", "MessageAddressingHeaderRequired"),
    ] {
        let changed = message
            .replacen(from, to, 1)
            .replace("</a:Action>", if from == "a:Action" { "</x:Action>" } else { "</a:Action>" });
        let changed = changed.replacen(
            "s:mustUnderstand=\"1\">http://www.altinn.no",
            if from == "a:Action" { ">http://www.altinn.no" } else { "s:mustUnderstand=\"1\">http://www.altinn.no" },
            1,
        );
        assert_eq!(outcome(&EC2, NOW, &changed).await, (Some(code.to_owned()), true), "{from}");
    }
    let service = service(&EC2, NOW, Sessions::default());
    let send = async |media_type: &str| {
        let request = Request::post(PATH).header("content-type", media_type).body(Body::from(message.clone()));
        let response = service.handle(request.unwrap()).await;
        let (status, body) = (response.status(), response.into_body().collect(1 << 20).await.unwrap());
        (status, String::from_utf8(body.to_vec()).unwrap())
    };
    let stated = |action: &str| format!("application/soap+xml; charset=utf-8; action=\"{action}\"");
    assert_eq!(send(&stated(ACTION)).await.0, StatusCode::OK);
    let (status, fault) = send(&stated("urn:other")).await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    let places = [":Sender<", "<s:Subcode>", ":InvalidAddressingHeader<", "<s:Subcode>", ":ActionMismatch<"];
    places.iter().fold(&*fault, |rest, code| rest.split_once(code).expect(code).1);
    assert_eq!(send("text/xml; charset=utf-8").await.0, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}
