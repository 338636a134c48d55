//! Two editions of WS-Trust and WS-SecureConversation: the same words in other namespaces.

use crate::security::names::{CONVERSATION_1_3, CONVERSATION_2005, TRUST_1_3, TRUST_2005};

/// An edition, chosen by the policy of a port.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Version {
    pub(crate) trust: &'static str,
    pub(crate) conversation: &'static str,
    /// Type of a security context token, in requests and references.
    pub(crate) context_token: &'static str,
    /// Type of a derived key, in references.
    pub(crate) derived_key: &'static str,
    /// A server wraps its responses into a collection.
    pub(crate) collection: bool,
    pub(crate) issue: Exchange,
    /// A client begins a new session instead.
    #[cfg_attr(not(feature = "server"), allow(dead_code, reason = "only services take it"))]
    pub(crate) renew: Exchange,
    pub(crate) cancel: Exchange,
}

/// The names of one exchange.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Exchange {
    pub(crate) action: &'static str,
    pub(crate) reply_action: &'static str,
}

/// WCF uses the actions of the first edition in both.
macro_rules! version {
    ($trust:literal, $conversation:literal, $trust_name:ident, $conversation_name:ident, $collection:literal) => {
        Version {
            trust: $trust_name,
            conversation: $conversation_name,
            context_token: concat!($conversation, "/sct"),
            derived_key: concat!($conversation, "/dk"),
            collection: $collection,
            issue: Exchange { action: concat!($trust, "/RST/SCT"), reply_action: concat!($trust, "/RSTR/SCT") },
            renew: Exchange {
                action: concat!($trust, "/RST/SCT/Renew"),
                reply_action: concat!($trust, "/RSTR/SCT/Renew"),
            },
            cancel: Exchange {
                action: concat!($trust, "/RST/SCT/Cancel"),
                reply_action: concat!($trust, "/RSTR/SCT/Cancel"),
            },
        }
    };
}

/// February 2005, with WS-SecurityPolicy 1.1.
pub(crate) static FEBRUARY_2005: Version = version!(
    "http://schemas.xmlsoap.org/ws/2005/02/trust",
    "http://schemas.xmlsoap.org/ws/2005/02/sc",
    TRUST_2005,
    CONVERSATION_2005,
    false
);

/// The OASIS standards of December 2005, with WS-SecurityPolicy 1.2.
pub(crate) static VERSION_1_3: Version = version!(
    "http://docs.oasis-open.org/ws-sx/ws-trust/200512",
    "http://docs.oasis-open.org/ws-sx/ws-secureconversation/200512",
    TRUST_1_3,
    CONVERSATION_1_3,
    true
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_begin_with_their_namespaces() {
        for version in [&FEBRUARY_2005, &VERSION_1_3] {
            for name in
                [version.issue.action, version.issue.reply_action, version.cancel.action, version.cancel.reply_action]
            {
                assert!(name.strip_prefix(version.trust).is_some_and(|rest| rest.starts_with("/RST")), "{name}");
            }
            assert_eq!(version.context_token, format!("{}/sct", version.conversation));
            assert_eq!(version.derived_key, format!("{}/dk", version.conversation));
        }
    }
}
