//! Rust text from a contract and its names.

pub mod client;
pub mod context;
pub mod docs;
pub mod enumeration;
pub mod krate;
pub mod port;
pub mod record;
pub mod summary;
pub mod tree;
pub mod types;

use std::collections::BTreeSet;

use context::Context;
use tree::{Module, Visibility};
use types::FaultElements;

use crate::contract::model::Type;
use crate::rust::assign::ServicePlan;

/// What the text is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A crate: a feature per service, and the registry.
    Crate,
    /// A text to include: everything is on, and nobody has to use it.
    Inline,
}

/// In a program's own crate nothing says that the modules are an interface, so lints take them for code of its own.
const INCLUDED: [&str; 2] = [
    "#[allow(dead_code, unreachable_pub, unused_imports, reason = \"a program uses a part of what is generated\")]",
    "#[allow(clippy::enum_variant_names, clippy::upper_case_acronyms, reason = \"named as in the contract\")]",
];

/// The tree of all modules; its root has no name.
pub fn root(cx: Context<'_>, target: Target) -> Module {
    let features: Vec<String> = cx.plan.services.iter().map(|service| service.module.name.clone()).collect();
    let features = (target == Target::Crate).then_some(features.as_slice());
    let faults = fault_elements(cx);
    let mut children: Vec<Module> = Vec::new();
    children.extend(krate::environment(cx));
    children.extend(shared(cx, &faults, features));
    for (at, service) in cx.plan.services.iter().enumerate() {
        let mut module = self::service(cx, &faults, at, service);
        if let Some(features) = features {
            module.attributes.push(types::cfg(&BTreeSet::from([at]), features).trim_end().to_owned());
        }
        children.push(module);
    }
    match target {
        Target::Crate => children.push(krate::registry(cx.plan)),
        Target::Inline => children.iter_mut().for_each(|child| child.attributes.extend(INCLUDED.map(str::to_owned))),
    }
    let docs = vec!["SOAP services: a module and a feature for each.".to_owned()];
    Module::parent("", docs, children)
}

/// Types of several services. The module is private: users find them in the modules of the services.
fn shared(cx: Context<'_>, faults: &FaultElements, features: Option<&[String]>) -> Option<Module> {
    let of_shared = cx.plan.type_modules.iter().filter(|(path, _)| path[0] == "shared");
    let children: Vec<Module> = of_shared
        .map(|(path, plan)| {
            let mut module = types::module(cx, faults, path, plan, features);
            module.visibility = Visibility::Super;
            module
                .attributes
                .extend(features.map(|features| types::cfg(&plan.services, features).trim_end().to_owned()));
            module
        })
        .collect();
    let docs = vec!["Types that several services use. Each service has them in its `types`.".to_owned()];
    (!children.is_empty())
        .then(|| Module { visibility: Visibility::Private, ..Module::parent("shared", docs, children) })
}

fn service(cx: Context<'_>, faults: &FaultElements, at: usize, service: &ServicePlan<'_>) -> Module {
    let name = &service.module.name;
    let ports = service.module.ports.iter().enumerate().map(|(port_at, port)| {
        let mut module = port::module(cx, at, service, port_at);
        module.children.extend(types_at(cx, faults, &[name.clone(), port.name.clone(), "types".to_owned()]));
        module
    });
    let mut children: Vec<Module> = ports.collect();
    children.extend(types_at(cx, faults, &[name.clone(), "types".to_owned()]));
    let mut docs = docs::paragraphs(&service.module.documentation);
    if docs.is_empty() {
        docs.push(format!("The service {}.", docs::code(&service.module.ports[0].service.name.local)));
    }
    let mut module = Module::parent(name, docs, children);
    if module.children.iter().any(|child| child.name == *name) {
        let reason = "named as in the contract";
        module.attributes.push(format!("#[allow(clippy::module_inception, reason = {reason:?})]"));
    }
    let documents: BTreeSet<&str> = service.module.ports.iter().map(|port| port.service.document.as_str()).collect();
    module.set_source(&documents.into_iter().collect::<Vec<_>>().join(", "));
    module
}

/// The module of types at a path with the modules of namespaces in it, if anything is there.
fn types_at(cx: Context<'_>, faults: &FaultElements, path: &[String]) -> Option<Module> {
    let inside =
        cx.plan.type_modules.iter().filter(|(other, _)| other.len() == path.len() + 1 && other.starts_with(path));
    let children: Vec<Module> = inside.map(|(path, plan)| types::module(cx, faults, path, plan, None)).collect();
    let own = cx.plan.type_modules.get(path);
    let mut module = match own {
        Some(plan) => types::module(cx, faults, path, plan, None),
        None if children.is_empty() => return None,
        None => Module::parent("types", vec!["Types of the service.".to_owned()], Vec::new()),
    };
    module.children = children;
    Some(module)
}

/// The first element that declares a fault of each type: there a reply's detail is looked for.
fn fault_elements(cx: Context<'_>) -> FaultElements {
    let mut elements = FaultElements::new();
    let operations = cx.plan.services.iter().flat_map(|service| &service.ports).flat_map(|port| &port.operations);
    for fault in operations.flat_map(|operation| &operation.operation.faults) {
        if let Type::Named(id) = fault.detail.ty {
            elements.entry(id).or_insert_with(|| fault.detail.name.clone());
        }
    }
    elements
}
