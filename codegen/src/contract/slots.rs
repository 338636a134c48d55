//! Applies the configuration of one port to its messages: credential slots, and header parts and attachments that must be
//! there.

use std::collections::BTreeSet;

use crate::config::{Config, PortConfig, matches};
use crate::contract::model::{Element, Header, Operation, Port, Type, TypeDef, TypeId};
use crate::diagnostic::Report;

/// A pattern for the header parts of every operation; it may match none.
const EVERY_PART: &str = "*/*";

/// Applies the configuration of a port. An entry that matches nothing is an error, because a credential that is not
/// filled in makes calls fail.
pub(super) fn apply(
    table: &str,
    config: &Config,
    port_config: &PortConfig,
    port: &mut Port,
    defs: &mut Vec<TypeDef>,
    report: &mut Report<'_>,
) {
    for (path, role) in &port_config.slots {
        if config.credentials.source(role).is_none() {
            let message = format!("{table} slots: `{role}` is not a role");
            report.config(message, format!("there are: {}", config.credentials.role_names().join(", ")));
        }
        if !port.operations.iter_mut().fold(false, |found, operation| fill(operation, path, role, defs) | found) {
            let message = format!("{table} slots: `{path}` is no parameter and no header part of port `{}`", port.name);
            report.config(message, "correct the path, or remove it");
        }
    }
    headers(table, port_config, port, report);
    let known = |name: &String| {
        let mut generated = port.operations.iter().map(|operation| &operation.name);
        let mut left_out = port.left_out.iter().map(|one| &one.name);
        generated.any(|one| one == name) || left_out.any(|one| one == name)
    };
    let aliases = port_config.aliases.keys().map(|name| ("aliases", name));
    let timeouts = port_config.reply_timeout.keys().map(|name| ("reply-timeout", name));
    let limits = port_config.binary_limit.keys().map(|name| ("binary-limit", name));
    for (key, name) in aliases.chain(timeouts).chain(limits).filter(|(_, name)| !known(name)) {
        report.config(format!("{table} {key}: port `{}` has no operation `{name}`", port.name), "correct the name");
    }
}

/// Sets the slot at a path in one operation. Returns whether there is one.
fn fill(operation: &mut Operation, path: &str, role: &str, defs: &mut Vec<TypeDef>) -> bool {
    let steps: Vec<&str> = path.split('/').collect();
    let mut found = false;
    for Header { part, element, required } in &mut operation.input.headers {
        match steps.as_slice() {
            [name] if part == name || element.name.local == *name => {
                element.slot = Some(role.to_owned());
                *required = true;
                found = true;
            }
            [name, rest @ ..] if part == name => found |= mark_inside(element, rest, role, defs),
            _ => {}
        }
    }
    if let Some(body) = &mut operation.input.body {
        found |= mark_inside(body, &steps, role, defs);
    }
    found
}

/// Decides which header parts must be there: those with a slot and those the configuration demands, but for its
/// exceptions. Attachments must be there but for the exceptions.
fn headers(table: &str, config: &PortConfig, port: &mut Port, report: &mut Report<'_>) {
    let mut unused: BTreeSet<(&str, &str)> = BTreeSet::new();
    for (key, patterns) in [("required", &config.required), ("optional", &config.optional)] {
        unused.extend(patterns.iter().filter(|pattern| *pattern != EVERY_PART).map(|pattern| (key, pattern.as_str())));
        for operation in &mut port.operations {
            let name = &operation.name;
            for message in std::iter::once(&mut operation.input).chain(&mut operation.output) {
                let headers = message.headers.iter_mut().map(|header| (&header.part, &mut header.required));
                let attachments = message.attachments.iter_mut().map(|one| (&one.part, &mut one.required));
                for (part, required) in headers.chain(attachments) {
                    let path = format!("{name}/{part}");
                    for pattern in patterns.iter().filter(|pattern| matches(pattern, &path)) {
                        *required = key == "required";
                        unused.remove(&(key, pattern.as_str()));
                    }
                }
            }
        }
    }
    for (key, pattern) in unused {
        let message = format!("{table} {key}: `{pattern}` is no header part and no attachment of port `{}`", port.name);
        report.config(message, "write it as Operation/Part");
    }
}

/// Follows a path into an element's type. Types on the path are copied before they are changed, because others use them
/// too; copies that end up equal are merged again.
fn mark_inside(element: &mut Element, steps: &[&str], role: &str, defs: &mut Vec<TypeDef>) -> bool {
    let [name, rest @ ..] = steps else { return false };
    let Type::Named(id) = element.ty else { return false };
    let Some(mut def) = defs.get(id.0).cloned() else { return false };
    let mut found = false;
    def.change_elements(|inner| {
        if inner.name.local != *name {
            return;
        }
        if rest.is_empty() {
            inner.slot = Some(role.to_owned());
            found = true;
        } else {
            found |= mark_inside(inner, rest, role, defs);
        }
    });
    if found {
        element.ty = Type::Named(TypeId(defs.len()));
        defs.push(def);
    }
    found
}
