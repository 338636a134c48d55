//! The generator over whole sets of contracts, beside other stacks over those of strangers, and over contracts that grow.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Instant;

use wsdl_codegen::{Config, files, generate};

use crate::ratio::median;
use crate::shapes::{SHAPES, Shape};
use crate::{corpora, measure};

/// How large the contracts are that grow.
const SIZES: [usize; 3] = [5_000, 10_000, 20_000];
/// Most that time and memory may grow when a contract doubles.
const STEEPEST: f64 = 2.5;
/// Below these, the start of the program and chance say more than the work: seconds and KiB.
const SMALLEST: (f64, u64) = (0.05, 32 * 1024);

pub(crate) fn run() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let config = files::read_config(&root.join("generated/codegen.toml")).expect("codegen.toml");
    time("wsdl-cache", &root.join("wsdl-cache"), &config);
    time("published contracts", &root.join("../shared/altinn-wsdl"), &Config::default());
    corpora::run(&root);
    let only = std::env::args().nth(2).unwrap_or_default();
    let steep: Vec<&str> = SHAPES
        .iter()
        .filter(|shape| shape.name.contains(&only) && !grows_evenly(shape))
        .map(|shape| shape.name)
        .collect();
    if steep.is_empty() {
        return ExitCode::SUCCESS;
    }
    eprintln!("grows more than {STEEPEST} times when the contract doubles: {}", steep.join(", "));
    ExitCode::FAILURE
}

fn time(name: &str, folder: &Path, config: &Config) {
    if !folder.exists() {
        println!("{name}: not there");
        return;
    }
    let sources = files::read(&[PathBuf::from(folder)]).expect("contracts");
    let mut seconds = Vec::new();
    let mut summary = String::new();
    for _ in 0..5 {
        let start = Instant::now();
        let generated = generate(&sources, config).expect("generates");
        seconds.push(start.elapsed().as_secs_f64());
        summary = generated.summary.to_string();
    }
    println!("{name}: {:.3} s; {}", median(&mut seconds), summary.lines().last().unwrap_or_default());
}

/// Prints what a shape costs at every size, and says whether that grows with the size.
fn grows_evenly(shape: &Shape) -> bool {
    let costs = SIZES.map(|size| apart(shape.name, size));
    let (seconds, peaks): (Vec<f64>, Vec<u64>) = costs.into_iter().unzip();
    let listed = seconds.iter().map(|one| format!("{one:6.3} s")).collect::<Vec<_>>().join(" ");
    let memory = peaks.iter().map(|one| format!("{:4} MiB", one / 1024)).collect::<Vec<_>>().join(" ");
    println!("{:36} {listed}   {memory}", shape.name);
    let even = |pair: &[f64], smallest: f64| pair[1] <= STEEPEST * pair[0].max(smallest);
    let peaks: Vec<f64> = peaks.into_iter().map(|one| one as f64).collect();
    seconds.windows(2).all(|pair| even(pair, SMALLEST.0)) && peaks.windows(2).all(|pair| even(pair, SMALLEST.1 as f64))
}

/// Seconds on the processor and most memory of one run in a process of its own.
fn apart(name: &str, size: usize) -> (f64, u64) {
    let program = std::env::current_exe().expect("this program");
    let output = Command::new(program).args(["codegen-once", name, &size.to_string()]).output().expect("it runs");
    let text = String::from_utf8_lossy(&output.stdout);
    let mut numbers = text.split_whitespace();
    let seconds = numbers.next().and_then(|number| number.parse().ok());
    seconds.zip(numbers.next().and_then(|number| number.parse().ok())).unwrap_or_else(|| panic!("{name}: {output:?}"))
}

/// One shape at one size; what it costs goes to standard output.
pub(crate) fn once() {
    let argument = |at| std::env::args().nth(at).unwrap_or_default();
    let shape = SHAPES.iter().find(|shape| shape.name == argument(2)).expect("a shape");
    let sources = (shape.make)(argument(3).parse().expect("a size"));
    let start = measure::on_processor();
    // Some are refused, which must not take longer either.
    drop(generate(&sources, &Config::default()));
    println!("{} {}", measure::on_processor() - start, measure::peak());
}
