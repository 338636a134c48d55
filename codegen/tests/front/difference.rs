//! A folder per case in `tests/fixtures/diff`: a contract as it was (`old`) and as it is (`new`), and what changed, as text
//! and as JSON. To add one, write both and run with `UPDATE=1`.

use std::fs;
use std::path::Path;

use wsdl_codegen::contract::model::Contract;
use wsdl_codegen::diff::{self, Impact};
use wsdl_codegen::{Config, read};

use crate::fixtures::difference;
use crate::{folders, sources, workspace};

fn contract(folder: &Path, config: &Path) -> Contract {
    let config = Config::from_toml(&fs::read_to_string(config.join("codegen.toml")).unwrap_or_default()).unwrap();
    read(&sources(folder), &config).unwrap_or_else(|errors| panic!("{}: {errors}", folder.display()))
}

#[test]
fn every_case_changes_as_expected() {
    let mut failures = Vec::new();
    for folder in folders(&workspace().join("tests/fixtures/diff")) {
        let (old, new) = (contract(&folder.join("old"), &folder), contract(&folder.join("new"), &folder));
        let changes = diff::diff(&old, &new);
        failures.extend(difference(&folder.join("expected.txt"), &diff::text(&changes)));
        failures.extend(difference(&folder.join("expected.json"), &diff::json(&changes)));
        assert_eq!(diff::is_breaking(&changes), changes.iter().any(|one| one.impact == Impact::Breaking));
        // The other way round there is as much to say, or nothing.
        assert_eq!(diff::diff(&new, &old).is_empty(), changes.is_empty(), "{}", folder.display());
    }
    assert!(failures.is_empty(), "{}\nrun with UPDATE=1 to accept", failures.join("\n\n"));
}

#[test]
fn a_contract_is_no_different_from_itself() {
    let mut compared = 0;
    for cases in ["read", "codegen"] {
        for folder in folders(&workspace().join("tests/fixtures").join(cases)) {
            let config = fs::read_to_string(folder.join("codegen.toml")).unwrap_or_default();
            let Ok(contract) = read(&sources(&folder), &Config::from_toml(&config).unwrap_or_default()) else {
                continue;
            };
            assert_eq!(diff::diff(&contract, &contract), [], "{}", folder.display());
            compared += 1;
        }
    }
    assert!(compared > 40, "only {compared} contracts were compared");
    let cache = read(&sources(&workspace().join("wsdl-cache")), &Config::default()).unwrap();
    assert_eq!(diff::diff(&cache, &cache), []);
}

/// Each kind that the documentation lists is in one of the cases, and no other.
#[test]
fn the_kinds_of_changes_are_those_that_are_documented() {
    let page = fs::read_to_string(workspace().join("codegen/src/diff/mod.rs")).unwrap();
    let (_, page) = page.split_once("//! The kinds, for").unwrap();
    let (page, _) = page.split_once("\n\n").unwrap();
    let words: Vec<&str> = page.split('`').skip(1).step_by(2).collect();
    let (stems, kinds): (Vec<&str>, Vec<&str>) = words.into_iter().partition(|word| word.ends_with('-'));
    let pairs = stems.iter().flat_map(|stem| ["added", "removed"].map(|what| format!("{stem}{what}")));
    let both = ["added", "removed"];
    let documented = pairs.chain(kinds.into_iter().filter(|kind| !both.contains(kind)).map(str::to_owned));
    let mut documented: Vec<String> = documented.collect();
    documented.sort();
    let mut found: Vec<String> = folders(&workspace().join("tests/fixtures/diff"))
        .iter()
        .flat_map(|folder| diff::diff(&contract(&folder.join("old"), folder), &contract(&folder.join("new"), folder)))
        .map(|change| change.kind)
        .collect();
    found.sort();
    found.dedup();
    assert_eq!(found, documented);
}
