//! One root: the generator runs on it in a process of its own.

use std::fs;
use std::io::{Read as _, stdin};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use serde::{Deserialize, Serialize};
use wsdl_codegen::files::{self, Failure};
use wsdl_codegen::{Config, Diagnostics, Generated, Severity};

use super::limited::{self, End, Limits};
use super::round_trip::Messages;
use crate::Result;

/// What a process is told on its standard input.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Task {
    /// The root and all that it reaches.
    pub(super) files: Vec<PathBuf>,
    /// Where the sources and the row are written.
    pub(super) out: PathBuf,
}

/// What came of a root.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Outcome {
    Whole,
    /// Some of its operations are left out.
    Partial,
    Refused,
    /// The generator panicked, or its process ended otherwise.
    #[default]
    Panicked,
    TooSlow,
    TooLarge,
}

impl Outcome {
    pub(super) fn is_generated(self) -> bool {
        matches!(self, Self::Whole | Self::Partial)
    }
}

/// A row of the table.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Row {
    /// Path in the folder that was given.
    pub(super) root: String,
    pub(super) files: usize,
    pub(super) outcome: Outcome,
    /// Errors, each message once, or what the process died of.
    pub(super) reasons: Vec<String>,
    pub(super) warnings: Vec<String>,
    pub(super) seconds: f64,
    pub(super) megabytes: f64,
    pub(super) operations: usize,
    pub(super) types: usize,
    pub(super) lines: usize,
    /// Features of the generated crate.
    pub(super) services: Vec<String>,
    /// Whether it compiles; `None` if nobody tried.
    pub(super) compiled: Option<bool>,
    /// The first error of the compiler.
    pub(super) compiler: Option<String>,
    /// What became of its messages.
    pub(super) round_trip: Option<Messages>,
}

/// Runs the generator on a root, in a process of its own.
pub(super) fn generate(root: &str, task: &Task, limits: Limits) -> Result<Row> {
    fs::create_dir_all(&task.out)?;
    let input = task.out.join("task.json");
    fs::write(&input, serde_json::to_vec(task)?)?;
    let mut process = Command::new(std::env::current_exe()?);
    process.args(["corpus", "--one-root"]).stdin(fs::File::open(&input)?).stderr(Stdio::null());
    let ended = limited::run(&mut process, limits)?;
    let mut row = match ended.how {
        End::Success => serde_json::from_slice(&fs::read(row_in(&task.out))?)?,
        how => {
            let (outcome, reason) = match how {
                End::TooSlow => (Outcome::TooSlow, "beyond the limit of time".to_owned()),
                End::TooLarge => (Outcome::TooLarge, "beyond the limit of memory".to_owned()),
                End::Failure(status) => (Outcome::Panicked, status),
                End::Success => (Outcome::Panicked, String::new()),
            };
            let reasons = vec![reason];
            Row { outcome, reasons, seconds: ended.seconds, megabytes: ended.megabytes, ..Row::default() }
        }
    };
    root.clone_into(&mut row.root);
    row.files = task.files.len();
    Ok(row)
}

fn row_in(out: &Path) -> PathBuf {
    out.join("row.json")
}

/// What the process does.
pub(super) fn one() -> Result {
    let mut input = String::new();
    stdin().read_to_string(&mut input)?;
    let task: Task = serde_json::from_str(&input)?;
    let start = Instant::now();
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        // What cannot be generated whole may be in part; the reasons are those why it is not whole.
        let whole = run(&task.files, false);
        match whole {
            Err(Failure::Contract(why)) => match run(&task.files, true) {
                Ok(part) => Ok((part, Outcome::Partial, messages(&why, Severity::Error))),
                Err(_) => Err(Failure::Contract(why)),
            },
            whole => whole.map(|generated| (generated, Outcome::Whole, Vec::new())),
        }
    }));
    let seconds = start.elapsed().as_secs_f64();
    let row = match outcome {
        Ok(Ok((generated, outcome, reasons))) => {
            files::write(&task.out, &generated.files)?;
            let summary = generated.summary;
            Row {
                outcome,
                reasons,
                warnings: messages(&generated.warnings, Severity::Warning),
                operations: summary.operations,
                types: summary.types,
                lines: summary.lines,
                services: summary.services,
                ..Row::default()
            }
        }
        Ok(Err(Failure::Contract(diagnostics))) => Row {
            outcome: Outcome::Refused,
            reasons: messages(&diagnostics, Severity::Error),
            warnings: messages(&diagnostics, Severity::Warning),
            ..Row::default()
        },
        Ok(Err(Failure::File { message, .. })) => {
            Row { outcome: Outcome::Refused, reasons: vec![message], ..Row::default() }
        }
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic");
            Row { reasons: vec![text.to_owned()], ..Row::default() }
        }
    };
    let megabytes = limited::peak("self").unwrap_or_default();
    fs::write(row_in(&task.out), serde_json::to_vec(&Row { seconds, megabytes, ..row })?)?;
    Ok(())
}

/// As a user without a configuration runs it.
fn run(files: &[PathBuf], allow_partial: bool) -> std::result::Result<Generated, Failure> {
    Ok(wsdl_codegen::generate(&files::read(files)?, &Config { allow_partial, ..Config::default() })?)
}

/// The diagnostics of a severity, each message once.
fn messages(diagnostics: &Diagnostics, severity: Severity) -> Vec<String> {
    let mut messages = Vec::new();
    for one in diagnostics.iter().filter(|one| one.severity == severity) {
        if !messages.contains(&one.message) {
            messages.push(one.message.clone());
        }
    }
    messages
}
