//! The only module that reads and writes files.
//!
//! The command line, [`Builder`](crate::Builder) and chores that keep generated code in a repository share it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use crate::config::Config;
use crate::diagnostic::Diagnostics;
use crate::document::source::{self, SourceSet};
use crate::render::GeneratedFile;

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

/// Reads WSDL and XSD files, and those in folders.
///
/// Their names in the set are paths relative to what all of them have in common: the folder, if one folder is given.
///
/// # Errors
/// A path that is missing or cannot be read, a file that is not text, or no file at all.
pub fn read(paths: &[PathBuf]) -> Result<SourceSet, Failure> {
    let mut found = BTreeSet::new();
    let mut root: Option<PathBuf> = None;
    for path in paths {
        let whole = std::path::absolute(path).map_err(Failure::io(path))?;
        let is_folder = fs::metadata(path).map_err(Failure::io(path))?.is_dir();
        let folder = if is_folder { whole.as_path() } else { whole.parent().unwrap_or(&whole) };
        root = Some(root.map_or_else(|| folder.to_owned(), |root| common(&root, folder)));
        if is_folder {
            collect(&whole, &mut found)?;
        } else {
            found.insert(whole);
        }
    }
    let mut set = SourceSet::new();
    for path in &found {
        let bytes = fs::read(path).map_err(Failure::io(path))?;
        let text = source::decode(&bytes).map_err(|message| Failure::new(path, message))?;
        let name = path.strip_prefix(root.as_deref().unwrap_or(path)).unwrap_or(path);
        set.insert(slashes(name), text);
    }
    if set.is_empty() {
        let path = paths.first().cloned().unwrap_or_default();
        return Err(Failure::new(&path, "no .wsdl or .xsd file is here"));
    }
    Ok(set)
}

/// Reads the configuration.
///
/// # Errors
/// A file that can't be read or is not a valid configuration.
pub fn read_config(path: &Path) -> Result<Config, Failure> {
    let text = fs::read_to_string(path).map_err(Failure::io(path))?;
    Config::from_toml(&text).map_err(|message| Failure::new(path, message))
}

/// WSDL and XSD files below a folder. Hidden files and folders are skipped.
fn collect(folder: &Path, found: &mut BTreeSet<PathBuf>) -> Result<(), Failure> {
    for entry in fs::read_dir(folder).map_err(Failure::io(folder))? {
        let path = entry.map_err(Failure::io(folder))?.path();
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        let extension = path.extension().map(|extension| extension.to_string_lossy().to_lowercase());
        if hidden {
            continue;
        } else if path.is_dir() {
            collect(&path, found)?;
        } else if matches!(extension.as_deref(), Some("wsdl" | "xsd")) {
            found.insert(path);
        }
    }
    Ok(())
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

/// How files on disk differ from what would be generated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// Missing.
    Missing(String),
    /// Present with another text.
    Stale(String),
    /// Present, but not generated any more.
    Orphan(String),
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing(path) => write!(f, "{path} is missing"),
            Self::Stale(path) => write!(f, "{path} is stale"),
            Self::Orphan(path) => write!(f, "{path} is not generated any more"),
        }
    }
}

/// Compares generated files with a folder. Everything in its `src` belongs to the generator.
///
/// # Errors
/// Files that can't be read.
pub fn compare(folder: &Path, files: &[GeneratedFile]) -> Result<Vec<Difference>, Failure> {
    let mut there: BTreeMap<String, PathBuf> = BTreeMap::new();
    let src = folder.join("src");
    if src.is_dir() {
        rust_files(&src, "src", &mut there)?;
    }
    let mut differences = Vec::new();
    for file in files {
        let path = folder.join(&file.path);
        there.remove(&file.path);
        match fs::read_to_string(&path) {
            Ok(text) if text == file.text => {}
            Ok(_) => differences.push(Difference::Stale(file.path.clone())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                differences.push(Difference::Missing(file.path.clone()))
            }
            Err(error) => return Err(Failure::new(&path, error.to_string())),
        }
    }
    differences.extend(there.into_keys().map(Difference::Orphan));
    Ok(differences)
}

/// Makes the `src` of a folder contain exactly the generated files, and writes those outside of `src` too.
///
/// Only what differs is touched. A file that was not generated is never overwritten or removed: the
/// folder is refused before anything is written.
///
/// # Errors
/// A file that was not generated, or that can't be read or written.
pub fn sync(folder: &Path, files: &[GeneratedFile]) -> Result<Vec<Difference>, Failure> {
    let differences = compare(folder, files)?;
    for difference in &differences {
        if let Difference::Stale(path) | Difference::Orphan(path) = difference {
            let path = folder.join(path);
            if !is_generated(&fs::read_to_string(&path).map_err(Failure::io(&path))?) {
                let message =
                    "not generated, so it is neither overwritten nor removed; move it or choose another folder";
                return Err(Failure::new(&path, message));
            }
        }
    }
    for difference in &differences {
        match difference {
            Difference::Missing(name) | Difference::Stale(name) => {
                let text = files.iter().find(|file| file.path == *name).map_or("", |file| &file.text);
                write(&folder.join(name), text)?;
            }
            Difference::Orphan(name) => {
                let path = folder.join(name);
                fs::remove_file(&path).map_err(Failure::io(&path))?;
                // an empty folder goes too; one that is not empty stays, and that is no error
                path.ancestors()
                    .skip(1)
                    .take_while(|parent| *parent != folder)
                    .for_each(|parent| drop(fs::remove_dir(parent)));
            }
        }
    }
    Ok(differences)
}

/// Whether a text begins as generated texts do, Rust or TOML.
pub fn is_generated(text: &str) -> bool {
    ["wsdl-codegen", "altinn-soap-codegen"].iter().any(|name| {
        ["// @generated by ", "# @generated by "]
            .iter()
            .any(|mark| text.strip_prefix(mark).is_some_and(|rest| rest.starts_with(name)))
    })
}

/// Writes a file atomically.
pub(crate) fn write(path: &Path, text: &str) -> Result<(), Failure> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(Failure::io(folder))?;
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let new = path.with_file_name(name);
    fs::write(&new, text).map_err(Failure::io(&new))?;
    fs::rename(&new, path).map_err(Failure::io(path))
}

fn rust_files(folder: &Path, name: &str, found: &mut BTreeMap<String, PathBuf>) -> Result<(), Failure> {
    for entry in fs::read_dir(folder).map_err(Failure::io(folder))? {
        let path = entry.map_err(Failure::io(folder))?.path();
        let name = format!("{name}/{}", path.file_name().unwrap_or_default().to_string_lossy());
        if path.is_dir() {
            rust_files(&path, &name, found)?;
        } else {
            found.insert(name, path);
        }
    }
    Ok(())
}
