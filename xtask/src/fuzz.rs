//! `cargo xtask fuzz`: the targets of `fuzz/`, for as long as one likes. Guided by coverage where this machine can do it,
//! and else with inputs made by chance.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use clap::Args;

use crate::process::{command, has, run};
use crate::{Result, root};

#[derive(Args)]
pub(crate) struct Arguments {
    /// Minutes for all targets together.
    #[arg(long, default_value_t = 10.0)]
    minutes: f64,
    /// Only this target.
    #[arg(long)]
    target: Option<String>,
    /// Tries this file once more, and nothing else.
    #[arg(long, requires = "target")]
    input: Option<PathBuf>,
    /// Inputs made by chance from this seed, as a run without guidance has printed it.
    #[arg(long)]
    seed: Option<u64>,
    /// Inputs made by chance, even where guidance can be had.
    #[arg(long)]
    random: bool,
}

/// What libFuzzer needs to see: cargo-fuzz passes the same, and an address sanitizer for code that is not safe Rust.
const GUIDED: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
                      -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
                      -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1";

pub(crate) fn fuzz(arguments: &Arguments) -> Result {
    let target = arguments.target.iter().flat_map(|name| ["--target", name]);
    if let Some(input) = &arguments.input {
        let input = std::path::absolute(input)?;
        return run(random().args(target).arg("--input").arg(input));
    }
    let has_cargo_fuzz = has_cargo_fuzz();
    if !arguments.random && arguments.seed.is_none() {
        if !has_cargo_fuzz {
            println!(
                "cargo-fuzz or a nightly compiler is missing (`rustup toolchain install nightly`, `cargo install \
                 cargo-fuzz`); nothing is installed here"
            );
        }
        if has_cargo_fuzz || has("c++", "--version") {
            return guided(arguments, has_cargo_fuzz);
        }
        println!("there is no C++ compiler for libFuzzer either, so inputs are made by chance");
    }
    let seed = arguments.seed.iter().flat_map(|seed| ["--seed".to_owned(), seed.to_string()]);
    run(random().args(target).args(seed).args(["--minutes", &arguments.minutes.to_string()]))
}

fn has_cargo_fuzz() -> bool {
    Command::new("cargo").args(["+nightly", "fuzz", "--version"]).output().is_ok_and(|output| output.status.success())
}

/// The program that runs all targets without guidance.
fn random() -> Command {
    command("cargo run --quiet --profile fuzz --package altinn-soap-fuzz --bin random --")
}

/// Runs each target for its share of the time, from the corpus of earlier runs.
fn guided(arguments: &Arguments, with_cargo_fuzz: bool) -> Result {
    let mut targets = targets()?;
    if let Some(name) = &arguments.target {
        targets.retain(|target| target == name);
    }
    if targets.is_empty() {
        return Err("there is no such target in fuzz/fuzz_targets".into());
    }
    let seconds = format!("-max_total_time={}", (arguments.minutes * 60.0 / targets.len() as f64).ceil());
    let host = host()?;
    if !with_cargo_fuzz {
        println!("libFuzzer is built for this compiler, without a sanitizer: all of the workspace is safe Rust");
        let bins = targets.iter().flat_map(|target| ["--bin", target]);
        run(command(
            "cargo build --quiet --profile fuzz --package altinn-soap-fuzz --target-dir target/guided --target",
        )
        .arg(&host)
        .args(bins)
        .env("RUSTFLAGS", GUIDED))?;
    }
    let mut failed = Vec::new();
    for target in &targets {
        let corpus = root().join("fuzz/corpus").join(target);
        if fs::read_dir(&corpus).map_or(0, Iterator::count) == 0 {
            run(random().args(["--target", target, "--corpus"]).arg(&corpus))?;
        }
        let artifacts = root().join("fuzz/artifacts").join(target);
        fs::create_dir_all(&artifacts)?;
        println!("== {target}");
        let mut libfuzzer = if with_cargo_fuzz {
            let mut cargo = command("cargo +nightly fuzz run");
            cargo.arg(target).arg(&corpus).arg("--");
            cargo
        } else {
            let mut program = Command::new(root().join("target/guided").join(&host).join("fuzz").join(target));
            program.current_dir(root()).arg(&corpus).arg(format!("-artifact_prefix={}/", artifacts.display()));
            program
        };
        // `cov` in what it prints is the number of edges that have been reached.
        if run(libfuzzer.args([&seconds, "-max_len=512", "-timeout=30", "-rss_limit_mb=1024", "-print_final_stats=1"]))
            .is_err()
        {
            failed.push(target.as_str());
        }
    }
    if failed.is_empty() {
        return Ok(());
    }
    let again = "`cargo xtask fuzz --target TARGET --input FILE` runs one of fuzz/artifacts/TARGET again";
    Err(format!("{}: an input fails; {again}", failed.join(", ")).into())
}

/// The names of the programs for libFuzzer.
fn targets() -> Result<Vec<String>> {
    let entries = fs::read_dir(root().join("fuzz/fuzz_targets"))?;
    let mut targets: Vec<String> =
        entries.filter_map(|entry| Some(entry.ok()?.path().file_stem()?.to_string_lossy().into_owned())).collect();
    targets.sort();
    Ok(targets)
}

/// The triple of this machine: with it, only the targets are instrumented, and no build script.
fn host() -> Result<String> {
    let version = String::from_utf8(command("rustc -vV").output()?.stdout)?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| "rustc does not name its host".into())
}
