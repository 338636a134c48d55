//! Security as another stack sees it: `cargo xtask interop` starts it and runs these tests.

use std::fmt::Debug;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use altinn_soap::generated::v1;
use altinn_soap::receipt::types::{AltinnFault, Receipt, ReceiptSearch, Reference, ReferenceType};
use altinn_soap::transport::{BoxFuture, Request, Response, Transport, TransportError};
use altinn_soap::{Certificate, Connection, Credentials, Delivery, Error, ErrorKind, receipt};
use bytes::Bytes;

use crate::interop::{Peer, certificate, credentials, serving};
use crate::support::root;

/// Requests that went out, and those of them that asked for a token.
#[derive(Debug, Default)]
struct Count {
    requests: AtomicUsize,
    tokens: AtomicUsize,
}

impl Count {
    /// Since it was last asked.
    fn take(&self) -> (usize, usize) {
        (self.requests.swap(0, Ordering::Relaxed), self.tokens.swap(0, Ordering::Relaxed))
    }
}

#[derive(Debug)]
struct Counted {
    inner: Arc<dyn Transport>,
    count: Arc<Count>,
}

impl Transport for Counted {
    fn send(&self, mut request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        Box::pin(async move {
            let message = request.body.collect(1 << 20).await?;
            self.count.requests.fetch_add(1, Ordering::Relaxed);
            if String::from_utf8_lossy(&message).contains("<t:RequestSecurityToken") {
                self.count.tokens.fetch_add(1, Ordering::Relaxed);
            }
            request.body = message.into();
            self.inner.send(request).await
        })
    }
}

fn counted(peer: &Peer, port: &'static v1::PortDescriptor) -> (Connection, Arc<Count>) {
    let count = Arc::new(Count::default());
    let layer = Arc::clone(&count);
    let connection = peer.builder(port).layer(move |inner| Arc::new(Counted { inner, count: layer }));
    (connection.build().unwrap(), count)
}

/// The peer does what some words in a request say.
fn search(word: &str) -> ReceiptSearch {
    let reference = Reference { reference_type: ReferenceType::BatchReference, reference_value: Some(word.to_owned()) };
    ReceiptSearch { receipt_id: Some(42), references: vec![reference] }
}

/// A certificate that the peer does not know.
fn stranger() -> Certificate {
    let file = |name| fs::read(root().join("tests/fixtures/security/certificates").join(name)).unwrap();
    Certificate::from_pem(file("other-cert.pem"), file("other-key.pem")).unwrap()
}

fn is_read(receipt: Option<Receipt>) {
    let receipt = receipt.unwrap();
    assert_eq!(receipt.receipt_id, Some(42));
    assert_eq!(receipt.references.len(), 2);
}

fn is_the_services_fault<T: Debug>(outcome: Result<T, Error>, operation: &str) {
    let error = outcome.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Fault);
    let fault: AltinnFault = error.fault().unwrap().detail().unwrap();
    let found = fault.altinn_extended_error_message.unwrap();
    assert_eq!(found, format!("{operation}/receipt/References/Reference[0]/ReferenceValue"));
}

#[tokio::test]
#[ignore = "cargo xtask interop"]
async fn interop_a_user_name_is_let_in_and_a_wrong_password_is_not_tried_again() {
    for peer in serving(&receipt::ws::PORT) {
        let (connection, count) = counted(&peer, &receipt::ws::PORT);
        let receipts = receipt::ws::Client::new(&connection, credentials());
        is_read(receipts.get_receipt_v2(search("x")).await.unwrap());
        is_the_services_fault(receipts.get_receipt_v2(search("FAULT")).await, "GetReceiptV2");
        assert_eq!(count.take(), (2, 0));

        for wrong in [Credentials::new("1001", "system"), Credentials::new("1002", "sys<tem")] {
            let receipts = receipt::ws::Client::new(&connection, wrong);
            let error = receipts.get_receipt_v2(search("x")).await.unwrap_err();
            assert_eq!((error.kind(), error.delivery()), (ErrorKind::Authentication, Delivery::Answered));
            let error = receipts.get_receipt_v2(search("x")).await.unwrap_err();
            assert_eq!((error.kind(), error.delivery()), (ErrorKind::Authentication, Delivery::NotSent));
            assert_eq!(count.take(), (1, 0));
        }
        is_read(receipts.get_receipt_v2(search("x")).await.unwrap());
    }
}

#[tokio::test]
#[ignore = "cargo xtask interop"]
async fn interop_one_session_serves_many_callers() {
    for peer in serving(&receipt::ec2::PORT) {
        let (connection, count) = counted(&peer, &receipt::ec2::PORT);
        let receipts = receipt::ec2::Client::new(&connection, certificate(), credentials());
        let calls = (0..16).map(|_| {
            let receipts = receipts.clone();
            tokio::spawn(async move { receipts.get_receipt_ec_v2(search("x")).await })
        });
        for call in calls.collect::<Vec<_>>() {
            is_read(call.await.unwrap().unwrap());
        }
        assert_eq!(count.take(), (17, 1));
        is_the_services_fault(receipts.get_receipt_ec_v2(search("FAULT")).await, "GetReceiptECV2");
        assert_eq!(count.take(), (1, 0));
    }
}

/// Sends every call a second time, as somebody would who has overheard it, and gives the answer to that one.
#[derive(Debug)]
struct Replayed(Arc<dyn Transport>);

impl Transport for Replayed {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        Box::pin(async move {
            let message = request.body.collect(1 << 20).await?;
            let again = |body: Bytes| Request {
                url: request.url.clone(),
                headers: request.headers.clone(),
                body: body.into(),
                reply_timeout: request.reply_timeout,
                idle_timeout: request.idle_timeout,
                minimum_rate: request.minimum_rate,
            };
            let answer = self.0.send(again(message.clone())).await?;
            if String::from_utf8_lossy(&message).contains("<t:RequestSecurityToken") {
                return Ok(answer);
            }
            self.0.send(again(message)).await
        })
    }
}

/// So the peer does remember what was signed, and that our calls differ in it is seen in all the other tests.
#[tokio::test]
#[ignore = "cargo xtask interop"]
async fn interop_a_replay_is_refused() {
    for peer in serving(&receipt::ec2::PORT) {
        let connection = peer.builder(&receipt::ec2::PORT).layer(|inner| Arc::new(Replayed(inner))).build().unwrap();
        let receipts = receipt::ec2::Client::new(&connection, certificate(), credentials());
        let error = receipts.get_receipt_ec_v2(search("x")).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Security, "{error}");
    }
}

#[tokio::test]
#[ignore = "cargo xtask interop"]
async fn interop_a_stranger_gets_no_token() {
    for peer in serving(&receipt::ec2::PORT) {
        let (connection, count) = counted(&peer, &receipt::ec2::PORT);
        let receipts = receipt::ec2::Client::new(&connection, stranger(), credentials());
        let error = receipts.get_receipt_ec_v2(search("x")).await.unwrap_err();
        // CXF gives no subcode that would tell a certificate from anything else. The call itself was not sent.
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Fault, Delivery::NotSent));
        assert!(error.fault().is_some());
        assert_eq!(count.take(), (1, 1));
    }
}

#[tokio::test]
#[ignore = "cargo xtask interop"]
async fn interop_a_token_that_has_ended_is_replaced() {
    for peer in serving(&receipt::ec2::PORT) {
        // The peer forgets the token and answers BadContextToken; or lets it expire, and answers InvalidSecurity.
        for word in ["FORGET", "EXPIRE"] {
            let (connection, count) = counted(&peer, &receipt::ec2::PORT);
            let receipts = receipt::ec2::Client::new(&connection, certificate(), credentials());
            is_read(receipts.get_receipt_ec_v2(search(word)).await.unwrap());
            assert_eq!(count.take(), (2, 1));
            is_read(receipts.get_receipt_ec_v2(search("x")).await.unwrap());
            assert_eq!(count.take(), (3, 1), "{word}: a refused call, a token, the call again");
            is_read(receipts.get_receipt_ec_v2(search("x")).await.unwrap());
            assert_eq!(count.take(), (1, 0), "{word}");
        }
    }
}

#[tokio::test]
#[ignore = "cargo xtask interop"]
async fn interop_many_callers_replace_a_token_once() {
    for peer in serving(&receipt::ec2::PORT) {
        let (connection, count) = counted(&peer, &receipt::ec2::PORT);
        let receipts = receipt::ec2::Client::new(&connection, certificate(), credentials());
        is_read(receipts.get_receipt_ec_v2(search("FORGET")).await.unwrap());
        count.take();
        let calls = (0..16).map(|_| {
            let receipts = receipts.clone();
            tokio::spawn(async move { receipts.get_receipt_ec_v2(search("x")).await })
        });
        for call in calls.collect::<Vec<_>>() {
            is_read(call.await.unwrap().unwrap());
        }
        // How many calls still went out with the old token is a matter of timing.
        assert_eq!(count.take().1, 1);
    }
}
