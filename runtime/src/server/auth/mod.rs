//! Checks the caller of a request, as the policy of its port asks for it.

mod http_basic;
#[cfg(feature = "secure-conversation")]
mod negative;
#[cfg(feature = "secure-conversation")]
pub(super) mod secure_conversation;
mod security_header;
pub(super) mod users;

use std::sync::Arc;

#[cfg(feature = "secure-conversation")]
use bytes::Bytes;
use http::header::HeaderValue;
use http::{Response, request};

use crate::message::request::RequestHead;
use crate::schema::descriptor::{PortDescriptor, SecurityScheme};
use crate::security::names::SECEXT;
use crate::security::timestamp::CLOCK_SKEW;
use crate::server::context::{Caller, PeerCertificate};
use crate::server::fault::{SOAP_FAULT, ServiceFault};
use crate::server::outgoing::Answered;
use crate::transport::Body;

use security_header::SecurityHeader;
use users::{FreshNonce, NonceCache, Users};

/// How callers are checked.
#[derive(Clone, Default)]
pub(super) struct Auth {
    /// Without it no user is accepted.
    pub(super) users: Option<Users>,
    /// Of password digests.
    nonces: NonceCache,
    /// Without it no certificate is accepted.
    pub(super) certificates: Option<Certificates>,
    #[cfg(feature = "secure-conversation")]
    pub(super) sessions: secure_conversation::sessions::Sessions,
}

/// Says whether a certificate, in DER, is accepted.
pub(super) type Certificates = Arc<dyn Fn(&[u8]) -> bool + Send + Sync>;

/// What becomes of a request that is not refused.
pub(super) enum Verdict {
    /// It goes to its operation.
    Caller(Caller),
    /// It was one of the security layer itself, and this is its answer.
    #[cfg_attr(not(feature = "secure-conversation"), expect(dead_code, reason = "for WS-Trust"))]
    Answer(Response<Body>),
}

/// Why a request is refused.
pub(super) enum Refusal {
    Fault(ServiceFault),
    /// HTTP 401, and what is asked for.
    Challenge(HeaderValue),
}

impl From<ServiceFault> for Refusal {
    fn from(fault: ServiceFault) -> Self {
        Self::Fault(fault)
    }
}

impl ServiceFault {
    fn of_security(subcode: &'static str, reason: &'static str) -> Self {
        Self::sender(reason).subcode(SECEXT, subcode).action(SOAP_FAULT).unsecured()
    }

    /// The Security header is not what the policy asks for, or a signature or time in it is wrong. Which of them is not said.
    fn invalid_security() -> Self {
        Self::of_security("InvalidSecurity", "An error occurred when verifying security for the message.")
    }

    /// A token has another form than the policy asks for.
    fn invalid_token() -> Self {
        Self::of_security(
            "InvalidSecurityToken",
            "An error occurred when processing the security tokens in the message.",
        )
    }

    /// A password or certificate is not accepted.
    fn failed_authentication() -> Self {
        Self::of_security("FailedAuthentication", "At least one security token in the message could not be validated.")
    }
}

/// The refusal of a port that asks for what this runtime cannot check.
fn unsupported(port: &PortDescriptor) -> Refusal {
    tracing::error!(port = port.name, "the policy of this port cannot be checked here");
    ServiceFault::internal().into()
}

impl Auth {
    /// Whether the Security header of a port's requests is read and understood.
    pub(super) fn reads_security(&self, port: &PortDescriptor) -> bool {
        port.security.timestamp
            || matches!(port.security.scheme, SecurityScheme::UserName | SecurityScheme::SecureConversation)
    }

    /// Whether a certificate is accepted.
    pub(super) fn trusts(&self, der: &[u8]) -> bool {
        self.certificates.as_ref().is_some_and(|accepts| accepts(der))
    }

    /// Checks who sends a request.
    ///
    /// # Errors
    /// A caller who is not accepted.
    pub(super) async fn check(
        &self,
        answered: &Answered<'_>,
        message: &RequestHead,
        #[cfg(feature = "secure-conversation")] signed: Option<Bytes>,
        head: &request::Parts,
    ) -> Result<Verdict, Refusal> {
        let security = &answered.port.security;
        let peer = head.extensions.get::<PeerCertificate>();
        if security.client_certificate && !peer.is_some_and(|PeerCertificate(der)| self.trusts(der)) {
            return Err(ServiceFault::failed_authentication().into());
        }
        let mut caller = match security.scheme {
            SecurityScheme::None => {
                self.times(answered, message)?;
                Caller::default()
            }
            SecurityScheme::HttpBasic => {
                self.times(answered, message)?;
                http_basic::check(self.users.as_ref(), &head.headers).await?
            }
            SecurityScheme::UserName => self.user_name(answered, message).await?,
            #[cfg(feature = "secure-conversation")]
            SecurityScheme::SecureConversation => {
                let envelope = signed.unwrap_or_default();
                let check = secure_conversation::Check { auth: self, answered, message, envelope };
                return Ok(check.verdict()?);
            }
            #[cfg(not(feature = "secure-conversation"))]
            SecurityScheme::SecureConversation => return Err(unsupported(answered.port)),
            SecurityScheme::HttpDigest | SecurityScheme::Bearer | SecurityScheme::Unsupported => {
                return Err(unsupported(answered.port));
            }
        };
        if security.client_certificate {
            caller.certificate = peer.map(|PeerCertificate(der)| Arc::clone(der));
        }
        Ok(Verdict::Caller(caller))
    }

    /// A Timestamp where nothing else is asked for: if there is one, it has to be fresh.
    fn times(&self, answered: &Answered<'_>, message: &RequestHead) -> Result<(), ServiceFault> {
        if !self.reads_security(answered.port) {
            return Ok(());
        }
        let now = answered.settings.clock.now();
        for header in &message.security {
            let header = SecurityHeader::read(header, &answered.settings.limits.xml)?;
            if header.timestamp.is_some_and(|timestamp| timestamp.unmet(now, CLOCK_SKEW).is_some()) {
                return Err(ServiceFault::invalid_security());
            }
        }
        Ok(())
    }

    /// A UsernameToken, and a Timestamp if there is one: WCF asks for none where nothing is signed.
    async fn user_name(&self, answered: &Answered<'_>, message: &RequestHead) -> Result<Caller, ServiceFault> {
        let now = answered.settings.clock.now();
        let [header] = &*message.security else { return Err(ServiceFault::invalid_security()) };
        let header = SecurityHeader::read(header, &answered.settings.limits.xml)?;
        if header.timestamp.is_some_and(|timestamp| timestamp.unmet(now, CLOCK_SKEW).is_some()) {
            return Err(ServiceFault::invalid_security());
        }
        let Some(token) = header.only_user_name() else { return Err(ServiceFault::invalid_security()) };
        if token.proof.is_digest() != answered.port.security.digest {
            return Err(ServiceFault::invalid_token());
        }
        let nonce = match token.proof.is_digest() {
            true => Some(FreshNonce::of(&token, now).ok_or_else(ServiceFault::invalid_security)?),
            false => None,
        };
        let caller = users::check(self.users.as_ref(), token).await.ok_or_else(ServiceFault::failed_authentication)?;
        match nonce.is_none_or(|nonce| self.nonces.take(nonce, now)) {
            true => Ok(caller),
            false => Err(ServiceFault::invalid_security()),
        }
    }
}
