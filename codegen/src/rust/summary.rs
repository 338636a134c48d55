//! What was generated, in numbers.

use std::fmt;

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
    /// Callers prove who they are with a certificate.
    pub needs_certificate: bool,
    /// How many operations.
    pub operations: usize,
    /// How many operations of the contract it lacks.
    pub left_out: usize,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for port in &self.ports {
            let certificate = if port.needs_certificate { ", with a certificate" } else { "" };
            let left_out = if port.left_out > 0 { format!(", {} left out", port.left_out) } else { String::new() };
            writeln!(f, "{} ({}): {} operations{left_out}{certificate}", port.path, port.port, port.operations)?;
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
