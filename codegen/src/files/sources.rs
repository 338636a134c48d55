//! Reads contracts, from files that are named and from folders.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::document::source::{self, SourceSet};
use crate::files::{Failure, common};

/// Where symbolic links in folders of contracts may lead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Links {
    /// Into the same folder; one that leads out is refused.
    #[default]
    Inside,
    /// Anywhere, as in the trees of Bazel and Nix, which are made of links.
    Anywhere,
}

/// Reads WSDL and XSD files, and those in folders, like [`read_following`] with [`Links::Inside`].
///
/// # Errors
/// As there.
pub fn read(paths: &[PathBuf]) -> Result<SourceSet, Failure> {
    read_following(paths, Links::Inside)
}

/// Reads WSDL and XSD files, and those in folders and below.
///
/// Their names in the set are paths relative to what all of them have in common: the folder, if one folder is given.
/// Each file is read once, by whatever path it is found, and one that is no link has precedence. In folders, what is hidden
/// or no file (a FIFO, a socket, a device) is passed by. A path that is given may itself be a link to anywhere.
///
/// # Errors
/// A path that is missing or cannot be read, is neither file nor folder, or has a name that other systems cannot have
/// (not UTF-8, or with a backslash); a link that leads nowhere, or out of the folder without leave; a file that is not
/// text; no file at all.
pub fn read_following(paths: &[PathBuf], links: Links) -> Result<SourceSet, Failure> {
    let mut search = Search { links, ..Search::default() };
    let mut root: Option<PathBuf> = None;
    for path in paths {
        let whole = std::path::absolute(path).map_err(Failure::io(path))?;
        let kind = fs::metadata(path).map_err(Failure::io(path))?;
        if !kind.is_dir() && !kind.is_file() {
            return Err(Failure::new(path, "neither a file nor a folder"));
        }
        let folder = if kind.is_dir() { whole.as_path() } else { whole.parent().unwrap_or(&whole) };
        root = Some(root.map_or_else(|| folder.to_owned(), |root| common(&root, folder)));
        let real = fs::canonicalize(path).map_err(Failure::io(path))?;
        if kind.is_dir() {
            search.folder(&whole, real)?;
        } else {
            search.file(whole, real);
        }
    }
    let mut set = SourceSet::new();
    for path in &search.found {
        let name = name(path, root.as_deref().unwrap_or(path))?;
        let bytes = fs::read(path).map_err(Failure::io(path))?;
        let text = source::decode(&bytes).map_err(|message| Failure::new(path, message))?;
        set.insert(name, text);
    }
    if set.is_empty() {
        let path = paths.first().cloned().unwrap_or_default();
        return Err(Failure::new(&path, "no .wsdl or .xsd file is here"));
    }
    Ok(set)
}

/// Files that were found so far.
#[derive(Default)]
struct Search {
    links: Links,
    found: BTreeSet<PathBuf>,
    /// Files and folders without links in their paths, each taken once.
    seen: BTreeSet<PathBuf>,
}

impl Search {
    fn file(&mut self, path: PathBuf, real: PathBuf) {
        if self.seen.insert(real) {
            self.found.insert(path);
        }
    }

    /// Everything in a folder and below: first what is really there, then what links lead to.
    fn folder(&mut self, path: &Path, real: PathBuf) -> Result<(), Failure> {
        let mut links = Vec::new();
        self.inside(path, &real, &mut links)?;
        let mut next = 0;
        while let Some(link) = links.get(next).cloned() {
            next += 1;
            self.link(&link, &real, &mut links)?;
        }
        Ok(())
    }

    fn inside(&mut self, path: &Path, real: &Path, links: &mut Vec<PathBuf>) -> Result<(), Failure> {
        if !self.seen.insert(real.to_owned()) {
            return Ok(());
        }
        let entries = fs::read_dir(path).and_then(|entries| entries.collect::<Result<Vec<_>, _>>());
        let mut entries = entries.map_err(Failure::io(path))?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries.iter().filter(|entry| !entry.file_name().as_encoded_bytes().starts_with(b".")) {
            let path = entry.path();
            // Of the entry itself, not of what a link leads to.
            let kind = entry.file_type().map_err(Failure::io(&path))?;
            if kind.is_symlink() {
                links.push(path);
            } else if kind.is_dir() {
                self.inside(&path, &real.join(entry.file_name()), links)?;
            } else if kind.is_file() && is_contract(&path) {
                self.file(path, real.join(entry.file_name()));
            }
        }
        Ok(())
    }

    /// What a link leads to; `root` is the folder that it was found below.
    fn link(&mut self, path: &Path, root: &Path, links: &mut Vec<PathBuf>) -> Result<(), Failure> {
        let (real, kind) = match fs::canonicalize(path).and_then(|real| Ok((fs::metadata(&real)?, real))) {
            Ok((kind, real)) => (real, kind),
            Err(_) if !is_contract(path) => return Ok(()),
            Err(error) => return Err(Failure::new(path, format!("the link leads nowhere: {error}"))),
        };
        let is_wanted = kind.is_dir() || (kind.is_file() && is_contract(path));
        if is_wanted && self.links == Links::Inside && !real.starts_with(root) {
            let message = "the link leads out of the folder: name the file itself, or allow it \
                           (`follow_links(true)`, `--follow-links`)";
            return Err(Failure::new(path, message));
        }
        if kind.is_dir() {
            return self.inside(path, &real, links);
        }
        if is_wanted {
            self.file(path.to_owned(), real);
        }
        Ok(())
    }
}

fn is_contract(path: &Path) -> bool {
    path.extension().is_some_and(|extension| {
        ["wsdl", "xsd"].iter().any(|wanted| extension.as_encoded_bytes().eq_ignore_ascii_case(wanted.as_bytes()))
    })
}

/// The name of a file in the set. It must mean the same file on every system.
fn name(path: &Path, root: &Path) -> Result<String, Failure> {
    let refused = |message: &str| Err(Failure::new(path, message));
    let mut parts = Vec::new();
    for part in path.strip_prefix(root).unwrap_or(path).components() {
        match part.as_os_str().to_str() {
            None => return refused("the name is not UTF-8: rename it"),
            Some(part) if part.contains('\\') && std::path::MAIN_SEPARATOR == '/' => {
                return refused("the name holds a backslash, which is a folder elsewhere: rename it");
            }
            Some(part) => parts.push(part),
        }
    }
    Ok(parts.join("/"))
}
