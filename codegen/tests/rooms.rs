//! The rooms of the generator: each uses those before it, never one that comes later.

#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]

use std::fs;
use std::path::{Path, PathBuf};

/// What each room may import from this crate, itself aside.
const ROOMS: [(&str, &[&str]); 6] = [
    ("diagnostic", &["name"]),
    ("config", &["name", "diagnostic"]),
    ("document", &["name", "diagnostic"]),
    ("contract", &["name", "diagnostic", "config", "document"]),
    ("rust", &["name", "diagnostic", "config", "contract"]),
    ("render", &["name", "rust::model"]),
];

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn no_room_uses_a_later_one() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for (room, allowed) in ROOMS {
        let mut files = Vec::new();
        rust_files(&source.join(room), &mut files);
        assert!(!files.is_empty(), "{room} is empty");
        let mut seen = 0;
        for file in files {
            for import in fs::read_to_string(&file).unwrap().split("crate::").skip(1) {
                let may = |prefix: &str| {
                    import
                        .strip_prefix(prefix)
                        .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
                };
                let line = import.lines().next().unwrap_or_default();
                assert!(may(room) || allowed.iter().any(|one| may(one)), "{}: crate::{line}", file.display());
                seen += 1;
            }
        }
        assert!(seen > 0 || room == "diagnostic" || room == "config", "{room} imports nothing: is it looked at?");
    }
}
