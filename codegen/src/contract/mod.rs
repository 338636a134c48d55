//! The contract, resolved and independent of any programming language.

mod attachments;
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
pub mod published;
mod requirements;
mod security;
mod simple;
mod slots;
pub(crate) mod tokens;
mod types;
mod union;
mod unsupported;

use std::collections::BTreeSet;

use crate::config::{Config, matches};
use crate::diagnostic::{Diagnostics, Report};
use crate::document::library::{Library, imported_namespaces};
use crate::document::source::SourceSet;
use crate::document::xml;
use crate::document::xsd::wellknown::{BUNDLED, target_namespace};
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
    let mut wanted = BTreeSet::new();
    for (id, (name, text)) in sources.iter().enumerate() {
        let report = if sources.is_included(name) { &mut aside } else { &mut report };
        let document = xml::parse(id, name, text, report);
        document.iter().for_each(|document| wanted.extend(imported_namespaces(document)));
        documents.push(document);
    }
    // Few contracts need any of the bundled schemas: the others are not read at all.
    documents.resize_with(texts.len(), || None);
    let mut waiting: Vec<usize> = (sources.len()..texts.len()).collect();
    while let Some(at) = waiting.iter().position(|id| wanted.contains(target_namespace(texts[*id].1))) {
        let id = waiting.swap_remove(at);
        let (name, text) = texts[id];
        documents[id] = xml::parse(id, name, text, &mut report);
        documents[id].iter().for_each(|document| wanted.extend(imported_namespaces(document)));
    }
    let mut library = Library::new(documents, sources.len(), |name| sources.is_included(name), &mut report);
    let wanted = |name: &str| config.documents.iter().any(|pattern| matches(pattern, name));
    let closures = library.closures(wanted, &mut report);
    let contract = build::contract(&library, &closures, config, &mut report);
    if report.has_errors() {
        let mut errors = report.finish();
        errors.extend(aside.finish());
        return Err(errors);
    }
    Ok((contract, report.finish()))
}
