//! Contracts that are nearly right, by the thousand: an answer or diagnostics with a place, never a panic, never without
//! end.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use wsdl_codegen::{Config, Severity, SourceSet, Target, contract::print, diff, inspect, read_with_warnings, write};

use crate::grammar::{bytes, nearly_right};

const INPUTS: u64 = 600;

/// What came of an input.
enum Outcome {
    /// Rust, and how much longer than the contract it is.
    Generated { lines: usize, input: usize },
    /// A contract that can be read; its names or the configuration are refused.
    Read,
    /// The first words of each error.
    Refused(Vec<String>),
}

fn run(seed: u64) -> Outcome {
    let mut set = SourceSet::new();
    let mut input = 0;
    for (name, text) in nearly_right(&bytes(seed, 300)) {
        input += text.len();
        set.insert(name, text);
    }
    let config = Config::default();
    let contract = match read_with_warnings(&set, &config) {
        Ok((contract, _)) => contract,
        Err(diagnostics) => {
            assert!(diagnostics.has_errors(), "seed {seed}: refused without an error");
            let errors = diagnostics.iter().filter(|one| one.severity == Severity::Error);
            return Outcome::Refused(
                errors
                    .map(|error| {
                        // Only of all documents together it can be said that nothing is in them.
                        let of_all = error.message.starts_with("there is no port with a SOAP binding over HTTP");
                        assert!(of_all || (!error.file.is_empty() && error.line > 0), "seed {seed}: no place: {error}");
                        kind(&error.message)
                    })
                    .collect(),
            );
        }
    };
    assert!(!print::print(&contract).is_empty() && !inspect::text(&contract).is_empty());
    assert!(!inspect::json(&contract).is_empty());
    assert_eq!(diff::diff(&contract, &contract), []);
    match write(&contract, &config, Target::Inline) {
        Ok(generated) => {
            let text = &generated.files[0].text;
            if seed.is_multiple_of(8) {
                assert!(syn::parse_file(text).is_ok(), "seed {seed}: not Rust");
            }
            Outcome::Generated { lines: generated.summary.lines, input }
        }
        Err(diagnostics) => {
            assert!(diagnostics.has_errors(), "seed {seed}");
            Outcome::Read
        }
    }
}

/// A message without what it quotes.
fn kind(message: &str) -> String {
    let unquoted = message.split('`').step_by(2).collect::<Vec<_>>().join("…");
    unquoted.split(" urn:").next().unwrap_or("").to_owned()
}

#[test]
fn contracts_that_are_nearly_right_get_an_answer() {
    let (sender, outcomes) = mpsc::channel();
    let worker = thread::spawn(move || (0..INPUTS).for_each(|seed| sender.send(run(seed)).unwrap()));
    let (mut generated, mut read) = (0, 0);
    let mut errors: BTreeMap<String, usize> = BTreeMap::new();
    for seed in 0..INPUTS {
        // No measure of speed: what takes this long has no end.
        match outcomes.recv_timeout(Duration::from_secs(120)) {
            Ok(Outcome::Generated { lines, input }) => {
                generated += 1;
                assert!(lines < 200 + input / 4, "seed {seed}: {lines} lines from {input} bytes");
            }
            Ok(Outcome::Read) => read += 1,
            Ok(Outcome::Refused(kinds)) => {
                for kind in kinds.into_iter().collect::<BTreeSet<_>>() {
                    *errors.entry(kind).or_default() += 1;
                }
            }
            Err(mpsc::RecvTimeoutError::Timeout) => panic!("seed {seed} has no end"),
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
        }
    }
    if let Err(panic) = worker.join() {
        std::panic::resume_unwind(panic);
    }
    let refused = INPUTS - generated - read;
    println!("{INPUTS} inputs: {generated} generated, {read} read, {refused} refused for {} reasons", errors.len());
    errors.iter().for_each(|(kind, count)| println!("{count:5} {kind}"));
    // Input that is always refused, or always for the same reason, proves nothing.
    assert!(generated * 10 > INPUTS * 4, "{generated} generated");
    assert!(refused * 10 > INPUTS * 2 && errors.len() > 20, "{refused} refused for {} reasons", errors.len());
}
