//! The assertions of WS-SecurityPolicy.

use crate::contract::{
    model::SecureConversation,
    requirements::{Facts, HttpScheme, Outcome, PolicyReader, SECURITY_1_2, Unmet, first_of, is_security, join, note},
};
use crate::document::wsdl::policy::{Assertion, Policy};

/// Assertions that require parts of a message to be signed or encrypted. TLS does both to all of it.
fn protects_parts(name: &str) -> bool {
    matches!(
        name,
        "SignedParts" | "SignedElements" | "EncryptedParts" | "EncryptedElements" | "ContentEncryptedElements"
    )
}

impl PolicyReader<'_> {
    /// An assertion at the top of an endpoint's policy, or inside a bootstrap policy.
    pub(super) fn security(&self, assertion: &Assertion, facts: &mut Facts) -> Outcome {
        match assertion.name.local.as_str() {
            "TransportBinding" => {
                facts.transport = true;
                self.each(assertion, facts, |inner, facts| self.transport(inner, facts))
            }
            "SupportingTokens" => self.each(assertion, facts, |inner, facts| self.supporting(inner, facts)),
            name @ ("SignedSupportingTokens" | "EncryptedSupportingTokens" | "SignedEncryptedSupportingTokens") => {
                note(&mut facts.by_tls, name, assertion.at);
                self.each(assertion, facts, |inner, facts| self.supporting(inner, facts))
            }
            "EndorsingSupportingTokens" => self.each(assertion, facts, |inner, facts| self.endorsing(inner, facts)),
            "Wss10" | "Wss11" | "Trust10" | "Trust13" => {
                self.each(assertion, facts, |inner, facts| self.options(inner, facts))
            }
            name if protects_parts(name) => {
                note(&mut facts.by_tls, name, assertion.at);
                facts.has_no_effect(name, assertion.at);
                Ok(())
            }
            _ => Err(vec![Unmet::assertion(assertion)]),
        }
    }

    /// Applies a closure to the assertions nested in one. Of alternatives, the first that is supported is used; `state`
    /// is what has been found so far.
    fn each<S: Clone>(
        &self,
        assertion: &Assertion,
        state: &mut S,
        apply: impl Fn(&Assertion, &mut S) -> Outcome,
    ) -> Outcome {
        // Whose algorithms they are makes no difference to whether they count.
        let is_suite = assertion.name.local == "AlgorithmSuite";
        let known = |inner: &Assertion, state: &mut S| match is_suite || is_security(&inner.name) {
            true => apply(inner, state),
            false => Err(vec![Unmet::assertion(inner)]),
        };
        join(assertion.nested.iter().map(|policy| self.nested(policy, state, &known)))
    }

    fn nested<S: Clone>(
        &self,
        policy: &Policy,
        state: &mut S,
        apply: &dyn Fn(&Assertion, &mut S) -> Outcome,
    ) -> Outcome {
        match policy {
            Policy::All(members) => join(members.iter().map(|member| self.nested(member, state, apply))),
            Policy::ExactlyOne(alternatives, at) => {
                first_of(alternatives, *at, state, |alternative, attempt| self.nested(alternative, attempt, apply))
            }
            Policy::Reference { uri, at } => self.follow(uri, *at, |policy| self.nested(policy, state, apply)),
            Policy::Assertion(inner) => self.attempt(inner, state, |state| apply(inner, state)),
        }
    }

    fn transport(&self, assertion: &Assertion, facts: &mut Facts) -> Outcome {
        match assertion.name.local.as_str() {
            // An empty token means that TLS ends in front of the server.
            "TransportToken" => self.each(assertion, facts, |token, facts| match token.name.local.as_str() {
                "HttpToken" => Ok(()),
                "HttpsToken" => self.https(token, facts),
                _ => Err(vec![Unmet::assertion(token)]),
            }),
            "AlgorithmSuite" => self.algorithms(assertion, facts),
            "Layout" => self.each(assertion, &mut (), |layout, ()| match layout.name.local.as_str() {
                // The header that is written, Timestamp first and tokens before signatures, satisfies all of these.
                "Strict" | "Lax" | "LaxTsFirst" | "LaxTimestampFirst" => Ok(()),
                _ => Err(vec![Unmet::assertion(layout)]),
            }),
            "IncludeTimestamp" => {
                facts.timestamp = true;
                Ok(())
            }
            _ => Err(vec![Unmet::assertion(assertion)]),
        }
    }

    /// TLS, and what HTTP over it or TLS itself proves.
    fn https(&self, token: &Assertion, facts: &mut Facts) -> Outcome {
        // Whatever is not clearly false asks for one.
        let is_false = |value: &str| matches!(value, "false" | "0");
        facts.client_certificate |= token.attribute("RequireClientCertificate").is_some_and(|value| !is_false(value));
        self.each(token, facts, |inner, facts| match inner.name.local.as_str() {
            name @ ("HttpBasicAuthentication" | "HttpDigestAuthentication") => {
                let is_basic = name == "HttpBasicAuthentication";
                facts.http = Some(if is_basic { HttpScheme::Basic } else { HttpScheme::Digest });
                facts.token_at = facts.token_at.or(Some(inner.at));
                Ok(())
            }
            "RequireClientCertificate" => {
                facts.client_certificate = true;
                Ok(())
            }
            _ => Err(vec![Unmet::assertion(inner)]),
        })
    }

    fn algorithms(&self, assertion: &Assertion, facts: &mut Facts) -> Outcome {
        self.each(assertion, facts, |suite, facts| {
            if facts.suite.is_none() {
                facts.suite = Some((suite.name.local.clone(), suite.written.clone(), suite.at));
            }
            Ok(())
        })
    }

    /// A token whose possession is enough: only a user name.
    fn supporting(&self, assertion: &Assertion, facts: &mut Facts) -> Outcome {
        match assertion.name.local.as_str() {
            "UsernameToken" => {
                self.included(assertion)?;
                facts.token_at = facts.token_at.or(Some(assertion.at));
                facts.digest = Some(false);
                self.each(assertion, facts, |inner, facts| match inner.name.local.as_str() {
                    "WssUsernameToken10" | "WssUsernameToken11" | "UsernameToken10" | "UsernameToken11" => Ok(()),
                    "HashPassword" => {
                        facts.digest = Some(true);
                        Ok(())
                    }
                    name if without_effect_in_token(name) => {
                        facts.has_no_effect(name, inner.at);
                        Ok(())
                    }
                    _ => Err(vec![Unmet::assertion(inner)]),
                })
            }
            "AlgorithmSuite" => self.algorithms(assertion, facts),
            name if protects_parts(name) => {
                note(&mut facts.by_tls, name, assertion.at);
                facts.has_no_effect(name, assertion.at);
                Ok(())
            }
            _ => Err(vec![Unmet::assertion(assertion)]),
        }
    }

    /// A token that signs.
    fn endorsing(&self, assertion: &Assertion, facts: &mut Facts) -> Outcome {
        match assertion.name.local.as_str() {
            "SecureConversationToken" => {
                self.included(assertion)?;
                facts.token_at = facts.token_at.or(Some(assertion.at));
                self.conversation(assertion, facts)
            }
            "X509Token" => {
                self.included(assertion)?;
                facts.token_at = facts.token_at.or(Some(assertion.at));
                facts.certificate = true;
                self.each(assertion, facts, |inner, facts| match inner.name.local.as_str() {
                    "WssX509V3Token10" | "WssX509V3Token11" => Ok(()),
                    name if name == THUMBPRINT || without_effect_in_token(name) => {
                        facts.has_no_effect(name, inner.at);
                        Ok(())
                    }
                    _ => Err(vec![Unmet::assertion(inner)]),
                })
            }
            "AlgorithmSuite" => self.algorithms(assertion, facts),
            // A certificate's signature covers `To` in any case.
            "SignedParts" if self.only_to(assertion) => Ok(()),
            name if protects_parts(name) => {
                note(&mut facts.by_tls, name, assertion.at);
                facts.has_no_effect(name, assertion.at);
                Ok(())
            }
            _ => Err(vec![Unmet::assertion(assertion)]),
        }
    }

    fn conversation(&self, assertion: &Assertion, facts: &mut Facts) -> Outcome {
        let found = SecureConversation {
            version_1_3: assertion.name.namespace == SECURITY_1_2,
            ..SecureConversation::default()
        };
        let mut state = (found, None, std::mem::take(&mut facts.without_effect));
        let outcome = self.each(assertion, &mut state, |inner, (found, bootstrap, without_effect)| {
            match inner.name.local.as_str() {
                "MustNotSendCancel" => {
                    found.must_not_cancel = true;
                    Ok(())
                }
                // Tokens are never renewed: a new one is requested instead.
                "MustNotSendRenew" | "SC13SecurityContextToken" => Ok(()),
                "BootstrapPolicy" => {
                    let mut inside = Facts { bootstrap: true, ..Facts::default() };
                    let outcome = self.apply_all(&inner.nested, &mut inside);
                    *bootstrap = Some((inside, inner.at));
                    outcome
                }
                name if without_effect_in_token(name) => {
                    note(without_effect, name, inner.at);
                    Ok(())
                }
                _ => Err(vec![Unmet::assertion(inner)]),
            }
        });
        let (found, bootstrap, without_effect) = state;
        facts.without_effect = without_effect;
        outcome?;
        let Some((inside, at)) = bootstrap else {
            let what = format!("`{}` without a BootstrapPolicy", assertion.written);
            return Err(vec![Unmet::new(assertion.at, what)]);
        };
        let unmet = |what: &str| {
            let at = inside.token_at.unwrap_or(at);
            Err(vec![Unmet::new(at, format!("a bootstrap policy {what}"))])
        };
        if inside.digest.is_some() {
            return unmet("with a UsernameToken");
        }
        if inside.http.is_some() {
            return unmet("with HTTP authentication");
        }
        if inside.conversation.is_some() {
            return unmet("with a SecureConversationToken");
        }
        if !inside.transport {
            return unmet("without a TransportBinding");
        }
        if !inside.certificate {
            return unmet("without an endorsing X509Token");
        }
        inside.without_effect.iter().for_each(|(name, at)| facts.has_no_effect(name, *at));
        facts.suite = facts.suite.take().or(inside.suite);
        facts.client_certificate |= inside.client_certificate;
        facts.conversation = Some(found);
        Ok(())
    }

    /// The message must carry the token.
    fn included(&self, token: &Assertion) -> Outcome {
        let wanted = token.attribute("IncludeToken").unwrap_or("");
        match wanted.rsplit('/').next().unwrap_or("") {
            "" | "Always" | "AlwaysToRecipient" | "Once" => Ok(()),
            other => Err(vec![Unmet::new(token.at, format!("`{}` with IncludeToken `{other}`", token.written))]),
        }
    }

    /// Options of WS-Security and WS-Trust. What a server merely supports is not a requirement.
    fn options(&self, assertion: &Assertion, facts: &mut Facts) -> Outcome {
        let name = assertion.name.local.as_str();
        match name {
            _ if name.starts_with("MustSupport") => Ok(()),
            // Both sides' entropy goes into the token in any case; 1.3 always answers with a collection.
            "RequireClientEntropy" | "RequireServerEntropy" | "RequireRequestSecurityTokenCollection" => Ok(()),
            "RequireSignatureConfirmation" => {
                facts.has_no_effect(name, assertion.at);
                Ok(())
            }
            _ => Err(vec![Unmet::assertion(assertion)]),
        }
    }

    fn only_to(&self, assertion: &Assertion) -> bool {
        let outcome = self.each(assertion, &mut (), |part, ()| {
            let is_to = part.name.local == "Header" && part.attribute("Name") == Some("To");
            if is_to { Ok(()) } else { Err(vec![Unmet::assertion(part)]) }
        });
        outcome.is_ok()
    }
}

/// The certificate is referred to by its thumbprint, as is always done.
pub(crate) const THUMBPRINT: &str = "RequireThumbprintReference";
/// Keys are derived from the token: nothing is signed with them where TLS protects the message.
pub(crate) const DERIVED_KEYS: &str = "RequireDerivedKeys";

/// Assertions in a token policy that a transport binding makes meaningless.
fn without_effect_in_token(name: &str) -> bool {
    matches!(name, DERIVED_KEYS | "RequireImpliedDerivedKeys" | "RequireExplicitDerivedKeys")
}
