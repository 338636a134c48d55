//! Requests that are changed on their way to a port that is served.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use altinn_soap::generated::v1;
use altinn_soap::transport::{BoxFuture, Request, Response, Transport, TransportError};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, Uri};
use soap_runtime::server::{AnyMessage, Service};

use crate::PLANTED_NUMBER;
use crate::choices::{Choices, Plan};
use crate::mutate::Change;
use crate::network::{Time, block_on, client, limits};
use crate::outcome::Verdict;
use crate::service::{self, Call};
use crate::tree::Element;

/// A request of a call as it was sent.
#[derive(Clone)]
struct Sent {
    url: Uri,
    headers: HeaderMap,
    body: Bytes,
}

/// A service that notes what it is sent.
#[derive(Clone, Debug)]
struct Noting {
    service: Service,
    sent: Arc<Mutex<Vec<Sent>>>,
}

impl std::fmt::Debug for Sent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sent")
    }
}

impl Transport for Noting {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        Box::pin(async move {
            let Request { url, headers, body, .. } = request;
            let sent = Sent { url, headers, body: body.collect(usize::MAX).await? };
            self.sent.lock().unwrap_or_else(|error| panic!("{error}")).push(sent.clone());
            self.service.send(again(sent)).await
        })
    }
}

fn again(sent: Sent) -> Request {
    Request {
        url: sent.url,
        headers: sent.headers,
        body: sent.body.into(),
        reply_timeout: Duration::from_secs(1),
        idle_timeout: Duration::from_secs(1),
        minimum_rate: 0,
    }
}

/// The port of an exchange, which answers with a sample.
fn serve(exchange: &'static v1::Exchange) -> Service {
    let serving = v1::Service::new(exchange.port(), ());
    let reply = move || v1::Direction::Reply(exchange.operation()).sample(exchange.reply(), &mut v1::Sampler::new(7));
    let serving = serving.any(exchange.operation(), exchange.request(), move |_, _, _| {
        let message = reply();
        async move { Ok(AnyMessage { message, stream: None }) }
    });
    let service = serving.service().clock(Arc::new(Time)).limits(limits()).certificates(|_| true);
    service.users(|user, password| async move { user == "user" && password.is("password") })
}

/// Accepted is a request that is answered without a fault. A fault quotes nothing of it but the names of headers that are
/// not understood, which SOAP asks for.
pub(crate) fn served(input: &[u8]) -> Verdict {
    let plan = Plan::of(input);
    let mut choices = Choices::new(plan.choices);
    let exchange = match choices.below(3) {
        0 => &service::conversations()[choices.below(2)],
        // The other one sends packages.
        1 => &service::echoes()[0],
        _ => choices.of(service::generated()),
    };
    let network = Noting { service: serve(exchange), sent: Arc::default() };
    drop(Call::sample(exchange, choices.below(1 << 16) as u64).over(&client(network.clone())));
    let sent = network.sent.lock().unwrap_or_else(|error| panic!("{error}")).clone();
    let mut sent = sent[choices.below(sent.len())].clone();
    let change = Change::of(choices);
    let Ok(text) = std::str::from_utf8(&sent.body) else { return Verdict::Refused("package") };
    if !text.starts_with('<') {
        return Verdict::Refused("package");
    }
    sent.body = change.written(Element::parse(text), plan.form).into();
    let (status, answer) = block_on(async {
        let response = network.service.send(again(sent)).await?;
        Ok::<_, TransportError>((response.status, response.body.collect(usize::MAX).await?))
    })
    .unwrap_or_else(|error| panic!("the service does not answer: {error}"));
    if status == StatusCode::OK {
        return Verdict::Accepted;
    }
    let answer = String::from_utf8_lossy(&answer);
    let names_headers = answer.contains("MustUnderstand");
    assert!(names_headers || !answer.contains(PLANTED_NUMBER), "a fault quotes content: {answer}");
    Verdict::Refused(if status == StatusCode::INTERNAL_SERVER_ERROR { "fault" } else { "http" })
}
