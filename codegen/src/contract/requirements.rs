//! From policy to requirements: what the policies attached to a port require of a client.
//!
//! Every assertion is either understood, or without effect on the wire, or refused by name. Of several alternatives,
//! the first that is fully supported is used.

use std::cell::Cell;

use crate::contract::{
    model::{Requirements, SecureConversation, Token},
    tokens,
};
use crate::diagnostic::At;
use crate::document::scope::Scope;
use crate::document::wsdl::policy::{Assertion, Policy};
use crate::name::QName;

const MTOM: &[(&str, &str)] = &[
    ("http://schemas.xmlsoap.org/ws/2004/09/policy/optimizedmimeserialization", "OptimizedMimeSerialization"),
    ("http://www.w3.org/2007/08/soap12-mtom-policy", "MTOM"),
];
const ADDRESSING: &[(&str, &str)] = &[
    ("http://www.w3.org/2006/05/addressing/wsdl", "UsingAddressing"),
    ("http://www.w3.org/2007/05/addressing/metadata", "Addressing"),
];
/// `AnonymousResponses` is supported; `NonAnonymousResponses` would need a server on the client side.
const ADDRESSING_METADATA: &str = "http://www.w3.org/2007/05/addressing/metadata";
/// WS-SecurityPolicy of July 2005, which goes with WS-Trust of February 2005.
const SECURITY_1_1: &str = "http://schemas.xmlsoap.org/ws/2005/07/securitypolicy";
/// WS-SecurityPolicy 1.2, which goes with WS-Trust 1.3.
pub(super) const SECURITY_1_2: &str = "http://docs.oasis-open.org/ws-sx/ws-securitypolicy/200702";
/// Additions of WS-SecurityPolicy 1.3.
const SECURITY_1_3: &str = "http://docs.oasis-open.org/ws-sx/ws-securitypolicy/200802";
/// Microsoft's additions.
const MICROSOFT: &str = "http://schemas.microsoft.com/ws/2005/07/securitypolicy";

/// Policy references inside references; beyond that it is a circle.
const MAX_REFERENCES: usize = 20;
/// Most expressions behind references that are evaluated for one port. References can multiply them; real policies have
/// about a hundred.
const MAX_EXPRESSIONS: usize = 100_000;

pub(super) const TRANSPORT_ONLY: &str = "security is supported over TLS: sp:TransportBinding with a UsernameToken, or with SecureConversation started by an X.509 token";

/// Something that is not supported.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    pub(super) at: At,
    pub(super) message: String,
    pub(super) help: String,
}

impl Refusal {
    pub(super) fn assertion(assertion: &Assertion, help: &str) -> Self {
        Self::new(assertion.at, format!("policy assertion `{}` is not supported", assertion.written), help)
    }

    pub(super) fn new(at: At, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { at, message: message.into(), help: help.into() }
    }
}

pub(super) type Outcome = Result<(), Vec<Refusal>>;

/// The facts found so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    /// Whether they are from a bootstrap policy, in which a certificate may be the only token.
    pub(super) bootstrap: bool,
    pub(super) addressing: bool,
    pub(super) mtom: bool,
    pub(super) transport: bool,
    pub(super) timestamp: bool,
    pub(super) digest: Option<bool>,
    pub(super) conversation: Option<SecureConversation>,
    /// An X.509 token that endorses.
    pub(super) certificate: bool,
    pub(super) token_at: Option<At>,
    /// The algorithm suite matters only if something is signed.
    pub(super) suite: Option<(String, String, At)>,
    /// Assertions that change nothing on the wire: a transport binding makes them meaningless, or they are always
    /// satisfied. Each name with its first place.
    pub(super) without_effect: Vec<(String, At)>,
}

impl Facts {
    pub(super) fn has_no_effect(&mut self, name: &str, at: At) {
        note(&mut self.without_effect, name, at);
    }
}

/// Adds a name, if it is not listed yet.
pub(super) fn note(listed: &mut Vec<(String, At)>, name: &str, at: At) {
    if listed.iter().all(|(known, _)| known != name) {
        listed.push((name.to_owned(), at));
    }
}

/// Reads the policies of one port.
pub(super) struct PolicyReader<'s> {
    scope: &'s Scope<'s>,
    /// Expressions behind references looked at so far.
    expressions: Cell<usize>,
    /// References followed and not yet left.
    references: Cell<usize>,
}

impl<'s> PolicyReader<'s> {
    pub(super) fn new(scope: &'s Scope<'s>) -> Self {
        Self { scope, expressions: Cell::new(0), references: Cell::new(0) }
    }

    pub(super) fn apply_all(&self, policies: &[Policy], facts: &mut Facts) -> Outcome {
        join(policies.iter().map(|policy| self.apply(policy, facts)))
    }

    /// Applies an expression to the facts.
    pub(super) fn apply(&self, policy: &Policy, facts: &mut Facts) -> Outcome {
        match policy {
            Policy::All(members) => self.apply_all(members, facts),
            Policy::ExactlyOne(alternatives, at) => first_of(alternatives, *at, facts, |alternative, attempt| {
                self.apply(alternative, attempt).and_then(|()| settled(attempt))
            }),
            Policy::Reference { uri, at } => self.follow(uri, *at, |policy| self.apply(policy, facts)),
            Policy::Assertion(assertion) => {
                self.count(assertion.at)?;
                let mut attempt = facts.clone();
                match self.assertion(assertion, &mut attempt) {
                    Ok(()) => *facts = attempt,
                    Err(_) if assertion.optional || assertion.ignorable => {}
                    Err(refusals) => return Err(refusals),
                }
                Ok(())
            }
        }
    }

    /// Applies something to the policy behind a reference.
    pub(super) fn follow(&self, uri: &str, at: At, apply: impl FnOnce(&'s Policy) -> Outcome) -> Outcome {
        self.count(at)?;
        if self.references.get() >= MAX_REFERENCES {
            return Err(vec![Refusal::new(at, format!("policy `{uri}` refers to itself"), "remove the circle")]);
        }
        let policy = self.scope.policy(uri, at.document).ok_or_else(|| {
            let message = format!("policy `{uri}` is not among the given documents");
            vec![Refusal::new(at, message, "give the policy a wsu:Id in the same document")]
        })?;
        self.references.set(self.references.get() + 1);
        let outcome = apply(policy);
        self.references.set(self.references.get() - 1);
        outcome
    }

    /// Keeps policies that refer to one another from growing without bounds.
    pub(super) fn count(&self, at: At) -> Outcome {
        if self.references.get() == 0 {
            return Ok(());
        }
        self.expressions.set(self.expressions.get() + 1);
        if self.expressions.get() > MAX_EXPRESSIONS {
            return Err(vec![Refusal::new(at, "policy references multiply without end", "remove the circle")]);
        }
        Ok(())
    }

    fn assertion(&self, assertion: &Assertion, facts: &mut Facts) -> Outcome {
        let name = (assertion.name.namespace.as_str(), assertion.name.local.as_str());
        if MTOM.contains(&name) {
            facts.mtom = true;
            return Ok(());
        }
        if ADDRESSING.contains(&name) {
            facts.addressing = true;
            return self.apply_all(&assertion.nested, facts);
        }
        if name == (ADDRESSING_METADATA, "AnonymousResponses") {
            return Ok(());
        }
        if is_security(&assertion.name) {
            return self.security(assertion, facts);
        }
        let help = match name.1 {
            "BinaryEncoding" => "offer an endpoint with text or MTOM encoding",
            "BasicAuthentication" | "DigestAuthentication" | "NtlmAuthentication" | "NegotiateAuthentication" => {
                "HTTP authentication is not supported; offer an endpoint with message credentials"
            }
            "RMAssertion" => "offer an endpoint without WS-ReliableMessaging",
            _ => "remove the assertion if the service does not insist on it",
        };
        Err(vec![Refusal::assertion(assertion, help)])
    }
}

/// Uses the first alternative that is supported. If none is, returns the errors of the first.
pub(super) fn first_of<S: Clone>(
    alternatives: &[Policy],
    at: At,
    state: &mut S,
    apply: impl Fn(&Policy, &mut S) -> Outcome,
) -> Outcome {
    let mut first = None;
    for alternative in alternatives {
        let mut attempt = state.clone();
        match apply(alternative, &mut attempt) {
            Ok(()) => {
                *state = attempt;
                return Ok(());
            }
            Err(refusals) => first = first.or(Some(refusals)),
        }
    }
    let empty = || vec![Refusal::new(at, "the policy has no alternative, so nothing satisfies it", "")];
    Err(first.unwrap_or_else(empty))
}

/// Whether a name is of WS-SecurityPolicy.
pub(super) fn is_security(name: &QName) -> bool {
    matches!(name.namespace.as_str(), SECURITY_1_1 | SECURITY_1_2 | SECURITY_1_3 | MICROSOFT)
}

/// All refusals of several parts.
pub(super) fn join(outcomes: impl Iterator<Item = Outcome>) -> Outcome {
    let refusals: Vec<Refusal> = outcomes.filter_map(Result::err).flatten().collect();
    if refusals.is_empty() { Ok(()) } else { Err(refusals) }
}

/// Requirements that depend on others.
pub(super) fn settled(facts: &Facts) -> Outcome {
    let mut refusals = Vec::new();
    let at = facts.token_at.unwrap_or_default();
    if facts.certificate && facts.conversation.is_none() && !facts.bootstrap {
        refusals.push(Refusal::new(
            at,
            "an endorsing X509Token without SecureConversation is not supported",
            TRANSPORT_ONLY,
        ));
    }
    if facts.conversation.is_some() && facts.digest.is_some() {
        refusals.push(Refusal::new(at, "a UsernameToken beside SecureConversation is not supported", TRANSPORT_ONLY));
    }
    if let (Some(_), Some((suite, written, at))) = (&facts.conversation, &facts.suite)
        && suite != "Basic256"
    {
        let message = format!("algorithm suite `{written}` is not supported with SecureConversation");
        refusals.push(Refusal::new(*at, message, "sp:Basic256 is supported"));
    }
    if refusals.is_empty() { Ok(()) } else { Err(refusals) }
}

/// Checks what can only be checked at the end, and writes the facts down.
pub(super) fn conclude(facts: Facts) -> Result<Requirements, Vec<Refusal>> {
    settled(&facts)?;
    if !facts.transport {
        if let Some(at) = facts.token_at.filter(|_| facts.conversation.is_some()) {
            return Err(vec![Refusal::new(
                at,
                "SecureConversation without a TransportBinding is not supported",
                TRANSPORT_ONLY,
            )]);
        }
        let unsecured = facts.without_effect.iter().filter(|(name, _)| tokens::protects_parts(name));
        let refusals: Vec<Refusal> = unsecured
            .map(|(name, at)| {
                Refusal::new(*at, format!("`{name}` without a TransportBinding is not supported"), TRANSPORT_ONLY)
            })
            .collect();
        if !refusals.is_empty() {
            return Err(refusals);
        }
    }
    let token = match (facts.conversation, facts.digest) {
        (Some(conversation), _) => Token::SecureConversation(conversation),
        (None, Some(digest)) => Token::UserName { digest },
        (None, None) => Token::None,
    };
    Ok(Requirements {
        addressing: facts.addressing,
        mtom: facts.mtom,
        transport_security: facts.transport,
        timestamp: facts.timestamp,
        token,
        without_effect: facts.without_effect.into_iter().map(|(name, _)| name).collect(),
    })
}
