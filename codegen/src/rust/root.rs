//! The tree of modules of everything that is generated.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::Config;
use crate::contract::model::{Contract, Service};
use crate::rust::analysis::{Analysis, CurrentModule};
use crate::rust::docs::{Docs, Markdown};
use crate::rust::layout::Layouts;
use crate::rust::model::{
    Crate, Environment, EnvironmentHost, Export, Features, FieldDescriptor, FieldSetting, Item, ItemKind, Module, Name,
    NamespaceConst, Path, Registry, Reply, Serde, Visibility,
};
use crate::rust::modules::{self, ServiceModule};
use crate::rust::placement::{ModulePath, Placement, Scope, TypeModule};
use crate::rust::serving::Serving;
use crate::rust::summary::{PortSummary, Summary};
use crate::rust::{Finding, Target, credentials, definition, facet, methods, namespaces, port, settings, usage};

/// Members and variants that say nothing beyond their name are not documented; sizes and names are the contract's.
const CRATE_LINTS: &[&str] = &["missing_docs", "clippy::large_enum_variant", "clippy::module_inception"];

/// In the user's own crate the generated modules are not public, so lints apply to them as to other code.
const INLINE_LINTS: &[&str] = &[
    "dead_code",
    "missing_docs",
    "unreachable_pub",
    "unused_imports",
    "clippy::enum_variant_names",
    "clippy::large_enum_variant",
    "clippy::module_inception",
    "clippy::upper_case_acronyms",
];

/// The tree of modules while it is built.
struct Tree<'t, 'a> {
    analysis: Analysis<'a>,
    target: Target,
    modules: &'t [ServiceModule<'a>],
    serving: Option<Serving<'a>>,
    registry: Registry,
    summary: Summary,
}

/// Decides everything about the Rust of a contract.
pub(super) fn plan<'a>(
    contract: &'a Contract,
    config: &'a Config,
    target: Target,
    findings: &mut Vec<Finding>,
) -> Crate<'a> {
    let layouts = Layouts::new(contract, config);
    let modules = modules::modules(contract, config, &layouts, findings);
    let uses = usage::uses(&layouts, &modules);
    let runtime = config.runtime.split("::").next().unwrap_or_default();
    let placement = Placement::new(contract, &layouts, &modules, &uses, &["v1", runtime], findings);
    let analysis = Analysis::new(contract, config, layouts, placement, &modules);
    settings::report(&analysis, &modules, findings);
    methods::report(&analysis, findings);
    facet::report(contract, config, findings);
    let serving = config.server.then(|| Serving::new(contract, feature("server", target, &modules, findings)));
    let mut tree = Tree {
        analysis,
        target,
        modules: &modules,
        serving,
        registry: Registry::default(),
        summary: Summary::default(),
    };
    let mut children: Vec<Module<'a>> = environment(config).into_iter().collect();
    children.extend(credentials(&tree.analysis, findings));
    children.extend(kinds(config, findings));
    children.extend(tree.shared(findings));
    children.extend(tree.contract());
    for at in 0..modules.len() {
        children.push(tree.service(at, findings));
    }
    let mut root =
        Module { docs: Docs::sentence("SOAP services: a module and a feature for each.", &[]), ..Module::default() };
    match target {
        Target::Crate => {
            children.push(registry(tree.registry));
            root.allowed = CRATE_LINTS.to_vec();
        }
        Target::Inline => children.iter_mut().for_each(|child| child.allowed = INLINE_LINTS.to_vec()),
    }
    root.children = children;
    let serde = match (config.serde, target) {
        (false, _) => Serde::Never,
        (true, Target::Inline) => Serde::Always,
        (true, Target::Crate) => {
            feature("serde", target, &modules, findings);
            Serde::Feature
        }
    };
    Crate { runtime: Path::written(&config.runtime), serde, root, summary: tree.summary }
}

/// A feature that is no service: what is compiled with it. A text to include has none.
fn feature(name: &'static str, target: Target, modules: &[ServiceModule<'_>], findings: &mut Vec<Finding>) -> Features {
    if target == Target::Inline {
        return Features::new();
    }
    if modules.iter().any(|module| module.name == name) {
        let message = format!("{name}: a service has this name, and so has its feature");
        findings.push(Finding::config(message, "give the service another name: `[service.NAME.ports.PORT]`"));
    }
    vec![name.to_owned()]
}

fn environment(config: &Config) -> Option<Module<'_>> {
    if config.environments.is_empty() {
        return None;
    }
    let host = |(variant, address)| EnvironmentHost { variant, docs: Docs::written([address]), address };
    let hosts = config.environments.iter().map(|(variant, address)| (variant.as_str(), address.as_str())).map(host);
    let item = ItemKind::Environment(Environment { hosts: hosts.collect() });
    Some(Module {
        name: "environment".to_owned(),
        docs: Docs::sentence("The environments of the services.", &[]),
        items: vec![Item::always(item)],
        ..Module::default()
    })
}

fn credentials<'a>(analysis: &Analysis<'a>, findings: &mut Vec<Finding>) -> Option<Module<'a>> {
    let Analysis { contract, config, layouts, .. } = analysis;
    let principals = credentials::principals(config, findings).into_iter().map(ItemKind::Principal);
    let accounts = credentials::accounts(contract, config, layouts, findings).map(ItemKind::Accounts);
    let items: Vec<_> = principals.chain(accounts).map(Item::always).collect();
    (!items.is_empty()).then(|| Module {
        name: "credentials".to_owned(),
        docs: Docs::sentence("Credentials of those on whose behalf calls are made.", &[]),
        items,
        ..Module::default()
    })
}

fn kinds<'a>(config: &'a Config, findings: &mut Vec<Finding>) -> Option<Module<'a>> {
    let items: Vec<_> = methods::kinds(config, findings).into_iter().map(ItemKind::Kinds).map(Item::always).collect();
    (!items.is_empty()).then(|| Module {
        name: methods::MODULE.to_owned(),
        docs: Docs::sentence("What values of the services are about.", &[]),
        items,
        ..Module::default()
    })
}

fn registry<'a>(registry: Registry) -> Module<'a> {
    Module {
        name: "registry".to_owned(),
        docs: Docs::sentence("Everything that was generated, as lists.", &[]),
        hidden: true,
        items: vec![Item::always(ItemKind::Registry(registry))],
        ..Module::default()
    }
}

impl<'a> Tree<'_, 'a> {
    fn features(&self, services: &BTreeSet<usize>) -> Features {
        match self.target {
            Target::Crate => services.iter().map(|at| self.modules[*at].name.clone()).collect(),
            Target::Inline => Features::new(),
        }
    }

    /// Types of several services. The module is private: users find them in the modules of the services.
    fn shared(&mut self, findings: &mut Vec<Finding>) -> Option<Module<'a>> {
        let paths = self.type_modules(&["shared".to_owned()]);
        let mut children = Vec::new();
        for path in paths {
            let features = self.features(&self.analysis.placement.modules[&path].services);
            let module = self.types(&path, findings);
            children.push(Module { visibility: Visibility::Super, features, ..module });
        }
        (!children.is_empty()).then(|| Module {
            name: "shared".to_owned(),
            visibility: Visibility::Private,
            docs: Docs::sentence("Types that several services use. Each service has them in its `types`.", &[]),
            children,
            ..Module::default()
        })
    }

    /// The documents that are published where ports are served.
    fn contract(&self) -> Option<Module<'a>> {
        let roots =
            |service: &ServiceModule<'a>| service.ports.iter().map(|port| port.service.document.as_str()).collect();
        let services: Vec<BTreeSet<&str>> = self.modules.iter().map(roots).collect();
        self.serving.as_ref()?.module(&services, |users| match users.len() < self.modules.len() {
            true => self.features(users),
            false => Features::new(),
        })
    }

    fn service(&mut self, at: usize, findings: &mut Vec<Finding>) -> Module<'a> {
        let service = &self.modules[at];
        let name = service.name.clone();
        self.summary.services.push(name.clone());
        let services = service.ports.iter().map(|port| port.service).chain(service.schema);
        let sources: BTreeSet<&'a str> = services.map(|service| service.document.as_str()).collect();
        let mut children = Vec::new();
        for port in &service.ports {
            let path = [name.clone(), port.name.clone()];
            let place = CurrentModule { scope: Scope::Service(at), module: &path };
            let items = port::items(&self.analysis, place, service, port, self.serving.as_ref(), findings);
            let structs = |item: &&Item<'_>| matches!(item.kind, ItemKind::Struct(_) | ItemKind::FaultEnum(_));
            self.summary.types += items.iter().filter(structs).count();
            self.summary.operations += port.messages.len();
            self.summary.ports.push(PortSummary {
                path: path.join("::"),
                port: port.port.name.clone(),
                needs_certificate: port::needs_certificate(port.port),
                operations: port.messages.len(),
                left_out: port.port.left_out.len(),
            });
            self.registry.exchanges.push((name.clone(), listed(&path, "EXCHANGES")));
            children.push(Module {
                name: port.name.clone(),
                sources: vec![&port.service.document],
                docs: port::summary(port.port),
                children: self
                    .types_at(&[name.clone(), port.name.clone(), "types".to_owned()], findings)
                    .into_iter()
                    .collect(),
                namespaces: constants(&items, |_| Features::new()),
                items,
                ..Module::default()
            });
        }
        children.extend(self.types_at(&[name.clone(), "types".to_owned()], findings));
        let of = service.ports.first().map_or("", |port| &port.service.name.local);
        let docs = Docs::written(&service.documentation);
        let mut docs = match service.schema {
            Some(schema) => docs.or("Documents of the schema $.", &[Markdown::code(&schema.document)]),
            None => docs.or("The service $.", &[Markdown::code(of)]),
        };
        // Ports of one service stand together.
        let mut services: Vec<&Service> = service.ports.iter().map(|port| port.service).collect();
        services.dedup_by(|a, b| std::ptr::eq(*a, *b));
        let left_out: Vec<_> = services.into_iter().flat_map(|one| one.left_out.iter().cloned()).collect();
        if !left_out.is_empty() {
            docs.section("# Ports left out", port::left_out(&left_out));
        }
        if let Some(schema) = service.schema.filter(|schema| !schema.left_out.is_empty()) {
            docs.section("# Elements left out", port::left_out(&schema.left_out));
        }
        let features = self.features(&BTreeSet::from([at]));
        let mut module = Module { name, docs, features, children, ..Module::default() };
        set_sources(&mut module, &sources.into_iter().collect::<Vec<_>>());
        module
    }

    /// The module of types at a path with the modules of namespaces in it, if anything is there.
    fn types_at(&mut self, path: &[String], findings: &mut Vec<Finding>) -> Option<Module<'a>> {
        let has_own = self.analysis.placement.modules.contains_key(path);
        let mut module = match has_own {
            true => self.types(path, findings),
            false => {
                let docs = Docs::sentence("Types of the service.", &[]);
                Module { name: "types".to_owned(), docs, ..Module::default() }
            }
        };
        for path in self.type_modules(path) {
            module.children.push(self.types(&path, findings));
        }
        (has_own || !module.children.is_empty()).then_some(module)
    }

    /// Paths of the modules of types right below a path.
    fn type_modules(&self, below: &[String]) -> Vec<ModulePath> {
        let after = self.analysis.placement.modules.range(ModulePath::from(below)..).map(|(path, _)| path);
        let inside = after.take_while(|path| path.starts_with(below));
        inside.filter(|path| path.len() == below.len() + 1).cloned().collect()
    }

    /// The module of types at a path.
    fn types(&mut self, path: &[String], findings: &mut Vec<Finding>) -> Module<'a> {
        let module = &self.analysis.placement.modules[path];
        let place = CurrentModule { scope: module.scope, module: path };
        let is_shared = module.scope == Scope::Shared;
        // Items that only some services need are compiled only with their features.
        let only_for = |services: &BTreeSet<usize>| match is_shared && services.len() < module.services.len() {
            true => self.features(services),
            false => Features::new(),
        };
        let mut items = Vec::new();
        // By index of the item.
        let mut users = Vec::new();
        let mut names = Vec::new();
        for (name, (id, services)) in &module.define {
            names.extend(self.analysis.layouts.has_struct(*id).then(|| name.clone()));
            names.extend(self.analysis.placement.path(module.scope, *id).and_then(|home| home.names.any.clone()));
            for kind in definition::items(&self.analysis, place, *id, name, findings) {
                items.push(Item { features: only_for(services), kind });
                users.push(services);
            }
        }
        let union = |at: &[usize]| only_for(&at.iter().flat_map(|at| users[*at]).copied().collect());
        let namespaces = constants(&items, union);
        if !is_shared {
            names.extend(module.export.keys().cloned());
            items.push(Item::always(ItemKind::Types(names)));
            self.registry.types.push((path[0].clone(), listed(path, "TYPES")));
        }
        self.summary.types += module.define.len();
        Module {
            name: path.last().cloned().unwrap_or_default(),
            docs: match module.namespace {
                Some(namespace) => Docs::sentence("Types of the namespace $.", &[Markdown::code(namespace)]),
                None => Docs::sentence("Types of the service.", &[]),
            },
            exports: exports(path, module),
            namespaces,
            items,
            ..Module::default()
        }
    }
}

fn listed(path: &[String], name: &str) -> Path {
    Path::between(&["registry".to_owned()], path, name)
}

/// Sets the documents that a module and those inside come from.
fn set_sources<'a>(module: &mut Module<'a>, sources: &[&'a str]) {
    module.sources = sources.to_vec();
    module.children.iter_mut().filter(|child| child.sources.is_empty()).for_each(|child| set_sources(child, sources));
}

/// Types that are defined elsewhere.
fn exports(path: &[String], module: &TypeModule<'_>) -> Vec<Export> {
    let mut modules: BTreeMap<&[String], Vec<(String, Option<String>)>> = BTreeMap::new();
    for (here, (module, there)) in &module.export {
        let renamed = (here != there).then(|| here.clone());
        modules.entry(module).or_default().push((there.clone(), renamed));
    }
    let export = |(module, names): (&[String], _)| Export { module: Path::to_module(path, module), names };
    modules.into_iter().map(export).collect()
}

/// Constants for the namespaces that items write; `features` says for which of them, given their indices.
fn constants<'a>(items: &[Item<'a>], features: impl Fn(&[usize]) -> Features) -> Vec<NamespaceConst<'a>> {
    let mut written: BTreeMap<&'a str, Vec<usize>> = BTreeMap::new();
    for (at, item) in items.iter().enumerate() {
        names(&item.kind, &mut |name: Name<'a>| {
            let users = written.entry(name.namespace).or_default();
            if users.last() != Some(&at) {
                users.push(at);
            }
        });
    }
    let constants = namespaces::constants(written.keys().copied());
    let constant = |(namespace, name)| NamespaceConst { name, namespace, features: features(&written[namespace]) };
    constants.into_iter().map(constant).collect()
}

/// Every name that an item writes.
fn names<'a>(item: &ItemKind<'a>, found: &mut dyn FnMut(Name<'a>)) {
    fn field<'a>(field: &FieldDescriptor<'a>, found: &mut dyn FnMut(Name<'a>)) {
        found(field.name);
        for setting in &field.settings {
            if let FieldSetting::Items(item) | FieldSetting::XsiType(item) = setting {
                found(*item);
            }
        }
    }
    match item {
        ItemKind::Struct(record) => {
            found(record.shape);
            record.fields.iter().for_each(|one| field(one, found));
            record.fault_elements.iter().chain(&record.root_elements).for_each(|element| found(*element));
        }
        ItemKind::Choice(choice) => {
            found(choice.shape);
            choice.fields.iter().for_each(|one| field(one, found));
            choice.fault_elements.iter().chain(&choice.root_elements).for_each(|element| found(*element));
        }
        ItemKind::Polymorphic(polymorphic) => {
            found(polymorphic.declared);
            polymorphic.fault_elements.iter().chain(&polymorphic.root_elements).for_each(|element| found(*element));
        }
        ItemKind::Array(array) => found(array.item_name),
        ItemKind::FaultEnum(faults) => faults.variants.iter().for_each(|variant| found(variant.element)),
        ItemKind::Operation(operation) => {
            operation.request.iter().for_each(|one| field(one, found));
            operation.faults.iter().for_each(|(element, _)| found(*element));
            match &operation.reply {
                Some(Reply::Void(element) | Reply::Element(element)) => field(element, found),
                Some(Reply::Unwrapped(element, child)) => {
                    field(element, found);
                    field(child, found);
                }
                Some(Reply::Empty | Reply::Bare) | None => {}
            }
        }
        ItemKind::Enumeration(_)
        | ItemKind::Union(_)
        | ItemKind::List(_)
        | ItemKind::Client(_)
        | ItemKind::Server(_)
        | ItemKind::ContractDocument(_)
        | ItemKind::Port(_)
        | ItemKind::Exchanges(_)
        | ItemKind::Types(_)
        | ItemKind::Environment(_)
        | ItemKind::Principal(_)
        | ItemKind::Accounts(_)
        | ItemKind::Kinds(_)
        | ItemKind::Registry(_) => {}
    }
}
