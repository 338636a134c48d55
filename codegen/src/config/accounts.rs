//! The part of `codegen.toml` that is about accounts: whose passwords a service counts failures of, and how it says so.

use serde::Deserialize;

use crate::config::credentials::{CredentialSource, Credentials};

/// An account: a user in one role, by the roles of the two fields of a message that name it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Account {
    /// Role of the field with the user name.
    pub user_name: String,
    /// Role of the field with the password.
    pub password: String,
}

/// How the detail of a fault says that a password was refused.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Refusals {
    /// `{namespace}LocalName` of the element in the detail.
    pub detail: String,
    /// Local name of its child with the code; it has the namespace of the element.
    pub code: String,
    /// Local names of its children with texts.
    pub texts: Vec<String>,
    /// What they say.
    pub faults: Vec<RefusalFault>,
}

/// A fault that says something about a credential.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct RefusalFault {
    /// The codes, one of which it has.
    pub codes: Vec<String>,
    /// Patterns (`*` is a wildcard, case does not count), one of which one of its texts has. None: whatever its texts are,
    /// if no other entry fits.
    pub texts: Vec<String>,
    /// The accounts that the text may mean. If the message names exactly one of them, that one was refused. None: the
    /// fault is about a credential, but no password was refused.
    pub accounts: Vec<String>,
}

impl Refusals {
    /// Namespace and local name of the element in the detail.
    pub fn element(&self) -> Option<(&str, &str)> {
        self.detail.strip_prefix('{')?.split_once('}')
    }
}

/// Contradictions in the accounts, and in what is said of them.
pub(super) fn problems(credentials: &Credentials) -> Vec<String> {
    let Credentials { accounts, header_account, refusals, .. } = credentials;
    let mut problems = Vec::new();
    for (name, account) in accounts {
        let source = |role: &str| credentials.source(role);
        let owner = |source| match source {
            CredentialSource::UserName | CredentialSource::Password => None,
            CredentialSource::Principal(name) => Some(name),
        };
        match (source(&account.user_name), source(&account.password)) {
            (None, _) => problems.push(format!("account `{name}`: there is no role `{}`", account.user_name)),
            (_, None) => problems.push(format!("account `{name}`: there is no role `{}`", account.password)),
            (Some(user), Some(password)) if owner(user) != owner(password) => {
                problems.push(format!("account `{name}`: its user name and its password are not of the same owner"));
            }
            _ => {}
        }
    }
    let unknown = |account: &&String| !accounts.contains_key(*account);
    problems.extend(header_account.iter().filter(unknown).map(|name| format!("there is no account `{name}`")));
    let Some(refusals) = refusals else { return problems };
    if refusals.element().is_none() || refusals.code.is_empty() || refusals.texts.is_empty() {
        problems.push("refusals: say `detail` as {namespace}LocalName, `code` and `texts`".to_owned());
    }
    for (at, fault) in refusals.faults.iter().enumerate() {
        let at = at + 1;
        if fault.codes.is_empty() {
            problems.push(format!("refusals: number {at} of `faults` has no codes"));
        }
        let unknown = fault.accounts.iter().filter(unknown);
        problems.extend(unknown.map(|name| format!("refusals: number {at} of `faults`: there is no account `{name}`")));
    }
    problems
}
