//! Which port becomes which module.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::{Config, PortConfig, ServiceConfig};
use crate::contract::model::{Contract, Element, Port, Service};
use crate::rust::keywords::{self, Names};
use crate::rust::layout::Layouts;
use crate::rust::message::Messages;
use crate::rust::{Finding, namespaces, serving, words};

/// Modules at the root that are not services, and a feature that every crate has.
const RESERVED: &[&str] = &["credentials", "default", "environment", "kinds", "registry", "shared"];

/// One service as users see it: a module, and a feature of the same name.
#[derive(Clone, Debug)]
pub(super) struct ServiceModule<'a> {
    /// The module's name.
    pub(super) name: String,
    /// Paragraphs on the service.
    pub(super) documentation: Vec<String>,
    /// What the configuration says of it.
    pub(super) config: Option<&'a ServiceConfig>,
    /// Sorted by name where the configuration names them, else in document order.
    pub(super) ports: Vec<PortModule<'a>>,
    /// The schema without a service that it stands for.
    pub(super) schema: Option<&'a Service>,
}

/// One port: a submodule.
#[derive(Clone, Debug)]
pub(super) struct PortModule<'a> {
    /// The submodule's name.
    pub(super) name: String,
    /// The service it belongs to in the contract.
    pub(super) service: &'a Service,
    /// The port.
    pub(super) port: &'a Port,
    /// What the configuration says of it.
    pub(super) config: Option<&'a PortConfig>,
    /// Its operations, in document order.
    pub(super) messages: Vec<Messages<'a>>,
}

impl<'a> ServiceModule<'a> {
    /// The elements that documents may begin with.
    pub(super) fn roots(&self) -> impl Iterator<Item = &'a Element> {
        self.schema.into_iter().flat_map(|schema| &schema.roots)
    }
}

/// Groups all ports of a contract, sorted by module.
pub(super) fn modules<'a>(
    contract: &'a Contract,
    config: &'a Config,
    layouts: &Layouts<'a>,
    findings: &mut Vec<Finding>,
) -> Vec<ServiceModule<'a>> {
    let messages = |port: &'a Port| port.operations.iter().map(|one| Messages::new(contract, layouts, one)).collect();
    let mut free: Vec<(&Service, &Port)> =
        contract.services.iter().flat_map(|service| service.ports.iter().map(move |port| (service, port))).collect();
    let mut modules = BTreeMap::new();
    check_names(config, findings);
    for (name, service) in &config.service {
        let mut ports = Vec::new();
        for (submodule, port_config) in &service.ports {
            let is_meant = |(service, port): &(&Service, &Port)| {
                port.name == port_config.port || format!("{}/{}", service.name.local, port.name) == port_config.port
            };
            let found: Vec<usize> = (0..free.len()).filter(|at| is_meant(&free[*at])).collect();
            match found.as_slice() {
                [] => {}
                [at] => {
                    let (service, port) = free.remove(*at);
                    ports.push(PortModule {
                        name: port_module(submodule),
                        service,
                        port,
                        config: Some(port_config),
                        messages: messages(port),
                    });
                }
                _ => findings.push(Finding::config(
                    format!("{name}.{submodule}: more than one service has a port `{}`", port_config.port),
                    "write it as `Service/Port`",
                )),
            }
        }
        if !ports.is_empty() {
            let documentation = match service.documentation.is_empty() {
                true => ports[0].service.documentation.paragraphs.clone(),
                false => vec![service.documentation.clone()],
            };
            let name = service_module(name, config);
            modules.insert(
                name.clone(),
                ServiceModule { name, documentation, config: Some(service), ports, schema: None },
            );
        }
    }
    let configured: BTreeSet<String> = modules.keys().cloned().collect();
    let mut taken: BTreeMap<String, Names> = BTreeMap::new();
    let versions = versions(&free);
    for (service, port) in free {
        let name = words::snake(&service.name.local);
        let version = versions.get(&name).and_then(|names| names.get(service.name.namespace.as_str()));
        let mut name = service_module(&version.map_or(name.clone(), |version| format!("{name}_{version}")), config);
        while configured.contains(&name) {
            name.push('_');
        }
        let module = modules.entry(name.clone()).or_insert_with(|| ServiceModule {
            name: name.clone(),
            documentation: service.documentation.paragraphs.clone(),
            config: None,
            ports: Vec::new(),
            schema: None,
        });
        let wanted = port_module(&words::snake(&port.name));
        let name = taken.entry(name).or_default().unique(wanted.clone());
        if name != wanted {
            findings.push(Finding::warning(
                format!("two ports would be the module `{}::{wanted}`: {} is `{name}`", module.name, port.name),
                "name both under [service.…ports.…] in the configuration",
            ));
        }
        module.ports.push(PortModule { name, service, port, config: None, messages: messages(port) });
    }
    for schema in contract.services.iter().filter(|service| !service.roots.is_empty()) {
        let mut name = service_module(&words::snake(&schema.name.local), config);
        while modules.contains_key(&name) {
            name.push('_');
        }
        let documentation = schema.documentation.paragraphs.clone();
        let module = ServiceModule { name, documentation, config: None, ports: Vec::new(), schema: Some(schema) };
        modules.insert(module.name.clone(), module);
    }
    modules.into_values().collect()
}

/// Services of one name and several namespaces that have ports of one name: what tells their namespaces apart, by the
/// name of the service in Rust. Others of one name are parts of one service.
fn versions<'a>(ports: &[(&'a Service, &Port)]) -> BTreeMap<String, BTreeMap<&'a str, String>> {
    let mut namespaces: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    let mut first: BTreeMap<(String, String), &str> = BTreeMap::new();
    let mut apart: BTreeSet<String> = BTreeSet::new();
    for (service, port) in ports {
        let (name, namespace) = (words::snake(&service.name.local), service.name.namespace.as_str());
        namespaces.entry(name.clone()).or_default().insert(namespace);
        let known = *first.entry((name.clone(), words::snake(&port.name))).or_insert(namespace);
        if known != namespace {
            apart.insert(name);
        }
    }
    namespaces.retain(|name, _| apart.contains(name));
    namespaces.into_iter().map(|(name, all)| (name, namespaces::modules(all, &[]))).collect()
}

/// Names that the configuration gives must be names in Rust.
fn check_names(config: &Config, findings: &mut Vec<Finding>) {
    let modules = config.service.iter().flat_map(|(name, service)| [name].into_iter().chain(service.ports.keys()));
    for name in modules {
        if words::snake(name) != *name {
            let message = format!("[service]: `{name}` cannot be the name of a module");
            findings.push(Finding::config(message, "use lower-case letters, digits and underscores"));
        }
    }
    for (service, config) in &config.service {
        for (of, name) in &config.names {
            if !words::is_identifier(name) || keywords::type_name(name) != *name {
                let message =
                    format!("[service.{service}.names] calls {of} `{name}`, which cannot be the name of a type");
                findings.push(Finding::config(message, "use letters and digits"));
            }
        }
    }
    let mut path = config.runtime.strip_prefix("::").unwrap_or(&config.runtime).split("::").enumerate();
    if !path.all(|(at, part)| (at == 0 && matches!(part, "crate" | "self" | "super")) || words::is_identifier(part)) {
        let message = format!("runtime: `{}` is no path in Rust", config.runtime);
        findings.push(Finding::config(message, "write the name of the crate, or a path to it"));
    }
    for name in config.environments.keys() {
        if words::upper_camel(name) != *name || !words::is_identifier(name) || name == "Custom" {
            let message = format!("[environments]: `{name}` cannot be a variant of `Environment`");
            findings.push(Finding::config(message, "use an upper-case letter, then letters and digits; not `Custom`"));
        }
    }
}

fn service_module(name: &str, config: &Config) -> String {
    let name = keywords::module(name);
    let is_taken = RESERVED.contains(&name.as_str()) || (config.server && name == serving::MODULE);
    if is_taken { format!("{name}_") } else { name }
}

fn port_module(name: &str) -> String {
    let name = keywords::module(name);
    if name == "types" { format!("{name}_") } else { name }
}
