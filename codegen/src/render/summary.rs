//! What was generated, in numbers.

use std::fmt;

use crate::render::client;
use crate::render::tree::GeneratedFile;
use crate::rust::assign::Plan;

/// Counts for people and for checks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// The modules of services, which are the features too.
    pub services: Vec<String>,
    /// In the order of services.
    pub ports: Vec<PortSummary>,
    /// Operations of all ports.
    pub operations: usize,
    /// Structs and enums, request structs included.
    pub types: usize,
    /// Lines of generated Rust, documentation included.
    pub lines: usize,
}

/// One port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortSummary {
    /// `service::port`, as modules.
    pub path: String,
    /// `wsdl:port` name.
    pub port: String,
    /// The caller proves who he is with a certificate.
    pub needs_certificate: bool,
    /// How many operations.
    pub operations: usize,
}

impl Summary {
    /// Counts.
    pub fn new(plan: &Plan<'_>, files: &[GeneratedFile]) -> Self {
        let mut summary = Self::default();
        for service in &plan.services {
            summary.services.push(service.module.name.clone());
            for (module, port) in service.module.ports.iter().zip(&service.ports) {
                summary.operations += port.operations.len();
                summary.types += port.structs.len();
                summary.ports.push(PortSummary {
                    path: format!("{}::{}", service.module.name, module.name),
                    port: module.port.name.clone(),
                    needs_certificate: client::needs_certificate(module.port),
                    operations: port.operations.len(),
                });
            }
        }
        summary.types += plan.type_modules.values().map(|module| module.define.len()).sum::<usize>();
        summary.lines = files.iter().map(|file| file.text.lines().count()).sum();
        summary
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for port in &self.ports {
            let certificate = if port.needs_certificate { ", with a certificate" } else { "" };
            writeln!(f, "{} ({}): {} operations{certificate}", port.path, port.port, port.operations)?;
        }
        let per_item = self.lines / (self.operations + self.types).max(1);
        write!(
            f,
            "{} services, {} ports, {} operations, {} types, {} lines ({per_item} per operation and type)",
            self.services.len(),
            self.ports.len(),
            self.operations,
            self.types,
            self.lines
        )
    }
}
