//! The plan: names of services, ports, methods and structs, and what holds those of types.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::Config;
use crate::contract::model::{Contract, Operation, Type, TypeId};
use crate::name::QName;
use crate::rust::cycles::Cycles;
use crate::rust::defaults::Defaults;
use crate::rust::message::{self, Carrier, EndUser, Reply, Wrapper};
use crate::rust::modules::{self, PortModule, ServiceModule};
use crate::rust::{Finding, keywords, members, namespaces, place, settings, types, words};

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
    /// The path by which a type is named: inside a service, the one its users write.
    pub(super) paths: BTreeMap<(Scope, TypeId), Home>,
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
    /// The name of the method that gives the items of the reply one by one, if the reply is a list.
    pub items_method: Option<String>,
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
    pub(super) fn new(scope: Scope) -> Self {
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
        paths: BTreeMap::new(),
    };
    types::place(contract, config, &modules, &uses, &mut plan, findings);
    uses.keys().for_each(|id| members::report(contract, *id, findings));
    plan.services = modules.into_iter().map(|module| service(contract, config, module, findings)).collect();
    settings::report(contract, config, &plan, findings);
    plan
}

fn service<'a>(
    contract: &'a Contract,
    config: &Config,
    module: ServiceModule<'a>,
    findings: &mut Vec<Finding>,
) -> ServicePlan<'a> {
    let ports = module.ports.iter().map(|port| self::port(contract, config, &module, port, findings)).collect();
    ServicePlan { module, ports }
}

fn port<'a>(
    contract: &'a Contract,
    config: &Config,
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
            items_method: None,
            constant: unique(&mut constants, constant(&operation.name), &operation.name),
            request,
            reply,
            end_user: message::end_user(&slots),
            faults: operation.faults.iter().filter_map(|fault| named(fault.detail.ty)).collect(),
        });
    }
    // Operations come first: theirs are the names of the contract.
    for operation in plan.operations.iter_mut().filter(|operation| operation.reply.item(contract, config).is_some()) {
        let wanted = format!("{}_items", operation.method.trim_start_matches("r#"));
        operation.items_method = Some(unique(&mut methods, wanted, &operation.operation.name));
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

/// The constants for namespaces in one file.
pub fn namespace_constants<'n>(namespaces: impl IntoIterator<Item = &'n QName>) -> BTreeMap<String, String> {
    let all: BTreeSet<&str> = namespaces.into_iter().map(|name| name.namespace.as_str()).collect();
    let short = namespaces::short_names(all.into_iter().filter(|namespace| !namespace.is_empty()));
    short.into_iter().map(|(namespace, name)| (namespace.to_owned(), format!("NS_{}", words::shouty(&name)))).collect()
}
