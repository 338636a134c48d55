//! A folder per case in `tests/fixtures/read`: documents, perhaps a `codegen.toml`, and what comes
//! of them: `expected.ir` or `expected.err`. To add one, write the input and run with `UPDATE=1`.

use std::{fs, path::Path};

use wsdl_codegen::{Config, contract::print, inspect, read, read_with_warnings};

use crate::environment::update;
use crate::{folders, sources, workspace};

#[test]
fn every_case_reads_as_expected() {
    let mut failures = Vec::new();
    for folder in folders(&workspace().join("tests/fixtures/read")) {
        let config = fs::read_to_string(folder.join("codegen.toml")).unwrap_or_default();
        let config = Config::from_toml(&config).unwrap();
        let (ir, err) = (folder.join("expected.ir"), folder.join("expected.err"));
        let (path, other, actual) = match read_with_warnings(&sources(&folder), &config) {
            Ok((contract, warnings)) if warnings.is_empty() => (ir, err, print::print(&contract)),
            Ok((contract, warnings)) => (ir, err, format!("{warnings}\n\n{}", print::print(&contract))),
            Err(diagnostics) => (err, ir, format!("{diagnostics}\n")),
        };
        failures.extend(difference(&path, &actual));
        if other.exists() {
            failures.push(format!("{} should not exist", other.display()));
        }
    }
    assert!(failures.is_empty(), "{}\nrun with UPDATE=1 to accept", failures.join("\n\n"));
}

#[test]
fn inspect_writes_what_it_documents() {
    let folder = workspace().join("tests/fixtures/read/inspect");
    let config = Config::from_toml(&fs::read_to_string(folder.join("codegen.toml")).unwrap()).unwrap();
    let contract = read(&sources(&folder), &config).unwrap();
    let mut failures: Vec<String> =
        difference(&folder.join("expected.json"), &inspect::json(&contract)).into_iter().collect();
    failures.extend(difference(&folder.join("expected.txt"), &inspect::text(&contract)));
    assert!(failures.is_empty(), "{}\nrun with UPDATE=1 to accept", failures.join("\n\n"));
}

pub(crate) fn difference(path: &Path, actual: &str) -> Option<String> {
    if update() {
        fs::write(path, actual).unwrap();
        return None;
    }
    let expected = fs::read_to_string(path).unwrap_or_default();
    let line = expected.lines().zip(actual.lines()).position(|(expected, actual)| expected != actual);
    let line = line.unwrap_or_else(|| expected.lines().count().min(actual.lines().count()));
    (expected != actual).then(|| format!("{} differs from line {}; now:\n{actual}", path.display(), line + 1))
}
