//! Every decision about Rust names and places: what lives where, and what it is called.
//!
//! Rendering never makes up a name; it asks the [`Plan`].

pub mod assign;
pub mod cycles;
pub mod defaults;
pub mod keywords;
pub mod members;
pub mod message;
pub mod modules;
pub mod namespaces;
pub mod place;
pub mod settings;
pub mod types;
pub mod view;
pub mod words;

pub use assign::{Plan, plan};

use crate::diagnostic::{Diagnostic, Severity};

/// Something to tell about names. They come from all documents together, so there is no line to point to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Whether it stops the run.
    pub severity: Severity,
    /// The configuration, if it can be mended there; else empty.
    pub file: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: &'static str,
}

impl Finding {
    fn error(message: String, help: &'static str) -> Self {
        Self { severity: Severity::Error, file: "", message, help }
    }

    fn config(message: String, help: &'static str) -> Self {
        Self { file: "codegen.toml", ..Self::error(message, help) }
    }

    fn warning(message: String, help: &'static str) -> Self {
        Self { severity: Severity::Warning, file: "", message, help }
    }
}

impl From<Finding> for Diagnostic {
    fn from(finding: Finding) -> Self {
        Self {
            severity: finding.severity,
            file: finding.file.to_owned(),
            line: 0,
            column: 0,
            message: finding.message,
            help: finding.help.to_owned(),
        }
    }
}
