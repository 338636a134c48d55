//! Answers that are changed on their way to a call: replies, faults, tokens, and lists that are read item by item.

use altinn_soap::generated::v1;
use std::time::Duration;

use altinn_soap::testing::Answer;
use altinn_soap::transport::{Request, Transport as _};
use http::StatusCode;

use crate::choices::{Choices, Plan};
use crate::mutate::Change;
use crate::network::{Edit, Origin, block_on};
use crate::outcome::{Outcome, Verdict};
use crate::service::{self, Call, Echo};
use crate::tree::{Content, Element};

/// Makes a call in three ways: as it is, in pieces, and with the answer in another form.
pub(crate) fn in_three_ways(
    plan: &Plan<'_>,
    exchange: &'static v1::Exchange,
    has_forms: bool,
    make: impl Fn(u64, u64) -> Outcome,
) -> Verdict {
    let whole = make(0, 0);
    whole.assert_quotes_nothing();
    whole.assert_identical(&make(0, plan.pieces));
    if has_forms {
        let other = make(plan.form, 0);
        other.assert_quotes_nothing();
        let (soap, direction) = (exchange.port().soap, v1::Direction::Reply(exchange.operation()));
        whole.assert_alike(&other, &|message| {
            v1::write_message(soap, direction, message, v1::Style::Server, &service::slots(), None).ok()
        });
    }
    whole.verdict()
}

/// An edit that changes the answers of one origin.
fn edit(change: &Change, of: Origin, form: u64, prepare: impl Fn(&mut Answer) + Send + Sync + 'static) -> Edit {
    let change = change.clone();
    Box::new(move |origin, mut answer| {
        if origin == of {
            prepare(&mut answer);
            answer.body = change.written(Element::parse(&String::from_utf8_lossy(&answer.body)), form).into();
        }
        answer
    })
}

fn seed(choices: &mut Choices<'_>) -> u64 {
    choices.below(1 << 16) as u64
}

/// A reply of a generated operation, with all the headers of its port.
pub(crate) fn reply(input: &[u8]) -> Verdict {
    let plan = Plan::of(input);
    let mut choices = Choices::new(plan.choices);
    let exchange = choices.of(service::generated());
    let call = Call::sample(exchange, seed(&mut choices));
    let change = Change::of(choices);
    in_three_ways(&plan, exchange, change.has_forms(), |form, pieces| {
        call.make(pieces, edit(&change, Origin::Service, form, |_| {}))
    })
}

/// The token of a session, and the call that uses it.
pub(crate) fn token(input: &[u8]) -> Verdict {
    let plan = Plan::of(input);
    let mut choices = Choices::new(plan.choices);
    let exchange = &service::conversations()[choices.below(2)];
    let call = Call::sample(exchange, 1);
    let change = Change::of(choices);
    in_three_ways(&plan, exchange, change.has_forms(), |form, pieces| {
        call.make(pieces, edit(&change, Origin::Tokens, form, |_| {}))
    })
}

const CODES: [&str; 6] = [
    "s:Server",
    "s:Client",
    "s:VersionMismatch",
    "o:FailedAuthentication",
    "c:BadContextToken",
    "a:EndpointUnavailable",
];
const DETAIL: &str =
    "<e:ExceptionDetail xmlns:e=\"urn:example:fuzz\"><e:Message>QUOTED-01017012345</e:Message></e:ExceptionDetail>";

/// A fault of either version of SOAP. Accepted is one that has been read as a fault.
pub(crate) fn fault(input: &[u8]) -> Verdict {
    let plan = Plan::of(input);
    let mut choices = Choices::new(plan.choices);
    let exchange = match choices.below(4) {
        0 => choices.of(service::generated()),
        1 => &service::conversations()[choices.below(2)],
        _ => &service::echoes()[choices.below(2)],
    };
    let is_12 = (exchange.port().soap == v1::SoapVersion::Soap12) != choices.one_in(8);
    let code = choices.of(&CODES);
    let body = if is_12 {
        let subcode = choices.of(&CODES[3..]);
        let code = if code == "s:Client" { "s:Sender" } else { "s:Receiver" };
        format!(
            "<s:Fault><s:Code><s:Value>{code}</s:Value><s:Subcode><s:Value>{subcode}</s:Value></s:Subcode></s:Code>\
             <s:Reason><s:Text xml:lang=\"nb\">QUOTED-01017012345</s:Text></s:Reason><s:Detail>{DETAIL}</s:Detail></s:Fault>"
        )
    } else {
        format!(
            "<s:Fault><faultcode>{code}</faultcode><faultstring>QUOTED-01017012345</faultstring>\
             <detail>{DETAIL}</detail></s:Fault>"
        )
    };
    let status = choices.of(&[500, 500, 400, 200, 503, 403]);
    let change = Change::of(choices);
    let call = Call::sample(exchange, 1);
    let verdict = in_three_ways(&plan, exchange, change.has_forms(), |form, pieces| {
        let body = body.clone();
        let prepare = move |answer: &mut Answer| {
            answer.status = StatusCode::from_u16(status).unwrap_or_default();
            answer.body = with_fault(&answer.body, is_12, &body).into();
        };
        call.make(pieces, edit(&change, Origin::Service, form, prepare))
    });
    match verdict {
        Verdict::Refused("fault") => Verdict::Accepted,
        other => other,
    }
}

const SOAP: [&str; 2] = ["http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope"];

/// The envelope with a fault in the place of what its body holds.
fn with_fault(envelope: &[u8], is_12: bool, fault: &str) -> String {
    let mut envelope = Element::parse(&String::from_utf8_lossy(envelope));
    let (soap, from) = (SOAP[usize::from(is_12)], envelope.name.namespace.clone());
    let fault = format!(
        "<s:Body xmlns:s=\"{soap}\" xmlns:a=\"http://www.w3.org/2005/08/addressing\" \
         xmlns:o=\"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd\" \
         xmlns:c=\"http://schemas.xmlsoap.org/ws/2005/02/sc\">{fault}</s:Body>"
    );
    envelope.content.retain(|content| !matches!(content, Content::Element(child) if child.name.local == "Body"));
    envelope.content.push(Content::Element(Element::parse(&fault)));
    envelope.walk(&mut |element| {
        if element.name.namespace == from {
            element.name.namespace = soap.to_owned();
        }
    });
    crate::tree::Form::of(0).write(&envelope)
}

/// A list that is read item by item. Where it is read, it holds the same as the list that is read whole.
pub(crate) fn list(input: &[u8]) -> Verdict {
    let plan = Plan::of(input);
    let mut choices = Choices::new(plan.choices);
    let exchange = &service::lists()[choices.below(2)];
    let call = Call::sample(exchange, seed(&mut choices));
    let change = Change::of(choices);
    let whole = call.make(0, edit(&change, Origin::Service, 0, |_| {}));
    in_three_ways(&plan, exchange, change.has_forms(), |form, pieces| {
        let items = items(&call, pieces, edit(&change, Origin::Service, form, |_| {}));
        if let (0, Outcome::Read { message, .. }, Outcome::Read { message: items, .. }) = (form, &whole, &items) {
            assert!(message.same(&**items), "item by item, it holds something else: {message:?} and {items:?}");
        }
        items
    })
}

fn items(call: &Call, pieces: u64, edit: Edit) -> Outcome {
    let connection = call.connection(pieces, edit);
    let port = service::port(&connection, call.exchange.port());
    Outcome::of(block_on(async {
        let mut items = port.request(call.exchange.operation(), &Echo::default()).items::<Echo>().await?;
        let mut all: Vec<Echo> = Vec::new();
        while let Some(item) = items.next().await? {
            all.push(item);
        }
        Ok(Box::new(all) as Box<dyn v1::Slot>)
    }))
}

/// A request to the service in memory, sent once more with changes. Accepted is one that is answered without a fault.
pub(crate) fn request(input: &[u8]) -> Verdict {
    let plan = Plan::of(input);
    let mut choices = Choices::new(plan.choices);
    let exchange = match choices.below(4) {
        0 => &service::conversations()[choices.below(2)],
        _ => choices.of(service::generated()),
    };
    let call = Call::sample(exchange, seed(&mut choices));
    let network = service::script();
    let outcome = call.over(&crate::network::connection(network.clone(), 0, Box::new(|_, answer| answer)));
    drop(outcome);
    let requests = network.requests();
    let sent = requests[choices.below(requests.len())].clone();
    let change = Change::of(choices);
    let Ok(text) = std::str::from_utf8(&sent.body) else { return Verdict::Refused("package") };
    if !text.starts_with('<') {
        return Verdict::Refused("package");
    }
    let request = Request {
        url: sent.url.clone(),
        headers: sent.headers.clone(),
        body: change.written(Element::parse(text), plan.form).into(),
        reply_timeout: Duration::from_secs(1),
        idle_timeout: Duration::from_secs(1),
        minimum_rate: 0,
    };
    match block_on(network.send(request)) {
        Ok(answer) if answer.status == StatusCode::OK => Verdict::Accepted,
        Ok(_) => Verdict::Refused("fault"),
        Err(error) => panic!("the service does not answer: {error}"),
    }
}
