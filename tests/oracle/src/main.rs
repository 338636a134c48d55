//! `altinn-soap-oracle <inspect.json> <DIR>`, or `--corpus <DIR>`: does `xsd-parser` read the contracts as the generator does?

mod content;
mod corpus;
mod expected;
mod facts;
mod inspect;
mod schema;
#[cfg(test)]
mod tests;

use std::{collections::BTreeSet, error::Error, path::Path, process::ExitCode};

use expected::{EXPECTED, Expected};

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let [inspected, folder] = arguments.as_slice() else {
        eprintln!("usage: altinn-soap-oracle <inspect.json> <DIR> | --corpus <DIR>");
        return ExitCode::FAILURE;
    };
    let result = match inspected.to_str() {
        Some("--corpus") => corpus::run(folder.as_ref()),
        _ => read(inspected.as_ref()).and_then(|report| run(&report, folder.as_ref(), EXPECTED)),
    };
    match result {
        Ok(0) => return ExitCode::SUCCESS,
        Ok(failures) => eprintln!("error: {failures} to settle, in the generator or in expected.rs"),
        Err(error) => eprintln!("error: {error}"),
    }
    ExitCode::FAILURE
}

fn read(path: &Path) -> Result<inspect::Report, Box<dyn Error>> {
    let report: inspect::Report = serde_json::from_str(&std::fs::read_to_string(path)?)?;
    match report.format {
        1 => Ok(report),
        other => Err(format!("format {other} is not known").into()),
    }
}

/// Compares all contracts. Returns the number of unexplained disagreements and of explanations without use.
fn run(report: &inspect::Report, folder: &Path, expected: &[Expected]) -> Result<usize, Box<dyn Error>> {
    let mut used = vec![0; expected.len()];
    let (mut types, mut agreed, mut failures) = (0, 0, 0);
    let documents = documents(report, folder)?;
    for document in &documents {
        let ours = report.facts(document);
        let theirs = schema::facts(&folder.join(document)).map_err(|error| format!("{document}: {error}"))?;
        let (agreements, disagreements) = ours.compare(&theirs);
        let mut open = Vec::new();
        for one in &disagreements {
            match expected.iter().position(|entry| entry.explains(one)) {
                Some(entry) => used[entry] += 1,
                None => open.push(format!("  {}: {}: ours {}, oracle {}", one.place, one.fact, one.ours, one.theirs)),
            }
        }
        let explained = disagreements.len() - open.len();
        let count = ours.types();
        println!(
            "{document}: {count} types, {agreements} facts agree, {explained} differ as expected, {} more",
            open.len()
        );
        open.iter().for_each(|one| println!("{one}"));
        types += count;
        agreed += agreements;
        failures += open.len();
    }
    println!("{} contracts: {types} types, {agreed} facts agree", documents.len());
    for (entry, used) in expected.iter().zip(used) {
        println!("expected, {used} times: {} {}, oracle {}: {}", entry.fact, entry.ours, entry.theirs, entry.reason);
        if used == 0 {
            println!("  no longer so: remove it from expected.rs");
            failures += 1;
        }
    }
    Ok(failures)
}

/// The contracts in the folder and in the report; either may lack one.
fn documents(report: &inspect::Report, folder: &Path) -> std::io::Result<BTreeSet<String>> {
    let mut documents: BTreeSet<String> = report.services.iter().map(|service| service.document.clone()).collect();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "wsdl") {
                documents.insert(path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().replace('\\', "/"));
            }
        }
    }
    Ok(documents)
}
