//! Messages between the generator's types and zeep, which reads the same contracts: each side reads what the other wrote.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::closure::Folder;
use super::compile::{self, Product, Runtime, Sources};
use super::limited::Limits;
use super::parallel;
use super::root::{self, Row, Task};
use super::round_trip::PROGRAM;
use super::sources;
use crate::process::{command, run};
use crate::{Result, root, shared};

/// Of the generator for a contract, and of the compiler for all: it takes a minute where nothing else runs.
const LIMITS: Limits = Limits { seconds: 900.0, megabytes: 8192.0 };

/// Fewer contracts than these prove too little.
const FEWEST: usize = 40;

/// A difference that is meant to be: of which contract (`*`: of any), words of what is said of it, and why.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    contract: String,
    says: String,
    reason: String,
}

#[derive(Debug, Deserialize)]
struct List {
    difference: Vec<Expected>,
}

/// What came of a message.
struct Said {
    contract: String,
    /// Port, operation and direction.
    message: String,
    /// Whether we wrote it first.
    is_ours: bool,
    /// Nothing if it came back as it was.
    differs: String,
}

/// Lets zeep, which this Python has, read and write messages of many contracts.
///
/// # Errors
/// A message comes back otherwise, and `expected.toml` does not say why; or it says so of none.
pub(crate) fn exchange_with_zeep(python: &Path) -> Result {
    let work = root().join("target/zeep");
    let _ = fs::remove_dir_all(&work);
    let (names, tasks): (Vec<PathBuf>, Vec<(String, Task)>) = contracts(&work)?.into_iter().unzip();
    let jobs = std::thread::available_parallelism().map_or(1, Into::into);
    let rows: Vec<Row> = parallel(jobs, &tasks, |(name, task)| root::generate(name, task, LIMITS))?;
    let runtime = Runtime::build(true)?;
    let (_, sources) = sources(&rows, &tasks);
    let batches = compile::batches(&sources);
    let said = parallel(jobs, &batches, |batch| {
        let place = |one: &&Sources<'_>| tasks.iter().position(|(_, task)| task.out == one.folder);
        let places: Vec<usize> = batch.iter().filter_map(place).collect();
        let folder = work.join("programs").join(format!("{}", places.first().copied().unwrap_or_default()));
        let failed = compile::compile(batch, Product::Program(PROGRAM), &runtime, &folder, LIMITS)?;
        if let Some((at, error)) = failed.first() {
            return Err(format!("{} does not compile: {error}", tasks[places[*at]].0).into());
        }
        let of = |at: usize| (tasks[places[at]].0.as_str(), names[places[at]].as_path());
        exchange(&folder, batch.len(), of, python)
    })?;
    let refused: Vec<&str> =
        rows.iter().filter(|row| !row.outcome.is_generated()).map(|row| row.root.as_str()).collect();
    if !refused.is_empty() {
        println!("not generated: {}", refused.join(", "));
    }
    judge(&said.into_iter().flatten().collect::<Vec<_>>())
}

/// The contracts, each with the WSDL that zeep loads.
fn contracts(work: &Path) -> Result<Vec<(PathBuf, (String, Task))>> {
    let mut found = Vec::new();
    let mut take = |path: &Path, wanted: &dyn Fn(&str) -> bool| -> Result {
        let folder = Folder::read(path)?;
        for name in folder.roots().filter(|name| wanted(name)) {
            let files = folder.closure(name).iter().map(|file| folder.path(file)).collect();
            let out = work.join(format!("c{}", found.len()));
            found.push((folder.path(name), (name.to_owned(), Task { files, out })));
        }
        Ok(())
    };
    take(&root().join("interop/contracts"), &|_| true)?;
    take(&root().join("tests/fixtures/codegen"), &|_| true)?;
    take(&constructs(&work.join("constructs"))?, &|_| true)?;
    if let Some(corpora) = shared("corpora") {
        let list = fs::read_to_string(root().join("interop/zeep/contracts.txt"))?;
        let list: BTreeSet<&str> = list.lines().collect();
        take(&corpora, &|name| list.contains(name))?;
    }
    Ok(found)
}

/// A contract for each schema of `tests/constructs`, as its tests have it.
fn constructs(folder: &Path) -> Result<PathBuf> {
    let from = root().join("tests/constructs");
    for case in fs::read_dir(from.join("cases"))? {
        let case = case?.path();
        let to = folder.join(case.file_name().unwrap_or_default());
        fs::create_dir_all(&to)?;
        fs::copy(from.join("contract.wsdl"), to.join("contract.wsdl"))?;
        for file in fs::read_dir(&case)? {
            let file = file?.path();
            if file.extension().is_some_and(|extension| extension == "xsd") {
                fs::copy(&file, to.join(file.file_name().unwrap_or_default()))?;
            }
        }
    }
    Ok(folder.to_owned())
}

/// Runs both sides over the contracts of a program, `of` which it gives name and file.
fn exchange<'n>(
    folder: &Path,
    count: usize,
    of: impl Fn(usize) -> (&'n str, &'n Path),
    python: &Path,
) -> Result<Vec<Said>> {
    run(compile::program(folder).arg(folder))?;
    let results = fs::read_to_string(folder.join("results"))?;
    let mut ours = vec![String::new(); count];
    for line in results.lines() {
        let columns: Vec<&str> = line.split('\t').collect();
        let [at, file, operation, said, port, way] = columns[..] else { return Err("results are damaged".into()) };
        // What is not even written is the round trip's to tell.
        if said.is_empty() {
            ours[at.parse::<usize>()?].push_str(&format!("{file}\t{port}\t{operation}\t{way}\n"));
        }
    }
    let mut list = String::new();
    for (at, ours) in ours.iter().enumerate() {
        list.push_str(&format!("{at}\t{}\n", of(at).1.display()));
        fs::create_dir_all(folder.join(format!("r{at}")))?;
        fs::write(folder.join(format!("r{at}/ours")), ours)?;
    }
    fs::write(folder.join("contracts"), list)?;
    let peer = |verb| run(command(&python.to_string_lossy()).args(["interop/zeep/peer.py", verb]).arg(folder));
    peer("exchange")?;
    run(compile::program(folder).arg(folder).arg("others"))?;
    peer("compare")?;
    let said = fs::read_to_string(folder.join("said"))?;
    let message = |line: &str| {
        let columns: Vec<&str> = line.split('\t').collect();
        let [at, port, operation, direction, whose, differs] = columns[..] else {
            return Err(format!("zeep's peer says {line}").into());
        };
        Ok(Said {
            contract: of(at.parse()?).0.to_owned(),
            message: format!("{port} {operation} {direction}"),
            is_ours: whose == "ours",
            differs: differs.to_owned(),
        })
    };
    said.lines().map(message).collect()
}

/// Prints what came of all messages, and fails for what nobody has explained.
fn judge(said: &[Said]) -> Result {
    let list: List = toml::from_str(&fs::read_to_string(root().join("interop/zeep/expected.toml"))?)?;
    let mut used = vec![BTreeSet::new(); list.difference.len()];
    let mut open = BTreeSet::new();
    for one in said.iter().filter(|one| !one.differs.is_empty()) {
        for part in one.differs.split("; ") {
            let explains = |entry: &Expected| {
                (entry.contract == "*" || entry.contract == one.contract) && part.contains(&entry.says)
            };
            match list.difference.iter().position(explains) {
                Some(at) => drop(used[at].insert(format!("{} {}", one.contract, one.message))),
                None => {
                    let whose = if one.is_ours { "ours" } else { "zeep's" };
                    open.insert(format!("{} {} ({whose}): {part}", one.contract, one.message));
                }
            }
        }
    }
    let all = said.iter().filter(|one| one.differs.is_empty());
    let contracts: BTreeSet<&str> = all.clone().map(|one| one.contract.as_str()).collect();
    let count = |is_ours: bool| {
        let of_side = said.iter().filter(|one| one.is_ours == is_ours);
        (of_side.clone().filter(|one| one.differs.is_empty()).count(), of_side.count())
    };
    let ((ours_same, ours), (theirs_same, theirs)) = (count(true), count(false));
    for (entry, used) in list.difference.iter().zip(&used) {
        println!("expected of {} messages ({}, {}): {}", used.len(), entry.contract, entry.says, entry.reason);
    }
    println!(
        "zeep: {} contracts; of {ours} messages of ours zeep wrote {ours_same} again with the same infoset; of {theirs} of \
         zeep's we wrote {theirs_same}",
        contracts.len()
    );
    open.iter().for_each(|one| println!("  {one}"));
    let without_use: Vec<&str> = list
        .difference
        .iter()
        .zip(&used)
        .filter(|(_, used)| used.is_empty())
        .map(|(entry, _)| entry.says.as_str())
        .collect();
    if !open.is_empty() {
        return Err(format!("{} differences that interop/zeep/expected.toml does not explain", open.len()).into());
    }
    if shared("corpora").is_some() && (!without_use.is_empty() || contracts.len() < FEWEST) {
        return Err(format!("{} contracts; no longer so: {}", contracts.len(), without_use.join(", ")).into());
    }
    Ok(())
}
