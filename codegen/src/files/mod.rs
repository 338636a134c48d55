//! The only module that reads and writes files: sources are read with care for what is a file, and only generated files are
//! replaced.
//!
//! The command line, [`Builder`](crate::Builder) and chores that keep generated code in a repository share it.

mod output;
mod sources;

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use crate::config::Config;
use crate::diagnostic::Diagnostics;

pub use output::{Difference, compare, is_generated, replace, sync, write};
pub use sources::{Links, read, read_following, read_including};

/// Why a run failed.
pub enum Failure {
    /// A file or folder.
    File {
        /// Its path.
        path: PathBuf,
        /// What is wrong with it.
        message: String,
    },
    /// Errors in the contracts.
    Contract(Diagnostics),
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File { path, message } => write!(f, "{}: error: {message}", path.display()),
            Self::Contract(diagnostics) => diagnostics.fmt(f),
        }
    }
}

/// The text of `Display`: this is what a build script that fails prints.
impl std::fmt::Debug for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "\n{self}")
    }
}

impl std::error::Error for Failure {}

impl From<Diagnostics> for Failure {
    fn from(diagnostics: Diagnostics) -> Self {
        Self::Contract(diagnostics)
    }
}

impl Failure {
    fn new(path: &Path, message: impl Into<String>) -> Self {
        Self::File { path: path.to_owned(), message: message.into() }
    }

    fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |error| Self::new(path, error.to_string())
    }
}

/// Reads the configuration.
///
/// # Errors
/// A file that can't be read or is not a valid configuration.
pub fn read_config(path: &Path) -> Result<Config, Failure> {
    let text = fs::read_to_string(path).map_err(Failure::io(path))?;
    Config::from_toml(&text).map_err(|message| Failure::new(path, message))
}

fn common(one: &Path, other: &Path) -> PathBuf {
    one.components().zip(other.components()).take_while(|(a, b)| a == b).map(|(a, _)| a).collect()
}

fn slashes(path: &Path) -> String {
    let parts: Vec<String> = path.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
    parts.join("/")
}

/// The relative path from a folder to another path.
pub fn relative(from: &Path, to: &Path) -> io::Result<String> {
    let (from, to) = (std::path::absolute(from)?, std::path::absolute(to)?);
    let shared = common(&from, &to);
    let up = from.strip_prefix(&shared).unwrap_or(&from).components().map(|_| Component::ParentDir);
    let down = to.strip_prefix(&shared).unwrap_or(&to).components();
    Ok(slashes(&up.chain(down).collect::<PathBuf>()))
}
