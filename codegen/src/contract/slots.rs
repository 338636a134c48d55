//! Credential slots and optional headers of one port, as the configuration states them.

use crate::config::PortConfig;
use crate::contract::{
    model::{Field, Port, Role, Type, TypeDef, TypeId, TypeKind},
    operation::Parts,
};
use crate::diagnostic::Report;

/// Marks what the configuration of a port speaks of. What it does not find there is an error:
/// a credential that is not filled in is a call that fails.
pub(super) fn apply(
    table: &str,
    config: &PortConfig,
    port: &mut Port,
    parts: &Parts,
    defs: &mut Vec<TypeDef>,
    report: &mut Report<'_>,
) {
    for path in &config.optional {
        let mut found = false;
        for (operation, parts) in port.operations.iter_mut().zip(parts) {
            for (field, part) in operation.input.headers.iter_mut().zip(parts) {
                if path.split_once('/') == Some((&operation.name, part)) {
                    field.min = 0;
                    found = true;
                }
            }
        }
        if !found {
            let message = format!("{table} optional: `{path}` is no header part of port `{}`", port.name);
            report.config(message, "write it as Operation/Part");
        }
    }
    for (path, role) in &config.slots {
        let steps: Vec<&str> = path.split('/').collect();
        let mut found = false;
        for (operation, parts) in port.operations.iter_mut().zip(parts) {
            for (field, part) in operation.input.headers.iter_mut().zip(parts) {
                match steps.as_slice() {
                    [name] if part == name || field.name.local == *name => {
                        field.slot = Some(*role);
                        found = true;
                    }
                    [name, rest @ ..] if part == name => found |= mark_inside(field, rest, *role, defs),
                    _ => {}
                }
            }
            if let Some(body) = &mut operation.input.body {
                found |= mark_inside(body, &steps, *role, defs);
            }
        }
        if !found {
            let message = format!("{table} slots: `{path}` is no parameter and no header part of port `{}`", port.name);
            report.config(message, "correct the path, or remove it");
        }
    }
    let known = |name: &String| port.operations.iter().any(|operation| operation.name == *name);
    let named = config.aliases.keys().map(|name| ("aliases", name));
    for (key, name) in named.chain(
        config
            .reply_timeout
            .keys()
            .map(|name| ("reply-timeout", name))
            .chain(config.binary_limit.keys().map(|name| ("binary-limit", name))),
    ) {
        if !known(name) {
            report.config(format!("{table} {key}: port `{}` has no operation `{name}`", port.name), "correct the name");
        }
    }
}

/// Follows a path into a field's type. Types on the way are copied before they are changed, because
/// others use them too; copies that end up equal become one again.
fn mark_inside(field: &mut Field, steps: &[&str], role: Role, defs: &mut Vec<TypeDef>) -> bool {
    let [name, rest @ ..] = steps else { return false };
    let Type::Named(id) = field.ty else { return false };
    let Some(mut def) = defs.get(id.0).cloned() else { return false };
    let TypeKind::Record(record) = &mut def.kind else { return false };
    let mut found = false;
    for inner in record.fields.iter_mut().filter(|inner| inner.name.local == *name) {
        if rest.is_empty() {
            inner.slot = Some(role);
            found = true;
        } else {
            found |= mark_inside(inner, rest, role, defs);
        }
    }
    if found {
        field.ty = Type::Named(TypeId(defs.len()));
        defs.push(def);
    }
    found
}
