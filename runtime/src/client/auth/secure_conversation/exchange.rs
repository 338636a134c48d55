//! The two exchanges with a token service: each writes a message, posts it and reads the answer.

use std::time::Duration;

use http::HeaderMap;
use zeroize::Zeroizing;

use crate::client::answer;
use crate::client::auth::scheme::ReplySecurity;
use crate::client::auth::secure_conversation::token::SessionToken;
use crate::client::log::Record;
use crate::client::post::{Endpoint, Head};
use crate::error::{Delivery, Error};
use crate::message::addressing::{Addressing, Edition, Rest, TO_ID, canonical_to};
use crate::message::{Body, Expected, Heading, Visitor, explain, visit, write_with};
use crate::schema::decode::Decoder;
use crate::schema::descriptor::Replies;
use crate::security::certificate::Certificate;
use crate::security::header;
use crate::security::timestamp::Timestamp;
use crate::security::trust::request::{self, KEY_OCTETS};
use crate::security::trust::response::{IssuedToken, ResponseReader};
use crate::security::trust::version::Version;
use crate::security::username_token::no_random;
use crate::transport::Response;
use crate::wiped::Wiped;

/// Time to wait for the answer to a Cancel, and again for all of it.
pub(crate) const CANCEL_TIMEOUT: Duration = Duration::from_secs(10);

/// Requests a token with a certificate. Returns it with the HTTP headers of the answer.
pub(super) async fn issue(
    endpoint: &Endpoint<'_>,
    version: &'static Version,
    certificate: &Certificate,
    reply_security: ReplySecurity,
) -> Result<(IssuedToken, HeaderMap), Error> {
    let settings = endpoint.settings;
    let random = settings.random();
    let timestamp = Timestamp::new(settings.now());
    let message_id = endpoint.message_id()?;
    let token_id = random.guid().map_err(no_random)?;
    let entropy_id = random.guid().map_err(no_random)?;
    let mut entropy = Zeroizing::new([0; KEY_OCTETS]);
    random.fill(&mut *entropy).map_err(no_random)?;

    let body = request::issue(version, &entropy, &entropy_id);
    let signed_to = canonical_to(endpoint.soap, endpoint.to)?;
    let security = header::certificate(&timestamp, certificate, &token_id, (TO_ID, &signed_to), random)?;
    let addressing = Addressing {
        edition: Edition::V1,
        action: version.issue.action,
        rest: Rest::Request { message_id: &message_id, to: endpoint.to, to_id: Some(TO_ID) },
    };
    let heading = Heading { addressing: Some(addressing), security: Some(&security), given: &[] };
    let message = write_with(endpoint.soap, &heading, Body::Raw(&body))?;

    let mut issued = ResponseReader::new(version);
    let expected = expected(endpoint, reply_security, &message_id, version.issue.reply_action);
    let request = (endpoint.headers(version.issue.action)?, message);
    let headers = exchange(endpoint, "request for a token", request, &expected, &mut issued).await?;
    Ok((issued.token(&*entropy)?, headers))
}

/// Ends the session of a token.
pub(super) async fn cancel(
    endpoint: &Endpoint<'_>,
    version: &Version,
    token: &SessionToken,
    reply_security: ReplySecurity,
) -> Result<(), Error> {
    let timestamp = token.timestamp(endpoint.settings.now());
    let message_id = endpoint.message_id()?;
    let security = header::context(&timestamp, &token.wire, &token.key, version, None, None);
    let addressing = Addressing {
        edition: Edition::V1,
        action: version.cancel.action,
        rest: Rest::Request { message_id: &message_id, to: endpoint.to, to_id: None },
    };
    let heading = Heading { addressing: Some(addressing), security: Some(&security), given: &[] };
    let body = request::cancel(version, &token.wire);
    let message = write_with(endpoint.soap, &heading, Body::Raw(&body))?;

    let mut headers = endpoint.headers(version.cancel.action)?;
    token.jar.add_to(&mut headers);
    // Nobody needs the answer, and calls may wait behind it.
    let endpoint = &Endpoint {
        reply_timeout: endpoint.reply_timeout.min(CANCEL_TIMEOUT),
        transfer_timeout: endpoint.transfer_timeout.min(CANCEL_TIMEOUT),
        ..*endpoint
    };
    let expected = expected(endpoint, reply_security, &message_id, version.cancel.reply_action);
    exchange(endpoint, "end of a session", (headers, message), &expected, &mut Cancelled).await.map(|_| ())
}

/// Sends a message and reads its answer, of which it returns the HTTP headers.
async fn exchange(
    endpoint: &Endpoint<'_>,
    what: &'static str,
    (headers, message): (HeaderMap, Wiped),
    expected: &Expected<'_>,
    visitor: &mut (impl Visitor + Send),
) -> Result<HeaderMap, Error> {
    let mut record = endpoint.record(what);
    record.envelope(message.as_ref(), None);
    let answered = async {
        let (response, _) = endpoint.post(headers, message.into(), &mut record).await?;
        let headers = response.headers.clone();
        read(endpoint, response, expected, visitor, &record).await?;
        Ok(headers)
    };
    answered.await.inspect_err(|error| record.failed(error))
}

fn expected<'a>(
    endpoint: &Endpoint<'_>,
    security: ReplySecurity,
    message_id: &'a str,
    action: &'a str,
) -> Expected<'a> {
    let timestamp = security.freshness(endpoint.replies, endpoint.settings);
    let relation_required = endpoint.replies == Replies::Strict;
    Expected { relates_to: Some(message_id), relation_required, action: Some(action), timestamp, others: None }
}

/// Reads a response. A service with MTOM sends it as a package, with a long cookie in a part of its own.
async fn read(
    endpoint: &Endpoint<'_>,
    response: Response,
    expected: &Expected<'_>,
    visitor: &mut impl Visitor,
    record: &Record<'_>,
) -> Result<(), Error> {
    let head = Head::of(&response);
    let limits = &endpoint.settings.limits;
    let outcome = match answer::inlined(response, limits).await {
        Ok(envelope) => {
            record.redacted_reply(&envelope);
            let mut decoder = Decoder::new(&envelope, &limits.xml);
            let read = visit(endpoint.soap, &mut decoder, Some(expected), visitor);
            let read = read.map_err(|error| explain(error, &envelope, &limits.xml, expected));
            answer::settled(head.status, read)
        }
        Err(error) => Err(error),
    };
    outcome.map_err(|error| head.explain(error.delivered_unless_known(Delivery::Answered), endpoint.settings.now()))
}

impl Visitor for ResponseReader {
    fn child(&mut self, decoder: &mut Decoder<'_>) -> Result<(), Error> {
        self.read_child(decoder)
    }

    fn end(&mut self, decoder: &mut Decoder<'_>) -> Result<(), Error> {
        Self::end(self, decoder)
    }
}

/// Accepts any response to a Cancel that is not a fault.
struct Cancelled;

impl Visitor for Cancelled {
    fn child(&mut self, decoder: &mut Decoder<'_>) -> Result<(), Error> {
        decoder.skip()
    }

    fn end(&mut self, _: &mut Decoder<'_>) -> Result<(), Error> {
        Ok(())
    }
}
