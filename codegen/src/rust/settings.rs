//! Settings that name fields: one that speaks of no field is a mistake, and would be missed without a word.

use std::collections::BTreeSet;

use crate::config::{Config, matches};
use crate::contract::model::{Builtin, Contract, Field, Type, TypeId};
use crate::rust::Finding;
use crate::rust::assign::Plan;
use crate::rust::view;

/// Reports settings that no field of the contract has, and texts that two rules speak of.
pub fn report(contract: &Contract, config: &Config, plan: &Plan<'_>, findings: &mut Vec<Finding>) {
    let rules = config.text_rule.iter().flat_map(|rule| &rule.fields).map(|pattern| ("text-rule", pattern, true));
    let nillable = config.nillable.iter().map(|path| ("nillable", path, false));
    let items = config.nillable_items.iter().map(|path| ("nillable-items", path, false));
    let mut named = rules.chain(nillable).chain(items).peekable();
    if named.peek().is_none() {
        return;
    }
    let types = (0..contract.types.len()).flat_map(|at| view::places(contract, TypeId(at)));
    let structs = plan.services.iter().flat_map(|service| &service.ports).flat_map(|port| &port.structs);
    let places = types.chain(structs.flat_map(|(_, wrapper)| wrapper.places(contract)));
    let is_text = |field: &Field| field.ty == Type::Builtin(Builtin::String);
    let fields: BTreeSet<(String, bool)> = places.map(|place| (place.path(), is_text(place.field))).collect();
    for (key, pattern, of_text) in named {
        if !fields.iter().any(|(path, is_text)| matches(pattern, path) && (*is_text || !of_text)) {
            let what = if of_text { "text" } else { "field" };
            let message = format!("{key}: `{pattern}` is no {what} of the contract");
            findings.push(Finding::config(message, "write it as {namespace}Type/field, or remove it"));
        }
    }
    for (path, _) in fields.iter().filter(|(path, is_text)| *is_text && config.text_rules(path).count() > 1) {
        let message = format!("text-rule: two of them speak of `{path}`");
        findings.push(Finding::config(message, "say all of it in one rule"));
    }
}
