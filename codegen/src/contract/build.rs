//! Services and ports of all roots, one after the other.

use crate::config::{Config, OperationFilter, PortConfig, matches};
use crate::contract::{
    docs, encoding, finite, intern,
    model::{Contract, Documentation, LeftOut, Port, Service, TypeDef, TypeId},
    operation, partial,
    security::{self, Attached},
    slots,
    types::Types,
    unsupported,
};
use crate::diagnostic::{At, Diagnostic, Report, Severity};
use crate::document::closure::Closure;
use crate::document::library::Library;
use crate::document::published::Publication;
use crate::document::scope::Scope;
use crate::document::source::file_name;
use crate::document::wsdl::model::{self as wsdl, Protocol};
use crate::document::xsd::model as xsd;
use crate::name::QName;

/// SOAP over HTTP, as bindings of either version name it, or leave it out.
const HTTP: &[&str] = &["http://schemas.xmlsoap.org/soap/http", "http://www.w3.org/2003/05/soap/bindings/HTTP/", ""];

/// The help where a port is left out.
const LEFT_OUT_FOR_IT: &str = "the port is left out for it";

/// A port that was met.
struct Met {
    service: String,
    port: String,
    /// The names of its operations.
    operations: Vec<String>,
}

/// Reads all roots into one contract.
pub(super) fn contract(
    library: &Library<'_>,
    closures: &[Closure],
    config: &Config,
    report: &mut Report<'_>,
) -> Contract {
    let mut contract = Contract::default();
    let mut met = Vec::new();
    let mut publication = Publication::default();
    for closure in closures {
        let scope = Scope::new(library, closure);
        let root = Root { scope: &scope, config };
        let (services, types) = match library.definitions(closure.root) {
            Some(definitions) => root.services(definitions, closure, &mut met, report),
            None => root.documents(library, closure, report),
        };
        if config.server && services.iter().any(|service| !service.ports.is_empty()) {
            let is_served = |service: &str, port: &str| {
                let mut same = services.iter().filter(|one| one.name.local == service);
                same.any(|one| one.ports.iter().any(|one| one.name == port))
            };
            let indices = publication.add(library, closure, is_served);
            contract.published.roots.insert(report.file(closure.root).to_owned(), indices);
        }
        append(&mut contract, services, types);
    }
    contract.published.documents = publication.texts.into_iter().map(Into::into).collect();
    let is_empty = |service: &Service| service.ports.is_empty() && service.roots.is_empty();
    if contract.services.iter().all(is_empty) && !report.has_errors() {
        report.general(
            "there is no port with a SOAP binding over HTTP, and no root element of a schema",
            "give at least one WSDL document with a wsdl:binding for SOAP, or a schema with a global element",
        );
    }
    let schemas = closures.iter().filter(|closure| library.definitions(closure.root).is_none());
    let schemas: Vec<String> = schemas.map(|closure| report.file(closure.root).to_owned()).collect();
    for pattern in config.documents.iter().filter(|pattern| !schemas.iter().any(|name| matches(pattern, name))) {
        report.config(format!("documents: no schema is called `{pattern}`"), "write its name as it was given");
    }
    check_ports(config, &met, report);
    for problem in config.credentials.problems() {
        report.config(format!("[credentials] {problem}"), "");
    }
    let mut contract = intern::unify(contract);
    for (id, problem) in unsupported::find(&contract) {
        contract.types[id.0].problems.push(problem);
    }
    finite::decide(&mut contract);
    if partial::settle(&mut contract, config.allow_partial, report) {
        contract = intern::unify(contract);
    }
    finite::warn(&contract, report);
    contract
}

/// Adds a root's services, whose type ids start at 0.
fn append(contract: &mut Contract, mut services: Vec<Service>, mut types: Vec<TypeDef>) {
    let offset = contract.types.len();
    let shift = |id: TypeId| TypeId(id.0 + offset);
    services.iter_mut().for_each(|service| intern::map_service(service, &shift));
    types.iter_mut().for_each(|def| intern::map_def(def, &shift));
    contract.services.append(&mut services);
    contract.types.append(&mut types);
}

/// Reports configuration of ports and operations that do not exist, and names that several ports have.
fn check_ports(config: &Config, met: &[Met], report: &mut Report<'_>) {
    let listed = config.service.iter().flat_map(|(module, service)| {
        let entry =
            move |(name, port): (&String, &PortConfig)| (format!("[service.{module}.ports.{name}]"), port.port.clone());
        service.ports.iter().map(entry)
    });
    let stated = config.port.keys().map(|name| (format!("[port.{name}]"), name.clone()));
    for (table, name) in listed.chain(stated) {
        let found: Vec<&Met> = met.iter().filter(|met| is_named(&name, &met.service, &met.port)).collect();
        match found.as_slice() {
            [] => {
                let mut known: Vec<&str> = met.iter().map(|met| met.port.as_str()).collect();
                known.sort_unstable();
                known.dedup();
                report.config(
                    format!("{table} names port `{name}`, which no document has"),
                    format!("there are: {}", known.join(", ")),
                );
            }
            [_] => {}
            _ if name.contains('/') => {}
            [Met { service, port, .. }, ..] => report.config(
                format!("{table} names port `{name}`, which several services have"),
                format!("write it as Service/Port, for example {service}/{port}"),
            ),
        }
    }
    let of_services = config.service.iter().map(|(module, service)| {
        let ports = service.ports.values().map(|port| port.port.as_str()).collect();
        (format!("[service.{module}]"), &service.operations, ports)
    });
    let of_ports =
        config.port.iter().map(|(name, port)| (format!("[port.{name}]"), &port.operations, vec![name.as_str()]));
    for (table, filter, ports) in of_services.chain(of_ports) {
        let meant = |met: &&Met| ports.iter().any(|name: &&str| is_named(name, &met.service, &met.port));
        let names: Vec<&str> = met.iter().filter(meant).flat_map(|met| &met.operations).map(String::as_str).collect();
        if let Some(pattern) = filter.without_effect(&names).filter(|_| !names.is_empty()) {
            report.config(format!("{table} operations: there is no operation `{pattern}`"), "correct the name");
        }
    }
}

/// Whether the configuration means this port: `Port` or `Service/Port`.
fn is_named(configured: &str, service: &str, port: &str) -> bool {
    configured == port || configured.split_once('/') == Some((service, port))
}

/// One document with services.
struct Root<'c, 's> {
    scope: &'s Scope<'s>,
    config: &'c Config,
}

impl<'s> Root<'_, 's> {
    fn services(
        &self,
        definitions: &'s wsdl::Definitions,
        closure: &Closure,
        met: &mut Vec<Met>,
        report: &mut Report<'_>,
    ) -> (Vec<Service>, Vec<TypeDef>) {
        let document = report.file(closure.root).to_owned();
        let mut types = Types::new(self.scope, report);
        let mut services = Vec::new();
        for service in &definitions.services {
            let mut found = Service {
                name: QName { namespace: definitions.target_namespace.clone(), local: service.name.clone() },
                document: document.clone(),
                documentation: self.documentation(service, &definitions.documentation),
                ports: Vec::new(),
                roots: Vec::new(),
                left_out: Vec::new(),
            };
            for port in &service.ports {
                let mut operations = Vec::new();
                match self.port(service, port, &mut operations, &mut types) {
                    Ok(port) => found.ports.push(port),
                    Err(reason) => found.left_out.push(LeftOut { name: port.name.clone(), reason }),
                }
                met.push(Met { service: service.name.clone(), port: port.name.clone(), operations });
            }
            services.push(found);
        }
        types.finish();
        // Slots change types, so all types must be there.
        let mut defs = std::mem::take(&mut types.defs);
        encoding::mark(&mut services, &mut defs);
        for service in &mut services {
            let name = service.name.local.clone();
            for port in &mut service.ports {
                for (table, config) in self.configured(&name, &port.name) {
                    slots::apply(&table, self.config, config, port, &mut defs, report);
                }
            }
        }
        (services, defs)
    }

    /// The root elements of a schema, but for abstract ones, which no document begins with.
    fn documents(
        &self,
        library: &'s Library<'_>,
        closure: &Closure,
        report: &mut Report<'_>,
    ) -> (Vec<Service>, Vec<TypeDef>) {
        let document = report.file(closure.root).to_owned();
        let stem = file_name(&document).trim_end_matches(".xsd").to_owned();
        let mut types = Types::new(self.scope, report);
        let Some(schema) = library.root_schema(closure) else { return (Vec::new(), Vec::new()) };
        let mut elements: Vec<&xsd::Element> = schema.elements.iter().collect();
        if elements.is_empty() {
            // A schema that only puts others together.
            let schemas = library.schemas_of(closure).map(|(one, _)| one);
            let same = schemas.filter(|one| one.target_namespace == schema.target_namespace);
            elements.extend(same.flat_map(|one| &one.elements));
        }
        elements.retain(|element| !element.is_abstract);
        let roots = elements.into_iter().filter_map(|element| types.reference(&element.name, element.at)).collect();
        types.finish();
        let service = Service {
            name: QName { namespace: schema.target_namespace.clone(), local: stem },
            document,
            documentation: Documentation::default(),
            ports: Vec::new(),
            roots,
            left_out: Vec::new(),
        };
        let (mut services, mut defs) = (vec![service], std::mem::take(&mut types.defs));
        encoding::mark(&mut services, &mut defs);
        (services, defs)
    }

    /// Of the service; or else of the document, or, as WCF writes it, of the portTypes.
    fn documentation(&self, service: &wsdl::Service, document: &str) -> Documentation {
        let port_types = || {
            let bindings = service.ports.iter().filter_map(|port| self.scope.bindings.get_at(&port.binding, port.at));
            bindings
                .filter_map(|binding| self.scope.port_types.get_at(&binding.port_type, binding.at))
                .flat_map(|one| one.documentation.texts.iter().map(String::as_str))
        };
        let mut found = docs::clean([service.documentation.as_str(), document]);
        if found.paragraphs.is_empty() {
            found = docs::clean(port_types());
        }
        found
    }

    /// The configuration of a port, with the name of its table.
    fn configured(&self, service: &str, port: &str) -> Vec<(String, &PortConfig)> {
        let mut found = Vec::new();
        for (module, config) in &self.config.service {
            for (name, config) in &config.ports {
                if is_named(&config.port, service, port) {
                    found.push((format!("[service.{module}.ports.{name}]"), config));
                }
            }
        }
        found
    }

    /// A port, or why it is left out. Adds the names of its operations to `names`.
    fn port(
        &self,
        service: &'s wsdl::Service,
        port: &'s wsdl::Port,
        names: &mut Vec<String>,
        types: &mut Types<'_, 's, '_>,
    ) -> Result<Port, String> {
        let left_out = |reason: String, types: &mut Types<'_, 's, '_>| {
            types.report.warning(port.at, format!("port `{}` is left out: {reason}", port.name), "");
            Err(reason)
        };
        let Some(binding) = self.scope.bindings.get_at(&port.binding, port.at) else {
            self.undefined("binding", &port.binding, port.at, types);
            return Err(format!("its binding `{}` is not defined", port.binding.local));
        };
        let (version, transport) = match &binding.protocol {
            Protocol::Soap { version, transport } => (*version, transport.as_str()),
            Protocol::Other(written) => {
                let what = if written.is_empty() { "no protocol".to_owned() } else { format!("`{written}`") };
                return left_out(format!("its binding has {what}, not SOAP"), types);
            }
        };
        if !HTTP.contains(&transport) {
            return left_out(format!("its transport is {transport}, not HTTP"), types);
        }
        let Some(port_type) = self.scope.port_types.get_at(&binding.port_type, binding.at) else {
            self.undefined("portType", &binding.port_type, binding.at, types);
            return Err(format!("its portType `{}` is not defined", binding.port_type.local));
        };
        let stated: Vec<_> =
            self.config.port.iter().filter(|(name, _)| is_named(name, &service.name, &port.name)).collect();
        let attached = Attached { service, port, binding, port_type };
        let requirements = security::required(self.scope, &attached, &stated, types.report);
        let filters = self.filters(&service.name, &port.name);
        let wanted = |name: &str| filters.iter().all(|filter| filter.takes(name));
        let operations = operation::all(binding, port_type, requirements.addressing, &wanted, types);
        names.extend(operations.names);
        Ok(Port {
            name: port.name.clone(),
            binding: self.scope.bindings.declared(&port.binding),
            port_type: self.scope.port_types.declared(&binding.port_type),
            address: port.address.clone(),
            soap: version,
            requirements,
            operations: operations.found,
            left_out: operations.left_out,
        })
    }

    /// Reports what a port is left out for, if that is allowed.
    fn undefined(&self, kind: &str, name: &QName, at: At, types: &mut Types<'_, 's, '_>) {
        let mark = types.report.mark();
        self.scope.unknown(kind, name, at, types.report);
        if self.config.allow_partial {
            let problems = types.report.take_errors(mark).into_iter();
            let warning = |one| Diagnostic { severity: Severity::Warning, help: LEFT_OUT_FOR_IT.to_owned(), ..one };
            types.report.add_all(problems.map(warning));
        }
    }

    /// What the configuration says of the operations of a port.
    fn filters(&self, service: &str, port: &str) -> Vec<&OperationFilter> {
        let is_meant = |name: &str| is_named(name, service, port);
        let of_ports = self.config.port.iter().filter(|(name, _)| is_meant(name)).map(|(_, port)| &port.operations);
        let services = self.config.service.values();
        let of_services = services.filter(|service| service.ports.values().any(|port| is_meant(&port.port)));
        of_ports.chain(of_services.map(|service| &service.operations)).collect()
    }
}
