//! The contract, resolved and independent of any programming language.

mod build;
mod complex;
pub mod content;
mod derivation;
pub(crate) mod docs;
mod encoding;
mod finite;
mod groups;
mod intern;
mod message;
pub mod model;
mod operation;
mod overload;
mod partial;
pub mod print;
mod requirements;
mod security;
mod simple;
mod slots;
pub(crate) mod tokens;
mod types;
mod unsupported;

use crate::config::Config;
use crate::diagnostic::{Diagnostics, Report};
use crate::document::library::Library;
use crate::document::source::SourceSet;
use crate::document::xml;
use crate::document::xsd::wellknown::BUNDLED;
use model::Contract;

/// Reads every service of a set of documents.
///
/// # Errors
/// All diagnostics, if one of them is an error.
pub fn read(sources: &SourceSet, config: &Config) -> Result<Contract, Diagnostics> {
    read_with_warnings(sources, config).map(|(contract, _)| contract)
}

/// Like [`read`], with the warnings of a run that succeeded.
///
/// # Errors
/// All diagnostics, if one of them is an error.
pub fn read_with_warnings(sources: &SourceSet, config: &Config) -> Result<(Contract, Diagnostics), Diagnostics> {
    let texts: Vec<(&str, &str)> = sources.iter().chain(BUNDLED.iter().copied()).collect();
    let mut report = Report::new(texts.clone());
    let documents =
        texts.iter().enumerate().map(|(id, (name, text))| xml::parse(id, name, text, &mut report)).collect();
    let mut library = Library::new(documents, sources.len(), &mut report);
    let closures = library.closures(&mut report);
    let contract = build::contract(&library, &closures, config, &mut report);
    if report.has_errors() {
        return Err(report.finish());
    }
    Ok((contract, report.finish()))
}
