//! The two exchanges with a token service: each writes a message, posts it and reads the answer.

use zeroize::Zeroizing;

use crate::client::answer;
use crate::client::auth::token::ContextToken;
use crate::client::post::{Head, Line};
use crate::error::{Delivery, Error};
use crate::message::addressing::{Addressing, TO_ID, canonical_to};
use crate::message::{Body, Expected, Heading, Visitor, explain, visit, write_with};
use crate::schema::decode::Decoder;
use crate::security::certificate::Certificate;
use crate::security::header;
use crate::security::timestamp::Timestamp;
use crate::security::trust::request::{self, KEY_OCTETS};
use crate::security::trust::response::{Cancelled, Issued};
use crate::security::trust::version::Version;
use crate::security::username_token::no_random;
use crate::transport::Response;

/// Asks for a token, with a certificate.
///
/// `held_in_memory` says that the server keeps the session, not the token's cookie.
pub(super) async fn issue(
    line: &Line<'_>,
    version: &'static Version,
    certificate: &Certificate,
    held_in_memory: bool,
) -> Result<ContextToken, Error> {
    let random = line.connection.random();
    let timestamp = Timestamp::new(line.connection.now());
    let message_id = line.message_id()?;
    let token_id = random.guid().map_err(no_random)?;
    let entropy_id = random.guid().map_err(no_random)?;
    let mut entropy = Zeroizing::new([0; KEY_OCTETS]);
    random.fill(&mut *entropy).map_err(no_random)?;

    let body = request::issue(version, &entropy, &entropy_id);
    let signed_to = canonical_to(line.soap, line.to)?;
    let security = header::certificate(&timestamp, certificate, &token_id, &signed_to, random)?;
    let addressing =
        Addressing { action: version.issue.action, message_id: &message_id, to: line.to, to_id: Some(TO_ID) };
    let heading = Heading { addressing: Some(addressing), security: Some(&security) };
    let message = write_with(line.soap, &heading, Body::Raw(&body))?;

    let response = line.post(line.headers(version.issue.action)?, message.into()).await?;
    let headers = response.headers.clone();
    let mut issued = Issued::new(version);
    read(line, response, &message_id, version.issue.reply_action, &mut issued).await?;
    let token = issued
        .token(&*entropy, held_in_memory, line.connection.now())
        .map_err(|error| error.delivered(Delivery::Answered))?;
    token.jar.learn(&headers, line.connection.now());
    Ok(token)
}

/// Says that a token is needed no more.
pub(super) async fn cancel(line: &Line<'_>, version: &'static Version, token: &ContextToken) -> Result<(), Error> {
    let timestamp = token.timestamp(line.connection.now());
    let message_id = line.message_id()?;
    let security = header::context(&timestamp, token, version, None, None);
    let addressing = Addressing { action: version.cancel.action, message_id: &message_id, to: line.to, to_id: None };
    let heading = Heading { addressing: Some(addressing), security: Some(&security) };
    let body = request::cancel(version, token);
    let message = write_with(line.soap, &heading, Body::Raw(&body))?;

    let mut headers = line.headers(version.cancel.action)?;
    token.jar.add_to(&mut headers);
    let response = line.post(headers, message.into()).await?;
    read(line, response, &message_id, version.cancel.reply_action, &mut Cancelled).await
}

/// Reads an answer. A service with MTOM packs it, and puts a long cookie into a part of its own.
async fn read(
    line: &Line<'_>,
    response: Response,
    message_id: &str,
    action: &str,
    visitor: &mut impl Visitor,
) -> Result<(), Error> {
    let head = Head::of(&response);
    let limits = line.connection.limits();
    let outcome = match answer::inlined(response, limits).await {
        Ok(envelope) => {
            let timestamp = Some(line.connection.freshness());
            let expected = Expected { relates_to: Some(message_id), action: Some(action), timestamp };
            let mut decoder = Decoder::new(&envelope, &limits.xml);
            let read = visit(line.soap, &mut decoder, Some(&expected), visitor);
            let read = read.map_err(|error| explain(error, &envelope, &limits.xml, &expected));
            answer::settled(head.status, read)
        }
        Err(error) => Err(error),
    };
    outcome.map_err(|error| head.explain(error, line.connection.now()))
}
