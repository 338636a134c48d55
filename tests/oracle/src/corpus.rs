//! Contracts of strangers, many and odd: those that `xsd-parser` can read are compared.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use crate::expected::{Expected, STRANGERS};
use crate::facts::{Disagreement, Facts};
use crate::inspect::Report;
use crate::schema::Schema;

/// For one contract.
const TIME: Duration = Duration::from_secs(30);
/// Of the reader's thread, as it recurses.
const STACK: usize = 256 * 1024 * 1024;

/// What came of a contract.
struct Compared {
    types: usize,
    agreed: usize,
    disagreements: Vec<Disagreement>,
    /// Places that the oracle does not tell of, by reason.
    left_out: Vec<&'static str>,
}

/// Compares each contract in a folder. Returns the number of unexplained disagreements and of explanations without use.
pub(crate) fn run(folder: &Path) -> Result<usize, Box<dyn Error>> {
    let mut contracts: Vec<PathBuf> =
        std::fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    contracts.sort();
    let mut unread: BTreeMap<String, usize> = BTreeMap::new();
    let mut left_out: BTreeMap<&str, usize> = BTreeMap::new();
    let mut used = vec![0; STRANGERS.len()];
    let (mut read, mut equal, mut types, mut agreed, mut failures) = (0, 0, 0, 0, 0);
    // Panics are counted, not shown.
    std::panic::set_hook(Box::new(|_| {}));
    for contract in &contracts {
        let compared = match apart(contract) {
            Ok(compared) => compared,
            Err(reason) => {
                *unread.entry(reason).or_default() += 1;
                continue;
            }
        };
        read += 1;
        types += compared.types;
        agreed += compared.agreed;
        equal += usize::from(compared.disagreements.is_empty());
        compared.left_out.iter().for_each(|reason| *left_out.entry(reason).or_default() += 1);
        for one in &compared.disagreements {
            match STRANGERS.iter().position(|entry: &Expected| entry.explains(one)) {
                Some(at) => used[at] += 1,
                None => {
                    let name = std::fs::read_to_string(contract.join("name"))?;
                    println!("{name}: {}: {}: ours {}, oracle {}", one.place, one.fact, one.ours, one.theirs);
                    failures += 1;
                }
            }
        }
    }
    for (reason, count) in unread {
        println!("not read by xsd-parser, {count} contracts: {reason}");
    }
    for (reason, count) in left_out {
        println!("not told by xsd-parser, {count} types: {reason}");
    }
    for (entry, used) in STRANGERS.iter().zip(used) {
        println!("expected, {used} times: {} {}, oracle {}: {}", entry.fact, entry.ours, entry.theirs, entry.reason);
        if used == 0 {
            println!("  no longer so: remove it from expected.rs");
            failures += 1;
        }
    }
    println!(
        "{} contracts of strangers: {read} read by both, {equal} of them equal throughout; {types} types, {agreed} facts agree",
        contracts.len()
    );
    Ok(failures)
}

/// Compares a contract in a thread of its own, as the reader may panic or take for ever.
fn apart(contract: &Path) -> Result<Compared, String> {
    let (sender, receiver) = mpsc::channel();
    let contract = contract.to_owned();
    let work = move || {
        let result = catch_unwind(AssertUnwindSafe(|| compare(&contract)));
        let result = result.map_err(|_| "it panics".to_owned()).and_then(|result| result);
        // Nobody listens any more when the time is over.
        let _ = sender.send(result);
    };
    std::thread::Builder::new().stack_size(STACK).spawn(work).map_err(|error| error.to_string())?;
    receiver.recv_timeout(TIME).unwrap_or_else(|_| Err(format!("it takes more than {} s", TIME.as_secs())))
}

fn compare(contract: &Path) -> Result<Compared, String> {
    let report = std::fs::read_to_string(contract.join("inspect.json")).map_err(|error| error.to_string())?;
    let report: Report = serde_json::from_str(&report).map_err(|error| error.to_string())?;
    let files = BTreeSet::from([contract.join("all.xsd")]);
    let schema = Schema::read(&files).map_err(|error| kind(&error.to_string()))?;
    let (ours, roots) = report.all_facts(|name| schema.has_element(name));
    let theirs: Facts = schema.facts(&roots).map_err(|error| kind(&error.to_string()))?;
    let (agreed, disagreements) = ours.compare(&theirs);
    Ok(Compared { types: ours.types(), agreed, disagreements, left_out: theirs.left_out.into_values().collect() })
}

/// An error without the names in it.
fn kind(error: &str) -> String {
    error.split([':', '(', '{', '"']).next().unwrap_or_default().trim().to_owned()
}
