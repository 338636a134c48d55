//! The life of a session: how many exchanges it takes, what is sent twice and what never.

use std::sync::Arc;
use std::time::Duration;

use crate::support::secured::*;
use http::header::COOKIE;
use soap_runtime::testing::ScriptedTransport;
use soap_runtime::transport::{Phase, Request, Transport, TransportError};
use soap_runtime::{AUTHENTICATION_PAUSE, Delivery, ErrorKind};

fn script() -> ScriptedTransport {
    ScriptedTransport::new().scripted_sessions()
}

fn ec2(network: &ScriptedTransport, time: &Time) -> Client {
    Client::with_certificate(&connect(network, time), &EC2)
}

#[tokio::test]
async fn a_call_starts_a_session_and_the_next_uses_it() {
    let network = script().answer(Rstr::default().answer()).answer(ok).answer(ok);
    let client = ec2(&network, &Time::default());
    assert_eq!(client.greet("Kari").await.unwrap(), "Hei");
    assert_eq!(client.greet("Kari").await.unwrap(), "Hei");
    assert_eq!(kinds(&network), ["RST", "Greet", "Greet"]);
    let requests = network.requests();
    let key = session_key(&requests[0]);
    for request in &requests[1..] {
        assert_signed(request, &key);
        assert_eq!(request.header("content-type"), Some("application/soap+xml; charset=utf-8"));
        // The token goes back as it came: identifier, u:Id and cookie.
        let text = request.text();
        let token = between(&text, "<c:SecurityContextToken", "</c:SecurityContextToken>");
        assert!(token.contains("u:Id=\"uuid-s-1\"") && token.contains("urn:uuid:session"), "{token}");
        assert!(token.contains(&between(&Rstr::default().token, "security\">", "</")), "{token}");
    }
    let ids: std::collections::HashSet<String> = requests.iter().map(message_id).collect();
    assert_eq!(ids.len(), 3);
}

#[tokio::test]
async fn clients_of_a_connection_share_the_session() {
    let network = script().answer(Rstr::default().answer()).answer(ok).answer(ok);
    let connection = connect(&network, &Time::default());
    Client::with_certificate(&connection, &EC2).greet("Kari").await.unwrap();
    Client::with_certificate(&connection, &EC2).greet("Kari").await.unwrap();
    assert_eq!(kinds(&network), ["RST", "Greet", "Greet"]);
}

#[tokio::test]
async fn a_hundred_callers_make_one_exchange() {
    // Also for a token that is dead on arrival: one call each is all it is good for.
    let dead = Rstr {
        lifetime: "<t:Lifetime><u:Created>2024-01-15T10:00:00Z</u:Created><u:Expires>2024-01-15T10:00:00Z</u:Expires></t:Lifetime>".to_owned(),
        ..Rstr::default()
    };
    for token in [Rstr::default(), dead] {
        let mut network = script().answer(token.answer());
        for _ in 0..100 {
            network = network.answer(ok);
        }
        let client = Client::with_certificate(&connect_slowly(&network, &Time::default()), &EC2);
        let calls = (0..100).map(|_| {
            let client = client.clone();
            async move { client.greet("Kari").await }
        });
        for outcome in join(calls.collect()).await {
            outcome.unwrap();
        }
        network.assert_done();
        assert_eq!(kinds(&network).iter().filter(|kind| *kind == "RST").count(), 1);
    }
}

#[tokio::test]
async fn no_two_messages_of_a_session_are_signed_alike() {
    let mut network = script().answer(Rstr::default().answer());
    for _ in 0..3 {
        network = network.answer(ok);
    }
    // The clock has stopped.
    let client = ec2(&network, &Time::default());
    for _ in 0..3 {
        client.greet("Kari").await.unwrap();
    }
    let told = |tag: &str| -> Vec<_> {
        let (start, end) = (format!("<u:{tag}>"), format!("</u:{tag}>"));
        network.requests()[1..].iter().map(|request| between(&request.text(), &start, &end)).collect()
    };
    assert_eq!(told("Created"), ["2024-01-15T10:00:00.000Z"; 3]);
    assert_eq!(told("Expires"), ["2024-01-15T10:05:00.000Z", "2024-01-15T10:05:00.001Z", "2024-01-15T10:05:00.002Z"]);
}

#[tokio::test]
async fn a_hundred_callers_share_one_failure() {
    for (network, kind, fault) in [
        (script().error(TransportError::timed_out(Phase::Reply)), ErrorKind::Transport, None),
        (script().answer(fault(WSSE, "InvalidSecurity")), ErrorKind::Security, Some("InvalidSecurity")),
    ] {
        let client = Client::with_certificate(&connect_slowly(&network, &Time::default()), &EC2);
        let calls: Vec<_> = (0..100)
            .map(|_| {
                let client = client.clone();
                async move { client.greet("Kari").await }
            })
            .collect();
        for error in join(calls).await.into_iter().map(Result::unwrap_err) {
            // Of the calls themselves nothing was sent.
            assert_eq!((error.kind(), error.delivery()), (kind, Delivery::NotSent));
            assert_eq!(error.fault().and_then(|fault| fault.code().names().last()).map(|(_, local)| local), fault);
            assert!(
                error.to_string().contains("session could not be started")
                    || error.to_string().contains("start the session"),
                "{error}"
            );
        }
        assert_eq!(kinds(&network), ["RST"]);
    }
}

/// Polls all of them in turn, in one task: each has begun before the first ends.
async fn join<F: Future>(futures: Vec<F>) -> Vec<F::Output> {
    let mut futures: Vec<_> = futures.into_iter().map(|future| (Box::pin(future), None)).collect();
    std::future::poll_fn(|cx| {
        for (future, output) in &mut futures {
            if output.is_none()
                && let std::task::Poll::Ready(ready) = future.as_mut().poll(cx)
            {
                *output = Some(ready);
            }
        }
        if futures.iter().all(|(_, output)| output.is_some()) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    futures.into_iter().map(|(_, output)| output.unwrap()).collect()
}

#[tokio::test]
async fn a_lost_session_is_started_anew_and_the_call_repeated_once() {
    let network = script()
        .answer({
            let rstr = Rstr::default().answer();
            move |request| with_header(rstr(request), "set-cookie", "BIGip=one; path=/")
        })
        .answer(fault(SC, "BadContextToken"))
        .answer(Rstr::default().answer())
        .answer(ok);
    let time = Time::default();
    ec2(&network, &time).greet("Kari").await.unwrap();
    assert_eq!(kinds(&network), ["RST", "Greet", "RST", "Greet"]);
    let requests = network.requests();
    assert_eq!(requests[1].header(COOKIE.as_str()), Some("BIGip=one"));
    for request in [&requests[0], &requests[2], &requests[3]] {
        assert_eq!(request.header(COOKIE.as_str()), None);
    }
    assert_ne!(message_id(&requests[1]), message_id(&requests[3]));
    assert_signed(&requests[3], &session_key(&requests[2]));
}

#[tokio::test]
async fn the_repetition_has_a_timestamp_of_its_own() {
    let time = Time::default();
    let later = time.clone();
    let lost = fault(SC, "BadContextToken");
    let network = script()
        .answer(Rstr::default().answer())
        .answer(move |request| {
            later.pass(7);
            lost(request)
        })
        .answer(Rstr::default().answer())
        .answer(ok);
    ec2(&network, &time).greet("Kari").await.unwrap();
    let created: Vec<_> =
        network.requests().iter().map(|request| between(&request.text(), "<u:Created>", "</u:Created>")).collect();
    assert_eq!(created[1], "2024-01-15T10:00:00.000Z");
    assert_eq!(created[3], "2024-01-15T10:00:07.000Z");
}

#[tokio::test]
async fn a_session_that_is_lost_twice_is_an_error() {
    let network = script()
        .answer(Rstr::default().answer())
        .answer(fault(SC, "BadContextToken"))
        .answer(Rstr::default().answer())
        .answer(fault(SC, "BadContextToken"));
    let error = ec2(&network, &Time::default()).greet("Kari").await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Session, Delivery::Answered));
    assert_eq!(kinds(&network), ["RST", "Greet", "RST", "Greet"]);
}

#[tokio::test]
async fn two_callers_that_lose_one_session_start_one() {
    let network = script()
        .answer(Rstr::default().answer())
        .answer(fault(SC, "BadContextToken"))
        .answer(fault(SC, "BadContextToken"))
        .answer(Rstr::default().answer())
        .answer(ok)
        .answer(ok);
    let client = Client::with_certificate(&connect_slowly(&network, &Time::default()), &EC2);
    let calls = (0..2)
        .map(|_| {
            let client = client.clone();
            async move { client.greet("Kari").await }
        })
        .collect();
    join(calls).await.into_iter().for_each(|outcome| assert!(outcome.is_ok()));
    assert_eq!(kinds(&network).iter().filter(|kind| *kind == "RST").count(), 2);
    network.assert_done();
}

#[tokio::test]
async fn invalid_security_starts_anew_only_a_session_that_was_good() {
    let invalid = || fault(WSSE, "InvalidSecurity");
    // Never good: an error at once.
    let network = script().answer(Rstr::default().answer()).answer(invalid());
    let error = ec2(&network, &Time::default()).greet("Kari").await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Security, Delivery::Answered));
    assert_eq!(kinds(&network), ["RST", "Greet"]);

    // Good before: once, then not within a minute, then again.
    let network = script()
        .answer(Rstr::default().answer())
        .answer(ok)
        .answer(invalid())
        .answer(Rstr::default().answer())
        .answer(ok)
        .answer(invalid())
        .answer(invalid())
        .answer(Rstr::default().answer())
        .answer(ok);
    let time = Time::default();
    let client = ec2(&network, &time);
    client.greet("1").await.unwrap();
    client.greet("2").await.unwrap();
    assert_eq!(kinds(&network), ["RST", "Greet", "Greet", "RST", "Greet"]);
    time.pass(59);
    assert_eq!(client.greet("3").await.unwrap_err().kind(), ErrorKind::Security);
    assert_eq!(network.requests().len(), 6);
    time.pass(2);
    client.greet("4").await.unwrap();
    assert_eq!(kinds(&network)[6..], ["Greet", "RST", "Greet"]);
    network.assert_done();
}

/// A clock that is set back does not make the minute longer, nor the time until an old token is replaced.
#[tokio::test]
async fn a_clock_that_is_set_back_keeps_no_session_waiting() {
    let network = script()
        .answer(Rstr::default().answer())
        .answer(ok)
        .answer(fault(WSSE, "InvalidSecurity"))
        .answer(Rstr::default().answer())
        .answer(ok)
        .answer(fault(WSSE, "InvalidSecurity"))
        .answer(Rstr::default().answer())
        .answer(ok);
    let time = Time::default();
    let client = ec2(&network, &time);
    client.greet("1").await.unwrap();
    client.greet("2").await.unwrap();
    time.set(-3600);
    time.pass(61);
    client.greet("3").await.unwrap();
    network.assert_done();

    let network = script()
        .answer(Rstr::default().answer())
        .answer(ok)
        .error(TransportError::new(Phase::Connect))
        .answer(ok)
        .answer(Rstr::default().answer())
        .answer(ok);
    let time = Time::default();
    let client = ec2(&network, &time);
    client.greet("1").await.unwrap();
    time.pass(8 * 3600);
    client.greet("2").await.unwrap();
    time.set(-3600);
    time.pass(60);
    client.greet("3").await.unwrap();
    assert_eq!(kinds(&network), ["RST", "Greet", "RST", "Greet", "RST", "Greet"]);
}

#[tokio::test]
async fn a_refused_certificate_is_never_sent_again() {
    for namespace in [WSSE, TRUST] {
        let network = script().answer(fault(namespace, "FailedAuthentication"));
        let time = Time::default();
        let connection = connect(&network, &time);
        let client = Client::with_certificate(&connection, &EC2);
        let error = client.greet("Kari").await.unwrap_err();
        // What was refused is the request for a token. The call itself was not sent.
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Authentication, Delivery::NotSent));
        assert!(error.fault().is_some());
        time.pass(AUTHENTICATION_PAUSE.as_secs() - 1);
        // Nor by another client with the same certificate.
        let error = Client::with_certificate(&connection, &EC2).greet("Kari").await.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Authentication, Delivery::NotSent));
        assert_eq!(kinds(&network), ["RST"]);
    }
}

#[tokio::test]
async fn a_credential_that_is_refused_in_a_session_is_never_sent_again() {
    let network = script().answer(Rstr::default().answer()).answer(fault(WSSE, "FailedAuthentication"));
    let connection = connect(&network, &Time::default());
    let client = Client::with_certificate(&connection, &EC2);
    for delivery in [Delivery::Answered, Delivery::NotSent] {
        let error = client.greet("Kari").await.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Authentication, delivery));
    }
    let error = Client::with_certificate(&connection, &EC2).greet("Kari").await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Authentication, Delivery::NotSent));
    assert_eq!(kinds(&network), ["RST", "Greet"]);
}

#[tokio::test]
async fn a_circuit_closes_after_its_pause_or_by_hand() {
    let network = script()
        .answer(fault(WSSE, "FailedAuthentication"))
        .answer(fault(WSSE, "FailedAuthentication"))
        .answer(Rstr::default().answer())
        .answer(ok);
    let time = Time::default();
    let connection = connect(&network, &time);
    let client = Client::with_certificate(&connection, &EC2);
    client.greet("Kari").await.unwrap_err();
    time.pass(AUTHENTICATION_PAUSE.as_secs());
    assert!(client.greet("Kari").await.unwrap_err().fault().is_some());
    assert!(client.greet("Kari").await.unwrap_err().fault().is_none());
    connection.reset_authentication();
    client.greet("Kari").await.unwrap();
    network.assert_done();
}

#[tokio::test]
async fn an_open_circuit_is_not_hidden_by_a_token_that_is_still_good() {
    let network = script().answer(Rstr::default().answer()).answer(ok).answer(fault(WSSE, "FailedAuthentication"));
    let time = Time::default();
    let client = ec2(&network, &time);
    client.greet("Kari").await.unwrap();
    time.pass(6 * 3600);
    assert_eq!(client.greet("Kari").await.unwrap_err().kind(), ErrorKind::Authentication);
    assert_eq!(client.greet("Kari").await.unwrap_err().delivery(), Delivery::NotSent);
    assert_eq!(kinds(&network), ["RST", "Greet", "RST"]);
}

#[tokio::test(start_paused = true)]
async fn a_busy_service_is_tried_three_times() {
    let busy = || fault(DNSE, "ServerTooBusy");
    let began = tokio::time::Instant::now();
    // While the session is started…
    let network = script().answer(busy()).answer(busy()).answer(Rstr::default().answer()).answer(ok);
    ec2(&network, &Time::default()).greet("Kari").await.unwrap();
    assert_eq!(kinds(&network), ["RST", "RST", "RST", "Greet"]);
    assert!(
        began.elapsed() >= Duration::from_secs(4) && began.elapsed() <= Duration::from_secs(30),
        "{:?}",
        began.elapsed()
    );
    // … and while it is used.
    let network = script()
        .answer(Rstr::default().answer())
        .answer(busy())
        .answer(fault(WSA, "EndpointUnavailable"))
        .answer(busy());
    let error = ec2(&network, &Time::default()).greet("Kari").await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Busy, Delivery::Answered));
    assert_eq!(kinds(&network), ["RST", "Greet", "Greet", "Greet"]);
    let ids: std::collections::HashSet<String> = network.requests().iter().map(message_id).collect();
    assert_eq!(ids.len(), 4);
}

#[tokio::test]
async fn what_may_have_been_delivered_is_not_sent_again() {
    for phase in [Phase::Send, Phase::Reply, Phase::Body] {
        let network = script().answer(Rstr::default().answer()).error(TransportError::new(phase));
        let error = ec2(&network, &Time::default()).greet("Kari").await.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Transport, Delivery::Unknown));
        assert_eq!(kinds(&network), ["RST", "Greet"]);
    }
    // A page says as little, whatever its status.
    let network = script().answer(Rstr::default().answer()).respond(503, "text/html", "<html/>");
    assert_eq!(ec2(&network, &Time::default()).greet("Kari").await.unwrap_err().kind(), ErrorKind::Busy);
    assert_eq!(kinds(&network), ["RST", "Greet"]);
    // The names of faults count in their namespaces only.
    for local in ["BadContextToken", "ServerTooBusy", "InvalidSecurity", "EndpointUnavailable"] {
        let network = script().answer(Rstr::default().answer()).answer(fault("urn:their:own", local));
        ec2(&network, &Time::default()).greet("Kari").await.unwrap_err();
        assert_eq!(kinds(&network), ["RST", "Greet"], "{local}");
    }
}

#[tokio::test]
async fn other_faults_are_told_and_nothing_is_repeated() {
    const DISPATCHER: &str = "http://schemas.microsoft.com/net/2005/12/windowscommunicationfoundation/dispatcher";
    for (namespace, local, kind) in [
        (WSSE, "InvalidSecurityToken", ErrorKind::Security),
        (TRUST, "InvalidRequest", ErrorKind::Security),
        (SC, "RenewNeeded", ErrorKind::Session),
        (DNSE, "SecuritySessionAborted", ErrorKind::Session),
        (WSA, "ActionNotSupported", ErrorKind::Configuration),
        (WSA, "DestinationUnreachable", ErrorKind::Configuration),
        (DNSE, "SecureConversationCancellationNotAllowed", ErrorKind::Configuration),
        (SOAP, "MustUnderstand", ErrorKind::Configuration),
        (DISPATCHER, "InternalServiceFault", ErrorKind::Fault),
    ] {
        let network = script().answer(Rstr::default().answer()).answer(fault(namespace, local));
        let error = ec2(&network, &Time::default()).greet("Kari").await.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (kind, Delivery::Answered), "{local}");
        assert_eq!(kinds(&network), ["RST", "Greet"], "{local}");
    }
}

#[tokio::test]
async fn a_token_is_replaced_at_three_fifths_of_its_life() {
    let network =
        script().answer(Rstr::default().answer()).answer(ok).answer(ok).answer(Rstr::default().answer()).answer(ok);
    let time = Time::default();
    let client = ec2(&network, &time);
    client.greet("Kari").await.unwrap();
    time.pass(6 * 3600 - 1);
    client.greet("Kari").await.unwrap();
    time.pass(1);
    client.greet("Kari").await.unwrap();
    assert_eq!(kinds(&network), ["RST", "Greet", "Greet", "RST", "Greet"]);
    assert_signed(&network.requests()[4], &session_key(&network.requests()[3]));
}

#[tokio::test]
async fn others_go_on_with_the_old_token_while_it_is_replaced() {
    let network = script().answer(Rstr::default().answer()).answer(ok).silence().answer(ok);
    let time = Time::default();
    let client = ec2(&network, &time);
    client.greet("Kari").await.unwrap();
    time.pass(6 * 3600);
    let replacing = tokio::spawn({
        let client = client.clone();
        async move { client.greet("Kari").await }
    });
    tokio::task::yield_now().await;
    while network.requests().len() < 3 {
        tokio::task::yield_now().await;
    }
    client.greet("Kari").await.unwrap();
    assert_eq!(kinds(&network), ["RST", "Greet", "RST", "Greet"]);
    assert_signed(&network.requests()[3], &session_key(&network.requests()[0]));
    replacing.abort();
}

#[tokio::test]
async fn a_token_that_cannot_be_replaced_is_used_to_its_end() {
    let network = script()
        .answer(Rstr::default().answer())
        .answer(ok)
        .error(TransportError::new(Phase::Connect))
        .answer(ok)
        .answer(ok)
        .error(TransportError::new(Phase::Connect))
        .answer(ok)
        .answer(Rstr::default().answer())
        .answer(ok);
    let time = Time::default();
    let client = ec2(&network, &time);
    client.greet("Kari").await.unwrap();
    time.pass(6 * 3600);
    client.greet("Kari").await.unwrap();
    client.greet("Kari").await.unwrap();
    time.pass(60);
    client.greet("Kari").await.unwrap();
    assert_eq!(kinds(&network), ["RST", "Greet", "RST", "Greet", "Greet", "RST", "Greet"]);
    time.pass(4 * 3600);
    client.greet("Kari").await.unwrap();
    network.assert_done();
}

#[tokio::test]
async fn a_caller_that_gives_up_leaves_the_start_to_the_next() {
    let network = script().silence().answer(Rstr::default().answer()).answer(ok);
    let client = ec2(&network, &Time::default());
    let impatient = tokio::time::timeout(Duration::from_millis(20), client.greet("Kari")).await;
    assert!(impatient.is_err());
    client.greet("Kari").await.unwrap();
    assert_eq!(kinds(&network), ["RST", "RST", "Greet"]);
}

#[tokio::test]
async fn ec2_sessions_are_let_go_without_a_word() {
    let network = script().answer(Rstr::default().answer()).answer(ok);
    let connection = connect(&network, &Time::default());
    Client::with_certificate(&connection, &EC2).greet("Kari").await.unwrap();
    connection.close().await;
    assert_eq!(kinds(&network), ["RST", "Greet"]);
}

fn cancelled(request: &soap_runtime::testing::RecordedRequest) -> soap_runtime::testing::Answer {
    let body = format!(
        r#"<t:RequestSecurityTokenResponse xmlns:t="{TRUST}"><t:RequestedTokenCancelled/></t:RequestSecurityTokenResponse>"#
    );
    soap(200, Parts::of(request, body).envelope())
}

#[tokio::test]
async fn an_ec_session_that_is_replaced_is_cancelled() {
    let short = Rstr {
        lifetime: "<t:Lifetime><u:Created>2024-01-15T10:00:00Z</u:Created><u:Expires>2024-01-15T10:01:40Z</u:Expires></t:Lifetime>".to_owned(),
        ..Rstr::default()
    };
    let network =
        script().answer(short.answer()).answer(ok).answer(Rstr::default().answer()).answer(cancelled).answer(ok);
    let time = Time::default();
    let client = Client::with_certificate(&connect(&network, &time), &EC);
    client.greet("Kari").await.unwrap();
    time.pass(60);
    client.greet("Kari").await.unwrap();
    assert_eq!(kinds(&network), ["RST", "Greet", "RST", "Cancel", "Greet"]);
    let requests = network.requests();
    assert_signed(&requests[3], &session_key(&requests[0]));
    assert_signed(&requests[4], &session_key(&requests[2]));
}

#[tokio::test]
async fn ec_sessions_are_cancelled_at_the_end() {
    let network = script()
        .answer(Rstr::default().answer())
        .answer(ok)
        .answer(Rstr::default().answer())
        .answer(ok)
        .answer(cancelled)
        .answer(Rstr::default().answer())
        .answer(ok);
    let time = Time::default();
    let connection = connect(&network, &time);
    let client = Client::with_certificate(&connection, &EC);
    client.greet("Kari").await.unwrap();
    // Idle for longer than its server keeps it: taken for dead, no fault waited for.
    time.pass(111);
    client.greet("Kari").await.unwrap();
    connection.close().await;
    assert_eq!(kinds(&network), ["RST", "Greet", "RST", "Greet", "Cancel"]);
    let requests = network.requests();
    assert_signed(&requests[4], &session_key(&requests[2]));
    assert!(requests[4].text().contains("<o:Reference URI=\"urn:uuid:session\" ValueType="));
    // A later call starts another one.
    client.greet("Kari").await.unwrap();
    network.assert_done();
}

/// A server counts from the last message, which may be a reply that took its time.
#[tokio::test]
async fn an_ec_session_lives_through_a_long_call() {
    let time = Time::default();
    let later = time.clone();
    let network = script()
        .answer(Rstr::default().answer())
        .answer(move |request| {
            later.pass(200);
            ok(request)
        })
        .answer(ok);
    let client = Client::with_certificate(&connect(&network, &time), &EC);
    client.greet("Kari").await.unwrap();
    client.greet("Kari").await.unwrap();
    assert_eq!(kinds(&network), ["RST", "Greet", "Greet"]);
}

#[tokio::test]
async fn a_failed_cancel_is_no_error() {
    let network = script().answer(Rstr::default().answer()).answer(ok).error(TransportError::new(Phase::Connect));
    let connection = connect(&network, &Time::default());
    Client::with_certificate(&connection, &EC).greet("Kari").await.unwrap();
    connection.close().await;
    network.assert_done();
}

#[tokio::test]
async fn ec_sessions_are_started_anew_when_their_server_says_so() {
    for (namespace, local) in [(SC, "RenewNeeded"), (DNSE, "SecuritySessionAborted"), (SC, "BadContextToken")] {
        let network = script()
            .answer(Rstr::default().answer())
            .answer(fault(namespace, local))
            .answer(Rstr::default().answer())
            .answer(ok);
        Client::with_certificate(&connect(&network, &Time::default()), &EC).greet("Kari").await.unwrap();
        assert_eq!(kinds(&network), ["RST", "Greet", "RST", "Greet"], "{local}");
    }
}

#[tokio::test]
async fn policies_of_derived_keys_and_thumbprints_have_no_effect_and_the_switch_has() {
    let network = script().answer(Rstr::default().answer()).answer(ok);
    Client::with_certificate(&connect(&network, &Time::default()), &EC).greet("Kari").await.unwrap();
    let requests = network.requests();
    assert!(!requests[1].text().contains("DerivedKeyToken"));
    assert!(requests[0].text().contains("<o:BinarySecurityToken"));

    let network = script().answer(Rstr::default().answer()).answer(ok);
    let mut options = soap_runtime::SecurityOptions::default();
    options.derived_keys = true;
    let connection = builder(&network, &Time::default()).security(options).build().unwrap();
    Client::with_certificate(&connection, &EC2).greet("Kari").await.unwrap();
    let requests = network.requests();
    assert!(requests[1].text().contains("<c:DerivedKeyToken"));
    assert_signed(&requests[1], &session_key(&requests[0]));
}

#[tokio::test]
async fn the_edition_of_2005_12_where_the_policy_asks_for_it() {
    let network = ScriptedTransport::new().reply(greeting());
    Client::with_certificate(&connect(&network, &Time::default()), &EC2_1_3).greet("Kari").await.unwrap();
    let requests = network.requests();
    assert_eq!(action(&requests[0]), "http://docs.oasis-open.org/ws-sx/ws-trust/200512/RST/SCT");
    assert!(requests[0].text().contains("http://docs.oasis-open.org/ws-sx/ws-secureconversation/200512/sct"));
    assert!(requests[1].text().contains("xmlns:c=\"http://docs.oasis-open.org/ws-sx/ws-secureconversation/200512\""));
}

#[tokio::test]
async fn the_double_starts_sessions_by_itself() {
    let network = ScriptedTransport::new().reply(greeting()).fault("Client", "no", "");
    let client = Arc::new(ec2(&network, &Time::default()));
    client.greet("Kari").await.unwrap();
    assert_eq!(client.greet("Kari").await.unwrap_err().kind(), ErrorKind::Fault);
    assert_eq!(kinds(&network), ["RST", "Greet", "Greet"]);
}

/// The service in memory refuses what WCF refuses: a session that it does not know, and a signature with another key.
#[tokio::test]
async fn the_double_keeps_its_sessions() {
    let network = ScriptedTransport::new().reply(greeting()).reply(greeting()).reply(greeting());
    let connection = connect(&network, &Time::default());
    let client = Client::with_certificate(&connection, &EC);
    client.greet("Kari").await.unwrap();
    connection.close().await;
    client.greet("Kari").await.unwrap();
    assert_eq!(kinds(&network), ["RST", "Greet", "Cancel", "RST", "Greet"]);
    let answer = |body: Vec<u8>| {
        let requests = network.requests();
        let soap_runtime::testing::RecordedRequest { url, headers, .. } = requests[4].clone();
        let (body, timeout) = (body.into(), Duration::from_secs(1));
        let request = Request { url, headers, body, reply_timeout: timeout, idle_timeout: timeout, minimum_rate: 0 };
        let network = network.clone();
        async move {
            let body = network.send(request).await.unwrap().body.collect(1 << 20).await.unwrap();
            String::from_utf8(body.to_vec()).unwrap()
        }
    };
    let requests = network.requests();
    assert!(answer(requests[1].body.to_vec()).await.contains("BadContextToken"), "that session was cancelled");
    let text = requests[4].text();
    let value = between(&text, "<SignatureValue>", "</SignatureValue>");
    let forged = text.replace(&value, "AAAAAAAAAAAAAAAAAAAAAAAAAAA=");
    assert!(answer(forged.into_bytes()).await.contains("InvalidSecurity"));
    assert!(answer(text.into_bytes()).await.contains("GreetResult"));
    network.assert_done();
}
