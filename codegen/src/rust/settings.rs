//! Settings that name fields. One that matches no field is reported, because it is a mistake.

use std::collections::BTreeSet;

use crate::config::{FieldForm, matches};
use crate::contract::model::{Builtin, Type, TypeId};
use crate::rust::analysis::Analysis;
use crate::rust::layout::Field;
use crate::rust::modules::ServiceModule;
use crate::rust::{Finding, keywords, words};

/// Reports settings that name no field of the contract, and texts that two rules name.
pub(super) fn report(analysis: &Analysis<'_>, modules: &[ServiceModule<'_>], findings: &mut Vec<Finding>) {
    let config = analysis.config;
    let rules = config.text_rule.iter().flat_map(|rule| &rule.fields).map(|pattern| ("text-rule", pattern, true));
    let nillable = config.nillable.iter().map(|path| ("nillable", path, false));
    let items = config.nillable_items.iter().map(|path| ("nillable-items", path, false));
    let forms = config.field.iter().map(|(pattern, field)| ("field", pattern, field.r#as.is_some()));
    let mut named = rules.chain(nillable).chain(items).chain(forms).peekable();
    if named.peek().is_none() {
        return;
    }
    let types = (0..analysis.contract.types.len()).flat_map(|at| analysis.layouts.fields(TypeId(at)));
    let messages = modules.iter().flat_map(|module| &module.ports).flat_map(|port| &port.messages);
    let mut seen = BTreeSet::new();
    let wrappers = messages.flat_map(|messages| messages.wrappers());
    let structs = wrappers.filter(|wrapper| seen.insert(wrapper.fields.as_ptr())).flat_map(|wrapper| &*wrapper.fields);
    let is_text = |field: &Field<'_>| field.ty == Type::Builtin(Builtin::String);
    let fields: BTreeSet<(String, bool)> = types.chain(structs).map(|field| (field.path(), is_text(field))).collect();
    for (key, pattern, of_text) in named {
        if !fields.iter().any(|(path, is_text)| matches(pattern, path) && (*is_text || !of_text)) {
            let what = if of_text { "text" } else { "field" };
            let message = format!("{key}: `{pattern}` names no {what} of the contract");
            findings.push(Finding::config(message, "write it as {namespace}Type/field, or remove it"));
        }
    }
    let is_document = |path: &str| config.form(path) == Some(FieldForm::Document);
    for (path, _) in &fields {
        if config.text_rule(path).is_some_and(|rule| rule.cdata) && !is_document(path) {
            let message = format!("text-rule: `{path}` is no document, so it is not written as CDATA");
            findings.push(Finding::config(message, "state `as = \"document\"` for it under [field]"));
        }
    }
    for (pattern, name) in config.field.iter().filter_map(|(pattern, field)| Some((pattern, field.name.as_ref()?))) {
        if words::snake(name) != *name || keywords::member(name) != *name {
            let message = format!("field: `{pattern}` is to be `{name}`, which cannot be the name of a member");
            findings.push(Finding::config(message, "use lower-case letters, digits and underscores"));
        }
    }
    for (path, _) in fields.iter().filter(|(path, is_text)| *is_text && config.text_rules(path).count() > 1) {
        let message = format!("text-rule: two of them name `{path}`");
        findings.push(Finding::config(message, "put both into one rule"));
    }
}
