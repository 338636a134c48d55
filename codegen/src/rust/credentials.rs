//! Credentials in messages: which roles a message has, and the structs of a person's credentials.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::{Config, CredentialSource};
use crate::contract::model::{Contract, Message, Type, TypeId};
use crate::rust::docs::Docs;
use crate::rust::layout::Layouts;
use crate::rust::model::{Principal, PrincipalMember, PrincipalMethod, Role};
use crate::rust::{Finding, keywords, words};

/// Which credentials the types of a contract contain, at any depth.
#[derive(Debug)]
pub(super) struct Slots<'a> {
    config: &'a Config,
    /// Owner of credentials → for each type whether it contains some, and whether it requires them.
    holders: BTreeMap<Owner<'a>, (Vec<bool>, Vec<bool>)>,
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
    /// Visits every type once per kind of credentials.
    pub(super) fn new(contract: &Contract, layouts: &Layouts<'a>, config: &'a Config) -> Self {
        let count = contract.types.len();
        let mut users = vec![Vec::new(); count];
        let mut direct: BTreeMap<Owner<'a>, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
        for id in 0..count {
            for field in layouts.fields(TypeId(id)) {
                match (field.slot, field.ty) {
                    (Some(role), _) => {
                        let Some(owner) = owner(config, role) else { continue };
                        let (some, required) = direct.entry(owner).or_default();
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
        let holders = direct.into_iter().map(|(owner, (some, required))| (owner, (reach(some), reach(required))));
        Self { config, holders: holders.collect() }
    }

    /// Whether the client's own credentials go into a message, and the persons whose credentials do.
    pub(super) fn of(&self, message: &'a Message) -> (bool, Vec<Holder<'a>>) {
        let mut found: BTreeMap<Owner<'a>, bool> = BTreeMap::new();
        let mut add = |owner, required| *found.entry(owner).or_default() |= required;
        let headers = message.headers.iter().map(|header| (&header.element, header.required));
        let body = message.body.iter().map(|body| (body, !body.nillable));
        for (element, required) in headers.chain(body) {
            match (&element.slot, element.ty) {
                (Some(role), _) => owner(self.config, role).into_iter().for_each(|owner| add(owner, required)),
                (None, Type::Named(id)) => {
                    for (owner, (some, required)) in self.holders.iter().filter(|(_, (some, _))| some[id.0]) {
                        add(*owner, some[id.0] && required[id.0]);
                    }
                }
                (None, Type::Builtin(_)) => {}
            }
        }
        let principal = |(owner, required): (&Owner<'a>, &bool)| match owner {
            Owner::Client => None,
            Owner::Principal(principal) => Some(Holder { principal, is_optional: !required }),
        };
        (found.contains_key(&Owner::Client), found.iter().filter_map(principal).collect())
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
