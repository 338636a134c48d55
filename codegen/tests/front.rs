//! The front half on whole documents: fixture folders, published contracts, other people's contracts.

use std::{
    fs,
    path::{Path, PathBuf},
};

use altinn_soap_codegen::{config::Config, ir::print, read_with_warnings, source};

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Contracts that are test input only and lie beside the workspace; a checkout alone has none.
fn shared(folder: &str) -> Option<PathBuf> {
    let root = std::env::var_os("ALTINN_SOAP_SHARED").map_or_else(|| workspace().join("../shared"), PathBuf::from);
    let path = root.join(folder);
    if !path.is_dir() {
        println!("skipped: no {}", path.display());
        return None;
    }
    Some(path)
}

fn folders(root: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> =
        fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    found.sort();
    found
}

/// All WSDL and XSD files below a folder.
fn sources(root: &Path) -> source::SourceSet {
    fn walk(root: &Path, folder: &Path, set: &mut source::SourceSet) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(root, &path, set);
            } else if path.extension().is_some_and(|extension| extension == "wsdl" || extension == "xsd") {
                let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
                if let Ok(text) = source::decode(&fs::read(&path).unwrap()) {
                    set.insert(name, text);
                }
            }
        }
    }
    let mut set = source::SourceSet::new();
    walk(root, root, &mut set);
    set
}

fn check(path: &Path, actual: &str) -> Option<String> {
    if std::env::var_os("UPDATE").is_some() {
        fs::write(path, actual).unwrap();
        return None;
    }
    let expected = fs::read_to_string(path).unwrap_or_default();
    (expected != actual).then(|| format!("{} differs:\n{actual}", path.display()))
}

#[test]
fn fixtures() {
    let root = workspace().join("tests/fixtures/codegen");
    let mut failures = Vec::new();
    for folder in folders(&root) {
        let config = fs::read_to_string(folder.join("codegen.toml")).unwrap_or_default();
        let config = Config::from_toml(&config).unwrap();
        let (ir, err) = (folder.join("expected.ir"), folder.join("expected.err"));
        let (path, other, actual) = match read_with_warnings(&sources(&folder), &config) {
            Ok((contract, warnings)) if warnings.is_empty() => (ir, err, print::print(&contract)),
            Ok((contract, warnings)) => (ir, err, format!("{warnings}\n\n{}", print::print(&contract))),
            Err(diagnostics) => (err, ir, format!("{diagnostics}\n")),
        };
        failures.extend(check(&path, &actual));
        if other.exists() {
            failures.push(format!("{} should not exist", other.display()));
        }
    }
    assert!(failures.is_empty(), "{}\nrun with UPDATE=1 to accept", failures.join("\n\n"));
}

#[test]
fn published_contracts_read_without_error() {
    let Some(root) = shared("altinn-wsdl") else { return };
    for folder in folders(&root) {
        match read_with_warnings(&sources(&folder), &Config::default()) {
            Ok((contract, warnings)) => {
                assert!(warnings.is_empty(), "{}: {warnings}", folder.display());
                println!("{}: {} types", folder.display(), contract.types.len());
            }
            Err(diagnostics) => panic!("{}:\n{diagnostics}", folder.display()),
        }
    }
    let (all, _) = read_with_warnings(&sources(&root), &Config::default()).unwrap();
    assert!(all.services.len() >= 23);
    println!("together: {} services, {} types", all.services.len(), all.types.len());
}
