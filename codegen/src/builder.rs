//! The generator for build scripts.

use std::path::{Path, PathBuf};

use crate::config::Config;
use crate::files::{self, Failure};
use crate::output;
use crate::rust::summary::Summary;

/// Generates clients while a crate is built.
///
/// In `build.rs`:
///
/// ```no_run
/// wsdl_codegen::Builder::new().source("wsdl").generate()?;
/// # Ok::<(), wsdl_codegen::Failure>(())
/// ```
///
/// In the crate, which depends on `soap-runtime`:
///
/// ```text
/// mod soap {
///     include!(concat!(env!("OUT_DIR"), "/soap.rs"));
/// }
/// ```
///
/// Nothing but the given files is read, and nothing is downloaded: schemas that a contract imports must be
/// among them.
#[derive(Clone, Debug, Default)]
pub struct Builder {
    sources: Vec<PathBuf>,
    config: Option<PathBuf>,
    out_dir: Option<PathBuf>,
}

impl Builder {
    /// A builder without sources.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a WSDL or XSD file, or all of them in a folder and below.
    #[must_use]
    pub fn source(mut self, path: impl AsRef<Path>) -> Self {
        self.sources.push(path.as_ref().to_owned());
        self
    }

    /// Names the configuration file (`codegen.toml`).
    #[must_use]
    pub fn config(mut self, path: impl AsRef<Path>) -> Self {
        self.config = Some(path.as_ref().to_owned());
        self
    }

    /// Writes to another folder than cargo's `OUT_DIR`.
    #[must_use]
    pub fn out_dir(mut self, path: impl AsRef<Path>) -> Self {
        self.out_dir = Some(path.as_ref().to_owned());
        self
    }

    /// Writes `soap.rs`, and tells cargo which files it depends on.
    ///
    /// # Errors
    /// Files that can't be read or written, and contracts that are not supported. `Debug` prints which and why, so a
    /// build script can return or unwrap it.
    pub fn generate(self) -> Result<Summary, Failure> {
        for path in self.sources.iter().chain(&self.config) {
            println!("cargo:rerun-if-changed={}", path.display());
        }
        let out_dir = self.out_dir.or_else(|| std::env::var_os("OUT_DIR").map(PathBuf::from));
        let out_dir = out_dir.ok_or_else(|| Failure::File {
            path: PathBuf::from("OUT_DIR"),
            message: "not set: this is no build script; call `out_dir`".to_owned(),
        })?;
        let config = self.config.as_deref().map_or_else(|| Ok(Config::default()), files::read_config)?;
        let generated = output::generate_inline(&files::read(&self.sources)?, &config)?;
        for warning in &generated.warnings {
            println!("cargo:warning={}", warning.to_string().replace('\n', " "));
        }
        for file in &generated.files {
            let path = out_dir.join(&file.path);
            // An unchanged file keeps its modification time, so that cargo need not rebuild.
            if std::fs::read_to_string(&path).ok().as_deref() != Some(&file.text) {
                files::write(&path, &file.text)?;
            }
        }
        Ok(generated.summary)
    }
}
