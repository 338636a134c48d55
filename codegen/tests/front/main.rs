//! Reading contracts: fixture folders, published contracts, the cache, other people's contracts, and
//! hostile ones.

#![allow(clippy::unwrap_used, reason = "in a test it is the assertion")]

mod contracts;
mod data;
mod difference;
#[path = "../../../tests/support/environment.rs"]
mod environment;
mod fixtures;
#[path = "../../../tests/support/contracts.rs"]
mod grammar;
mod hostile;
mod partial;
mod published;
mod served;
mod structured;

use std::{
    fs,
    path::{Path, PathBuf},
};

use wsdl_codegen::{SourceSet, document::source};

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
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
