//! Credentials in messages: which roles a message has, the accounts that they name, and the structs of a person's credentials.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::{Config, CredentialSource, matches};
use crate::contract::model::{Contract, Message, Operation, Type, TypeId};
use crate::rust::docs::Docs;
use crate::rust::layout::Layouts;
use crate::rust::model::{
    Account, Accounts, Name, Principal, PrincipalMember, PrincipalMethod, Refusal, RefusalDetail, Role,
};
use crate::rust::{Finding, keywords, words};

/// Which credentials the types of a contract contain, at any depth.
#[derive(Debug)]
pub(super) struct Slots<'a> {
    config: &'a Config,
    /// Role → for each type whether it contains the credential, and whether it requires it.
    holders: BTreeMap<&'a str, (Vec<bool>, Vec<bool>)>,
}

/// The owner of the credential in a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Owner<'a> {
    Client,
    Principal(&'a str),
}

/// A person whose credentials a message holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Holder<'a> {
    /// Rust name of the struct.
    pub(super) principal: &'a str,
    /// The message may be sent without them.
    pub(super) is_optional: bool,
}

impl<'a> Slots<'a> {
    /// Visits every type once per role.
    pub(super) fn new(contract: &Contract, layouts: &Layouts<'a>, config: &'a Config) -> Self {
        let count = contract.types.len();
        let mut users = vec![Vec::new(); count];
        let mut direct: BTreeMap<&'a str, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
        for id in 0..count {
            for field in layouts.fields(TypeId(id)) {
                match (field.slot, field.ty) {
                    (Some(role), _) => {
                        let (some, required) = direct.entry(role).or_default();
                        some.push(id);
                        required.extend((field.min > 0 && !field.nillable).then_some(id));
                    }
                    (None, Type::Named(of)) => users[of.0].push(id),
                    (None, Type::Builtin(_)) => {}
                }
            }
        }
        let reach = |from: Vec<usize>| {
            let mut reached = vec![false; count];
            let mut open = from;
            while let Some(id) = open.pop() {
                if !std::mem::replace(&mut reached[id], true) {
                    open.extend(&users[id]);
                }
            }
            reached
        };
        let holders = direct.into_iter().map(|(role, (some, required))| (role, (reach(some), reach(required))));
        Self { config, holders: holders.collect() }
    }

    /// Whether the client's own credentials go into a message, and the persons whose credentials do.
    pub(super) fn of(&self, message: &'a Message) -> (bool, Vec<Holder<'a>>) {
        let mut found: BTreeMap<Owner<'a>, bool> = BTreeMap::new();
        for (role, required) in self.roles(message) {
            if let Some(owner) = owner(self.config, role) {
                *found.entry(owner).or_default() |= required;
            }
        }
        let principal = |(owner, required): (&Owner<'a>, &bool)| match owner {
            Owner::Client => None,
            Owner::Principal(principal) => Some(Holder { principal, is_optional: !required }),
        };
        (found.contains_key(&Owner::Client), found.iter().filter_map(principal).collect())
    }

    /// The names of the accounts whose user name and password are in the request of an operation.
    pub(super) fn accounts(&self, operation: &'a Operation) -> Vec<&'a str> {
        let roles = self.roles(&operation.input);
        let has = |role: &String| roles.contains_key(role.as_str());
        let accounts = self.config.credentials.accounts.iter();
        accounts.filter(|(_, one)| has(&one.user_name) && has(&one.password)).map(|(name, _)| name.as_str()).collect()
    }

    /// The roles in a message, and whether it requires each.
    fn roles(&self, message: &'a Message) -> BTreeMap<&'a str, bool> {
        let mut found: BTreeMap<&'a str, bool> = BTreeMap::new();
        let mut add = |role, required| *found.entry(role).or_default() |= required;
        let headers = message.headers.iter().map(|header| (&header.element, header.required));
        let body = message.body.iter().map(|body| (body, !body.nillable));
        for (element, required) in headers.chain(body) {
            match (&element.slot, element.ty) {
                (Some(role), _) => add(role, required),
                (None, Type::Named(id)) => {
                    for (role, (some, required)) in self.holders.iter().filter(|(_, (some, _))| some[id.0]) {
                        add(role, some[id.0] && required[id.0]);
                    }
                }
                (None, Type::Builtin(_)) => {}
            }
        }
        found
    }
}

fn owner<'a>(config: &'a Config, role: &str) -> Option<Owner<'a>> {
    match config.credentials.source(role)? {
        CredentialSource::UserName | CredentialSource::Password => Some(Owner::Client),
        CredentialSource::Principal(name) => Some(Owner::Principal(name)),
    }
}

/// What fills a slot. Reading the contract has refused roles that are not declared.
pub(super) fn role<'a>(config: &Config, name: &'a str) -> Role<'a> {
    match config.credentials.source(name) {
        Some(CredentialSource::UserName) => Role::UserName(name),
        Some(CredentialSource::Password) => Role::Password(name),
        Some(CredentialSource::Principal(_)) | None => Role::Principal(name),
    }
}

/// The accounts that the configuration declares. Reading the contract has refused what contradicts itself.
pub(super) fn accounts<'a>(
    contract: &'a Contract,
    config: &'a Config,
    layouts: &Layouts<'a>,
    findings: &mut Vec<Finding>,
) -> Option<Accounts<'a>> {
    let credentials = &config.credentials;
    let all = credentials.accounts.iter().map(|(name, account)| Account {
        name,
        user_name: role(config, &account.user_name),
        password: role(config, &account.password),
    });
    let refusals = credentials.refusals.as_ref().and_then(|refusals| {
        let (namespace, local) = refusals.element()?;
        let child = |local: &'a String| Name { namespace, local };
        let detail = RefusalDetail {
            element: Name { namespace, local },
            code: child(&refusals.code),
            texts: refusals.texts.iter().map(child).collect(),
        };
        check_detail(contract, layouts, &detail, findings);
        let faults = refusals.faults.iter().map(|fault| {
            let texts = |list: &'a [String]| list.iter().map(String::as_str).collect();
            Refusal { codes: texts(&fault.codes), texts: texts(&fault.texts), accounts: texts(&fault.accounts) }
        });
        Some((detail, faults.collect()))
    });
    let accounts = Accounts { all: all.collect(), header: credentials.header_account.as_deref(), refusals };
    (!accounts.all.is_empty()).then_some(accounts)
}

/// The detail must be that of a fault in the contract, or nothing would ever be found in it.
fn check_detail<'a>(
    contract: &'a Contract,
    layouts: &Layouts<'a>,
    detail: &RefusalDetail<'a>,
    findings: &mut Vec<Finding>,
) {
    let operations = contract.services.iter().flat_map(|service| &service.ports).flat_map(|port| &port.operations);
    let faults = operations.flat_map(|operation| &operation.faults).map(|fault| &fault.detail);
    let Some(element) = faults.into_iter().find(|one| Name::from(&one.name) == detail.element) else {
        let message = format!("[credentials.refusals]: no fault of the contract has the detail {}", detail.element);
        findings.push(Finding::config(message, "correct the name"));
        return;
    };
    let Type::Named(id) = element.ty else { return };
    let has = |name: &Name<'_>| layouts.fields(id).iter().any(|field| field.name == *name);
    for missing in [&detail.code].into_iter().chain(&detail.texts).filter(|name| !has(name)) {
        let message = format!("[credentials.refusals]: {} has no child {missing}", detail.element);
        findings.push(Finding::config(message, "correct the name"));
    }
}

/// Whether the passwords in the requests of an operation count, by the configuration of its port.
pub(super) fn is_counted(uncounted: &[String], operation: &str) -> bool {
    !uncounted.iter().any(|pattern| matches(pattern, operation))
}

/// The structs of persons' credentials that the configuration declares.
pub(super) fn principals<'a>(config: &'a Config, findings: &mut Vec<Finding>) -> Vec<Principal<'a>> {
    let mut principals = Vec::new();
    for (name, declared) in &config.credentials.principal {
        let mut refuse = |what: String| {
            let message = format!("[credentials.principal.{name}]: {what}");
            findings.push(Finding::config(message, "correct the name"));
        };
        if words::upper_camel(name) != *name || !words::is_identifier(name) {
            refuse("this cannot be the name of a struct".to_owned());
        }
        let names = declared.members.keys().chain([&declared.argument]);
        for other in names.chain(declared.setters.iter().map(|setter| &setter.name)) {
            if words::snake(other) != *other || keywords::member(other) != *other {
                refuse(format!("`{other}` cannot be a name of a member, a method or an argument"));
            }
        }
        if ["connection", "request", "upload"].contains(&declared.argument.as_str()) {
            refuse(format!("a method has another argument `{}`", declared.argument));
        }
        let mut methods = BTreeSet::from(["new"]);
        for setter in &declared.setters {
            if !methods.insert(&setter.name) {
                refuse(format!("it has two methods `{}`", setter.name));
            }
        }
        let constructor =
            method("new", &declared.new.documentation, "The required credentials.", &declared.new.arguments);
        let setter_docs = "Adds further credentials.";
        let setters: Vec<PrincipalMethod<'_>> = declared
            .setters
            .iter()
            .map(|setter| method(&setter.name, &setter.documentation, setter_docs, &setter.arguments))
            .collect();
        for one in setters.iter().chain([&constructor]) {
            let mut seen = BTreeSet::new();
            for argument in &one.arguments {
                if !declared.members.contains_key(*argument) || !seen.insert(argument) {
                    refuse(format!("argument `{argument}` of `{}` is not a member, or there twice", one.name));
                }
            }
        }
        let members = declared.members.iter().map(|(name, role)| PrincipalMember {
            name,
            role,
            is_optional: !declared.new.arguments.contains(name),
        });
        principals.push(Principal {
            name,
            docs: Docs::written([&declared.documentation])
                .or("Credentials of a person on whose behalf a call is made.", &[]),
            members: members.collect(),
            constructor,
            setters,
        });
    }
    principals
}

fn method<'a>(name: &'a str, written: &str, otherwise: &'static str, arguments: &'a [String]) -> PrincipalMethod<'a> {
    let arguments = arguments.iter().map(String::as_str).collect();
    PrincipalMethod { name, docs: Docs::written([written]).or(otherwise, &[]), arguments }
}
