//! Modules of types.

use std::collections::{BTreeMap, BTreeSet};

use crate::contract::model::{TypeId, TypeKind};
use crate::name::QName;
use crate::render::context::{Context, File, compact, wrapped};
use crate::render::docs;
use crate::render::enumeration;
use crate::render::record::{self, Struct};
use crate::render::tree::Module;
use crate::rust::assign::{Scope, TypeModule};
use crate::rust::view;

/// Which element a fault's type stands in, where a fault declares one.
pub type FaultElements = BTreeMap<TypeId, QName>;

/// The module at a path; `features` tells the feature of a service, where there are features.
pub fn module(
    cx: Context<'_>,
    faults: &FaultElements,
    path: &[String],
    plan: &TypeModule,
    features: Option<&[String]>,
) -> Module {
    let names_of = |id: TypeId| names(cx, faults, id);
    let names: Vec<QName> = plan.define.values().flat_map(|(id, _)| names_of(*id)).collect();
    let file = File::new(cx, plan.scope, path.to_vec(), &names);
    let is_shared = plan.scope == Scope::Shared;
    let only_for = |services: &BTreeSet<usize>| match features {
        Some(features) if is_shared && services.len() < plan.services.len() => cfg(services, features),
        _ => String::new(),
    };
    // What several definitions need is there for the services of any of them.
    let mut uses: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    let mut namespaces: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    let mut definitions = Vec::new();
    for (name, (id, services)) in &plan.define {
        let (items, needed) = definition(&file, faults, plan, *id, name);
        needed.into_iter().for_each(|line| uses.entry(line).or_default().extend(services));
        names_of(*id).into_iter().for_each(|name| namespaces.entry(name.namespace).or_default().extend(services));
        let cfg = only_for(services);
        definitions.push(items.iter().map(|item| format!("{cfg}{item}")).collect());
    }
    let uses = uses.iter().map(|(line, services)| format!("{}{line}", only_for(services))).collect();
    let constant = |(namespace, services): (&String, &BTreeSet<usize>)| {
        file.constant(namespace).map(|line| format!("{}{line}", only_for(services)))
    };
    let mut items = vec![exports(&file, plan), uses, namespaces.iter().filter_map(constant).collect()];
    items.extend(definitions);
    if !is_shared {
        items.push(list(&file, plan));
    }
    let docs = match &plan.namespace {
        Some(namespace) => format!("Types of the namespace {}.", docs::code(namespace)),
        None => "Types of the service.".to_owned(),
    };
    Module::new(path.last().map_or("", String::as_str), vec![docs], items)
}

/// `#[cfg(any(…))]`, one line.
pub fn cfg(services: &BTreeSet<usize>, features: &[String]) -> String {
    let each: Vec<String> = services.iter().map(|at| format!("feature = {:?}", features[*at])).collect();
    match each.as_slice() {
        [one] => format!("#[cfg({one})]\n"),
        _ => format!("#[cfg(any({}))]\n", each.join(", ")),
    }
}

/// Every name that a definition writes out.
fn names(cx: Context<'_>, faults: &FaultElements, id: TypeId) -> Vec<QName> {
    let def = cx.contract.type_def(id);
    if matches!(def.kind, TypeKind::Enumeration(_)) {
        return Vec::new();
    }
    let mut names = Vec::new();
    if view::has_struct(cx.contract, id) {
        names.extend(record::names(cx, &def.name, &view::places(cx.contract, id)));
        names.extend(faults.get(&id).cloned());
    }
    // the name that the enum is declared with
    names.extend(view::is_polymorphic(cx.contract, id).then(|| def.name.clone()));
    names
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
            _ => wrapped("", &format!("pub use {path}{{"), &names, "};"),
        }
    };
    modules.into_iter().map(line).collect()
}

/// The items of a type, and what must be in scope for them.
fn definition(
    file: &File<'_>,
    faults: &FaultElements,
    here: &TypeModule,
    id: TypeId,
    name: &str,
) -> (Vec<String>, Vec<String>) {
    let cx = file.cx;
    let def = cx.contract.type_def(id);
    let record = match &def.kind {
        TypeKind::Enumeration(values) => return (enumeration::enumeration(def, values, name), Vec::new()),
        TypeKind::Record(record) => record,
    };
    let mut items = Vec::new();
    if view::has_struct(cx.contract, id) {
        let mut docs = docs::paragraphs(&def.documentation.paragraphs);
        if docs.is_empty() {
            docs.push(match def.anonymous_in.is_empty() {
                true => format!("The type {}.", docs::code(&def.name.local)),
                false => format!("The element {}.", docs::code(&def.anonymous_in.join("/"))),
            });
        }
        items.extend(record::record(
            file,
            &Struct {
                name: name.to_owned(),
                shape: def.name.clone(),
                docs,
                places: view::places(cx.contract, id),
                id: Some(id),
                field_docs: BTreeMap::new(),
                has_default: cx.plan.defaults.contains(id),
                from_member: false,
            },
        ));
        if let Some(element) = faults.get(&id) {
            let (namespace, local) = (file.namespace(&element.namespace), &element.local);
            items.push(format!("v1::fault_detail!({name}, {namespace}, {local:?});\n"));
        }
    }
    if let Some(any) = cx.plan.path(file.scope, id).and_then(|home| home.any.as_ref()) {
        let made = enumeration::polymorphic(file, here, id, record, any);
        items.extend(made.items);
        return (items, made.uses);
    }
    (items, Vec::new())
}

/// A hidden list of all types, for tests.
fn list(file: &File<'_>, plan: &TypeModule) -> String {
    let names = plan.define.iter().flat_map(|(name, (id, _))| {
        let any = file.cx.plan.path(file.scope, *id).and_then(|home| home.any.as_ref());
        [view::has_struct(file.cx.contract, *id).then_some(name), any]
    });
    let names = names.flatten().chain(plan.export.keys());
    let entries: Vec<String> = names.map(|name| format!("v1::message::<{name}>")).collect();
    format!("#[doc(hidden)]\n{}", wrapped("", "pub static TYPES: &[fn() -> Box<dyn v1::Slot>] = &[", &entries, "];"))
}
