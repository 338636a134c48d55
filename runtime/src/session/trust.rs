//! The two exchanges with a token service: each writes a message, posts it and reads the answer.

use zeroize::Zeroizing;

use super::request::{self, KEY_OCTETS};
use super::response::{Cancelled, Issued};
use super::token::ContextToken;
use super::version::Version;
use crate::call::post::{Line, Posted};
use crate::credentials::Slots;
use crate::envelope::addressing::{Addressing, TO_ID, canonical_to};
use crate::envelope::{Body, Expected, Heading, Visitor, visit, write_with};
use crate::error::{Delivery, Error};
use crate::security::certificate::Certificate;
use crate::security::header;
use crate::security::timestamp::Timestamp;
use crate::security::username_token::no_random;
use crate::xml::Reader;

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
    let message = write_with(line.soap, &heading, Body::Raw(&body), &Slots::default())?;

    let posted = line.post(line.headers(version.issue.action)?, message).await?;
    let mut issued = Issued::new(version);
    read(line, &posted, &message_id, version.issue.reply_action, &mut issued)?;
    let token = issued
        .token(&*entropy, held_in_memory, line.connection.now())
        .map_err(|error| error.delivered(Delivery::Answered))?;
    token.jar.learn(&posted.headers);
    Ok(token)
}

/// Says that a token is needed no more.
pub(super) async fn cancel(line: &Line<'_>, version: &'static Version, token: &ContextToken) -> Result<(), Error> {
    let timestamp = Timestamp::new(line.connection.now());
    let message_id = line.message_id()?;
    let security = header::context(&timestamp, token, version, None);
    let addressing = Addressing { action: version.cancel.action, message_id: &message_id, to: line.to, to_id: None };
    let heading = Heading { addressing: Some(addressing), security: Some(&security) };
    let body = request::cancel(version, token);
    let message = write_with(line.soap, &heading, Body::Raw(&body), &Slots::default())?;

    let mut headers = line.headers(version.cancel.action)?;
    token.jar.add_to(&mut headers);
    let posted = line.post(headers, message).await?;
    read(line, &posted, &message_id, version.cancel.reply_action, &mut Cancelled)
}

fn read(
    line: &Line<'_>,
    posted: &Posted,
    message_id: &str,
    action: &str,
    visitor: &mut impl Visitor,
) -> Result<(), Error> {
    let expected =
        Expected { relates_to: Some(message_id), action: Some(action), timestamp: Some(line.connection.freshness()) };
    let mut reader = Reader::new(&posted.message, &line.connection.limits().xml);
    posted.settle(visit(line.soap, &mut reader, Some(&expected), visitor), line.connection)
}
