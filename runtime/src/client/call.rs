//! One call from start to end: authenticate, write, send, read; and once more if the service says that it did not
//! process the message.

use http::{HeaderMap, StatusCode};
use tokio::runtime::Handle;
use tracing::Instrument;

use crate::client::auth::CLEAR_CREDENTIALS;
use crate::client::auth::admission::Admission;
use crate::client::auth::authorization;
use crate::client::auth::scheme::{Proof, Repeat, ReplySecurity, Scheme};
use crate::client::history::History;
use crate::client::log::{CallLog, Record};
use crate::client::outgoing::Outgoing;
use crate::client::post::{Endpoint, Head};
use crate::client::receive::{Reading, Receive};
use crate::client::request::RequestBuilder;
use crate::client::request_headers;
use crate::client::retry::{BusyRetry, may_cause_second_try};
use crate::client::soap_headers;
use crate::client::tally::Tally;
use crate::error::{Delivery, Error};
use crate::message::Expected;
use crate::message::fault_table::Remedy;
use crate::schema::descriptor::Replies;
use crate::transport::Body;

/// How often one message is sent once more because HTTP 401 asks for another proof: the first, and one for a nonce that
/// has become too old meanwhile.
const CHALLENGES: u32 = 2;

const NO_RUNTIME: &str = "not sent: a call is awaited in a tokio runtime, or waited for with the feature `blocking` and \
     Connection::wait";

impl RequestBuilder<'_> {
    /// Makes the call, in a tracing span of its own.
    pub(super) async fn run<R: Receive>(mut self, receiver: R) -> Result<R::Outcome, Error> {
        let (port, operation) = (self.port, self.operation);
        let connection_settings = port.connection.settings();
        let http_headers = std::mem::replace(&mut self.http_headers, Ok(None));
        let log = CallLog::begin(connection_settings);
        let mut tally = Tally::begin(port, operation);
        let span = tally.span();
        let attempts = async {
            if Handle::try_current().is_err() {
                return Err(before_sending(Error::configuration(NO_RUNTIME)));
            }
            let http_headers = http_headers.map_err(before_sending)?;
            let (mut endpoint, scheme) = port.endpoint(operation).map_err(before_sending)?;
            endpoint.http_headers = http_headers.as_ref().unwrap_or(endpoint.http_headers);
            endpoint.log = log.as_ref();
            let settings = endpoint.settings;
            if settings.route.hides_credentials(endpoint.url)
                && request_headers::hold_credentials(endpoint.http_headers)
            {
                return Err(before_sending(Error::configuration(CLEAR_CREDENTIALS)));
            }
            let given = soap_headers::joined(port.connection.soap_headers(), &self.soap_headers);
            let outgoing = Outgoing::new(&self, &given, settings).await.map_err(before_sending)?;
            self.attempts(&endpoint, scheme, &outgoing, receiver, &mut tally).await
        };
        let outcome = attempts.instrument(span).await.map_err(|error| {
            let error = error.in_operation(operation.name).showing_reason(connection_settings.shows_reasons);
            log.inspect(|log| log.failed(operation.name, &error));
            error
        });
        tally.end(&outcome);
        outcome
    }

    async fn attempts<R: Receive>(
        &self,
        endpoint: &Endpoint<'_>,
        scheme: &dyn Scheme,
        outgoing: &Outgoing<'_>,
        mut receiver: R,
        tally: &mut Tally<'_>,
    ) -> Result<R::Outcome, Error> {
        let settings = endpoint.settings;
        let mut history = History::default();
        let mut busy = BusyRetry::default();
        let (mut refused, mut challenged) = (false, 0);
        if !outgoing.can_restart() {
            scheme.ask_first(endpoint, self.operation.action).await.map_err(before_sending)?;
        }
        loop {
            let mut record = endpoint.record(self.operation.name);
            let (proof, admission, message) = match self.compose(endpoint, scheme, outgoing, &mut record).await {
                Ok(composed) => composed,
                Err(error) => return Err(history.end(before_sending(error))),
            };
            let outcome = self.attempt(endpoint, &*proof, message, &mut receiver, &mut record, tally).await;
            outcome.as_ref().err().into_iter().for_each(|error| record.failed(error));
            drop(record);
            let repeat = proof.learn(outcome.as_ref().err(), settings.now());
            let outcome = admission.conclude(outcome);
            let error = match outcome {
                Ok(outcome) => return Ok(outcome),
                Err(error) => error,
            };
            // An upload whose source has been read cannot be sent again.
            let may_repeat = outgoing.can_be_sent();
            // Only with WS-Security is a fault of a busy service known to come before the message is processed.
            let secured = proof.reply_security() != ReplySecurity::None;
            let has_remedy = error.fault().is_some_and(|fault| fault.remedy() != Remedy::None);
            let is_passed_by = secured && has_remedy && may_cause_second_try(&error);
            let error = error.passed_by(is_passed_by);
            if may_repeat && repeat == Repeat::Refused && may_cause_second_try(&error) && !refused {
                refused = true;
            } else if may_repeat && repeat == Repeat::Challenged && challenged < CHALLENGES {
                challenged += 1;
            } else if may_repeat
                && secured
                && let Some(pause) = busy.pause_after(&error, settings.random())
            {
                tokio::time::sleep(pause).await;
            } else {
                return Err(history.end(error));
            }
            history.add(error);
        }
    }

    /// A message that is sent now, with what it proves and what its outcome proves.
    async fn compose<'a>(
        &'a self,
        endpoint: &'a Endpoint<'a>,
        scheme: &'a dyn Scheme,
        outgoing: &Outgoing<'_>,
        record: &mut Record<'_>,
    ) -> Result<(Box<dyn Proof + 'a>, Admission, Message), Error> {
        let proof = scheme.prepare(endpoint).await?;
        let admission = self.port.admit(self.operation, &self.slots, proof.token()).await?;
        let id = if endpoint.addressing.is_some() { Some(endpoint.message_id()?) } else { None };
        let (mut headers, body) = outgoing.compose(endpoint, &*proof, id.as_deref(), record)?;
        proof.add_http_headers(&mut headers)?;
        Ok((proof, admission, Message { id, headers, body }))
    }

    /// One message and its answer.
    async fn attempt<R: Receive>(
        &self,
        endpoint: &Endpoint<'_>,
        proof: &dyn Proof,
        message: Message,
        receiver: &mut R,
        record: &mut Record<'_>,
        tally: &mut Tally<'_>,
    ) -> Result<R::Outcome, Error> {
        let settings = endpoint.settings;
        let body = tally.sending(message.body);
        let (response, handover) = endpoint.post(message.headers, body, record).await?;
        tally.answered(response.status.as_u16());
        proof.learn_http_headers(response.status, &response.headers, settings.now());
        let head = Head::of(&response);
        let seen = (!settings.hooks.is_empty()).then(|| response.headers.clone());
        let is_refused = response.status == StatusCode::UNAUTHORIZED;
        let used = self.port.descriptor.security.scheme;
        let asked_for = is_refused.then(|| authorization::asked_for(&response.headers, used)).flatten();
        let reading = Reading {
            soap: endpoint.soap,
            operation: self.operation,
            expected: Expected {
                relates_to: message.id.as_deref(),
                relation_required: endpoint.replies == Replies::Strict,
                action: None, // The element in the body says the same, and an action is often a guess.
                timestamp: proof.reply_security().freshness(endpoint.replies, settings),
                others: self.reply_headers.as_ref().or(self.port.connection.reply_headers()),
            },
            status: response.status,
            shown: record.reply(),
            settings,
            http_headers: seen.as_ref(),
            handover: &handover,
        };
        let received = receiver.receive(response, &reading).await;
        tally.received += handover.received();
        received.map_err(|error| {
            // There is a response, unless it was cut off or relates to another message. Those errors set their delivery
            // themselves.
            let error = error.delivered_unless_known(Delivery::Answered);
            let error = proof.interpret(head.explain(error, settings.now()));
            match asked_for {
                Some(how) => error.with_hint(how),
                None => error,
            }
        })
    }
}

/// A message ready to be sent.
struct Message {
    /// Its MessageID, on a port with WS-Addressing.
    id: Option<String>,
    headers: HeaderMap,
    body: Body,
}

/// An error that arose before anything of the call's own message was sent. Its fault, if it has one, is the answer of
/// the token service to another message.
fn before_sending(error: Error) -> Error {
    error.delivered(Delivery::NotSent)
}
