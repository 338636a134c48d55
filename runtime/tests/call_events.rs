//! The one event at the end of a call, and the text of its error.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use soap_runtime::testing::{RecordedRequest, ScriptedTransport};
use soap_runtime::transport::{Phase, TransportError};
use soap_runtime::{Advice, Connection, Upload};
use support::secured::*;
use support::{capture, contract, credentials, files, greeting};

/// The events of this runtime, without those of others.
fn events() -> Vec<String> {
    let logged = capture::logged();
    logged.lines().filter_map(|line| line.strip_prefix("event soap_runtime::client::")).map(str::to_owned).collect()
}

/// The same: the level and the message of each.
fn told() -> Vec<String> {
    let message = |line: &String| {
        let (level, message) = line.split_once(' ').unwrap().1.split_once(" message=").unwrap();
        let words = message.split(' ').take_while(|word| !word.contains('='));
        format!("{level} {}", words.collect::<Vec<_>>().join(" "))
    };
    events().iter().map(message).collect()
}

/// What a line says of a field.
fn field<'l>(line: &'l str, name: &str) -> &'l str {
    let (_, rest) = line.split_once(&format!(" {name}=")).unwrap_or_else(|| panic!("no {name} in {line}"));
    rest.split(' ').next().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_call_ends_with_one_event_and_its_error_says_what_it_may() {
    capture::start();

    let network = ScriptedTransport::new().respond(200, "text/xml", greeting("Hei")).silence();
    let connection = Connection::builder("https://service.example").transport(network.clone()).build().unwrap();
    let client = contract::Client::new(&connection, credentials());
    client.greet("Kari").await.unwrap();
    let all = events();
    let [event] = &all[..] else { panic!("{all:?}") };
    assert!(event.starts_with("tally INFO message=call ended rpc.method=\"Greet\" outcome=\"ok\""), "{event}");
    let sizes: [usize; 2] =
        ["http.request.body.size", "http.response.body.size"].map(|name| field(event, name).parse().unwrap());
    assert_eq!(sizes, [network.requests()[0].body.len(), greeting("Hei").len()]);
    assert_eq!((field(event, "http.response.status_code"), field(event, "soap.tries")), ("200", "1"));
    assert!(!event.contains("soap.delivery"), "{event}");

    // A stream of unknown length, in a package, counts as it was sent.
    let stored = || ScriptedTransport::new().respond(200, "text/xml", files::receipt(7));
    for upload in [Upload::from_reader(&b"a stream"[..]), Upload::from_reader(&b"a stream"[..]).length(8)] {
        let network = stored();
        let connection = Connection::builder("https://service.example").transport(network.clone()).build().unwrap();
        files::Files::new(&connection).upload(files::upload_request(), upload).await.unwrap();
        let size: usize = field(&events()[0], "http.request.body.size").parse().unwrap();
        assert_eq!(size, network.requests()[0].body.len());
    }

    // One that its caller gives up.
    let given_up = tokio::time::timeout(std::time::Duration::from_secs(1), client.greet("Kari")).await;
    assert!(given_up.is_err());
    let all = events();
    assert_eq!(all.len(), 1, "{all:?}");
    assert!(all[0].contains("outcome=\"given up\"") && !all[0].contains("status_code"), "{all:?}");

    // A session, a busy service, and a fault.
    let network = ScriptedTransport::new()
        .scripted_sessions()
        .answer(Rstr::default().answer())
        .answer(fault(DNSE, "ServerTooBusy"))
        .answer(fault(WSSE, "InvalidSecurityToken"));
    let client = Client::with_certificate(&connect(&network, &Time::default()), &EC2);
    assert_eq!(client.greet("Kari").await.unwrap_err().advice(), Advice::GiveUp);
    let all = events();
    assert_eq!(all.len(), 2, "{all:?}");
    assert!(all[0].contains("a session was issued") && all[0].contains("lifetime_s=36000"), "{}", all[0]);
    assert!(
        all[1].contains("outcome=\"Security\" soap.delivery=\"Answered\" http.response.status_code=500"),
        "{}",
        all[1]
    );
    assert_eq!(field(&all[1], "soap.tries"), "2");

    sessions_tell_what_becomes_of_them().await;
    every_try_counts_for_the_advice().await;
    the_reason_of_a_fault_is_in_the_text_if_asked_for().await;
    assert!(!capture::logged().contains("13097248022"));
}

/// Issued, reissued, dropped and cancelled, at the level debug; one that its server is left with is told of louder.
async fn sessions_tell_what_becomes_of_them() {
    const ISSUED: &str = "DEBUG a session was issued";
    const REISSUED: &str = "DEBUG a session was reissued";
    const CANCELLED: &str = "DEBUG a session was cancelled";
    const ENDED: &str = "INFO call ended";
    const UNKNOWN: &str = "DEBUG a session was dropped: the service does not know it any more";
    const REFUSED: &str = "DEBUG a session was dropped: the service refuses its token, which was good before";
    let script = || ScriptedTransport::new().scripted_sessions();
    let issue = || Rstr::default().answer();
    let cancelled = |request: &RecordedRequest| {
        let body = format!(
            "<t:RequestSecurityTokenResponse xmlns:t=\"{TRUST}\"><t:RequestedTokenCancelled/></t:RequestSecurityTokenResponse>"
        );
        soap(200, Parts::of(request, body).envelope())
    };

    // One whose server holds it: replaced at three fifths of its life, and cancelled then and at the end.
    let lifetime = "<t:Lifetime><u:Created>2024-01-15T10:00:00Z</u:Created><u:Expires>2024-01-15T10:01:40Z</u:Expires></t:Lifetime>";
    let short = Rstr { lifetime: lifetime.to_owned(), ..Rstr::default() };
    let network =
        script().answer(short.answer()).answer(ok).answer(issue()).answer(cancelled).answer(ok).answer(cancelled);
    let time = Time::default();
    let connection = connect(&network, &time);
    let client = Client::with_certificate(&connection, &EC);
    client.greet("Kari").await.unwrap();
    time.pass(60);
    client.greet("Kari").await.unwrap();
    connection.close().await;
    network.assert_done();
    assert_eq!(told(), [ISSUED, ENDED, REISSUED, CANCELLED, ENDED, CANCELLED]);
    drop((client, connection));
    assert!(told().is_empty(), "nothing is left with the server");

    // Lost by its server, then refused by it.
    let network = script()
        .answer(issue())
        .answer(ok)
        .answer(fault(SC, "BadContextToken"))
        .answer(issue())
        .answer(ok)
        .answer(fault(WSSE, "InvalidSecurity"))
        .answer(issue())
        .answer(ok);
    let client = Client::with_certificate(&connect(&network, &Time::default()), &EC2);
    for _ in 0..3 {
        client.greet("Kari").await.unwrap();
    }
    network.assert_done();
    assert_eq!(told(), [ISSUED, ENDED, UNKNOWN, ISSUED, ENDED, REFUSED, ISSUED, ENDED]);

    // Not cancelled, for want of a network or of a close.
    let network =
        script().answer(issue()).answer(ok).error(TransportError::new(Phase::Connect)).answer(issue()).answer(ok);
    let connection = connect(&network, &Time::default());
    let client = Client::with_certificate(&connection, &EC);
    client.greet("Kari").await.unwrap();
    connection.close().await;
    let failed = "INFO a session could not be cancelled; its server will let it go by itself";
    assert_eq!(told(), [ISSUED, ENDED, failed]);
    client.greet("Kari").await.unwrap();
    drop((client, connection));
    let kept = "WARN a connection was dropped without Connection::close; its server keeps the sessions for a while";
    assert_eq!(told(), [ISSUED, ENDED, kept]);
}

/// Only with WS-Security is a fault of a busy service believed; one that may have been sent last is never sent again blindly.
async fn every_try_counts_for_the_advice() {
    let busy = || fault(DNSE, "ServerTooBusy");
    let ws = |network: ScriptedTransport| async move {
        Client::ws(&connect(&network, &Time::default())).greet("Kari").await.unwrap_err().advice()
    };
    let three = ScriptedTransport::new().answer(busy()).answer(busy()).answer(busy());
    assert_eq!(ws(three).await, Advice::RetryLater);
    for (phase, advice) in [(Phase::Connect, Advice::RetryLater), (Phase::Reply, Advice::LookFirst)] {
        let network = ScriptedTransport::new().answer(busy()).error(TransportError::new(phase));
        assert_eq!(ws(network).await, advice);
    }
    let network = ScriptedTransport::new().error(TransportError::new(Phase::Connect));
    assert_eq!(ws(network).await, Advice::RetryLater);

    let code = "<faultcode xmlns:m='http://schemas.microsoft.com/ws/2006/05/security'>m:ServerTooBusy</faultcode>";
    let body = contract::envelope(&format!("<s:Fault>{code}<faultstring/></s:Fault>"));
    let network = ScriptedTransport::new().respond(500, "text/xml", body);
    let connection = Connection::builder("https://service.example").transport(network).build().unwrap();
    let error = contract::Client::new(&connection, credentials()).greet("Kari").await.unwrap_err();
    assert_eq!((error.kind(), error.advice()), (soap_runtime::ErrorKind::Busy, Advice::LookFirst));
}

/// In the same test, as what is logged belongs to the process.
async fn the_reason_of_a_fault_is_in_the_text_if_asked_for() {
    let answer = contract::fault("Client", "no such\nreportee: 13097248022");
    for shown in [false, true] {
        let network = ScriptedTransport::new().respond(500, "text/xml", answer.clone());
        let builder = Connection::builder("https://service.example").transport(network).reasons_in_errors(shown);
        let client = contract::Client::new(&builder.build().unwrap(), credentials());
        let error = client.greet("Kari").await.unwrap_err();
        assert_eq!(error.reason(), Some("no such\nreportee: 13097248022"));
        assert_eq!(error.advice(), Advice::FixRequest);
        let end = "; the service says: \"no such\\nreportee: 13097248022\"";
        assert_eq!((error.to_string().ends_with(end), format!("{error:?}").contains("13097248022")), (shown, shown));
    }
    let long = contract::fault("Client", &"x".repeat(5000));
    let network = ScriptedTransport::new().respond(500, "text/xml", long);
    let builder = Connection::builder("https://service.example").transport(network).reasons_in_errors(true);
    let client = contract::Client::new(&builder.build().unwrap(), credentials());
    assert_eq!(client.greet("Kari").await.unwrap_err().to_string().len(), 1000);
}
