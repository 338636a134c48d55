//! Compiles what was generated: many roots as modules of one crate, without cargo, against a runtime that is built once.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use super::limited::{self, End, Limits};
use crate::Result;
use crate::process::command;

/// Lines of a crate: it pays to start the compiler rarely, and to begin again for fewer when a root does not compile.
const MOST_LINES: usize = 30_000;

/// The runtime, as the compiler takes it.
pub(super) struct Runtime {
    library: PathBuf,
    dependencies: PathBuf,
}

impl Runtime {
    /// Builds it; only what type checks need, unless the result is to be run.
    pub(super) fn build(to_run: bool) -> Result<Self> {
        let verb = if to_run { "build" } else { "check" };
        let line = "--quiet --package soap-runtime --features secure-conversation,test-util --message-format json";
        let output = command(&format!("cargo {verb} {line}")).stderr(Stdio::inherit()).output()?;
        let messages = String::from_utf8_lossy(&output.stdout);
        let extension = if to_run { "rlib" } else { "rmeta" };
        let artifacts = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let of_runtime = artifacts.filter(|message| message["target"]["name"] == "soap_runtime");
        let files: Vec<Value> =
            of_runtime.filter_map(|message| message["filenames"].as_array().cloned()).flatten().collect();
        let paths = files.iter().filter_map(Value::as_str).map(PathBuf::from);
        let library = paths.into_iter().find(|path| path.extension().is_some_and(|found| found == extension));
        let library = library.ok_or("cargo built no soap-runtime")?;
        // A library stands beside its dependencies, or above them.
        let folder = library.parent().unwrap_or(Path::new("")).to_owned();
        let dependencies = if folder.ends_with("deps") { folder } else { folder.join("deps") };
        Ok(Self { library, dependencies })
    }
}

/// A root whose sources are in a folder.
pub(super) struct Sources<'r> {
    pub(super) lines: usize,
    /// Its features.
    pub(super) services: Vec<String>,
    pub(super) folder: &'r Path,
}

/// What is made of the sources.
#[derive(Clone, Copy)]
pub(super) enum Product<'p> {
    /// Nothing: they are only checked.
    Metadata,
    /// A program with this text, which a list of the modules follows, `ROOTS`.
    Program(&'p str),
}

/// The roots in groups of a size that pays, in their order.
pub(super) fn batches<'s, 'r>(sources: &'s [Sources<'r>]) -> Vec<Vec<&'s Sources<'r>>> {
    let mut batches: Vec<Vec<&Sources<'_>>> = Vec::new();
    let mut lines = 0;
    for one in sources {
        if lines == 0 || lines + one.lines > MOST_LINES {
            batches.push(Vec::new());
            lines = 0;
        }
        lines += one.lines;
        batches.last_mut().into_iter().for_each(|batch| batch.push(one));
    }
    batches
}

/// The roots of a batch that do not compile, by their places in it, each with the first error of the compiler.
///
/// Those that the errors name are taken out, and the rest is tried again, because the compiler does not come to later errors
/// before the first ones are gone. If the errors name no root, each half is tried alone.
pub(super) fn compile(
    batch: &[&Sources<'_>],
    product: Product<'_>,
    runtime: &Runtime,
    crate_folder: &Path,
    limits: Limits,
) -> Result<Vec<(usize, String)>> {
    let mut failed: Vec<(usize, String)> = Vec::new();
    let mut waiting: Vec<Vec<usize>> = vec![(0..batch.len()).collect()];
    while let Some(mut tried) = waiting.pop() {
        while !tried.is_empty() {
            let errors = rustc(batch, &tried, product, runtime, crate_folder, limits)?;
            let Some(errors) = errors else { break };
            let before = tried.len();
            for (at, message) in errors.named {
                if let Some(place) = tried.iter().position(|other| *other == at) {
                    tried.remove(place);
                    failed.push((at, message));
                }
            }
            if tried.len() == before {
                if let [only] = tried.as_slice() {
                    failed.push((*only, errors.first));
                } else {
                    let (one, other) = tried.split_at(tried.len() / 2);
                    waiting.extend([one.to_owned(), other.to_owned()]);
                }
                break;
            }
        }
    }
    failed.sort();
    Ok(failed)
}

/// What the compiler says.
#[derive(Debug, Default)]
struct Errors {
    /// By places in the batch.
    named: Vec<(usize, String)>,
    first: String,
}

/// Runs the compiler on some roots of a batch; `None` if it is content.
fn rustc(
    batch: &[&Sources<'_>],
    tried: &[usize],
    product: Product<'_>,
    runtime: &Runtime,
    folder: &Path,
    limits: Limits,
) -> Result<Option<Errors>> {
    fs::create_dir_all(folder)?;
    let mut text = match product {
        Product::Metadata => String::new(),
        Product::Program(main) => main.to_owned(),
    };
    let mut rustc = command("rustc --edition 2024 --error-format json --cap-lints allow --crate-name corpus");
    for at in tried {
        let Some(one) = batch.get(*at) else { continue };
        let _ = writeln!(text, "#[path = {:?}] pub mod r{at};", one.folder.join("src/lib.rs"));
        for service in &one.services {
            rustc.args(["--cfg", &format!("feature=\"{service}\"")]);
        }
    }
    match product {
        Product::Metadata => rustc.args(["--crate-type", "lib", "--emit", "metadata"]),
        Product::Program(_) => {
            let each = |at: &usize| format!("({at}, r{at}::registry::exchanges as fn() -> _)");
            let roots: Vec<String> = tried.iter().map(each).collect();
            let _ = writeln!(text, "const ROOTS: &[Root] = &[{}];", roots.join(", "));
            rustc.args(["--crate-type", "bin", "--emit", "link", "-C", "debuginfo=0"])
        }
    };
    let main = folder.join("main.rs");
    fs::write(&main, text)?;
    let said = folder.join("rustc.json");
    rustc.arg(&main).arg("--out-dir").arg(folder);
    rustc.arg("--extern").arg(format!("soap_runtime={}", runtime.library.display()));
    rustc.arg("-L").arg(format!("dependency={}", runtime.dependencies.display()));
    rustc.stderr(fs::File::create(&said)?).stdout(Stdio::null());
    let ended = limited::run(&mut rustc, limits)?;
    if ended.how == End::Success {
        return Ok(None);
    }
    let mut errors = Errors { first: format!("the compiler ended: {:?}", ended.how), ..Errors::default() };
    let text = String::from_utf8_lossy(&fs::read(&said)?).into_owned();
    let messages = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    for (at, message) in messages.filter(|message| message["level"] == "error").enumerate() {
        let text = message["rendered"].as_str().unwrap_or_default().to_owned();
        let spans = message["spans"].as_array().cloned().unwrap_or_default();
        let files = spans.iter().filter_map(|span| span["file_name"].as_str());
        let is_in = |file: &str| {
            tried.iter().find(|at| batch.get(**at).is_some_and(|one| Path::new(file).starts_with(one.folder)))
        };
        for root in files.filter_map(is_in) {
            if errors.named.iter().all(|(known, _)| known != root) {
                errors.named.push((*root, text.clone()));
            }
        }
        if at == 0 {
            errors.first = text;
        }
    }
    Ok(Some(errors))
}

/// The program of a batch.
pub(super) fn program(crate_folder: &Path) -> Command {
    Command::new(crate_folder.join(format!("corpus{}", std::env::consts::EXE_SUFFIX)))
}
