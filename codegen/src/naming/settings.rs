//! Settings that name fields: one that speaks of no field is a mistake, and would be missed without a word.

use std::collections::BTreeSet;

use super::Finding;
use super::assign::Plan;
use super::view;
use crate::config::{Config, matches};
use crate::ir::model::{Contract, TypeId};

/// Reports settings that no field of the contract has.
pub fn report(contract: &Contract, config: &Config, plan: &Plan<'_>, findings: &mut Vec<Finding>) {
    let rules = config.text_rule.iter().flat_map(|rule| &rule.fields).map(|pattern| ("text-rule", pattern));
    let nillable = config.nillable.iter().map(|path| ("nillable", path));
    let items = config.nillable_items.iter().map(|path| ("nillable-items", path));
    let mut named = rules.chain(nillable).chain(items).peekable();
    if named.peek().is_none() {
        return;
    }
    let types = (0..contract.types.len()).flat_map(|at| view::places(contract, TypeId(at)));
    let structs = plan.services.iter().flat_map(|service| &service.ports).flat_map(|port| &port.structs);
    let paths: BTreeSet<String> =
        types.chain(structs.flat_map(|(_, wrapper)| wrapper.places(contract))).map(|place| place.path()).collect();
    for (key, pattern) in named.filter(|(_, pattern)| !paths.iter().any(|path| matches(pattern, path))) {
        let message = format!("{key}: `{pattern}` is no field of the contract");
        findings.push(Finding::config(message, "write it as {namespace}Type/field, or remove it"));
    }
}
