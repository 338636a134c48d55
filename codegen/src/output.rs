//! From a contract to files.

use crate::config::Config;
use crate::contract::{self, model::Contract};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::source::SourceSet;
use crate::render::{self, Target, context::Context, summary::Summary, tree::GeneratedFile};
use crate::rust::{self, Finding};

/// What a run makes.
#[derive(Clone, Debug)]
pub struct Generated {
    /// Relative paths and texts, sorted by path.
    pub files: Vec<GeneratedFile>,
    /// In numbers.
    pub summary: Summary,
    /// What went otherwise than the documents suggest.
    pub warnings: Diagnostics,
}

/// The sources of a crate: a module and a feature per service.
///
/// # Errors
/// Everything found, if any of it stops the run.
pub fn generate(sources: &SourceSet, config: &Config) -> Result<Generated, Diagnostics> {
    run(sources, config, Target::Crate)
}

/// One text to `include!`, with everything in it.
///
/// # Errors
/// Everything found, if any of it stops the run.
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
/// Names that the configuration gives twice, and the like.
pub fn write(contract: &Contract, config: &Config, target: Target) -> Result<Generated, Diagnostics> {
    let mut findings: Vec<Finding> = Vec::new();
    let plan = rust::plan(contract, config, &mut findings);
    let mut warnings = Diagnostics::new();
    warnings.extend(findings.into_iter().map(Diagnostic::from));
    if warnings.has_errors() {
        return Err(warnings);
    }
    let root = render::root(Context { contract, config, plan: &plan }, target);
    let mut files = Vec::new();
    match target {
        Target::Crate => root.files(&config.runtime, "src", &mut files),
        Target::Inline => files.push(GeneratedFile { path: "soap.rs".to_owned(), text: root.inline(&config.runtime) }),
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let summary = Summary::new(&plan, &files);
    Ok(Generated { files, summary, warnings })
}
