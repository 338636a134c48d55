//! Decides once, for every part of a contract, what it becomes in Rust.
//!
//! [`plan`] turns a contract into a [`model::Crate`], which rendering only prints.

mod analysis;
mod credentials;
mod definition;
mod docs;
mod equality;
mod facet;
mod field;
mod keywords;
mod layout;
mod message;
mod methods;
pub mod model;
mod modules;
mod namespaces;
mod pattern;
mod placement;
mod port;
mod recursion;
mod root;
mod serving;
mod settings;
pub mod summary;
mod type_names;
mod usage;
mod words;

pub(crate) use words::identifier;

use crate::config::Config;
use crate::contract::model::Contract;
use crate::diagnostic::{Diagnostic, Position, Severity};

/// How the generated text is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A crate: a feature per service, and the registry.
    Crate,
    /// A text to include: everything is enabled, and unused items cause no warnings.
    Inline,
}

/// Decides everything about the Rust of a contract.
pub fn plan<'a>(
    contract: &'a Contract,
    config: &'a Config,
    target: Target,
    findings: &mut Vec<Finding>,
) -> model::Crate<'a> {
    root::plan(contract, config, target, findings)
}

/// A diagnostic about names or settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Whether it is an error.
    severity: Severity,
    /// Where; names come from all documents together, so there may be no place to point to.
    position: Position,
    /// What is wrong.
    message: String,
    /// What to do about it.
    help: &'static str,
}

impl Finding {
    fn error(message: String, help: &'static str) -> Self {
        Self { severity: Severity::Error, position: Position::default(), message, help }
    }

    fn config(message: String, help: &'static str) -> Self {
        let position = Position { file: "codegen.toml".into(), ..Position::default() };
        Self { position, ..Self::error(message, help) }
    }

    fn warning(message: String, help: &'static str) -> Self {
        Self { severity: Severity::Warning, ..Self::error(message, help) }
    }
}

impl From<Finding> for Diagnostic {
    fn from(finding: Finding) -> Self {
        let Position { file, line, column } = finding.position;
        let file = file.to_string();
        Self { severity: finding.severity, file, line, column, message: finding.message, help: finding.help.to_owned() }
    }
}
