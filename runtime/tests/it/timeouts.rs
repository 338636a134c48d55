//! The end of patience in each phase, and that a slow peer is not a dead one.

use std::time::Duration;

use crate::support;
use crate::support::contract::Client;
use crate::support::server::{Act, Server, xml};
use crate::support::{AMPLE, credentials, greeting};
use soap_runtime::{Connection, ConnectionBuilder, Delivery, Error, ErrorKind};

/// Short, where the time-out is to come. Nothing else is timed against it.
const SHORT: Duration = Duration::from_millis(150);

fn patient(url: String) -> ConnectionBuilder {
    Connection::builder(url)
        .allow_http_to_loopback(true)
        .only_given_roots()
        .root_certificates_pem(support::server::Identity::new(&["localhost"]).root_pem)
        .connect_timeout(AMPLE)
        .reply_timeout(AMPLE)
        .idle_timeout(AMPLE)
}

async fn greet(builder: ConnectionBuilder, name: &str) -> Result<String, Error> {
    Client::new(&builder.build().unwrap(), credentials()).greet(name).await
}

#[track_caller]
fn assert_timeout(result: Result<String, Error>, delivery: Delivery, says: &str) {
    let error = result.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Transport, delivery), "{error:?}");
    assert!(error.to_string().contains(says), "{error}");
}

#[tokio::test]
async fn connecting() {
    // TCP connects, then the handshake is not answered.
    let server = Server::start([Act::Deaf]).await;
    let url = format!("https://{}", server.address);
    assert_timeout(
        greet(patient(url).connect_timeout(SHORT), "Kari").await,
        Delivery::NotSent,
        "while the connection was made",
    );
}

#[tokio::test]
async fn sending() {
    let server = Server::start([Act::Deaf]).await;
    let large = "x".repeat(32 << 20);
    let result = greet(patient(server.url()).idle_timeout(SHORT), &large).await;
    assert_timeout(result, Delivery::Unknown, "while the request was sent");
}

#[tokio::test]
async fn waiting_for_the_reply() {
    let server =
        Server::start([Act::Stall(vec![]), Act::Stall(b"HTTP/1.1 200 OK\r\n".into()), Act::Stall(vec![])]).await;
    for _ in 0..2 {
        let result = greet(patient(server.url()).reply_timeout(SHORT), "Kari").await;
        assert_timeout(result, Delivery::Unknown, "waiting for the answer");
    }
    let connection = patient(server.url()).build().unwrap().with_reply_timeout(SHORT);
    let result = Client::new(&connection, credentials()).greet("Kari").await;
    assert_timeout(result, Delivery::Unknown, "waiting for the answer");
}

#[tokio::test]
async fn reading_the_reply() {
    let half = "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 500\r\n\r\n<s:Envelope";
    let server = Server::start([Act::Stall(half.into())]).await;
    assert_timeout(
        greet(patient(server.url()).idle_timeout(SHORT), "Kari").await,
        Delivery::Unknown,
        "within the answer",
    );
}

#[tokio::test]
async fn a_slow_reply_may_take_longer_than_either_time_out() {
    let body = greeting("Hei");
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: {}\r\n\r\n", body.len());
    let mut pieces = vec![head.into_bytes()];
    pieces.extend(body.as_bytes().chunks(body.len() / 6).map(<[u8]>::to_vec));
    let server = Server::start([Act::Dribble(pieces, Duration::from_millis(400))]).await;
    let patience = Duration::from_secs(2);
    assert_eq!(
        greet(patient(server.url()).idle_timeout(patience).reply_timeout(patience), "Kari").await.unwrap(),
        "Hei"
    );
}

#[tokio::test]
async fn a_slow_upload_does_not_count_as_waiting_for_the_reply() {
    // 3.2 s of reading, against 2 s for the reply: it counts from the last byte.
    let act = Act::Slowly(2 << 20, Duration::from_millis(200), Box::new(xml("200 OK", greeting("Hei"))));
    let server = Server::start([act]).await;
    let patience = Duration::from_secs(2);
    let large = "x".repeat(32 << 20);
    assert_eq!(
        greet(patient(server.url()).idle_timeout(patience).reply_timeout(patience), &large).await.unwrap(),
        "Hei"
    );
    assert!(server.received()[0].body.len() > 32 << 20);
}
