//! Gives every module, type, struct, method, field and variant its name.

use std::collections::{BTreeMap, BTreeSet};

use super::cycles::Cycles;
use super::defaults::Defaults;
use super::message::{self, Carrier, EndUser, Reply, Wrapper};
use super::modules::{self, PortModule, ServiceModule};
use super::place::{self, Key, Uses};
use super::view::{self, Place};
use super::{Finding, keywords, namespaces, words};
use crate::config::Config;
use crate::ir::model::{Contract, Enumeration, Operation, QName, Type, TypeId, TypeKind};

/// Names and places of everything that is generated.
#[derive(Debug)]
pub struct Plan<'a> {
    /// The services, sorted by name.
    pub services: Vec<ServicePlan<'a>>,
    /// Modules of types by path from the root.
    pub type_modules: BTreeMap<Vec<String>, TypeModule>,
    /// Which fields are boxed.
    pub cycles: Cycles,
    /// Which records have a `Default`.
    pub defaults: Defaults,
    /// Where a type is defined.
    homes: BTreeMap<(Scope, TypeId), Home>,
    /// The path by which a type is named: inside a service, the one its users write.
    paths: BTreeMap<(Scope, TypeId), Home>,
}

/// One service.
#[derive(Debug)]
pub struct ServicePlan<'a> {
    /// Name, documentation, configuration.
    pub module: ServiceModule<'a>,
    /// In the order of `module.ports`.
    pub ports: Vec<PortPlan<'a>>,
}

/// One port.
#[derive(Debug)]
pub struct PortPlan<'a> {
    /// Structs beside the client, in order of use.
    pub structs: Vec<(String, Wrapper)>,
    /// In document order.
    pub operations: Vec<OperationPlan<'a>>,
    /// A message of it names the calling system or enterprise.
    pub has_caller: bool,
}

/// One operation.
#[derive(Debug)]
pub struct OperationPlan<'a> {
    /// The operation.
    pub operation: &'a Operation,
    /// The method's name.
    pub method: String,
    /// The name of its descriptor.
    pub constant: String,
    /// What the caller passes.
    pub request: Carrier,
    /// What the caller gets.
    pub reply: Reply<'a>,
    /// Whether the person acting is an argument.
    pub end_user: EndUser,
    /// Types of the declared faults.
    pub faults: Vec<TypeId>,
}

/// From where a type is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// From a shared module.
    Shared,
    /// From a service, by index.
    Service(usize),
}

/// A path to a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    /// Path of the module from the root.
    pub module: Vec<String>,
    /// The struct or enum.
    pub name: String,
    /// The enum over it and its derived types.
    pub any: Option<String>,
}

/// A module of types.
#[derive(Debug)]
pub struct TypeModule {
    /// From where its types see others.
    pub scope: Scope,
    /// The namespace, for a module of one namespace.
    pub namespace: Option<String>,
    /// Services that use the module; all of them where it belongs to one service.
    pub services: BTreeSet<usize>,
    /// Types defined here by name, with the services that use them.
    pub define: BTreeMap<String, (TypeId, BTreeSet<usize>)>,
    /// Types defined elsewhere: name here → (module, name there).
    pub export: BTreeMap<String, (Vec<String>, String)>,
}

impl TypeModule {
    fn new(scope: Scope) -> Self {
        Self { scope, namespace: None, services: BTreeSet::new(), define: BTreeMap::new(), export: BTreeMap::new() }
    }
}

impl Plan<'_> {
    /// How a type is named in `scope`.
    pub fn path(&self, scope: Scope, id: TypeId) -> Option<&Home> {
        self.paths.get(&(scope, id))
    }
}

/// Plans a whole contract.
pub fn plan<'a>(contract: &'a Contract, config: &'a Config, findings: &mut Vec<Finding>) -> Plan<'a> {
    let modules = modules::modules(contract, config, findings);
    let uses = place::uses(contract, config, &modules);
    let mut plan = Plan {
        services: Vec::new(),
        type_modules: BTreeMap::new(),
        cycles: Cycles::new(contract, config),
        defaults: Defaults::new(contract, config),
        homes: BTreeMap::new(),
        paths: BTreeMap::new(),
    };
    place_types(contract, config, &modules, &uses, &mut plan, findings);
    uses.keys().for_each(|id| inside(contract, *id, findings));
    plan.services = modules.into_iter().map(|module| service(contract, module, findings)).collect();
    plan
}

/// Tells what a definition does not show: members and variants that could not have the names they should.
fn inside(contract: &Contract, id: TypeId, findings: &mut Vec<Finding>) {
    let def = contract.type_def(id);
    let mut tell = |wire: &str, wanted: &str, name: &str| {
        if name != wanted {
            let message = format!("{}: `{wanted}` is taken, so {wire:?} is `{name}`", def.name);
            findings.push(Finding::warning(message, "nothing to do, unless the schema can be changed"));
        }
    };
    match &def.kind {
        TypeKind::Enumeration(enumeration) => {
            for (value, name) in enumeration.values.iter().zip(variants(enumeration)) {
                tell(&value.value, &variant(&value.value), &name);
            }
        }
        TypeKind::Record(record) => {
            let places = view::places(contract, id);
            for (at, name) in members(&places) {
                tell(&places[at].field.name.local, &member(&places[at].field.name), &name);
            }
            let concrete = |id: &TypeId| view::record(contract, *id).is_some_and(|record| !record.is_abstract);
            if record.is_abstract && !record.derived.is_empty() && !record.derived.iter().any(concrete) {
                let message =
                    format!("{} is abstract, and so is every type derived from it: it has no values", def.name);
                findings.push(Finding::error(message, "derive a type that is not abstract"));
            }
        }
    }
}

/// Names of a type: its own, and that of the enum over its derived types.
type Names = (String, Option<String>);

/// The name of each type among the types of its namespace.
fn base_names(contract: &Contract, uses: &Uses, findings: &mut Vec<Finding>) -> BTreeMap<Key, Names> {
    let keys: BTreeMap<Key, bool> =
        uses.keys().map(|id| (place::key(contract, *id), view::is_polymorphic(contract, *id))).collect();
    // Names that need no change come first, then named types, then anonymous ones.
    let mut order: Vec<(&Key, bool)> = keys.iter().map(|(key, poly)| (key, *poly)).collect();
    order.sort_by_key(|((name, path), _)| (path.len(), words::upper_camel(&name.local) != name.local));
    let mut taken: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let mut names = BTreeMap::new();
    for ((name, path), polymorphic) in order {
        let taken = taken.entry(&name.namespace).or_default();
        let wanted = match path.as_slice() {
            [] | [_] => words::upper_camel(&name.local),
            nested => nested.iter().map(|part| words::upper_camel(part)).collect(),
        };
        let mut wanted = keywords::type_name(&wanted);
        if !path.is_empty() && taken.contains(&wanted) {
            wanted.push_str("Element");
        }
        let rust = keywords::unique(taken, wanted.clone());
        if rust != wanted {
            findings.push(Finding::warning(
                format!("two types of namespace {} would be `{wanted}`: {} is `{rust}`", name.namespace, name.local),
                "rename it under [service.…names] in the configuration",
            ));
        }
        let any = polymorphic.then(|| keywords::unique(taken, format!("Any{}", rust.trim_start_matches("r#"))));
        names.insert((name.clone(), path.clone()), (rust, any));
    }
    names
}

/// The names types have in one service, and whether they stand in a module of their namespace.
fn service_names(
    module: &ServiceModule<'_>,
    base: &BTreeMap<Key, Names>,
    keys: &BTreeSet<Key>,
    findings: &mut Vec<Finding>,
) -> BTreeMap<Key, (Names, bool)> {
    let configured = |(name, path): &Key| {
        let named = (name.clone(), Vec::new());
        let meant = path.is_empty() || (path.len() == 1 && !keys.contains(&named));
        module.config.filter(|_| meant).and_then(|config| config.names.get(&name.to_string())).cloned()
    };
    let mut names: BTreeMap<Key, (Names, bool)> = BTreeMap::new();
    let mut groups: BTreeMap<String, Vec<&Key>> = BTreeMap::new();
    for key in keys {
        let (mut name, mut any) = base[key].clone();
        if let Some(configured) = configured(key) {
            if syn::parse_str::<syn::Ident>(&configured).is_err() {
                findings.push(Finding::error(
                    format!("[service.{}.names] calls {} `{configured}`, which is no name in Rust", module.name, key.0),
                    "use letters and digits",
                ));
            }
            any = any.map(|_| format!("Any{configured}"));
            name = configured;
        }
        groups.entry(name.clone()).or_default().push(key);
        any.iter().for_each(|any| groups.entry(any.clone()).or_default().push(key));
        names.insert(key.clone(), ((name, any), false));
    }
    for (name, group) in groups.into_iter().filter(|(_, group)| group.len() > 1) {
        let (named, unnamed): (Vec<&Key>, Vec<&Key>) = group.into_iter().partition(|key| configured(key).is_some());
        if named.len() > 1 {
            findings.push(Finding::error(
                format!("[service.{}.names] calls two types `{name}`", module.name),
                "give each a name of its own",
            ));
        }
        for key in unnamed {
            if let Some((_, separate)) = names.get_mut(key) {
                *separate = true;
            }
        }
        findings.push(Finding::warning(
            format!(
                "service `{}` has `{name}` in more than one namespace: they are in modules of their namespaces",
                module.name
            ),
            "name them under [service.…names] in the configuration",
        ));
    }
    names
}

fn place_types(
    contract: &Contract,
    config: &Config,
    modules: &[ServiceModule<'_>],
    uses: &Uses,
    plan: &mut Plan<'_>,
    findings: &mut Vec<Finding>,
) {
    let base = base_names(contract, uses, findings);
    let short = namespaces::short_names(base.keys().map(|(name, _)| name.namespace.as_str()));
    let namespace_module = |id: TypeId| short[contract.type_def(id).name.namespace.as_str()].clone();
    let shared = place::shared(contract, config, uses);
    for id in &shared {
        let services: BTreeSet<usize> = uses[id].iter().map(|(module, _)| *module).collect();
        let (name, any) = base[&place::key(contract, *id)].clone();
        let module = vec!["shared".to_owned(), namespace_module(*id)];
        let home = Home { module: module.clone(), name: name.clone(), any };
        plan.paths.insert((Scope::Shared, *id), home.clone());
        services.iter().for_each(|at| drop(plan.homes.insert((Scope::Service(*at), *id), home.clone())));
        let entry = plan.type_modules.entry(module).or_insert_with(|| TypeModule::new(Scope::Shared));
        entry.namespace = Some(contract.type_def(*id).name.namespace.clone());
        entry.services.extend(&services);
        entry.define.insert(name, (*id, services));
    }
    for (at, module) in modules.iter().enumerate() {
        let ids: Vec<TypeId> =
            uses.iter().filter(|(_, users)| users.iter().any(|(user, _)| *user == at)).map(|(id, _)| *id).collect();
        let keys = ids.iter().map(|id| place::key(contract, *id)).collect();
        let names = service_names(module, &base, &keys, findings);
        for id in ids {
            let ((name, any), separate) = names[&place::key(contract, id)].clone();
            let mut ports = uses[&id].iter().filter(|(user, _)| *user == at).map(|(_, port)| *port);
            let split = place::is_split(contract, uses, at, id);
            let mut paths: Vec<Vec<String>> = Vec::new();
            if split {
                paths.extend(
                    ports.map(|port| vec![module.name.clone(), module.ports[port].name.clone(), "types".to_owned()]),
                );
            } else if ports.next().is_some() {
                paths.push(vec![module.name.clone(), "types".to_owned()]);
            }
            for mut path in paths {
                if separate {
                    path.push(namespace_module(id));
                }
                let here = || Home { module: path.clone(), name: name.clone(), any: any.clone() };
                let home = plan.homes.entry((Scope::Service(at), id)).or_insert_with(here);
                plan.paths.entry((Scope::Service(at), id)).or_insert_with(here);
                let entry =
                    plan.type_modules.entry(path.clone()).or_insert_with(|| TypeModule::new(Scope::Service(at)));
                entry.services.insert(at);
                entry.namespace = separate.then(|| contract.type_def(id).name.namespace.clone());
                if home.module == path {
                    if let Some((other, ..)) = entry.define.insert(name.clone(), (id, BTreeSet::from([at]))) {
                        findings.push(Finding::error(
                            format!("port {} has two shapes of type {}", path[1], contract.type_def(other).name),
                            "give the types different names, or the ports different documents",
                        ));
                    }
                } else {
                    if view::has_struct(contract, id) {
                        entry.export.insert(name.clone(), (home.module.clone(), home.name.clone()));
                    }
                    for (any, home_any) in any.iter().zip(&home.any) {
                        entry.export.insert(any.clone(), (home.module.clone(), home_any.clone()));
                    }
                }
            }
        }
    }
}

fn service<'a>(contract: &'a Contract, module: ServiceModule<'a>, findings: &mut Vec<Finding>) -> ServicePlan<'a> {
    let ports = module.ports.iter().map(|port| self::port(contract, &module, port, findings)).collect();
    ServicePlan { module, ports }
}

fn port<'a>(
    contract: &'a Contract,
    module: &ServiceModule<'a>,
    port: &PortModule<'a>,
    findings: &mut Vec<Finding>,
) -> PortPlan<'a> {
    let mut plan = PortPlan { structs: Vec::new(), operations: Vec::new(), has_caller: false };
    let mut structs: BTreeSet<String> = ["Client".to_owned()].into();
    let mut methods: BTreeSet<String> = ["new", "clone"].map(str::to_owned).into();
    let mut constants: BTreeSet<String> = ["PORT", "EXCHANGES"].map(str::to_owned).into();
    let path = format!("{}::{}", module.name, port.name);
    let mut unique = |taken: &mut BTreeSet<String>, wanted: String, wire: &str| {
        let name = keywords::unique(taken, wanted.clone());
        if name != wanted {
            findings.push(Finding::warning(
                format!("two names in {path} would be `{wanted}`: {wire} is `{name}`"),
                "a type can be named under [service.…names] in the configuration",
            ));
        }
        name
    };
    for operation in &port.port.operations {
        let request = message::request(contract, operation);
        let reply = message::reply(contract, operation);
        let replied = match &reply {
            Reply::Element(_, carrier) => Some(carrier),
            _ => None,
        };
        for carrier in [Some(&request), replied].into_iter().flatten() {
            let Carrier::Struct(wrapper) = carrier else { continue };
            if !plan.structs.iter().any(|(_, known)| known == wrapper) {
                let configured = module.config.and_then(|config| config.names.get(&wrapper.name.to_string()));
                let wanted = configured.cloned().unwrap_or_else(|| words::upper_camel(&wrapper.name.local));
                let name = unique(&mut structs, keywords::type_name(&wanted), &wrapper.name.local);
                plan.structs.push((name, wrapper.clone()));
            }
        }
        let slots = message::slots(contract, &operation.input);
        plan.has_caller |= message::caller(&slots);
        plan.operations.push(OperationPlan {
            operation,
            method: unique(&mut methods, keywords::member(&words::snake(&operation.name)), &operation.name),
            constant: unique(&mut constants, constant(&operation.name), &operation.name),
            request,
            reply,
            end_user: message::end_user(&slots),
            faults: operation.faults.iter().filter_map(|fault| named(fault.detail.ty)).collect(),
        });
    }
    plan
}

/// Namespaces have constants too; theirs begin with `NS_`.
fn constant(operation: &str) -> String {
    let name = words::shouty(operation);
    if name.starts_with("NS_") { format!("{name}_") } else { name }
}

fn named(ty: Type) -> Option<TypeId> {
    match ty {
        Type::Named(id) => Some(id),
        Type::Builtin(_) => None,
    }
}

/// The members of a record by the index of their field, in wire order.
pub fn members(places: &[Place<'_>]) -> BTreeMap<usize, String> {
    let mut taken = BTreeSet::new();
    let held = places.iter().enumerate().filter(|(_, place)| view::is_member(place.field));
    held.map(|(at, place)| (at, keywords::unique(&mut taken, member(&place.field.name)))).collect()
}

fn member(name: &QName) -> String {
    keywords::member(&words::snake(&name.local))
}

/// The variants of an enumeration, in schema order.
pub fn variants(enumeration: &Enumeration) -> Vec<String> {
    let mut taken: BTreeSet<String> = ["Unrecognized".to_owned()].into();
    let mut names = vec![String::new(); enumeration.values.len()];
    // Values that are names already keep them, whatever stands before them.
    for kept in [true, false] {
        for (name, value) in names.iter_mut().zip(&enumeration.values) {
            if (words::upper_camel(&value.value) == value.value) == kept {
                *name = keywords::unique(&mut taken, variant(&value.value));
            }
        }
    }
    names
}

fn variant(value: &str) -> String {
    keywords::variant(&words::upper_camel(value))
}

/// The constants for namespaces in one file.
pub fn namespace_constants<'n>(namespaces: impl IntoIterator<Item = &'n QName>) -> BTreeMap<String, String> {
    let all: BTreeSet<&str> = namespaces.into_iter().map(|name| name.namespace.as_str()).collect();
    let short = namespaces::short_names(all.into_iter().filter(|namespace| !namespace.is_empty()));
    short.into_iter().map(|(namespace, name)| (namespace.to_owned(), format!("NS_{}", words::shouty(&name)))).collect()
}
