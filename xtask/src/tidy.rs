//! Invariants of ARCHITECTURE.md that a text search can hold.

use std::fs;
use std::path::{Path, PathBuf};

use crate::root;

/// Lines of a hand-written file beyond which a reason is needed.
const MOST_LINES: usize = 600;

/// The Rust sources of a folder of the workspace, in the order of their paths.
pub(crate) fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    fn collect(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    let mut found = Vec::new();
    collect(&root().join(folder), &mut found);
    found.sort();
    found
}

/// Our own package names are no product names.
fn without_own_names(text: &str) -> String {
    text.to_lowercase().replace("altinn-soap", "").replace("altinn_soap", "")
}

/// What belongs to one service, and may stand in neither generator nor runtime.
const SERVICE_WORDS: [&str; 10] = [
    "altinn",
    "brokerservice",
    "correspondence",
    "ec2",
    "end_user",
    "enduser",
    "pin_code",
    "receipt",
    "reportee",
    "smspin",
];

/// Of those, what may not stand in documentation and comments either. The others are ordinary words there.
const NAMES: [&str; 3] = ["altinn", "reportee", "smspin"];

#[test]
fn neither_generator_nor_runtime_knows_a_product() {
    let mut found = Vec::new();
    for (path, text) in sources("codegen/src").into_iter().chain(sources("runtime/src")) {
        // Tests may name what they like.
        let text = text.split("#![cfg(test)]").next().unwrap();
        let text = without_own_names(text.split("#[cfg(test)]").next().unwrap());
        for (at, line) in text.lines().enumerate() {
            let words: &[&str] = if line.trim_start().starts_with("//") { &NAMES } else { &SERVICE_WORDS };
            let words = words.iter().filter(|word| line.contains(**word));
            found.extend(words.map(|word| format!("{}:{}: {word}", path.display(), at + 1)));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Why the advisory on `rsa` may stand (SECURITY.md): signatures are blinded, and no RSA key decrypts.
#[test]
fn rsa_signs_blinded_and_decrypts_nothing() {
    let mut signatures = 0;
    for (path, text) in sources("runtime/src") {
        for word in ["Pkcs1v15Encrypt", "Oaep", "rsa::hazmat", "pkcs1v15::SigningKey"] {
            assert!(!text.contains(word), "{}: {word}", path.display());
        }
        for line in text.lines().filter(|line| line.contains("Pkcs1v15Sign::new")) {
            signatures += 1;
            let is_blinded = line.contains("sign_with_rng(&mut blinding(");
            assert!(is_blinded || line.contains(".verify("), "{}: {line}", path.display());
        }
    }
    assert!(signatures > 1, "signatures are written otherwise than this test expects");
}

#[test]
fn the_generator_is_pure() {
    for (path, text) in sources("codegen/src") {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let is_of_files = path.parent().is_some_and(|folder| folder.ends_with("codegen/src/files"));
        let may_touch_files = is_of_files || ["builder.rs", "wsdl-codegen.rs"].contains(&&*name);
        for word in ["std::fs", "std::env::", "std::net", "SystemTime", "Instant::now", "HashMap", "HashSet"] {
            assert!(may_touch_files || !text.contains(word), "{}: {word}", path.display());
        }
    }
    let manifest = fs::read_to_string(root().join("codegen/Cargo.toml")).unwrap();
    for dependency in ["soap-runtime", "tokio", "reqwest", "hyper"] {
        assert!(!manifest.contains(dependency), "codegen depends on {dependency}");
    }
}

#[test]
fn hand_written_files_are_introduced_and_of_readable_size() {
    for folder in ["src", "codegen/src", "runtime/src", "xtask/src", "tests/it", "bench"] {
        for (path, text) in sources(folder) {
            assert!(text.starts_with("//!") || text.starts_with("#![doc"), "{} says not what it is", path.display());
            assert!(text.lines().count() <= MOST_LINES, "{} is too long", path.display());
        }
    }
}

#[test]
fn documents_show_what_is_generated() {
    assert_eq!(shown("docs/generated-code.md"), 5);
    assert_eq!(shown("docs/your-own-wsdl.md"), 6);
    assert_eq!(shown("docs/serving.md"), 4);
}

#[test]
fn the_flows_name_methods_that_there_are() {
    let text = fs::read_to_string(root().join("docs/altinn-flows.md")).unwrap();
    let named = text.split('`').skip(1).step_by(2).filter_map(|code| code.split_once("::"));
    let mut count = 0;
    for (module, method) in named.filter(|(module, _)| module.starts_with(|first: char| first.is_ascii_lowercase())) {
        let declared = format!("fn {method}(");
        let is_there = sources(&format!("generated/src/{module}")).iter().any(|(_, text)| text.contains(&declared));
        assert!(is_there, "{module}::{method} is not generated");
        count += 1;
    }
    assert!(count > 30, "only {count} methods are named");
}

/// The number of code blocks with the path of a file above them, each of which stands in that file.
fn shown(document: &str) -> usize {
    let text = fs::read_to_string(root().join(document)).unwrap();
    let mut shown = 0;
    for part in text.split("<!-- ").skip(1) {
        let Some((path, rest)) = part.split_once(" -->\n```rust,ignore\n") else { continue };
        let (code, _) = rest.split_once("\n```").unwrap();
        let path = path.split(": ").next().unwrap();
        let source = fs::read_to_string(root().join(path)).unwrap();
        assert!(source.contains(code), "{path} no longer holds what {document} shows:\n{code}");
        shown += 1;
    }
    shown
}
