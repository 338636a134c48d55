//! From contracts to generated files.

use crate::config::Config;
use crate::contract::{self, model::Contract};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::source::SourceSet;
use crate::render::{self, GeneratedFile};
use crate::rust::summary::Summary;
use crate::rust::{self, Finding, Target};

/// The output of a run.
#[derive(Clone, Debug)]
pub struct Generated {
    /// Relative paths and texts, sorted by path.
    pub files: Vec<GeneratedFile>,
    /// Counts.
    pub summary: Summary,
    /// Warnings: where the output differs from what the documents suggest.
    pub warnings: Diagnostics,
}

/// The sources of a crate: a module and a feature per service.
///
/// # Errors
/// All diagnostics, if one of them is an error.
pub fn generate(sources: &SourceSet, config: &Config) -> Result<Generated, Diagnostics> {
    run(sources, config, Target::Crate)
}

/// One text to `include!`, with everything in it.
///
/// # Errors
/// All diagnostics, if one of them is an error.
pub fn generate_inline(sources: &SourceSet, config: &Config) -> Result<Generated, Diagnostics> {
    run(sources, config, Target::Inline)
}

fn run(sources: &SourceSet, config: &Config, target: Target) -> Result<Generated, Diagnostics> {
    let (contract, mut warnings) = contract::read_with_warnings(sources, config)?;
    let mut generated = write(&contract, config, target)?;
    warnings.extend(generated.warnings);
    generated.warnings = warnings;
    Ok(generated)
}

/// Renders a contract as the sources of a crate, or as one file to include.
///
/// # Errors
/// Contradictions in the configuration, such as a name that is given twice.
pub fn write(contract: &Contract, config: &Config, target: Target) -> Result<Generated, Diagnostics> {
    let mut findings: Vec<Finding> = Vec::new();
    let generated = rust::plan(contract, config, target, &mut findings);
    let mut warnings = Diagnostics::new();
    warnings.extend(findings.into_iter().map(Diagnostic::from));
    if warnings.has_errors() {
        return Err(warnings);
    }
    let files = match target {
        Target::Crate => render::files(&generated),
        Target::Inline => vec![GeneratedFile { path: "soap.rs".to_owned(), text: render::inline(&generated) }],
    };
    let lines: usize = files.iter().map(|file| file.text.lines().count()).sum();
    // The texts of contracts are no code.
    let texts = contract.published.documents.iter().flat_map(|document| &document.pieces);
    let lines = lines - texts.map(|text| text.matches('\n').count()).sum::<usize>();
    Ok(Generated { files, summary: Summary { lines, ..generated.summary }, warnings })
}
