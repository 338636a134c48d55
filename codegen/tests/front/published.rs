//! Whole contracts: the published ones, the project's cache, and whatever others have published.

use std::{collections::BTreeSet, fs, path::Path};

use wsdl_codegen::{Config, SourceSet, contract::print, document::source, inspect, read_with_warnings};

use crate::environment::shared;
use crate::{files, folders, sources, workspace};

#[test]
fn published_contracts_read_without_a_word() {
    let Some(root) = shared("altinn-wsdl") else { return };
    for folder in folders(&root) {
        match read_with_warnings(&sources(&folder), &Config::default()) {
            Ok((_, warnings)) => assert!(warnings.is_empty(), "{}: {warnings}", folder.display()),
            Err(diagnostics) => panic!("{}:\n{diagnostics}", folder.display()),
        }
    }
    let (all, warnings) = read_with_warnings(&sources(&root), &Config::default()).unwrap();
    assert!(warnings.is_empty(), "{warnings}");
    assert_eq!(all.services.len(), folders(&root).len());
}

/// A type that several contracts share is there once, unless they say different things about it.
#[test]
fn published_contracts_share_their_types() {
    let Some(root) = shared("altinn-wsdl") else { return };
    let (all, _) = read_with_warnings(&sources(&root), &Config::default()).unwrap();
    let names: BTreeSet<_> = all.types.iter().map(|def| (&def.name, &def.anonymous_in)).collect();
    // Snapshots of different age; see `[[difference]]` in wsdl-cache/MANIFEST.toml.
    let several = all.types.len() - names.len();
    assert!(several < 20, "{several} types have a twin of another shape");
    let faults = all.types.iter().filter(|def| def.name.local == "AltinnFault").count();
    assert_eq!(faults, 1);
}

#[test]
fn the_cache_reads_without_a_word() {
    let root = workspace().join("wsdl-cache");
    let config = fs::read_to_string(workspace().join("generated/codegen.toml")).unwrap();
    let (contract, warnings) = read_with_warnings(&sources(&root), &Config::from_toml(&config).unwrap()).unwrap();
    assert!(warnings.is_empty(), "{warnings}");
    assert_eq!(contract.services.len(), files(&root, &["wsdl"]).len());
}

/// The order in which a folder is listed must not show.
#[test]
fn the_same_texts_read_the_same() {
    let root = workspace().join("tests/fixtures/read");
    for folder in folders(&root) {
        let set = sources(&folder);
        let mut reversed = SourceSet::new();
        for (name, text) in set.iter().collect::<Vec<_>>().into_iter().rev() {
            reversed.insert(name, text);
        }
        let once = read_with_warnings(&set, &Config::default());
        assert_eq!(once, read_with_warnings(&reversed, &Config::default()));
    }
}

/// Some of these are invalid on purpose, and many use what is refused by name. None may panic, and
/// what is read can be printed.
#[test]
fn other_peoples_contracts_do_no_harm() {
    let Some(root) = shared("corpora") else { return };
    let (mut good, mut refused) = (0, 0);
    for path in files(&root, &["wsdl"]) {
        match read_with_warnings(&with_imports(&root, &path), &Config::default()) {
            Ok((contract, _)) => {
                good += 1;
                assert!(!print::print(&contract).is_empty());
                assert!(!inspect::text(&contract).is_empty());
                assert!(!inspect::json(&contract).is_empty());
            }
            Err(diagnostics) => {
                refused += 1;
                assert!(diagnostics.has_errors());
            }
        }
    }
    println!("{good} read, {refused} refused");
    assert!(good > 200, "{good} read, {refused} refused");
}

/// A document and what it refers to by relative location.
fn with_imports(root: &Path, path: &Path) -> SourceSet {
    let mut set = SourceSet::new();
    let mut open = vec![path.to_owned()];
    let mut seen = BTreeSet::new();
    while let Some(path) = open.pop() {
        let Ok(path) = path.canonicalize() else { continue };
        let Ok(name) = path.strip_prefix(root.canonicalize().unwrap()).map(Path::to_owned) else { continue };
        if !path.is_file() || !seen.insert(path.clone()) {
            continue;
        }
        let Ok(text) = source::decode(&fs::read(&path).unwrap()) else { continue };
        for quote in ['"', '\''] {
            for reference in text.split(&format!("ocation={quote}")).skip(1) {
                let location = reference.split([quote, '#', '?']).next().unwrap_or("");
                if location.ends_with(".wsdl") || location.ends_with(".xsd") {
                    open.push(path.with_file_name(location));
                }
            }
        }
        set.insert(name.to_string_lossy(), text);
    }
    set
}
