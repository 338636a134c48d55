//! Modules of types.

use std::collections::{BTreeMap, BTreeSet};

use super::context::{Context, File};
use super::docs;
use super::enumeration;
use super::record::{self, Struct, compact};
use super::tree::Module;
use crate::ir::model::{QName, TypeId, TypeKind};
use crate::naming::assign::{Scope, TypeModule};
use crate::naming::view;

/// Which element a fault's type stands in, where a fault declares one.
pub type FaultElements = BTreeMap<TypeId, QName>;

/// The module at a path; `features` tells the feature of a service, where there are features.
pub fn module(cx: Context<'_>, faults: &FaultElements, path: &[String], plan: &TypeModule, features: Option<&[String]>) -> Module {
    let names: Vec<QName> = plan.define.values().flat_map(|(id, ..)| names(cx, faults, *id)).collect();
    let scope = plan.define.values().map(|(_, scope, _)| *scope).next().unwrap_or(Scope::Shared);
    let file = File::new(cx, scope, path.to_vec(), &names);
    let mut items = vec![exports(&file, plan)];
    let mut defined: BTreeSet<&str> = plan.define.keys().map(String::as_str).collect();
    defined.extend(plan.export.keys().map(String::as_str));
    items.push(file.constants());
    for (name, (id, scope, services)) in &plan.define {
        let file = File::new(cx, *scope, path.to_vec(), &names);
        let cfg = match features {
            Some(features) if *scope == Scope::Shared && services.len() < plan.services.len() => cfg(services, features),
            _ => String::new(),
        };
        items.push(definition(&file, faults, *id, name).iter().map(|item| format!("{cfg}{item}")).collect());
    }
    if !matches!(scope, Scope::Shared) || plan.define.is_empty() {
        items.push(list(&file, plan));
    }
    let docs = match &plan.namespace {
        Some(namespace) => format!("Types of the namespace {}.", docs::code(namespace)),
        None => "Types of the service.".to_owned(),
    };
    let mut module = Module::new(path.last().map_or("", String::as_str), vec![docs], items);
    module.uses_runtime = !plan.define.is_empty() || scope != Scope::Shared;
    module
}

/// `#[cfg(any(…))]`, one line.
pub fn cfg(services: &BTreeSet<usize>, features: &[String]) -> String {
    let each: Vec<String> = services.iter().map(|at| format!("feature = {:?}", features[*at])).collect();
    match each.as_slice() {
        [one] => format!("#[cfg({one})]\n"),
        _ => format!("#[cfg(any({}))]\n", each.join(", ")),
    }
}

fn names(cx: Context<'_>, faults: &FaultElements, id: TypeId) -> Vec<QName> {
    let def = cx.contract.type_def(id);
    match &def.kind {
        TypeKind::Record(_) => {
            let names = record::names(cx, &def.name, &view::places(cx.contract, id));
            names.into_iter().chain(faults.get(&id).cloned()).collect()
        }
        TypeKind::Enumeration(_) => Vec::new(),
    }
}

/// Types that are defined elsewhere.
fn exports(file: &File<'_>, plan: &TypeModule) -> String {
    let mut modules: BTreeMap<&[String], Vec<String>> = BTreeMap::new();
    for (name, (module, there)) in &plan.export {
        let spelled = if name == there { name.clone() } else { format!("{there} as {name}") };
        modules.entry(module).or_default().push(spelled);
    }
    let line = |(module, names): (&[String], Vec<String>)| {
        let path = compact(&file.path(module, "X").to_string());
        let path = path.trim_end_matches('X');
        match names.as_slice() {
            [one] => format!("pub use {path}{one};\n"),
            _ => wrap_names(&format!("pub use {path}{{"), &names),
        }
    };
    modules.into_iter().map(line).collect()
}

/// `pub use x::{…};` on as few lines as fit.
fn wrap_names(start: &str, names: &[String]) -> String {
    const WIDTH: usize = 100;
    let short = format!("{start}{}}};\n", names.join(", "));
    if short.len() <= WIDTH {
        return short;
    }
    let mut lines = vec!["   ".to_owned()];
    for name in names {
        match lines.last_mut() {
            Some(line) if line.len() + name.len() + 2 <= WIDTH => line.push_str(&format!(" {name},")),
            _ => lines.push(format!("    {name},")),
        }
    }
    format!("{start}\n{}\n}};\n", lines.join("\n"))
}

fn definition(file: &File<'_>, faults: &FaultElements, id: TypeId, name: &str) -> Vec<String> {
    let cx = file.cx;
    let def = cx.contract.type_def(id);
    let record = match &def.kind {
        TypeKind::Enumeration(values) => return enumeration::enumeration(def, values, name),
        TypeKind::Record(record) => record,
    };
    let mut items = Vec::new();
    if !record.is_abstract || faults.contains_key(&id) {
        let mut docs = docs::paragraphs(&def.documentation.paragraphs);
        if docs.is_empty() {
            docs.push(match def.anonymous_in.is_empty() {
                true => format!("The type {}.", docs::code(&def.name.local)),
                false => format!("The element {}.", docs::code(&def.anonymous_in.join("/"))),
            });
        }
        items.extend(record::record(file, &Struct {
            name: name.to_owned(),
            shape: def.name.clone(),
            docs,
            places: view::places(cx.contract, id),
            id: Some(id),
            field_docs: BTreeMap::new(),
            has_default: cx.plan.defaults.contains(id),
            from_member: false,
        }));
        if let Some(element) = faults.get(&id) {
            let (namespace, local) = (file.namespace(&element.namespace).to_string(), &element.local);
            items.push(format!("v1::fault_detail!({name}, {namespace}, {local:?});\n"));
        }
    }
    if let Some(any) = cx.plan.home(file.scope, id).and_then(|home| home.any.as_ref()) {
        items.extend(enumeration::polymorphic(file, id, record, any));
    }
    items
}

/// A hidden list of all types, for tests.
fn list(file: &File<'_>, plan: &TypeModule) -> String {
    let names = plan.define.iter().flat_map(|(name, (id, scope, _))| {
        let home = file.cx.plan.home(*scope, *id);
        let is_abstract = view::record(file.cx.contract, *id).is_some_and(|record| record.is_abstract);
        [(!is_abstract).then(|| name.clone()), home.and_then(|home| home.any.clone())]
    });
    let names: Vec<String> = names.flatten().chain(plan.export.keys().cloned()).collect();
    let entries: Vec<String> = names.iter().map(|name| format!("v1::message::<{name}>")).collect();
    wrap_names("#[doc(hidden)]\npub static TYPES: &[fn() -> Box<dyn v1::Slot>] = &[", &entries).replace("};\n", "];\n")
}
