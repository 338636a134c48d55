//! The contract, resolved and independent of any programming language.

mod build;
mod complex;
pub mod content;
mod derivation;
pub(crate) mod docs;
mod finite;
mod intern;
pub mod model;
mod operation;
pub mod print;
mod requirements;
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
    // What is wrong with files that are only included explains why a name is missing, if one is.
    let mut aside = Report::new(texts.clone());
    let mut documents = Vec::new();
    for (id, (name, text)) in texts.into_iter().enumerate() {
        let report = if sources.is_included(name) { &mut aside } else { &mut report };
        documents.push(xml::parse(id, name, text, report));
    }
    let mut library = Library::new(documents, sources.len(), |name| sources.is_included(name), &mut report);
    let closures = library.closures(&mut report);
    let contract = build::contract(&library, &closures, config, &mut report);
    if report.has_errors() {
        let mut errors = report.finish();
        errors.extend(aside.finish());
        return Err(errors);
    }
    Ok((contract, report.finish()))
}
