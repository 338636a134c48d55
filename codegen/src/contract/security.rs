//! What a port requires of its callers: by its policies, or by the configuration in their place.

use std::collections::BTreeSet;

use crate::config::{Addressing, PortFacts, SECURITY};
use crate::contract::{
    model::{Requirements, SecureConversation, Token},
    requirements::{self, Facts, Outcome, PolicyReader, Unmet},
};
use crate::diagnostic::Report;
use crate::document::scope::Scope;
use crate::document::wsdl::model as wsdl;
use crate::document::wsdl::policy::Policy;

/// How many unmet requirements the warning of a port names.
const NAMED: usize = 4;

/// What the policies of a port are attached to.
pub(super) struct Attached<'s> {
    pub(super) service: &'s wsdl::Service,
    pub(super) port: &'s wsdl::Port,
    pub(super) binding: &'s wsdl::Binding,
    pub(super) port_type: &'s wsdl::PortType,
}

/// What a port requires; `stated` are its tables in the configuration, by name.
pub(super) fn required<'s>(
    scope: &'s Scope<'s>,
    attached: &Attached<'_>,
    stated: &[(&String, &PortFacts)],
    report: &mut Report<'_>,
) -> Requirements {
    let reader = PolicyReader::new(scope);
    let Attached { service, port, binding, port_type } = attached;
    let mut facts = Facts { addressing: port.addressing || binding.addressing, ..Facts::default() };
    let endpoint = [&service.policies, &port.policies, &binding.policies, &port_type.policies];
    let outcome = requirements::join(endpoint.into_iter().flatten().map(|policy| reader.apply(policy, &mut facts)))
        .and_then(|()| operation_policies(&reader, scope, attached, &mut facts))
        .and_then(|()| requirements::finished(&facts));
    let mut found = requirements::conclude(facts);
    let unmet = outcome.err().unwrap_or_default();
    if !unmet.is_empty() {
        found.token = Token::Unsupported(names(&unmet).join(", "));
        found.without_effect.clear();
    }
    for (name, stated) in stated {
        if let Err(message) = state(&mut found, stated) {
            report.config(format!("[port.{name}] {message}"), "");
        }
    }
    if let (Token::Unsupported(_), Some(first)) = (&found.token, unmet.first()) {
        let message =
            format!("port `{}` cannot be called yet: its policy requires {}", port.name, places(&unmet, report));
        let help = format!(
            "its calls end as a configuration error, and nothing is sent, until the configuration states the security to \
             use instead: under [port.\"{}/{}\"] write security = {}",
            service.name,
            port.name,
            SECURITY.map(|name| format!("\"{name}\"")).join(" | ")
        );
        report.warning(first.at, message, help);
    }
    found
}

/// Each requirement once, as many as a message holds.
fn names(unmet: &[Unmet]) -> Vec<&str> {
    each_once(unmet).into_iter().take(NAMED).map(|one| one.what.as_str()).collect()
}

fn each_once(unmet: &[Unmet]) -> Vec<&Unmet> {
    let mut seen = BTreeSet::new();
    unmet.iter().filter(|one| seen.insert(&one.what)).collect()
}

/// The requirements with their places. The first has the place of the warning.
fn places(unmet: &[Unmet], report: &Report<'_>) -> String {
    let all = each_once(unmet);
    let named = all.iter().take(NAMED).enumerate().map(|(index, one)| match index {
        0 => one.what.clone(),
        _ => format!("{} ({})", one.what, report.position(one.at)),
    });
    let mut text = named.collect::<Vec<_>>().join(", ");
    if let Some(more) = all.len().checked_sub(NAMED).filter(|more| *more > 0) {
        text.push_str(&format!(" and {more} more"));
    }
    text
}

/// Policies of operations and messages. The runtime applies one policy per port, so they must not
/// require a token that the port does not require.
fn operation_policies(
    reader: &PolicyReader<'_>,
    scope: &Scope<'_>,
    attached: &Attached<'_>,
    facts: &mut Facts,
) -> Outcome {
    let bound = attached.binding.operations.iter().flat_map(|operation| {
        let messages = [&operation.input, &operation.output].into_iter().chain(&operation.faults);
        operation.policies.iter().chain(messages.flat_map(|message| &message.policies))
    });
    let abstracts = attached.port_type.operations.iter().flat_map(|operation| {
        let messages = operation.input.iter().chain(&operation.output).chain(&operation.faults);
        let messages = messages.flat_map(|message| {
            let declared = scope.messages.get_at(&message.message, message.at);
            message.policies.iter().chain(declared.into_iter().flat_map(|declared| &declared.policies))
        });
        operation.policies.iter().chain(messages)
    });
    let mut seen = BTreeSet::new();
    requirements::join(bound.chain(abstracts).map(|policy| {
        // Many operations refer to one policy; it says the same each time.
        if let Policy::Reference { uri, at } = policy
            && !seen.insert((uri, at.document))
        {
            return Ok(());
        }
        let mut inner = Facts { token_at: None, ..facts.clone() };
        reader.apply(policy, &mut inner)?;
        let is_same = (inner.digest, inner.http, inner.client_certificate)
            == (facts.digest, facts.http, facts.client_certificate)
            && inner.conversation == facts.conversation
            && inner.certificate == facts.certificate;
        if !is_same {
            let what = "a security token in some of its operations only";
            return Err(vec![Unmet::new(inner.token_at.unwrap_or_default(), what)]);
        }
        *facts = Facts { token_at: facts.token_at, ..inner };
        Ok(())
    }))
}

/// Adds what the configuration states of a port without policy, or in place of what cannot be met.
fn state(found: &mut Requirements, stated: &PortFacts) -> Result<(), String> {
    found.soap_action = stated.soap_action.or(found.soap_action);
    found.replies = stated.replies.or(found.replies);
    if let Some(mtom) = stated.mtom {
        if found.mtom && !mtom {
            return Err("mtom = false contradicts the policy of the port".to_owned());
        }
        found.mtom = mtom;
    }
    if let Some(security) = &stated.security {
        state_security(found, security)?;
    }
    if let Some(addressing) = stated.addressing {
        if matches!(found.token, Token::SecureConversation(_)) && addressing != Addressing::V1 {
            return Err("a conversation needs addressing = \"1.0\"".to_owned());
        }
        found.addressing = addressing != Addressing::None;
        found.addressing_2004 = addressing == Addressing::August2004;
    }
    Ok(())
}

fn state_security(found: &mut Requirements, security: &str) -> Result<(), String> {
    let token = match security {
        "none" => Token::None,
        "http-basic" => Token::HttpBasic,
        "http-digest" => Token::HttpDigest,
        "bearer" => Token::Bearer,
        "username-token" => Token::UserName { digest: false },
        "username-digest" => Token::UserName { digest: true },
        "secure-conversation" => Token::SecureConversation(SecureConversation::default()),
        "ntlm" | "negotiate" => {
            return Err(format!(
                "security = \"{security}\" is not supported, as it proves who made a network connection and not who sent a \
                 message; if the service takes another way, write {}",
                SECURITY.join(", ")
            ));
        }
        other => return Err(format!("security = \"{other}\" is not known: write {}", SECURITY.join(", "))),
    };
    match found.token {
        Token::None => {}
        // The line says all of it: nothing is left of a policy that was understood in part only.
        Token::Unsupported(_) => (found.timestamp, found.client_certificate) = (false, false),
        _ => return Err("security is stated by the policy of the port already".to_owned()),
    }
    // A conversation is a series of addressed messages, and only TLS protects them.
    let is_conversation = matches!(token, Token::SecureConversation(_));
    found.addressing |= is_conversation;
    found.transport_security |= is_conversation;
    found.timestamp |= matches!(token, Token::UserName { .. } | Token::SecureConversation(_));
    found.token = token;
    Ok(())
}
