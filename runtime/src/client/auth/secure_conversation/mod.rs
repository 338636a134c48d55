//! WS-SecureConversation: a session that is started with a certificate, and whose token signs every message.

mod cookies;
mod exchange;
pub(crate) mod session;
pub(crate) mod token;

pub(crate) use exchange::CANCEL_TIMEOUT;

use std::sync::Arc;
use std::time::SystemTime;

use http::{HeaderMap, StatusCode};
use zeroize::Zeroizing;

use self::session::Session;
use self::token::SessionToken;
use crate::client::auth::scheme::{Proof, Repeat, ReplySecurity, Scheme};
use crate::client::post::Endpoint;
use crate::client::settings::Settings;
use crate::error::{Delivery, Error};
use crate::message::fault_table::Remedy;
use crate::mtom::parts::Attachments;
use crate::random::Random;
use crate::security::derived_key::Derivation;
use crate::security::header;
use crate::security::username_token::no_random;
use crate::transport::BoxFuture;
use crate::value::Guid;

impl Scheme for Session {
    fn prepare<'a>(&'a self, endpoint: &'a Endpoint<'a>) -> BoxFuture<'a, Result<Box<dyn Proof + 'a>, Error>> {
        Box::pin(async {
            let token = self.token(endpoint).await?;
            Ok(Box::new(SessionProof { session: self, token }) as Box<dyn Proof>)
        })
    }
}

/// One use of a session's token.
struct SessionProof<'a> {
    session: &'a Session,
    token: Arc<SessionToken>,
}

impl Proof for SessionProof<'_> {
    fn security_header(
        &self,
        settings: &Settings,
        attachments: Option<&mut Attachments>,
    ) -> Result<Option<Zeroizing<String>>, Error> {
        let Self { session, token } = self;
        let derivation = if settings.security.derived_keys { Some(derivation(settings.random())?) } else { None };
        let derivation = derivation.as_ref().map(|(derivation, id)| (derivation, id));
        let timestamp = token.timestamp(settings.now());
        let header = header::context(&timestamp, &token.wire, &token.key, session.version(), derivation, attachments);
        Ok(Some(header.into()))
    }

    fn add_http_headers(&self, headers: &mut HeaderMap) -> Result<(), Error> {
        self.token.jar.add_to(headers);
        Ok(())
    }

    fn learn_http_headers(&self, _: StatusCode, headers: &HeaderMap, now: SystemTime) {
        self.token.jar.learn(headers, now);
    }

    fn reply_security(&self) -> ReplySecurity {
        self.session.reply_security()
    }

    fn learn(&self, error: Option<&Error>, now: SystemTime) -> Repeat {
        let Self { session, token } = self;
        if error.is_none_or(|error| error.delivery() == Delivery::Answered) {
            token.touch(now);
        }
        let is_discarded = match error.and_then(Error::fault).map_or(Remedy::None, |fault| fault.remedy()) {
            Remedy::NewSession => {
                session.discard(token);
                true
            }
            Remedy::NewSessionIfHeld if session.is_held_by_server() => {
                session.discard(token);
                true
            }
            Remedy::NewSessionIfProven => session.discard_suspect(token),
            _ => {
                // A reply, or a fault of the application: the service has accepted the token.
                if error.is_none_or(Error::is_application_fault) {
                    token.prove();
                }
                false
            }
        };
        if is_discarded { Repeat::Refused } else { Repeat::No }
    }
}

/// A derivation of a message's key from the session's, and the identifier of its token.
fn derivation(random: &dyn Random) -> Result<(Derivation, Guid), Error> {
    let id = random.guid().map_err(no_random)?;
    let mut nonce = [0; Derivation::NONCE];
    random.fill(&mut nonce).map_err(no_random)?;
    Ok((Derivation::new(nonce), id))
}
