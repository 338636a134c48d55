//! From policy to requirements: what the policies attached to a port require of a client.
//!
//! Every assertion is either understood, or without effect on the wire, or named as what the runtime cannot do. Of several
//! alternatives, the first that the runtime can do as a whole is used.

use std::cell::Cell;

use crate::contract::model::{Requirements, SecureConversation, Token};
use crate::diagnostic::At;
use crate::document::scope::Scope;
use crate::document::wsdl::policy::{Assertion, Policy};
use crate::name::QName;
use crate::plain::one_line;

const MTOM: &[(&str, &str)] = &[
    ("http://schemas.xmlsoap.org/ws/2004/09/policy/optimizedmimeserialization", "OptimizedMimeSerialization"),
    ("http://www.w3.org/2007/08/soap12-mtom-policy", "MTOM"),
];
const ADDRESSING: &[(&str, &str)] = &[
    ("http://www.w3.org/2006/05/addressing/wsdl", "UsingAddressing"),
    ("http://www.w3.org/2007/02/addressing/metadata", "Addressing"),
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

/// HTTP authentication, as Microsoft asserts it.
const MICROSOFT_HTTP: &str = "http://schemas.microsoft.com/ws/06/2004/policy/http";
/// Beginnings of the namespaces of assertions that configure the server, or offer what a client need not use: the FastInfoset
/// and TCP of Metro, its key stores, those of Rampart.
const SERVERS_OWN: &[&str] = &[
    "http://java.sun.com/xml/ns/wsit/",
    "http://java.sun.com/xml/ns/metro/",
    "http://schemas.sun.com/",
    "http://ws.apache.org/rampart/policy",
];

/// A requirement that the runtime cannot meet.
#[derive(Clone, Debug)]
pub(super) struct Unmet {
    pub(super) at: At,
    /// What is required, so that it can stand after "requires".
    pub(super) what: String,
}

impl Unmet {
    pub(super) fn assertion(assertion: &Assertion) -> Self {
        let Assertion { at, name, written, .. } = assertion;
        // The prefixes of WS-SecurityPolicy are known; others say little without their namespace.
        let what = match is_security(name) {
            true => format!("`{written}`"),
            false => format!("`{written}` of {}", name.namespace),
        };
        Self::new(*at, what)
    }

    pub(super) fn new(at: At, what: impl Into<String>) -> Self {
        Self { at, what: one_line(&what.into()) }
    }
}

pub(super) type Outcome = Result<(), Vec<Unmet>>;

/// How a caller proves who it is in the HTTP head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HttpScheme {
    Basic,
    Digest,
}

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
    /// HTTP Basic or Digest.
    pub(super) http: Option<HttpScheme>,
    /// A client certificate in TLS.
    pub(super) client_certificate: bool,
    pub(super) conversation: Option<SecureConversation>,
    /// An X.509 token that endorses.
    pub(super) certificate: bool,
    pub(super) token_at: Option<At>,
    /// The algorithm suite matters only if something is signed.
    pub(super) suite: Option<(String, String, At)>,
    /// Protection of parts or tokens that only TLS gives, each name with its first place.
    pub(super) by_tls: Vec<(String, At)>,
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
                self.attempt(assertion, facts, |attempt| self.assertion(assertion, attempt))
            }
        }
    }

    /// Applies an assertion. What is optional or may be ignored is left alone if it cannot be met.
    pub(super) fn attempt<S: Clone>(
        &self,
        assertion: &Assertion,
        state: &mut S,
        apply: impl FnOnce(&mut S) -> Outcome,
    ) -> Outcome {
        self.count(assertion.at)?;
        let mut attempt = state.clone();
        match apply(&mut attempt) {
            Ok(()) => *state = attempt,
            Err(_) if assertion.optional || assertion.ignorable => {}
            Err(unmet) => return Err(unmet),
        }
        Ok(())
    }

    /// Applies something to the policy behind a reference.
    pub(super) fn follow(&self, uri: &str, at: At, apply: impl FnOnce(&'s Policy) -> Outcome) -> Outcome {
        self.count(at)?;
        if self.references.get() >= MAX_REFERENCES {
            return Err(vec![Unmet::new(at, format!("policy `{uri}`, which refers to itself"))]);
        }
        let policy = self
            .scope
            .policy(uri, at.document)
            .ok_or_else(|| vec![Unmet::new(at, format!("policy `{uri}`, which is not among the given files"))])?;
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
            return Err(vec![Unmet::new(at, "policies that refer to one another without end")]);
        }
        Ok(())
    }

    fn assertion(&self, assertion: &Assertion, facts: &mut Facts) -> Outcome {
        let name = (assertion.name.namespace.as_str(), assertion.name.local.as_str());
        // What is optional costs nothing to leave out.
        if MTOM.contains(&name) {
            facts.mtom |= !assertion.optional;
            return Ok(());
        }
        if ADDRESSING.contains(&name) {
            facts.addressing |= !assertion.optional;
            return self.apply_all(&assertion.nested, facts);
        }
        if name == (ADDRESSING_METADATA, "AnonymousResponses") {
            return Ok(());
        }
        if name.0 == MICROSOFT_HTTP {
            facts.http = Some(match name.1 {
                "BasicAuthentication" => HttpScheme::Basic,
                "DigestAuthentication" => HttpScheme::Digest,
                "NtlmAuthentication" | "NegotiateAuthentication" => {
                    let what = format!(
                        "`{}`, which proves who made a network connection and not who sent a message",
                        assertion.written
                    );
                    return Err(vec![Unmet::new(assertion.at, what)]);
                }
                _ => return Err(vec![Unmet::assertion(assertion)]),
            });
            facts.token_at = facts.token_at.or(Some(assertion.at));
            return Ok(());
        }
        if is_security(&assertion.name) {
            return self.security(assertion, facts);
        }
        if SERVERS_OWN.iter().any(|start| name.0.starts_with(start)) || is_feature_turned_off(assertion) {
            facts.has_no_effect(name.1, assertion.at);
            return Ok(());
        }
        Err(vec![Unmet::assertion(assertion)])
    }
}

/// A feature of SAP, as its servers write them all into every contract, that is off; or that says the server blocks, as HTTP
/// has it in any case.
fn is_feature_turned_off(assertion: &Assertion) -> bool {
    let QName { namespace, local } = &assertion.name;
    let is_off = |text: &str| matches!(text, "false" | "no" | "0");
    let is_sap = namespace.starts_with("http://www.sap.com/") && namespace.contains("/features/");
    let mut nested = assertion.nested.iter();
    is_sap
        && match assertion.nested.is_empty() {
            true => is_off(&assertion.text) || local == "enableBlocking",
            false => nested.all(|one| matches!(one, Policy::Assertion(inner) if is_feature_turned_off(inner))),
        }
}

/// Uses the first alternative that can be met. If none can, the first says what is unmet, and what else is known.
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
            Err(unmet) => first = first.or(Some((attempt, unmet))),
        }
    }
    let Some((attempt, unmet)) = first else {
        return Err(vec![Unmet::new(at, "one of no alternatives")]);
    };
    *state = attempt;
    Err(unmet)
}

/// Whether a name is of WS-SecurityPolicy.
pub(super) fn is_security(name: &QName) -> bool {
    matches!(name.namespace.as_str(), SECURITY_1_1 | SECURITY_1_2 | SECURITY_1_3 | MICROSOFT)
}

/// All that is unmet of several parts.
pub(super) fn join(outcomes: impl Iterator<Item = Outcome>) -> Outcome {
    let unmet: Vec<Unmet> = outcomes.filter_map(Result::err).flatten().collect();
    if unmet.is_empty() { Ok(()) } else { Err(unmet) }
}

/// Requirements that depend on others.
pub(super) fn settled(facts: &Facts) -> Outcome {
    let mut unmet = Vec::new();
    let at = facts.token_at.unwrap_or_default();
    if facts.certificate && facts.conversation.is_none() && !facts.bootstrap {
        unmet.push(Unmet::new(at, "an endorsing X509Token without SecureConversation"));
    }
    if facts.conversation.is_some() && facts.digest.is_some() {
        unmet.push(Unmet::new(at, "a UsernameToken beside SecureConversation"));
    }
    if facts.http.is_some() && (facts.conversation.is_some() || facts.digest.is_some()) {
        unmet.push(Unmet::new(at, "HTTP authentication beside a token in the message"));
    }
    if let (Some(_), Some((suite, written, at))) = (&facts.conversation, &facts.suite)
        && suite != "Basic256"
    {
        unmet.push(Unmet::new(*at, format!("algorithm suite `{written}` with SecureConversation")));
    }
    if unmet.is_empty() { Ok(()) } else { Err(unmet) }
}

/// Checks what can only be checked at the end.
pub(super) fn finished(facts: &Facts) -> Outcome {
    settled(facts)?;
    if facts.transport {
        return Ok(());
    }
    if let Some(at) = facts.token_at.filter(|_| facts.conversation.is_some()) {
        return Err(vec![Unmet::new(at, "SecureConversation without a TransportBinding")]);
    }
    let unsecured = |(name, at): &(String, At)| Unmet::new(*at, format!("`{name}` without a TransportBinding"));
    let unmet: Vec<Unmet> = facts.by_tls.iter().map(unsecured).collect();
    if unmet.is_empty() { Ok(()) } else { Err(unmet) }
}

/// Writes the facts down.
pub(super) fn conclude(facts: Facts) -> Requirements {
    let token = match (facts.conversation, facts.digest) {
        (Some(conversation), _) => Token::SecureConversation(conversation),
        (None, Some(digest)) => Token::UserName { digest },
        (None, None) => match facts.http {
            Some(HttpScheme::Basic) => Token::HttpBasic,
            Some(HttpScheme::Digest) => Token::HttpDigest,
            None => Token::None,
        },
    };
    Requirements {
        addressing: facts.addressing,
        addressing_2004: false,
        soap_action: None,
        replies: None,
        mtom: facts.mtom,
        transport_security: facts.transport,
        client_certificate: facts.client_certificate,
        timestamp: facts.timestamp,
        token,
        without_effect: facts.without_effect.into_iter().map(|(name, _)| name).collect(),
    }
}
