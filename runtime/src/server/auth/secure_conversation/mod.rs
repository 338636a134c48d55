//! WS-SecureConversation: issues, renews and cancels the tokens of sessions, and checks the messages of a session, as
//! strict as WCF.

mod seal;
pub(in crate::server) mod sessions;

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Response, StatusCode};
use zeroize::Zeroizing;

use crate::error::Error;
use crate::limits::XmlLimits;
use crate::message::request::RequestHead;
use crate::name::Name;
use crate::security::derived_key::session_key;
use crate::security::names::{ADDRESSING, MICROSOFT, UTILITY};
use crate::security::timestamp::CLOCK_SKEW;
use crate::security::trust::context_token::{SecurityContextToken, TokenParts};
use crate::security::trust::request::{KEY_OCTETS, Kind, TokenRequest};
use crate::security::trust::response::{self, Issue};
use crate::security::trust::version::{FEBRUARY_2005, VERSION_1_3, Version};
use crate::security::username_token::no_random;
use crate::security::verify::{self, Signed, Signer};
use crate::server::auth::security_header::SecurityHeader;
use crate::server::auth::{Auth, Verdict};
use crate::server::context::Caller;
use crate::server::fault::{SOAP_FAULT, ServiceFault};
use crate::server::outgoing::{Answered, Body, Content};
use crate::value::base64_bytes;
use crate::xml::{Node, Reader};

use sessions::Session;

/// Of a key, or of half of one.
type Octets = Zeroizing<Vec<u8>>;

/// Least octets of a client's half of a key.
const LEAST_ENTROPY: usize = 16;

/// A message of a port with sessions.
pub(super) struct Check<'a> {
    pub(super) auth: &'a Auth,
    pub(super) answered: &'a Answered<'a>,
    pub(super) message: &'a RequestHead,
    /// With its tokens in place of the parts that hold them.
    pub(super) envelope: Bytes,
}

impl Check<'_> {
    /// # Errors
    /// A message that is not secured as the policy asks for it, or a request for a token that cannot be granted.
    pub(super) fn verdict(&self) -> Result<Verdict, ServiceFault> {
        let action = self.message.action.as_deref();
        let version = self.version();
        let is_stateless = self.answered.port.security.must_not_cancel;
        if action == Some(version.issue.action) {
            return self.issue(version).map(Verdict::Answer);
        }
        if action == Some(version.renew.action) && !is_stateless {
            return self.renew(version).map(Verdict::Answer);
        }
        if action == Some(version.cancel.action) && is_stateless {
            return Err(ServiceFault::cancellation_not_allowed());
        }
        let header = self.header()?;
        let session = self.session(&header, version, false)?;
        if action == Some(version.cancel.action) {
            return self.cancel(version, &session).map(Verdict::Answer);
        }
        Ok(Verdict::Caller(Caller { certificate: Some(session.certificate), ..Caller::default() }))
    }

    fn version(&self) -> &'static Version {
        if self.answered.port.security.version_1_3 { &VERSION_1_3 } else { &FEBRUARY_2005 }
    }

    fn limits(&self) -> &XmlLimits {
        &self.answered.settings.limits.xml
    }

    /// The Security header, whose Timestamp is fresh.
    fn header(&self) -> Result<SecurityHeader, ServiceFault> {
        if self.message.security.len() != 1 {
            return Err(ServiceFault::invalid_security());
        }
        // Read again, as its tokens may have been parts.
        let inlined = RequestHead::read(self.answered.port.soap, &self.envelope, self.limits());
        let inlined = inlined.ok().flatten().ok_or_else(ServiceFault::invalid_security)?;
        let [header] = &*inlined.security else { return Err(ServiceFault::invalid_security()) };
        let header = SecurityHeader::read(header, self.limits())?;
        let now = self.answered.settings.clock.now();
        match header.timestamp {
            Some(timestamp) if timestamp.unmet(now, CLOCK_SKEW).is_none() => Ok(header),
            _ => Err(ServiceFault::invalid_security()),
        }
    }

    /// The session of a message, whose signature is right. `renews`: a certificate signs it too.
    fn session(&self, header: &SecurityHeader, version: &Version, renews: bool) -> Result<Session, ServiceFault> {
        let now = self.answered.settings.clock.now();
        let sessions = &self.auth.sessions;
        let (edition, token) =
            header.context(renews, if renews { 2 } else { 1 }).ok_or_else(ServiceFault::invalid_security)?;
        if header.has_derived_keys() && !sessions.takes_derived_keys() || **edition != *version {
            return Err(ServiceFault::invalid_security());
        }
        let session = match self.answered.port.security.must_not_cancel {
            true => {
                let cookie = token.cookie.as_deref().and_then(base64_bytes);
                if token.cookie.is_none() {
                    return Err(ServiceFault::bad_context(version));
                }
                let session = cookie.and_then(|cookie| sessions.opened(&cookie));
                let session = session.filter(|session| {
                    session.identifier == token.identifier && session.id == token.id && !session.is_over(now)
                });
                session.ok_or_else(ServiceFault::invalid_security)?
            }
            false => sessions.find(&token.identifier, now).ok_or_else(|| ServiceFault::unknown_session(version))?,
        };
        let keys = |identifier: &str, instance: Option<&str>| {
            (identifier == session.identifier).then(|| session.key_of(instance, now)).flatten()
        };
        let signed = self.signatures(&keys)?;
        let by_session = signed.iter().filter(|signed| matches!(signed.by, Signer::Context { .. }));
        if !by_session.clone().all(covers_timestamp)
            || by_session.count() != 1
            || signed.len() != 1 + usize::from(renews)
        {
            return Err(ServiceFault::invalid_security());
        }
        if renews && self.certificate(&signed)? != session.certificate {
            return Err(ServiceFault::failed_authentication());
        }
        if !self.answered.port.security.must_not_cancel {
            sessions.used(&session.identifier, now);
        }
        Ok(session)
    }

    fn signatures(&self, keys: &dyn verify::ContextKeys) -> Result<Vec<Signed>, ServiceFault> {
        verify::signatures(&self.envelope, keys, self.limits()).map_err(|_| ServiceFault::invalid_security())
    }

    /// The certificate that has signed the Timestamp and To, and that is trusted.
    fn certificate(&self, signed: &[Signed]) -> Result<Arc<[u8]>, ServiceFault> {
        let found = signed.iter().find_map(|signed| match &signed.by {
            Signer::Certificate(der) if covers_to(signed) => Some(der),
            _ => None,
        });
        let certificate = found.ok_or_else(ServiceFault::invalid_security)?;
        if self.auth.trusts(certificate) {
            Ok(certificate.as_slice().into())
        } else {
            Err(ServiceFault::failed_authentication())
        }
    }

    /// Begins a session.
    fn issue(&self, version: &'static Version) -> Result<Response<crate::transport::Body>, ServiceFault> {
        let header = self.header()?;
        if !header.is_certificate_only() || self.message.is_ambiguous {
            return Err(ServiceFault::invalid_security());
        }
        let no_session = |_: &str, _: Option<&str>| None;
        let certificate = self.certificate(&self.signatures(&no_session)?)?;
        let request = self.token_request(version, Kind::Issue)?;
        let ids = self.ids()?;
        let (entropy, key) = self.key(&request, version)?;
        let settings = self.answered.settings;
        let names = (ids.next("-1"), ids.urn.clone());
        let session = self.auth.sessions.begun(names, key, certificate, settings.clock.now());
        let cookie = match self.answered.port.security.must_not_cancel {
            true => Some(self.auth.sessions.cookie(&session, &*settings.random)?),
            false if self.auth.sessions.keep(session.clone()) => None,
            false => return Err(ServiceFault::too_busy()),
        };
        self.issued(version.issue.reply_action, &request, &session, cookie, &entropy, &ids.next("-2"))
    }

    /// Gives a session another key.
    fn renew(&self, version: &'static Version) -> Result<Response<crate::transport::Body>, ServiceFault> {
        let session = self.session(&self.header()?, version, true)?;
        let request = self.token_request(version, Kind::Renew)?;
        if request.target.as_ref().is_none_or(|(identifier, _)| *identifier != session.identifier) {
            return Err(ServiceFault::invalid_request(version));
        }
        let ids = self.ids()?;
        let (entropy, key) = self.key(&request, version)?;
        let now = self.answered.settings.clock.now();
        let renewed = self.auth.sessions.renew(&session, ids.next("-1"), ids.urn.clone(), key, now);
        let session = renewed.ok_or_else(|| ServiceFault::unknown_session(version))?;
        self.issued(version.renew.reply_action, &request, &session, None, &entropy, &ids.next("-2"))
    }

    /// Ends a session.
    fn cancel(
        &self,
        version: &'static Version,
        session: &Session,
    ) -> Result<Response<crate::transport::Body>, ServiceFault> {
        let request = self.token_request(version, Kind::Cancel)?;
        if request.target.as_ref().is_none_or(|(identifier, _)| *identifier != session.identifier) {
            return Err(ServiceFault::invalid_request(version));
        }
        self.auth.sessions.end(&session.identifier);
        let body = response::cancelled(version);
        let content =
            Content { action: version.cancel.reply_action, given: &[], is_secured: true, body: Body::Raw(&body) };
        Ok(self.answered.write(StatusCode::OK, &content, None)?)
    }

    /// The request in the body, if it is one of this kind and asks for what there is.
    fn token_request(&self, version: &'static Version, kind: Kind) -> Result<TokenRequest, ServiceFault> {
        let invalid = || ServiceFault::invalid_request(version);
        let request = read_body(self.answered.port.soap, &self.envelope, self.limits()).map_err(|_| invalid())?;
        let is_context = request.token_type.as_deref().is_none_or(|token_type| token_type == version.context_token);
        let has_key_size = request.key_size.as_deref().is_none_or(|bits| bits == "256");
        let fits = *request.version == *version && request.kind == kind && is_context && has_key_size;
        if fits { Ok(request) } else { Err(invalid()) }
    }

    /// The service's half of a key, and the key.
    fn key(&self, request: &TokenRequest, version: &Version) -> Result<(Octets, Octets), ServiceFault> {
        let client = request.entropy.as_ref().filter(|entropy| entropy.len() >= LEAST_ENTROPY);
        let client = client.ok_or_else(|| ServiceFault::invalid_request(version))?;
        let mut entropy = Zeroizing::new(vec![0; KEY_OCTETS]);
        self.answered.settings.random.fill(&mut entropy).map_err(no_random)?;
        let key = session_key(client, &entropy, KEY_OCTETS);
        Ok((entropy, key))
    }

    fn ids(&self) -> Result<Ids, Error> {
        let random = &self.answered.settings.random;
        let (token, urn) = (random.guid().map_err(no_random)?, random.guid().map_err(no_random)?);
        Ok(Ids { token: format!("uuid-{token}"), urn: format!("urn:uuid:{urn}") })
    }

    /// The response that carries a token.
    fn issued(
        &self,
        action: &str,
        request: &TokenRequest,
        session: &Session,
        cookie: Option<Vec<u8>>,
        entropy: &[u8],
        entropy_id: &str,
    ) -> Result<Response<crate::transport::Body>, ServiceFault> {
        let parts = TokenParts {
            id: session.id.clone(),
            identifier: session.identifier.clone(),
            instance: session.instance.clone(),
            cookie: cookie.map(|cookie| STANDARD.encode(cookie)),
            others: Vec::new(),
        };
        let token = SecurityContextToken::new(request.version, parts);
        let issue = Issue {
            token: &token,
            entropy,
            entropy_id,
            created: session.created,
            expires: session.expires,
            applies_to: request.applies_to.as_deref(),
            context: request.context.as_deref(),
        };
        let content = Content { action, given: &[], is_secured: true, body: Body::Issue(&issue, request.version) };
        Ok(self.answered.write(StatusCode::OK, &content, None)?)
    }
}

/// The names of a new token.
struct Ids {
    token: String,
    urn: String,
}

impl Ids {
    fn next(&self, suffix: &str) -> String {
        format!("{}{suffix}", self.token)
    }
}

/// Whether a signature covers the Timestamp and nothing else.
fn covers_timestamp(signed: &Signed) -> bool {
    signed.in_place && matches!(&*signed.parts, [part] if part.namespace == UTILITY && part.local == "Timestamp")
}

/// Whether a signature covers the Timestamp and To, and nothing else.
fn covers_to(signed: &Signed) -> bool {
    let is =
        |part: &crate::value::QName, namespace: &str, local: &str| part.namespace == namespace && part.local == local;
    let [one, other] = &*signed.parts else { return false };
    let both = |timestamp, to| is(timestamp, UTILITY, "Timestamp") && is(to, ADDRESSING, "To");
    signed.in_place && (both(one, other) || both(other, one))
}

/// The request for a token that is the body of a message.
fn read_body(soap: crate::soap::SoapVersion, document: &[u8], limits: &XmlLimits) -> Result<TokenRequest, Error> {
    let mut reader = Reader::new(document, limits);
    reader.next()?;
    while reader.next()? == Node::Start {
        if !reader.is(Name::new(soap.namespace(), "Body")) {
            reader.skip()?;
        } else if reader.next()? == Node::Start {
            return TokenRequest::read(&mut reader);
        }
    }
    Err(reader.error("a message without a request for a token"))
}

impl ServiceFault {
    fn of_conversation(version: &Version, subcode: &'static str, reason: &'static str) -> Self {
        Self::sender(reason).subcode(version.conversation, subcode).action(SOAP_FAULT).unsecured()
    }

    /// A token whose service is not known to this one.
    fn bad_context(version: &Version) -> Self {
        let reason = "The security context token is expired or is not valid. The message was not processed.";
        Self::of_conversation(version, "BadContextToken", reason)
    }

    /// A session that is not in memory, or not any more.
    fn unknown_session(version: &Version) -> Self {
        let reason = "The message could not be processed: its action is not one of this endpoint, or its security context \
                      token is invalid or has expired, for example because no message came for too long.";
        Self::of_conversation(version, "BadContextToken", reason)
    }

    /// A request for a token that is malformed, or asks for what there is not.
    fn invalid_request(version: &Version) -> Self {
        Self::sender("The request for security token has invalid or malformed elements.")
            .subcode(version.trust, "InvalidRequest")
            .action(SOAP_FAULT)
    }

    /// The policy forbids to cancel a session.
    fn cancellation_not_allowed() -> Self {
        Self::sender("A secure conversation cancellation is not allowed by the binding.")
            .subcode(MICROSOFT, "SecureConversationCancellationNotAllowed")
            .language("")
            .action(SOAP_FAULT)
            .unsecured()
    }

    /// Too many sessions.
    fn too_busy() -> Self {
        Self::receiver("The server has too many sessions. Try again later.")
            .subcode(MICROSOFT, "ServerTooBusy")
            .action(SOAP_FAULT)
            .unsecured()
    }
}
