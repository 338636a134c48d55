//! What replies have to say under WS-Security, and what may be otherwise.

#[allow(dead_code, unreachable_pub, reason = "used in part")]
#[path = "../../../tests/support/environment.rs"]
mod environment;
use crate::support;
use crate::support::secured::*;
use soap_runtime::generated::v1;
use soap_runtime::testing::{Answer, RecordedRequest, ScriptedTransport};
use soap_runtime::{AUTHENTICATION_PAUSE, Delivery, Error, ErrorKind, Replies, SecurityOptions};

/// Calls an EC2 service that gives this token response and then a good reply.
async fn start(
    rstr: impl Fn(&RecordedRequest) -> Answer + Send + 'static,
) -> (Result<String, Error>, ScriptedTransport) {
    let network = ScriptedTransport::new().scripted_sessions().answer(rstr).answer(ok);
    let outcome = Client::with_certificate(&connect(&network, &Time::default()), &EC2).greet("Kari").await;
    (outcome, network)
}

/// Calls a WS service that gives this reply.
async fn call(reply: impl Fn(&RecordedRequest) -> Answer + Send + 'static) -> Result<String, Error> {
    Client::ws(&connect(&ScriptedTransport::new().answer(reply), &Time::default())).greet("Kari").await
}

/// The same, with something changed in the reply.
async fn call_with(change: impl Fn(&mut Parts) + Send + 'static) -> Result<String, Error> {
    call(move |request| {
        let mut parts = Parts::of(request, greeting());
        change(&mut parts);
        soap(200, parts.envelope())
    })
    .await
}

#[tokio::test]
async fn token_responses_in_any_form_that_servers_use() {
    let wcf = Rstr::default();
    let seven_digits = Rstr {
        lifetime: "<t:Lifetime><u:Created>2024-01-15T10:00:00.1234567Z</u:Created><u:Expires>2024-01-15T20:00:00.1234567Z</u:Expires></t:Lifetime>".to_owned(),
        ..wcf.clone()
    };
    let reversed = Rstr {
        token_type: format!("{}{}{}", wcf.key_size, wcf.lifetime, wcf.entropy),
        entropy: wcf.token_type.clone(),
        lifetime: format!("<x xmlns='urn:unknown'><y/></x>{}", wcf.proof),
        proof: String::new(),
        key_size: String::new(),
        ..wcf.clone()
    };
    // CXF: no TokenType and no KeySize, the life before the proof, declarations on each element.
    let cxf = Rstr {
        token_type: String::new(),
        key_size: String::new(),
        token: format!(
            "{}{}",
            wcf.token,
            wcf.lifetime
                .replace("<t:Lifetime>", &format!("<w:Lifetime xmlns:w='{TRUST}' xmlns:u='{WSU}'>"))
                .replace("</t:Lifetime>", "</w:Lifetime>")
        ),
        lifetime: String::new(),
        entropy: wcf.entropy.replace("<t:BinarySecret", &format!("<t:BinarySecret xmlns:t='{TRUST}'")),
        ..wcf.clone()
    };
    let bare = Rstr {
        proof: format!(
            "<RequestedProofToken xmlns='{TRUST}'>\n  <ComputedKey>\n{TRUST}/CK/PSHA1 </ComputedKey>\n</RequestedProofToken>"
        ),
        entropy: wcf.entropy.replace(" Type=", " Kind="),
        ..wcf.clone()
    };
    let no_life = Rstr { lifetime: String::new(), ..wcf.clone() };
    let echoed = Rstr { key_size: format!("{}<wsp:AppliesTo xmlns:wsp='urn:policy'/>", wcf.key_size), ..wcf.clone() };
    for (name, rstr) in [
        ("wcf", wcf),
        ("seven", seven_digits),
        ("reversed", reversed),
        ("cxf", cxf),
        ("bare", bare),
        ("no life", no_life),
        ("echoed", echoed),
    ] {
        let (outcome, network) = start(rstr.answer()).await;
        outcome.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_signed(&network.requests()[1], &session_key(&network.requests()[0]));
    }
}

#[tokio::test]
async fn token_responses_that_name_no_usable_key_are_refused() {
    let good = Rstr::default();
    let cases = [
        ("no security context token", Rstr { token: String::new(), ..good.clone() }),
        ("no u:Id", Rstr { token: good.token.replace("u:Id=", "Id="), ..good.clone() }),
        ("no Identifier", Rstr { token: good.token.replace("c:Identifier", "c:Identity"), ..good.clone() }),
        ("256 bits", Rstr { key_size: "<t:KeySize>128</t:KeySize>".to_owned(), ..good.clone() }),
        ("gives no entropy", Rstr { entropy: String::new(), ..good.clone() }),
        (
            "fewer than 16 octets",
            Rstr { entropy: "<t:Entropy><t:BinarySecret>AAAA</t:BinarySecret></t:Entropy>".to_owned(), ..good.clone() },
        ),
        (
            "no base64",
            Rstr { entropy: "<t:Entropy><t:BinarySecret>?</t:BinarySecret></t:Entropy>".to_owned(), ..good.clone() },
        ),
        ("both entropies", Rstr { proof: String::new(), ..good.clone() }),
        (
            "both entropies",
            Rstr {
                proof: "<t:RequestedProofToken><t:BinarySecret>AAAA</t:BinarySecret></t:RequestedProofToken>"
                    .to_owned(),
                ..good.clone()
            },
        ),
        ("both entropies", Rstr { proof: good.proof.replace("PSHA1", "PSHA256"), ..good.clone() }),
        ("ends before it begins", Rstr { lifetime: good.lifetime.replace("20:00", "09:00"), ..good.clone() }),
        ("another action", Rstr { action: "urn:other".to_owned(), ..good.clone() }),
    ];
    for (words, rstr) in cases {
        let (outcome, network) = start(rstr.answer()).await;
        let error = outcome.unwrap_err();
        assert!(error.to_string().contains(words), "{words}: {error}");
        // The request for a token was answered; the call itself was not sent.
        assert_eq!((error.delivery(), network.requests().len()), (Delivery::NotSent, 1), "{words}");
    }
}

#[tokio::test]
async fn a_reply_needs_a_fresh_timestamp() {
    let refused = |outcome: Result<String, Error>, words: &str| {
        let error = outcome.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Security, Delivery::Answered), "{words}");
        assert!(error.to_string().contains(words), "{words}: {error}");
    };
    let stamp = |created: &str, expires: &str| {
        security(&format!(
            "<u:Timestamp u:Id='_0'><u:Created>{created}</u:Created><u:Expires>{expires}</u:Expires></u:Timestamp>"
        ))
    };
    refused(call_with(|parts| parts.security = String::new()).await, "no Security header");
    refused(call_with(|parts| parts.security = security("")).await, "no Timestamp");
    let stale = stamp("2024-01-15T09:50:00Z", "2024-01-15T09:55:00Z");
    refused(call_with(move |parts| parts.security = stale.clone()).await, "expired");
    let future = stamp("2024-01-15T10:05:00Z", "2024-01-15T10:10:00Z");
    refused(call_with(move |parts| parts.security = future.clone()).await, "in the future");
    let old = stamp("2024-01-15T09:50:00Z", "2024-01-15T20:00:00Z");
    refused(call_with(move |parts| parts.security = old.clone()).await, "min old");
    // For somebody else, it is no header for us.
    let elsewhere = security("").replace("<o:Security", "<o:Security s:role='urn:gateway'");
    refused(call_with(move |parts| parts.security = elsewhere.clone()).await, "no Security header");
}

/// Its headers are all that a token response is checked by: nothing in it is signed.
#[tokio::test]
async fn a_token_response_needs_what_a_reply_needs() {
    type Change = fn(&mut Parts);
    let changes: [(Change, ErrorKind, &str); 6] = [
        (|parts| parts.security = String::new(), ErrorKind::Security, "no Security header"),
        (|parts| parts.security = parts.security.replace("T10:0", "T09:4"), ErrorKind::Security, "expired"),
        (|parts| parts.security = parts.security.replace("T10:0", "T11:0"), ErrorKind::Security, "in the future"),
        (|parts| parts.relates_to = None, ErrorKind::Malformed, "RelatesTo"),
        (|parts| parts.relates_to = Some("urn:uuid:other".to_owned()), ErrorKind::Malformed, "RelatesTo"),
        (|parts| parts.action = Some("urn:other".to_owned()), ErrorKind::Malformed, "another action"),
    ];
    for (change, kind, words) in changes {
        let (outcome, network) = start(move |request| {
            let mut parts = Parts::of(request, Rstr::default().body());
            parts.action = Some(Rstr::default().action);
            change(&mut parts);
            soap(200, parts.envelope())
        })
        .await;
        let error = outcome.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (kind, Delivery::NotSent), "{words}: {error}");
        assert!(error.to_string().contains(words), "{words}: {error}");
        assert_eq!(kinds(&network), ["RST"], "{words}");
    }
    // The clocks are named here too.
    let (outcome, _) =
        start(|request| with_header(fault(WSSE, "InvalidSecurity")(request), "date", "Mon, 15 Jan 2024 09:48:00 GMT"))
            .await;
    assert!(outcome.unwrap_err().to_string().contains("12 min 0 s ahead of the service's"));
}

#[tokio::test]
async fn a_reply_whose_timestamp_is_malformed_is_no_reply() {
    for content in [
        "<u:Timestamp><u:Expires>2024-01-15T10:05:00Z</u:Expires></u:Timestamp>",
        "<u:Timestamp><u:Created>soon</u:Created></u:Timestamp>",
    ] {
        let error = call_with(move |parts| parts.security = security(content)).await.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Malformed, Delivery::Answered), "{error}");
    }
    let error = call_with(|parts| parts.security = parts.security.repeat(2)).await.unwrap_err();
    assert!(error.to_string().contains("two Security headers"), "{error}");
}

#[tokio::test]
async fn the_lenient_switch_lets_unsecured_replies_through_but_no_stale_ones() {
    let mut options = SecurityOptions::default();
    options.replies = Some(Replies::Lenient);
    let unsecured = |request: &RecordedRequest| {
        let mut parts = Parts::of(request, greeting());
        parts.security = String::new();
        soap(200, parts.envelope())
    };
    let stale = |request: &RecordedRequest| {
        let mut parts = Parts::of(request, greeting());
        parts.security = parts.security.replace("T10:0", "T08:0");
        soap(200, parts.envelope())
    };
    let network = ScriptedTransport::new().answer(unsecured).answer(stale);
    let client = Client::ws(&builder(&network, &Time::default()).security(options).build().unwrap());
    client.greet("Kari").await.unwrap();
    assert_eq!(client.greet("Kari").await.unwrap_err().kind(), ErrorKind::Security);
}

/// What a client of .NET did with each reply of `client-reactions.txt` that concerns its headers.
fn reactions() -> Option<Vec<(String, String, bool)>> {
    let text = std::fs::read_to_string(environment::shared("spec/fixtures/wcf/client-reactions.txt")?).unwrap();
    let lines = text.lines().skip_while(|line| *line != "# Replies to the operation");
    let rows = lines.skip(1).take_while(|line| !line.starts_with('#')).map(|line| {
        let mut words = line.split_whitespace().map(str::to_owned);
        (words.next().unwrap(), words.next().unwrap(), words.next().unwrap() == "accepted")
    });
    Some(rows.collect())
}

/// Without a session and with one: what each kind of port takes of replies that lack something, and what none takes.
#[tokio::test]
async fn what_is_asked_of_a_reply_depends_on_its_port() {
    use Replies::{Lenient, Strict, Wcf};
    type Change = fn(&mut Parts);
    let changes: [(&str, Change, &[Replies]); 9] = [
        ("nosec", |parts| parts.security = String::new(), &[Lenient]),
        ("notimestamp", |parts| parts.security = security(""), &[Lenient, Wcf]),
        ("norelates", |parts| parts.relates_to = None, &[Lenient, Wcf]),
        (
            "nomustunderstand",
            |parts| parts.security = parts.security.replace("s:mustUnderstand='1'", ""),
            &[Lenient, Wcf, Strict],
        ),
        ("to", |parts| parts.others = "<a:To>urn:x</a:To>".to_owned(), &[Lenient, Wcf, Strict]),
        ("stale", |parts| parts.security = parts.security.replace("T10:0", "T09:4"), &[]),
        ("future", |parts| parts.security = parts.security.replace("T10:0", "T11:0"), &[]),
        ("wrongrelates", |parts| parts.relates_to = Some("urn:uuid:other".to_owned()), &[]),
        ("unknownmu", |parts| parts.others = "<x:Odd xmlns:x='urn:x' s:mustUnderstand='1'/>".to_owned(), &[]),
    ];
    let reactions = reactions();
    for (name, change, taken_by) in changes {
        for replies in [Lenient, Wcf, Strict] {
            for with_session in [false, true] {
                let mut options = SecurityOptions::default();
                options.replies = Some(replies);
                let network = ScriptedTransport::new();
                let network =
                    if with_session { network.scripted_sessions().answer(Rstr::default().answer()) } else { network };
                let network = network.answer(move |request| {
                    let mut parts = Parts::of(request, greeting());
                    change(&mut parts);
                    soap(200, parts.envelope())
                });
                let connection = builder(&network, &Time::default()).security(options).build().unwrap();
                let client =
                    if with_session { Client::with_certificate(&connection, &EC2) } else { Client::ws(&connection) };
                let outcome = client.greet("Kari").await;
                assert_eq!(
                    outcome.is_ok(),
                    taken_by.contains(&replies),
                    "{name} {replies:?} {with_session}: {outcome:?}"
                );
                let port = if with_session { "ec2" } else { "ws" };
                let theirs = reactions.iter().flatten().find(|(known, of, _)| known == name && of == port);
                // The one thing in which .NET is looser, and nobody should be.
                if let (Some((.., is_taken)), Wcf, true) = (theirs, replies, name != "wrongrelates") {
                    assert_eq!(outcome.is_ok(), *is_taken, "{name}");
                }
            }
        }
    }
    assert!(reactions.is_none_or(|rows| rows.len() > 30));
}

/// What a port says when its generator said nothing.
#[tokio::test]
async fn ports_have_usual_replies() {
    static PLAIN: v1::PortDescriptor =
        v1::PortDescriptor::new("plain", "Greeter", "https://published.example/a", v1::SoapVersion::Soap12)
            .addressing()
            .security(v1::Security::user_name().timestamp())
            .operations(&[&support::contract::GREET]);
    static SESSIONS: v1::PortDescriptor =
        v1::PortDescriptor::new("sessions", "Greeter", "https://published.example/a", v1::SoapVersion::Soap12)
            .addressing()
            .security(CONVERSATION)
            .operations(&[&support::contract::GREET]);
    let answer = |change: fn(&mut Parts)| {
        move |request: &RecordedRequest| {
            let mut parts = Parts::of(request, greeting());
            change(&mut parts);
            soap(200, parts.envelope())
        }
    };
    let unsecured = answer(|parts| (parts.security, parts.relates_to) = (String::new(), None));
    let network = ScriptedTransport::new().answer(unsecured);
    let port = v1::Port::new(&connect(&network, &Time::default()), &PLAIN).credentials(support::credentials());
    Client::of(port).greet("Kari").await.unwrap();

    let network = ScriptedTransport::new().scripted_sessions().answer(Rstr::default().answer());
    let network = network.answer(answer(|parts| parts.security = security(""))).answer(unsecured);
    let client = Client::with_certificate(&connect(&network, &Time::default()), &SESSIONS);
    client.greet("Kari").await.unwrap();
    let error = client.greet("Kari").await.unwrap_err();
    assert!(error.to_string().contains("no Security header"), "{error}");
}

#[tokio::test]
async fn what_other_servers_add_is_passed_over() {
    const WSSE11: &str = "http://docs.oasis-open.org/wss/oasis-wss-wssecurity-secext-1.1.xsd";
    for others in [
        format!(
            "<a:To>{WSA}/anonymous</a:To><a:MessageID>urn:x</a:MessageID><a:From><a:Address>urn:y</a:Address></a:From>"
        ),
        "<ActivityId xmlns='http://schemas.microsoft.com/2004/09/ServiceModel/Diagnostics'>1</ActivityId>".to_owned(),
        "<x:Odd xmlns:x='urn:x' s:mustUnderstand='0'/>".to_owned(),
        "<x:Odd xmlns:x='urn:x' s:mustUnderstand='1' s:role='urn:somebody-else'/>".to_owned(),
    ] {
        call_with(move |parts| parts.others = others.clone()).await.unwrap();
    }
    // CXF confirms signatures.
    call_with(|parts| {
        let confirmation = format!("<k:SignatureConfirmation xmlns:k='{WSSE11}' Value='AAAA'/></o:Security>");
        parts.security = parts.security.replace("</o:Security>", &confirmation);
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_header_that_must_be_understood_and_is_not_ends_the_call() {
    for value in ["1", "true"] {
        let error =
            call_with(move |parts| parts.others = format!("<x:Odd xmlns:x='urn:x' s:mustUnderstand='{value}'/>"))
                .await
                .unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Malformed, Delivery::Answered));
        assert!(error.to_string().contains("must be understood"), "{error}");
    }
}

#[tokio::test]
async fn a_reply_must_relate_to_its_request() {
    let error = call_with(|parts| parts.relates_to = None).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Malformed, Delivery::Answered));
    // To another message: of ours it says nothing.
    let error = call_with(|parts| parts.relates_to = Some("urn:uuid:other".to_owned())).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Malformed, Delivery::Unknown));
    // Nor does a fault, whatever it says.
    let network = ScriptedTransport::new().answer(|request| {
        let mut answer = fault(DNSE, "ServerTooBusy")(request);
        let text = String::from_utf8_lossy(&answer.body).replace(&message_id(request), "urn:uuid:other");
        answer.body = text.into_bytes().into();
        answer
    });
    let error = Client::ws(&connect(&network, &Time::default())).greet("Kari").await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Malformed, Delivery::Unknown));
    // A fault may be silent about it, or its service may not have come so far as to know.
    for unspecified in [false, true] {
        let error = call(move |request| {
            let mut answer = fault(WSSE, "InvalidSecurityToken")(request);
            let text = String::from_utf8_lossy(&answer.body).into_owned();
            let text = match unspecified {
                true => text.replace(&message_id(request), "http://www.w3.org/2005/08/addressing/unspecified"),
                false => text.replace("RelatesTo", "ReplyTo"),
            };
            answer.body = text.into_bytes().into();
            answer
        })
        .await
        .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Security);
    }
}

#[tokio::test]
async fn clocks_that_differ_are_named() {
    for (date, words) in [
        ("Mon, 15 Jan 2024 09:48:00 GMT", "12 min 0 s ahead of the service's"),
        ("Mon, 15 Jan 2024 10:07:30 GMT", "7 min 30 s behind the service's"),
        ("Monday, 15-Jan-24 10:07:30 GMT", "7 min 30 s behind the service's"),
        ("Mon Jan 15 10:07:30 2024", "7 min 30 s behind the service's"),
        ("Mon, 15 Jan 2024 10:00:01 GMT", "agrees with the service's"),
    ] {
        let error =
            call(move |request| with_header(fault(WSSE, "InvalidSecurity")(request), "date", date)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Security);
        assert!(error.to_string().contains(words), "{error}");
    }
    // The same for the reply that we refuse.
    let error = call(|request| {
        let mut parts = Parts::of(request, greeting());
        parts.security = parts.security.replace("T10:0", "T09:4");
        with_header(soap(200, parts.envelope()), "date", "Mon, 15 Jan 2024 09:40:00 GMT")
    })
    .await
    .unwrap_err();
    assert!(error.to_string().contains("expired") && error.to_string().contains("20 min 0 s ahead"), "{error}");
}

#[tokio::test]
async fn a_wrong_password_is_sent_once() {
    let network = ScriptedTransport::new().answer(fault(WSSE, "FailedAuthentication")).answer(ok).answer(ok);
    let time = Time::default();
    let connection = connect(&network, &time);
    let error = Client::ws(&connection).greet("Kari").await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Authentication, Delivery::Answered));
    // Not by a client made anew either; but by one with other credentials.
    for _ in 0..3 {
        let error = Client::ws(&connection).greet("Kari").await.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Authentication, Delivery::NotSent));
    }
    assert_eq!(network.requests().len(), 1);
    Client::of(v1::Port::new(&connection, &WS).credentials(other_credentials())).greet("Kari").await.unwrap();
    time.pass(AUTHENTICATION_PAUSE.as_secs());
    Client::ws(&connection).greet("Kari").await.unwrap();
    network.assert_done();
}

#[tokio::test(start_paused = true)]
async fn a_busy_ws_service_is_tried_three_times_and_other_faults_once() {
    let busy = || fault(DNSE, "ServerTooBusy");
    let network = ScriptedTransport::new().answer(busy()).answer(busy()).answer(ok);
    Client::ws(&connect(&network, &Time::default())).greet("Kari").await.unwrap();
    network.assert_done();
    for (namespace, local) in [(SC, "BadContextToken"), (WSSE, "InvalidSecurity"), (WSSE, "InvalidSecurityToken")] {
        let network = ScriptedTransport::new().answer(fault(namespace, local));
        Client::ws(&connect(&network, &Time::default())).greet("Kari").await.unwrap_err();
        assert_eq!(network.requests().len(), 1);
    }
}

#[tokio::test]
async fn a_port_without_security_is_called_once() {
    for (namespace, local) in [(DNSE, "ServerTooBusy"), (WSA, "EndpointUnavailable"), (SC, "BadContextToken")] {
        let body = format!(
            r#"<s:Fault><faultcode xmlns:a="{namespace}">a:{local}</faultcode><faultstring>no</faultstring></s:Fault>"#
        );
        let network = ScriptedTransport::new().respond(500, "text/xml", support::contract::envelope(&body));
        let connection = connect(&network, &Time::default());
        support::contract::Client::new(&connection, support::credentials()).greet("Kari").await.unwrap_err();
        assert_eq!(network.requests().len(), 1);
    }
}

#[tokio::test]
async fn a_password_can_travel_as_a_digest() {
    let network = ScriptedTransport::new().answer(ok);
    let connection = connect(&network, &Time::default());
    Client::of(v1::Port::new(&connection, &WS_DIGEST).credentials(support::credentials())).greet("Kari").await.unwrap();
    let text = network.requests()[0].text();
    let token = between(&text, "<o:UsernameToken", "</o:UsernameToken>");
    assert!(!token.contains("planted-password"));
    for part in ["#PasswordDigest\">", "<o:Nonce EncodingType=", "<u:Created>2024-01-15T10:00:00.000Z"] {
        assert!(token.contains(part), "{part}");
    }
}

#[tokio::test]
async fn a_client_made_with_the_wrong_kind_of_credential_says_so() {
    let network = ScriptedTransport::new();
    let connection = connect(&network, &Time::default());
    for (port, words) in [
        (v1::Port::new(&connection, &EC2).credentials(support::credentials()), "asks for a certificate"),
        (v1::Port::new(&connection, &WS), "asks for a user name and password"),
        (v1::Port::new(&connection, &WS).certificate(certificate()), "takes no certificate"),
    ] {
        let error = Client::of(port).greet("Kari").await.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Configuration, Delivery::NotSent));
        assert!(error.to_string().contains(words), "{error}");
    }
    assert!(network.requests().is_empty());
}
