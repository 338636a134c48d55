//! Writes generated files. Nothing else is ever overwritten or removed, nothing through a symbolic link, and nothing at
//! all before everything has been looked at.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::files::Failure;
use crate::render::GeneratedFile;

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

/// What is at a path, links not followed.
enum Found {
    Nothing,
    /// A file and its text; no text if it is not UTF-8.
    File(Option<String>),
    /// A link, or neither file nor folder. It is never opened.
    Other,
}

fn look(path: &Path) -> Result<Found, Failure> {
    match fs::symlink_metadata(path) {
        Ok(kind) if kind.is_file() => {
            fs::read(path).map(|bytes| Found::File(String::from_utf8(bytes).ok())).map_err(Failure::io(path))
        }
        Ok(_) => Ok(Found::Other),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Found::Nothing),
        // Something above it is a file.
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => Ok(Found::Other),
        Err(error) => Err(Failure::new(path, error.to_string())),
    }
}

/// Compares generated files with a folder. Everything in its `src` belongs to the generator; links are not followed.
///
/// # Errors
/// Files that can't be read.
pub fn compare(folder: &Path, files: &[GeneratedFile]) -> Result<Vec<Difference>, Failure> {
    let mut there = BTreeMap::new();
    let src = folder.join("src");
    if fs::symlink_metadata(&src).is_ok_and(|kind| kind.is_dir()) {
        rust_files(&src, "src", &mut there)?;
    }
    let mut differences = changed(folder, files)?;
    files.iter().for_each(|file| drop(there.remove(&file.path)));
    differences.extend(there.into_keys().map(Difference::Orphan));
    Ok(differences)
}

/// Files that are missing or have another text.
fn changed(folder: &Path, files: &[GeneratedFile]) -> Result<Vec<Difference>, Failure> {
    let mut differences = Vec::new();
    for file in files {
        match look(&folder.join(&file.path))? {
            Found::Nothing => differences.push(Difference::Missing(file.path.clone())),
            Found::File(Some(text)) if text == file.text => {}
            Found::File(_) | Found::Other => differences.push(Difference::Stale(file.path.clone())),
        }
    }
    Ok(differences)
}

/// Makes the `src` of a folder contain exactly the generated files, and writes those outside of `src` too.
///
/// Only what differs is touched. A file that was not generated is never overwritten or removed, nor is anything behind a
/// link: the folder is refused before anything is written.
///
/// # Errors
/// A file that was not generated, or that can't be read or written; a link among the files.
pub fn sync(folder: &Path, files: &[GeneratedFile]) -> Result<Vec<Difference>, Failure> {
    let differences = compare(folder, files)?;
    apply(folder, files, &differences)?;
    Ok(differences)
}

/// Writes generated files into a folder that may hold others. Only what differs is touched.
///
/// # Errors
/// A file in the place of one of them that was not generated, or is a link; one that can't be read or written. Nothing is
/// written then, unless writing itself fails.
pub fn write(folder: &Path, files: &[GeneratedFile]) -> Result<(), Failure> {
    apply(folder, files, &changed(folder, files)?)
}

fn apply(folder: &Path, files: &[GeneratedFile], differences: &[Difference]) -> Result<(), Failure> {
    let mut spelt: BTreeMap<String, &str> = BTreeMap::new();
    for file in files {
        if let Some(other) = spelt.insert(file.path.to_lowercase(), &file.path) {
            let message = format!("`{other}` would be the same file where upper and lower case are not told apart");
            return Err(Failure::new(&folder.join(&file.path), message));
        }
    }
    let texts: BTreeMap<&str, &str> = files.iter().map(|file| (file.path.as_str(), file.text.as_str())).collect();
    for difference in differences {
        let (Difference::Missing(name) | Difference::Stale(name) | Difference::Orphan(name)) = difference;
        check(folder, name)?;
    }
    for difference in differences {
        match difference {
            Difference::Missing(name) | Difference::Stale(name) => {
                let is_new = matches!(difference, Difference::Missing(_));
                let text = texts.get(name.as_str()).copied().unwrap_or_default();
                put(&folder.join(name), text, is_new)?;
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
    Ok(())
}

/// Whether a file below a folder may be written or removed.
fn check(folder: &Path, name: &str) -> Result<(), Failure> {
    let mut path = folder.to_owned();
    let parts: Vec<&str> = name.split('/').collect();
    for part in parts.iter().take(parts.len().saturating_sub(1)) {
        path.push(part);
        match fs::symlink_metadata(&path) {
            Ok(kind) if kind.is_dir() => {}
            Ok(_) => return Err(Failure::new(&path, "no folder, so nothing is written or removed below it")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(Failure::new(&path, error.to_string())),
        }
    }
    let path = folder.join(name);
    let message = match look(&path)? {
        Found::Nothing => return Ok(()),
        Found::File(Some(text)) if is_generated(&text) => return Ok(()),
        Found::File(_) => "not generated, so it is neither overwritten nor removed; move it or choose another folder",
        Found::Other => "a link or no file, so it is neither overwritten nor removed; move it or choose another folder",
    };
    Err(Failure::new(&path, message))
}

/// Whether a text begins as generated texts do, Rust or TOML.
pub fn is_generated(text: &str) -> bool {
    ["wsdl-codegen", "altinn-soap-codegen"].iter().any(|name| {
        ["// @generated by ", "# @generated by "]
            .iter()
            .any(|mark| text.strip_prefix(mark).is_some_and(|rest| rest.starts_with(name)))
    })
}

/// Writes a file that need not be generated, atomically, in the place of an earlier one.
///
/// # Errors
/// A link or something else than a file in its place, or a file that can't be written.
pub fn replace(path: &Path, text: &str) -> Result<(), Failure> {
    match look(path)? {
        Found::Other => Err(Failure::new(path, "a link or no file, so it is not overwritten")),
        found => put(path, text, matches!(found, Found::Nothing)),
    }
}

/// Writes a file by way of another one in the same folder, which is new and of a name of its own. One that `is_new` is in
/// nobody's place.
fn put(path: &Path, text: &str, is_new: bool) -> Result<(), Failure> {
    let folder = path.parent().unwrap_or(Path::new(""));
    fs::create_dir_all(folder).map_err(Failure::io(folder))?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(".wsdl-codegen-").suffix(".tmp");
    // As any other file, within what the umask leaves; a temporary file would be its owner's alone.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let mut file = builder.tempfile_in(folder).map_err(Failure::io(folder))?;
    file.write_all(text.as_bytes()).map_err(Failure::io(file.path()))?;
    let placed = if is_new { file.persist_noclobber(path) } else { file.persist(path) };
    placed.map(drop).map_err(|error| Failure::new(path, error.error.to_string()))
}

/// Everything in a folder and below that is no folder, by its name.
fn rust_files(folder: &Path, name: &str, found: &mut BTreeMap<String, PathBuf>) -> Result<(), Failure> {
    for entry in fs::read_dir(folder).map_err(Failure::io(folder))? {
        let entry = entry.map_err(Failure::io(folder))?;
        let (path, name) = (entry.path(), format!("{name}/{}", entry.file_name().to_string_lossy()));
        if entry.file_type().map_err(Failure::io(&path))?.is_dir() {
            rust_files(&path, &name, found)?;
        } else {
            found.insert(name, path);
        }
    }
    Ok(())
}
