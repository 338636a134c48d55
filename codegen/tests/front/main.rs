//! Reading contracts: fixture folders, published contracts, the cache, other people's contracts, and
//! hostile ones.

#![allow(clippy::unwrap_used, reason = "in a test it is the assertion")]

mod contracts;
mod fixtures;
mod hostile;
mod published;

use std::{
    fs,
    path::{Path, PathBuf},
};

use wsdl_codegen::{SourceSet, document::source};

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Contracts that are test input only lie beside the workspace; a checkout alone has none.
fn shared(folder: &str) -> Option<PathBuf> {
    let root = std::env::var_os("ALTINN_SOAP_SHARED").map_or_else(|| workspace().join("../shared"), PathBuf::from);
    let path = root.join(folder);
    // Named, and not there: a test that passes would prove nothing.
    assert!(path.is_dir() || std::env::var_os("ALTINN_SOAP_SHARED").is_none(), "no {}", path.display());
    if !path.is_dir() {
        println!("skipped: no {}", path.display());
        return None;
    }
    Some(path)
}

fn folders(root: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
    found.sort();
    found
}

/// All files below a folder with one of these extensions, sorted.
fn files(root: &Path, extensions: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![root.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or("");
            if path.is_dir() {
                open.push(path);
            } else if extensions.contains(&extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// All WSDL and XSD files below a folder.
fn sources(root: &Path) -> SourceSet {
    let mut set = SourceSet::new();
    for path in files(root, &["wsdl", "xsd"]) {
        let text = source::decode(&fs::read(&path).unwrap()).unwrap();
        set.insert(path.strip_prefix(root).unwrap().to_string_lossy(), text);
    }
    set
}
