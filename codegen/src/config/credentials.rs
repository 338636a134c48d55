//! The part of `codegen.toml` that is about credentials: roles, and who fills them.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::config::accounts::{self, Account, Refusals};

/// Roles of credentials, and their sources. The roles `user-name` and `password` always exist.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Credentials {
    /// Role → the part of the client's own credentials that fills it.
    pub roles: BTreeMap<String, CredentialPart>,
    /// Rust name of a struct → the credentials of a person, which a method takes beside its request.
    pub principal: BTreeMap<String, Principal>,
    /// Name → an account, whose failed log-ins the service counts. The same user name in two of them counts apart.
    pub accounts: BTreeMap<String, Account>,
    /// The account that HTTP Basic or a UsernameToken names.
    pub header_account: Option<String>,
    /// How faults say that an account was refused.
    pub refusals: Option<Refusals>,
}

/// A part of the client's own credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CredentialPart {
    /// The user name.
    UserName,
    /// The password.
    Password,
}

/// The credentials of a person on whose behalf a call is made.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Principal {
    /// Name of the argument of a method.
    pub argument: String,
    /// Documentation of the struct.
    pub documentation: String,
    /// Member → the role that it fills. A member that `new` does not take is optional.
    pub members: BTreeMap<String, String>,
    /// The constructor.
    pub new: Constructor,
    /// Methods that add optional members.
    pub setters: Vec<Setter>,
}

/// The constructor of a person's credentials.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Constructor {
    /// Members, in the order of the arguments.
    pub arguments: Vec<String>,
    /// Documentation of the constructor.
    pub documentation: String,
}

/// A method that adds optional members to a person's credentials.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Setter {
    /// Name of the method.
    pub name: String,
    /// Members, in the order of the arguments.
    pub arguments: Vec<String>,
    /// Documentation of the method.
    pub documentation: String,
}

/// Which endpoints the pause after a refused credential applies to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AuthenticationScope {
    /// The endpoint that refused it.
    #[default]
    Endpoint,
    /// All endpoints of the same host.
    Host,
}

/// What fills a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialSource<'c> {
    /// The client's user name.
    UserName,
    /// The client's password.
    Password,
    /// A member of this struct of a person's credentials.
    Principal(&'c str),
}

impl Credentials {
    /// What fills a role; `None` if the role is not declared.
    pub fn source(&self, role: &str) -> Option<CredentialSource<'_>> {
        let of = |part| match part {
            CredentialPart::UserName => CredentialSource::UserName,
            CredentialPart::Password => CredentialSource::Password,
        };
        let built_in = match role {
            "user-name" => Some(CredentialSource::UserName),
            "password" => Some(CredentialSource::Password),
            _ => None,
        };
        let declared = self.roles.get(role).map(|part| of(*part));
        built_in.or(declared).or_else(|| {
            let mut principals = self.principal.iter();
            principals
                .find(|(_, one)| one.members.values().any(|known| known == role))
                .map(|(name, _)| CredentialSource::Principal(name))
        })
    }

    /// All declared roles, sorted.
    pub fn role_names(&self) -> Vec<&str> {
        let members = self.principal.values().flat_map(|one| one.members.values());
        let mut names: Vec<&str> = self.roles.keys().chain(members).map(String::as_str).collect();
        names.extend(["user-name", "password"]);
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Contradictions in this table.
    pub(crate) fn problems(&self) -> Vec<String> {
        let mut problems = accounts::problems(self);
        let mut filled: BTreeMap<&str, &str> = BTreeMap::new();
        for (name, principal) in &self.principal {
            if principal.argument.is_empty() {
                problems.push(format!("principal `{name}` has no argument: say how methods call it"));
            }
            for (member, role) in &principal.members {
                if role == "user-name" || role == "password" || self.roles.contains_key(role) {
                    problems
                        .push(format!("role `{role}` is the client's, and cannot be member `{member}` of `{name}`"));
                }
                if let Some(other) = filled.insert(role, name) {
                    problems.push(format!("role `{role}` is filled twice, by `{other}` and `{name}`"));
                }
            }
            let setters = principal.setters.iter().flat_map(|setter| &setter.arguments);
            let unknown =
                principal.new.arguments.iter().chain(setters).filter(|one| !principal.members.contains_key(*one));
            problems.extend(unknown.map(|one| format!("principal `{name}` has no member `{one}`")));
        }
        problems
    }
}
