//! Services and ports of all roots, one after the other.

use std::collections::BTreeSet;

use super::{
    intern,
    model::{Contract, Port, QName, Requirements, SecureConversation, Service, Token, TypeDef, TypeId},
    requirements::{self, Facts, Outcome, Reader},
    slots,
    types::Types,
};
use crate::{
    config::{Config, PortConfig, PortFacts},
    diagnostic::{At, Report},
    resolve::{Closure, Library, Scope},
    wsdl::model::{self as wsdl, Protocol},
};

/// SOAP over HTTP, as bindings of either version name it.
const HTTP: &[&str] =
    &["http://schemas.xmlsoap.org/soap/http", "http://www.w3.org/2003/05/soap/bindings/HTTP/", ""];

/// Reads all roots into one contract.
pub(super) fn contract(library: &Library<'_>, closures: &[Closure], config: &Config, report: &mut Report<'_>) -> Contract {
    let mut contract = Contract::default();
    let mut used = BTreeSet::new();
    for closure in closures {
        let scope = Scope::new(library, closure);
        let mut root = Root { scope: &scope, config, used: &mut used };
        let (services, types) = root.services(library, closure, report);
        append(&mut contract, services, types);
    }
    if contract.services.iter().all(|service| service.ports.is_empty()) && !report.has_errors() {
        report.error(
            At { document: closures.first().map_or(usize::MAX, |closure| closure.root), offset: 0 },
            "there is no port with a SOAP binding over HTTP",
            "give at least one WSDL document with a wsdl:service that offers SOAP",
        );
    }
    check_config(config, &contract, &used, report);
    intern::unify(contract)
}

/// Adds a root's services, whose type ids start at 0.
fn append(contract: &mut Contract, mut services: Vec<Service>, mut types: Vec<TypeDef>) {
    let offset = contract.types.len();
    let shift = &mut |id: TypeId| TypeId(id.0 + offset);
    services.iter_mut().for_each(|service| intern::map_service(service, shift));
    types.iter_mut().for_each(|def| intern::map_def(def, shift));
    contract.services.append(&mut services);
    contract.types.append(&mut types);
}

/// One document with services.
struct Root<'c, 's> {
    scope: &'s Scope<'s>,
    config: &'c Config,
    /// Configured ports that were met, as the configuration writes them.
    used: &'c mut BTreeSet<String>,
}

impl<'s> Root<'_, 's> {
    fn services(&mut self, library: &Library<'_>, closure: &Closure, report: &mut Report<'_>) -> (Vec<Service>, Vec<TypeDef>) {
        let Some(definitions) = library.definitions(closure.root) else { return (Vec::new(), Vec::new()) };
        let document = report.file(closure.root).to_owned();
        let mut types = Types::new(self.scope, report);
        // Slots change types, so they wait until all types are there.
        let mut configured = Vec::new();
        let mut services = Vec::new();
        for service in &definitions.services {
            let mut ports = Vec::new();
            for port in &service.ports {
                if let Some(built) = self.port(&service.name, port, &mut types) {
                    if let Some((place, config)) = self.configured(&service.name, &port.name) {
                        configured.push((services.len(), ports.len(), place, config));
                    }
                    ports.push(built);
                }
            }
            let name = QName { namespace: definitions.target_namespace.clone(), local: service.name.clone() };
            let texts = [service.documentation.as_str(), definitions.documentation.as_str()];
            let documentation = super::docs::clean(texts);
            services.push(Service { name, document: document.clone(), documentation, ports });
        }
        types.finish();
        let mut defs = std::mem::take(&mut types.defs);
        for (service, port, place, config) in configured {
            slots::apply(&place, config, &mut services[service].ports[port], &mut defs, report);
        }
        let services = services.into_iter().map(|service: Service| service.without_part_names()).collect();
        (services, defs)
    }

    /// The configuration of a port, with the table it stands in.
    fn configured(&mut self, service: &str, port: &str) -> Option<(String, &'_ PortConfig)> {
        let qualified = format!("{service}/{port}");
        None.or_else(|| {
            self.config.service.iter().find_map(|(module, service)| {
                service.ports.iter().find_map(|(name, config)| {
                    (config.port == port || config.port == qualified)
                        .then(|| (format!("service.{module}.ports.{name}"), config))
                })
            })
        })
    }

    fn port(&mut self, service: &str, port: &wsdl::Port, types: &mut Types<'_, 's, '_>) -> Option<Port> {
        let Some(binding) = self.scope.binding(&port.binding) else {
            self.scope.unknown("binding", &port.binding, port.at, types.report);
            return None;
        };
        let (version, transport) = match &binding.protocol {
            Protocol::Soap { version, transport } => (*version, transport.as_str()),
            Protocol::Other(written) => {
                let what = if written.is_empty() { "no protocol".to_owned() } else { format!("`{written}`") };
                let message = format!("port `{}` is left out: its binding has {what}, not SOAP", port.name);
                types.report.warning(port.at, message, "");
                return None;
            }
        };
        if !HTTP.contains(&transport) {
            let message = format!("port `{}` is left out: its transport is {transport}, not HTTP", port.name);
            types.report.warning(port.at, message, "");
            return None;
        }
        let Some(port_type) = self.scope.port_type(&binding.port_type) else {
            self.scope.unknown("portType", &binding.port_type, binding.at, types.report);
            return None;
        };
        let requirements = self.requirements(service, port, binding, port_type, types.report);
        let operations = super::operation::operations(binding, port_type, &requirements, types);
        Some(Port {
            name: port.name.clone(),
            binding: port.binding.clone(),
            port_type: binding.port_type.clone(),
            address: port.address.clone(),
            soap: version,
            requirements,
            operations,
        })
    }
}
