//! `cargo xtask wsdl verify`: the cache is what its manifest says, and says what the published contracts say.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use sha2::{Digest, Sha256};
use wsdl_codegen::config::Config;
use wsdl_codegen::contract::model::Contract;
use wsdl_codegen::files;

use crate::manifest::{self, Manifest, Provenance};
use crate::{Result, contracts, root, shared};

pub(crate) fn verify(write: bool) -> Result {
    if write {
        write_digests()?;
    }
    let manifest = manifest::read()?;
    let mut problems = digests(&manifest)?;
    let cache = read_cache()?;
    problems.extend(provenance(&manifest, &cache));
    let verified = manifest.operation.iter().filter(|operation| operation.provenance == Provenance::Verified).count();
    println!(
        "{} files, {} operations: {verified} verified, {} inferred",
        manifest.file.len(),
        manifest.operation.len(),
        manifest.operation.len() - verified
    );
    match shared("contracts") {
        Some(folder) => {
            let report = contracts::compare(&folder, &cache, &manifest)?;
            println!("{report}");
            problems.extend(report.problems);
        }
        None => println!("the published contracts are not at hand: not compared"),
    }
    if problems.is_empty() { Ok(()) } else { Err(problems.join("\n").into()) }
}

/// What the manifest still lacks, or the documentation of the contracts.
pub(crate) fn left_to_do() -> Result<Vec<String>> {
    let manifest = manifest::read()?;
    let mut problems = digests(&manifest)?;
    if !problems.is_empty() {
        problems.push("`cargo xtask wsdl verify --write` renews the digests".to_owned());
    }
    problems.extend(provenance(&manifest, &read_cache()?));
    Ok(problems)
}

/// The contract of the whole cache, credentials not yet taken out.
pub(crate) fn read_cache() -> Result<Contract> {
    let sources = files::read(&[root().join("wsdl-cache")])?;
    Ok(wsdl_codegen::read(&sources, &Config::default())?)
}

/// SHA-256 of every file of the cache but the manifest, by relative path.
fn actual_digests() -> Result<BTreeMap<String, String>> {
    fn collect(folder: &Path, name: &str, found: &mut BTreeMap<String, String>) -> Result {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let name = format!("{name}{}", path.file_name().unwrap_or_default().to_string_lossy());
            if path.is_dir() {
                collect(&path, &format!("{name}/"), found)?;
            } else if name != "MANIFEST.toml" {
                let digest = Sha256::digest(fs::read(&path)?);
                found.insert(name, digest.iter().map(|byte| format!("{byte:02x}")).collect());
            }
        }
        Ok(())
    }
    let mut found = BTreeMap::new();
    collect(&root().join("wsdl-cache"), "", &mut found)?;
    Ok(found)
}

fn digests(manifest: &Manifest) -> Result<Vec<String>> {
    let mut actual = actual_digests()?;
    let mut problems = Vec::new();
    for file in &manifest.file {
        match actual.remove(&file.path) {
            None => problems.push(format!("{}: in the manifest, but not there", file.path)),
            Some(digest) if digest != file.sha256 => {
                problems.push(format!("{}: another digest than the manifest's", file.path))
            }
            Some(_) => {}
        }
    }
    problems.extend(actual.into_keys().map(|path| format!("{path}: not in the manifest")));
    Ok(problems)
}

/// Replaces the list of files in the manifest, and nothing else.
fn write_digests() -> Result {
    let path = root().join(manifest::PATH);
    let text = fs::read_to_string(&path)?;
    let start = text.find("file = [\n").ok_or("the manifest has no list `file = [`")?;
    let end = start + text[start..].find("\n]\n").ok_or("the manifest's list of files has no end")?;
    let lines: Vec<_> = actual_digests()?
        .iter()
        .map(|(path, digest)| format!("    {{ path = \"{path}\", sha256 = \"{digest}\" }},"))
        .collect();
    let text = format!("{}file = [\n{}{}", &text[..start], lines.join("\n"), &text[end..]);
    Ok(files::replace(&path, &text)?)
}

/// Every operation has an entry, and exactly the inferred ones say so to the reader.
fn provenance(manifest: &Manifest, cache: &Contract) -> Vec<String> {
    let mut problems = Vec::new();
    let mut listed: BTreeMap<(&str, &str), &manifest::Operation> = BTreeMap::new();
    for operation in &manifest.operation {
        if listed.insert((&operation.port, &operation.name), operation).is_some() {
            problems.push(format!("{}: {} is listed twice", operation.port, operation.name));
        }
        let complete = match operation.provenance {
            Provenance::Verified => operation.source.is_some() && operation.rule.is_none(),
            Provenance::Inferred => {
                operation.source.is_none() && operation.rule.is_some() && operation.reason.is_some()
            }
        };
        if !complete {
            problems.push(format!("{}: {} lacks its source, or its rule and reason", operation.port, operation.name));
        }
    }
    let mut found = BTreeSet::new();
    for service in &cache.services {
        let port = service.document.trim_start_matches("wsdl/").trim_end_matches(".wsdl");
        for operation in service.ports.iter().flat_map(|port| &port.operations) {
            found.insert((port, &*operation.name));
            let says = operation.documentation.paragraphs.iter().filter(|text| text.starts_with("Inferred:")).count();
            match listed.get(&(port, &*operation.name)) {
                None => problems.push(format!("{port}: {} is not in the manifest", operation.name)),
                Some(entry) if says != usize::from(entry.provenance == Provenance::Inferred) => {
                    let what = match says {
                        0 => "is inferred: its documentation needs a paragraph `Inferred: …` that says how",
                        1 => "is verified: the paragraph `Inferred: …` has to leave its documentation",
                        _ => "has more than one paragraph `Inferred: …`",
                    };
                    problems.push(format!("{port}: {} {what} (wsdl-cache/{})", operation.name, service.document));
                }
                Some(_) => {}
            }
        }
    }
    problems.extend(
        listed
            .keys()
            .filter(|key| !found.contains(*key))
            .map(|(port, name)| format!("{port}: {name} is listed, but not there")),
    );
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manifest_holds() {
        let manifest = manifest::read().unwrap();
        assert_eq!(digests(&manifest).unwrap(), Vec::<String>::new());
        assert_eq!(provenance(&manifest, &read_cache().unwrap()), Vec::<String>::new());
    }

    #[test]
    fn a_wrong_manifest_is_noticed() {
        let mut manifest = manifest::read().unwrap();
        manifest.file[0].sha256.clear();
        manifest.file[1].path.push('x');
        assert_eq!(digests(&manifest).unwrap().len(), 3);
        let operation =
            manifest.operation.iter_mut().find(|operation| operation.provenance == Provenance::Verified).unwrap();
        operation.provenance = Provenance::Inferred;
        manifest.operation[9].name.push('x');
        let problems = provenance(&manifest, &read_cache().unwrap());
        assert_eq!(problems.len(), 4, "{problems:?}");
        assert!(problems.iter().any(|problem| problem.contains("needs a paragraph `Inferred: …`")), "{problems:?}");
    }
}
