//! `--round-trip`: a sample of each message is written, validated against the schemas of the contract, and read again.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::compile::{self, Product, Runtime};
use super::limited::{self, End, Limits};
use super::root::{Row, Task};
use super::{parallel, schemas, sources};
use crate::Result;
use crate::process::has;

/// Writes and reads messages of the roots that are appended to it.
pub(super) const PROGRAM: &str = include_str!("round_trip_main.rs");

/// What became of the messages of a root.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Messages {
    pub(super) samples: usize,
    /// Written and read again, equal.
    pub(super) same: usize,
    pub(super) valid: usize,
    pub(super) invalid: usize,
    /// The schemas are not complete or not what libxml2 takes, or the sample breaks a facet, which samples do not know.
    pub(super) not_judged: usize,
    /// Some of what went wrong.
    pub(super) said: Vec<String>,
}

/// The sum over all rows, if anybody asked for it.
pub(super) fn total(rows: &[Row]) -> Option<Messages> {
    let mut total = Messages::default();
    for one in rows.iter().filter_map(|row| row.round_trip.as_ref()) {
        total.samples += one.samples;
        total.same += one.same;
        total.valid += one.valid;
        total.invalid += one.invalid;
        total.not_judged += one.not_judged;
    }
    (total.samples > 0).then_some(total)
}

impl fmt::Display for Messages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let judged = self.valid + self.invalid;
        let share = |part: usize, whole: usize| 100.0 * part as f64 / whole.max(1) as f64;
        writeln!(f, "messages: {} samples", self.samples)?;
        writeln!(f, "  read as written {:>7} {:>6.1} %", self.same, share(self.same, self.samples))?;
        writeln!(
            f,
            "  valid           {:>7} {:>6.1} % of {judged} that xmllint judged",
            self.valid,
            share(self.valid, judged)
        )?;
        write!(f, "  not judged      {:>7}", self.not_judged)
    }
}

/// Notes in each row what became of its messages.
pub(super) fn run(rows: &mut [Row], tasks: &[(String, Task)], jobs: usize, limits: Limits, work: &Path) -> Result {
    let start = Instant::now();
    let has_xmllint = has("xmllint", "--version");
    if !has_xmllint {
        println!("xmllint is not installed, so that no message is validated");
    }
    let runtime = Runtime::build(true)?;
    let (all, sources) = sources(rows, tasks);
    let batches = compile::batches(&sources);
    let found = parallel(jobs, &batches, |batch| {
        let name = batch.first().and_then(|one| one.folder.file_name()).unwrap_or_default();
        let folder = work.join("programs").join(name);
        let failed = compile::compile(batch, Product::Program(PROGRAM), &runtime, &folder, limits)?;
        let mut results: BTreeMap<&Path, Messages> = BTreeMap::new();
        let mut program = compile::program(&folder);
        program.arg(&folder).stdout(Stdio::null()).stderr(Stdio::null());
        if failed.len() < batch.len() {
            let ended = limited::run(&mut program, limits)?;
            for line in fs::read_to_string(folder.join("results")).unwrap_or_default().lines() {
                note(line, batch, &mut results);
            }
            if ended.how != End::Success {
                let said = format!("the program ended: {:?}", ended.how);
                results.values_mut().for_each(|messages| messages.said.push(said.clone()));
            }
        }
        for (at, error) in &failed {
            let line = error.lines().next().unwrap_or_default();
            results.entry(batch[*at].folder).or_default().said.push(format!("does not compile: {line}"));
        }
        for (at, one) in batch.iter().enumerate().filter(|_| has_xmllint) {
            let Some(messages) = results.get_mut(one.folder).filter(|messages| messages.samples > 0) else { continue };
            let task = tasks.iter().find(|(_, task)| task.out.as_path() == one.folder);
            let files = task.map(|(_, task)| task.files.as_slice()).unwrap_or_default();
            validate(&folder.join(format!("r{at}")), files, &one.folder.join("schemas"), limits, messages)?;
        }
        Ok(results.into_iter().map(|(folder, messages)| (folder.to_owned(), messages)).collect::<Vec<_>>())
    })?;
    for (folder, messages) in found.into_iter().flatten() {
        let at = all.iter().find(|at| tasks[**at].1.out == folder);
        at.into_iter().for_each(|at| rows[*at].round_trip = Some(messages.clone()));
    }
    println!("round trips in {:.0} s", start.elapsed().as_secs_f64());
    Ok(())
}

/// A line of what the program found: the number of the root, the file, the operation, and what went wrong.
fn note<'s>(line: &str, batch: &[&compile::Sources<'s>], results: &mut BTreeMap<&'s Path, Messages>) {
    let mut parts = line.split('\t');
    let root = parts.next().and_then(|root| batch.get(root.parse::<usize>().ok()?));
    let (Some(root), Some(_), Some(operation)) = (root, parts.next(), parts.next()) else { return };
    let said = parts.next().unwrap_or_default();
    let messages = results.entry(root.folder).or_default();
    messages.samples += 1;
    if said.is_empty() {
        messages.same += 1;
    } else if messages.said.len() < 20 {
        messages.said.push(format!("{operation}: {said}"));
    }
}

/// Lets xmllint judge all messages of a root.
fn validate(folder: &Path, files: &[PathBuf], schemas: &Path, limits: Limits, messages: &mut Messages) -> Result {
    let mut written: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<std::io::Result<_>>()?;
    written.sort();
    let schema = schemas::write(files, schemas)?;
    for some in written.chunks(500) {
        let said = schemas.join("said");
        let mut xmllint = Command::new("xmllint");
        xmllint.args(["--noout", "--nonet", "--schema"]).arg(&schema).args(some);
        xmllint.stdout(Stdio::null()).stderr(fs::File::create(&said)?);
        let _ = limited::run(&mut xmllint, limits)?;
        let text = String::from_utf8_lossy(&fs::read(&said)?).into_owned();
        for file in some {
            match verdict(&text, &file.to_string_lossy()) {
                Verdict::Valid => messages.valid += 1,
                Verdict::NotJudged => messages.not_judged += 1,
                Verdict::Invalid(said) => {
                    messages.invalid += 1;
                    if messages.said.len() < 20 {
                        messages.said.push(said);
                    }
                }
            }
        }
    }
    Ok(())
}

#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Valid,
    Invalid(String),
    NotJudged,
}

/// What xmllint says of a file among others.
fn verdict(text: &str, file: &str) -> Verdict {
    if text.lines().any(|line| line == format!("{file} validates")) {
        return Verdict::Valid;
    }
    let lines = text.lines().filter_map(|line| line.strip_prefix(file)?.strip_prefix(':'));
    // `1: element a: Schemas validity error : Element '{urn:a}a': [facet 'pattern'] …`
    let errors: Vec<(&str, &str)> =
        lines.filter_map(|line| line.split_once(" error : ")?.1.split_once("': ").or(Some((line, "")))).collect();
    let is_facet = |said: &str| said.starts_with("[facet '");
    let is_excused = |(element, said): &(&str, &str)| {
        let of_facet = errors.iter().any(|(other, said)| other == element && is_facet(said));
        // Other schemas than those at hand define what stands there.
        is_facet(said)
            || (of_facet && said.contains("is not a valid value"))
            || said.contains("demanded by the strict wildcard")
    };
    match errors.iter().find(|error| !is_excused(error)) {
        Some((element, said)) => Verdict::Invalid(format!("{element}': {said}")),
        None => Verdict::NotJudged,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_know_no_facets() {
        let line = |file: &str, said: &str| {
            format!("{file}:1: element a: Schemas validity error : Element '{{urn:a}}a': {said}\n")
        };
        let text = [
            "1.xml validates\n".to_owned(),
            line("2.xml", "[facet 'pattern'] The value 'x' is not accepted by the pattern 'y'."),
            line("2.xml", "'x' is not a valid value of the atomic type '{urn:a}t'."),
            "2.xml fails to validate\n".to_owned(),
            line("3.xml", "This element is not expected."),
            line("3.xml", "[facet 'pattern'] The value 'x' is not accepted by the pattern 'y'."),
            line("4.xml", "No matching global element declaration available, but demanded by the strict wildcard."),
        ]
        .concat();
        assert_eq!(verdict(&text, "1.xml"), Verdict::Valid);
        assert_eq!(verdict(&text, "2.xml"), Verdict::NotJudged);
        assert_eq!(
            verdict(&text, "3.xml"),
            Verdict::Invalid("Element '{urn:a}a': This element is not expected.".to_owned())
        );
        assert_eq!(verdict(&text, "4.xml"), Verdict::NotJudged);
        assert_eq!(verdict("WXS schema all.xsd failed to compile", "5.xml"), Verdict::NotJudged);
    }
}
