//! `cargo xtask corpus`: the generator on any folder of contracts, and a table of what comes of them.

mod closure;
mod compile;
mod limited;
mod oracle;
mod root;
mod round_trip;
mod sample;
mod scan;
mod schemas;
mod table;
mod zeep;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use clap::Args;

use crate::{Result, root};
use closure::Folder;
use compile::{Product, Runtime, Sources};
use limited::Limits;
use root::{Row, Task};

pub(crate) use oracle::write_for_oracle;
pub(crate) use sample::check_sample;
pub(crate) use zeep::exchange_with_zeep;

#[derive(Args, Default)]
pub(crate) struct Arguments {
    /// Folders with contracts. Imports may lead anywhere inside each.
    #[arg(required_unless_present = "one_root", value_name = "DIR")]
    folders: Vec<PathBuf>,
    /// Type-checks what is generated.
    #[arg(long)]
    compile: bool,
    /// Writes samples of each message, validates them with xmllint, and reads them again.
    #[arg(long)]
    round_trip: bool,
    /// Only this many roots, evenly spaced in the sorted list.
    #[arg(long, value_name = "N")]
    sample: Option<usize>,
    /// Only roots whose path contains this.
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Prints a line for each root, with its reasons.
    #[arg(long)]
    list: bool,
    /// Writes a row for each root.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Seconds that a root may take; the compiler gets ten times as many for a batch.
    #[arg(long, default_value_t = 60.0)]
    seconds: f64,
    /// MiB that a root may take; the compiler may take four times as many.
    #[arg(long, default_value_t = 2048.0)]
    megabytes: f64,
    /// Roots that run at the same time; by default as many as there are processors.
    #[arg(long)]
    jobs: Option<usize>,
    /// Runs the generator on the files named on standard input, as a process of this program.
    #[arg(long, hide = true)]
    one_root: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result {
    if arguments.one_root {
        return root::one();
    }
    let rows = rows(arguments)?;
    if arguments.list {
        print!("{}", table::list(&rows));
    }
    if let Some(path) = &arguments.json {
        fs::write(path, serde_json::to_vec_pretty(&rows)?)?;
    }
    print!("{}", table::table(&rows));
    if cfg!(debug_assertions) {
        println!(
            "\nSeconds are those of a debug build; `cargo run --release --package altinn-soap-xtask -- corpus` tells those of a \
             release."
        );
    }
    Ok(())
}

/// A row for each root.
fn rows(arguments: &Arguments) -> Result<Vec<Row>> {
    let work = root().join("target/corpus");
    let _ = fs::remove_dir_all(&work);
    let mut tasks = Vec::new();
    for (at, path) in arguments.folders.iter().enumerate() {
        let folder = Folder::read(path)?;
        let roots: Vec<&str> = folder.roots().collect();
        println!("{}: {} contracts and schemas, {} roots", path.display(), folder.len(), roots.len());
        for name in roots {
            let shown =
                if arguments.folders.len() > 1 { format!("{}/{name}", path.display()) } else { name.to_owned() };
            let files = folder.closure(name).iter().map(|file| folder.path(file)).collect();
            tasks.push((shown, Task { files, out: work.join(format!("{at}-{}", tasks.len())) }));
        }
    }
    if let Some(text) = &arguments.only {
        tasks.retain(|(name, _)| name.contains(text.as_str()));
    }
    if let Some(number) = arguments.sample {
        tasks = evenly(tasks, number);
    }
    let limits = Limits { seconds: arguments.seconds, megabytes: arguments.megabytes };
    let jobs = arguments.jobs.or_else(|| std::thread::available_parallelism().ok().map(Into::into)).unwrap_or(1);
    let start = Instant::now();
    let mut rows: Vec<Row> = parallel(jobs, &tasks, |(name, task)| root::generate(name, task, limits))?;
    println!("generated in {:.0} s", start.elapsed().as_secs_f64());
    let compiler = Limits { seconds: 10.0 * limits.seconds, megabytes: 4.0 * limits.megabytes };
    if arguments.compile {
        compile(&mut rows, &tasks, jobs, compiler, &work)?;
    }
    if arguments.round_trip {
        round_trip::run(&mut rows, &tasks, jobs, compiler, &work)?;
    }
    Ok(rows)
}

/// Notes in each row whether its sources compile.
fn compile(rows: &mut [Row], tasks: &[(String, Task)], jobs: usize, limits: Limits, work: &Path) -> Result {
    let start = Instant::now();
    let runtime = Runtime::build(false)?;
    let (all, sources) = sources(rows, tasks);
    let batches = compile::batches(&sources);
    let failed = parallel(jobs, &batches, |batch| {
        let first = batch.first().map_or(Path::new("none"), |one| one.folder);
        let folder = work.join("crates").join(first.file_name().unwrap_or_default());
        let failed = compile::compile(batch, Product::Metadata, &runtime, &folder, limits)?;
        Ok(failed.into_iter().map(|(at, error)| (batch[at].folder, error)).collect::<Vec<_>>())
    })?;
    for (row, (_, task)) in all.iter().map(|at| (*at, &tasks[*at])) {
        let error =
            failed.iter().flatten().find(|(folder, _)| *folder == task.out.as_path()).map(|(_, error)| error.clone());
        rows[row].compiled = Some(error.is_none());
        rows[row].compiler = error;
    }
    println!("compiled in {:.0} s", start.elapsed().as_secs_f64());
    Ok(())
}

/// The roots that were generated: their places among the rows, and their sources.
fn sources<'r>(rows: &[Row], tasks: &'r [(String, Task)]) -> (Vec<usize>, Vec<Sources<'r>>) {
    let generated: Vec<usize> =
        rows.iter().enumerate().filter(|(_, row)| row.outcome.is_generated()).map(|(at, _)| at).collect();
    let sources = generated.iter().map(|at| Sources {
        lines: rows[*at].lines,
        services: rows[*at].services.clone(),
        folder: &tasks[*at].1.out,
    });
    let sources = sources.collect();
    (generated, sources)
}

/// Some of a list, evenly spaced.
fn evenly<T>(all: Vec<T>, number: usize) -> Vec<T> {
    let count = all.len();
    let is_taken = |at: usize| number >= count || (at * number) % count.max(1) < number;
    all.into_iter().enumerate().filter(|(at, _)| is_taken(*at)).map(|(_, one)| one).collect()
}

/// Does something with each of a list, in some threads, and gives the results in the order of the list.
fn parallel<T: Sync, R: Send>(jobs: usize, all: &[T], work: impl Fn(&T) -> Result<R> + Sync) -> Result<Vec<R>> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    let worker = || {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(one) = all.get(at) else { break };
            let result = work(one).map_err(|error| error.to_string());
            done.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((at, result));
        }
    };
    std::thread::scope(|scope| (0..jobs.max(1)).for_each(|_| drop(scope.spawn(worker))));
    let mut done = done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result.map_err(Into::into)).collect()
}
