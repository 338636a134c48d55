//! Runs targets on any compiler, with inputs made by chance: `cargo xtask fuzz` calls it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use altinn_soap_fuzz::runner::{Failure, Figures};
use altinn_soap_fuzz::{TARGETS, Target, Verdict};
use clap::Parser;

/// An input that takes longer hangs: the slowest take milliseconds.
const HANGS: Duration = Duration::from_secs(30);
/// The most memory that the program may ever have taken: all limits that an input meets are far below.
const MEMORY: u64 = 512 << 20;
/// Inputs of each verdict that a corpus begins with.
const SEEDS: usize = 8;

#[derive(Parser)]
struct Arguments {
    /// Only this target.
    #[arg(long)]
    target: Option<String>,
    /// Minutes for all targets together.
    #[arg(long, default_value_t = 1.0)]
    minutes: f64,
    /// The seed of the inputs; by default one of the moment.
    #[arg(long)]
    seed: Option<u64>,
    /// Tries this file once, and nothing else.
    #[arg(long, requires = "target")]
    input: Option<PathBuf>,
    /// Writes some inputs of each verdict to this folder, and nothing else.
    #[arg(long, requires = "target")]
    corpus: Option<PathBuf>,
    /// Where failing inputs are written.
    #[arg(long, default_value = "fuzz/artifacts")]
    artifacts: PathBuf,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(what) => {
            eprintln!("{what}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), String> {
    let targets = match &arguments.target {
        None => TARGETS.to_vec(),
        Some(name) => {
            let names = TARGETS.map(|target| target.name).join(", ");
            vec![Target::named(name).ok_or_else(|| format!("there is no target {name}, but {names}"))?]
        }
    };
    if let Some(file) = &arguments.input {
        let input = fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
        println!("{:?}", targets[0].attempt(&input).map_err(|failure| failure.what)?);
        return Ok(());
    }
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let seed = arguments.seed.unwrap_or_else(|| u64::from(now.subsec_nanos()) << 16 ^ now.as_secs());
    if let Some(folder) = &arguments.corpus {
        return corpus(&targets[0], folder);
    }
    println!("seed {seed}");
    let share = Duration::from_secs_f64(arguments.minutes * 60.0 / targets.len() as f64);
    let failures: Vec<String> =
        targets.iter().filter_map(|target| explore(target, seed, share, &arguments.artifacts).err()).collect();
    match peak() {
        Some(peak) if peak > MEMORY => return Err(format!("{} MiB of memory were taken", peak >> 20)),
        Some(peak) => println!("at most {} MiB of memory", peak >> 20),
        None => println!("how much memory was taken cannot be told here"),
    }
    if failures.is_empty() { Ok(()) } else { Err(failures.join("\n")) }
}

/// Tries inputs for a time, and ends at the first that fails.
fn explore(target: &Target, seed: u64, time: Duration, artifacts: &Path) -> Result<(), String> {
    let begin = Instant::now();
    let watch = Watch::over(target.name, artifacts);
    let mut figures = Figures::default();
    for number in 0.. {
        if begin.elapsed() >= time {
            break;
        }
        let input = target.input(seed, number);
        watch.set(Some(&input));
        let verdict = target.attempt(&input).map_err(|failure| {
            let path = keep(target.name, artifacts, &failure.input);
            let Failure { what, .. } = failure;
            format!("{}, seed {seed}, input {number}: {what}\nkept as {}", target.name, path.display())
        })?;
        *figures.verdicts.entry(verdict).or_default() += 1;
    }
    watch.set(None);
    println!("{}: {figures}", target.name);
    Ok(())
}

/// Writes a failing input to a file.
fn keep(target: &str, artifacts: &Path, input: &[u8]) -> PathBuf {
    let digest = input
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |digest, octet| (digest ^ u64::from(*octet)).wrapping_mul(0x0100_0000_01b3));
    let path = artifacts.join(target).join(format!("{digest:016x}"));
    let written = fs::create_dir_all(artifacts.join(target)).and_then(|()| fs::write(&path, input));
    if let Err(error) = written {
        eprintln!("{}: {error}; the input is {input:?}", path.display());
    }
    path
}

/// Ends the program if an input takes too long: no other thread can stop it.
struct Watch(Arc<Mutex<Option<Trial>>>);

/// When an input's trial has begun, and the input.
type Trial = (Instant, Vec<u8>);

impl Watch {
    fn over(target: &'static str, artifacts: &Path) -> Self {
        let at: Arc<Mutex<Option<Trial>>> = Arc::new(Mutex::new(None));
        let (seen, artifacts) = (Arc::downgrade(&at), artifacts.to_path_buf());
        std::thread::spawn(move || {
            while let Some(at) = seen.upgrade() {
                if let Some((begin, input)) = &*at.lock().unwrap_or_else(PoisonError::into_inner)
                    && begin.elapsed() > HANGS
                {
                    let path = keep(target, &artifacts, input);
                    eprintln!("{target}: an input takes more than {HANGS:?}; kept as {}", path.display());
                    std::process::exit(1);
                }
                drop(at);
                std::thread::sleep(Duration::from_secs(1));
            }
        });
        Self(at)
    }

    fn set(&self, input: Option<&[u8]>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = input.map(|input| (Instant::now(), input.to_vec()));
    }
}

/// Inputs to begin with: some of each verdict.
fn corpus(target: &Target, folder: &Path) -> Result<(), String> {
    fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut found: BTreeMap<Verdict, usize> = BTreeMap::new();
    for number in 0..2000 {
        let input = target.input(0, number);
        let Ok(verdict) = target.attempt(&input) else { continue };
        let count = found.entry(verdict).or_default();
        *count += 1;
        if *count <= SEEDS {
            let path = folder.join(format!("seed-{number}"));
            fs::write(&path, &input).map_err(|error| format!("{}: {error}", path.display()))?;
        }
    }
    Ok(())
}

/// The most memory that this program has taken so far, where the system tells.
fn peak() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kib| kib << 10)
}
