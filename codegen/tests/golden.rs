//! One folder per case under `tests/fixtures/codegen`: contracts in, generated Rust out.
//!
//! A case holds `*.wsdl` and `*.xsd`, perhaps `case.toml`, and what is expected of them: `expected.rs`, or
//! `expected.err` for contracts that are refused, and `expected.warnings` where there are warnings. A
//! folder `expected` holds the files of a whole crate. `UPDATE=1 cargo test -p wsdl-codegen` writes them.

#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]

use std::fs;
use std::path::{Path, PathBuf};

use wsdl_codegen::{Config, SourceSet, files, generate, generate_inline};

#[allow(dead_code, reason = "not every test that includes it takes all of it")]
#[path = "../../tests/support/environment.rs"]
mod environment;

use environment::update;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/codegen")
}

fn cases() -> Vec<PathBuf> {
    let mut cases: Vec<PathBuf> = fs::read_dir(fixtures()).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.retain(|path| path.is_dir());
    cases.sort();
    assert!(!cases.is_empty());
    cases
}

fn input(case: &Path) -> (SourceSet, Config) {
    let config = case.join("case.toml");
    let config = if config.exists() { files::read_config(&config).unwrap() } else { Config::default() };
    (files::read(&[case.to_owned()]).unwrap(), config)
}

/// Compares a text with a file, or writes the file. An empty text stands for no file.
fn check(path: &Path, actual: &str, failures: &mut Vec<String>) {
    let expected = fs::read_to_string(path).unwrap_or_default();
    if expected == actual {
        return;
    }
    if update() {
        if actual.is_empty() {
            fs::remove_file(path).unwrap();
        } else {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, actual).unwrap();
        }
        return;
    }
    let line = expected.lines().zip(actual.lines()).take_while(|(a, b)| a == b).count();
    let show = |text: &str| text.lines().nth(line).unwrap_or("(end)").to_owned();
    failures.push(format!(
        "{}:{}: expected `{}`, got `{}`",
        path.strip_prefix(fixtures()).unwrap().display(),
        line + 1,
        show(&expected),
        show(actual)
    ));
}

#[test]
fn every_case_gives_what_is_expected() {
    let mut failures = Vec::new();
    for case in cases() {
        let (sources, config) = input(&case);
        let (text, warnings, error) = match generate_inline(&sources, &config) {
            Ok(generated) => (generated.files[0].text.clone(), generated.warnings.to_string(), String::new()),
            Err(diagnostics) => (String::new(), String::new(), diagnostics.to_string()),
        };
        let line = |text: String| if text.is_empty() { text } else { format!("{text}\n") };
        check(&case.join("expected.rs"), &text, &mut failures);
        check(&case.join("expected.warnings"), &line(warnings), &mut failures);
        check(&case.join("expected.err"), &line(error), &mut failures);
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn a_crate_has_a_feature_per_service() {
    let mut failures = Vec::new();
    for case in cases().iter().filter(|case| case.join("expected").is_dir()) {
        let (sources, config) = input(case);
        let generated = generate(&sources, &config).unwrap();
        let folder = case.join("expected");
        if update() {
            files::sync(&folder, &generated.files).unwrap();
        }
        let differences = files::compare(&folder, &generated.files).unwrap();
        failures.extend(differences.iter().map(|difference| format!("{}: {difference}", folder.display())));
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn what_is_generated_is_rust() {
    for case in cases() {
        let (sources, config) = input(&case);
        for run in [generate, generate_inline] {
            for file in run(&sources, &config).into_iter().flat_map(|generated| generated.files) {
                let parsed = syn::parse_file(&file.text);
                assert!(parsed.is_ok(), "{}: {}: {:?}", case.display(), file.path, parsed.err());
            }
        }
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    for case in cases() {
        let (sources, config) = input(&case);
        let run = || generate(&sources, &config).map(|generated| generated.files);
        assert_eq!(run(), run(), "{}", case.display());
    }
}

#[test]
fn generated_lines_per_operation_and_type() {
    let mut total = (0, 0);
    for case in cases() {
        let (sources, config) = input(&case);
        if let Ok(generated) = generate(&sources, &config) {
            total.0 += generated.summary.lines;
            total.1 += generated.summary.operations + generated.summary.types;
        }
    }
    assert!(total.0 <= 40 * total.1, "{} lines for {} operations and types", total.0, total.1);
}
