//! `cargo xtask torture`: the delivery experiment of the runtime's tests and its mirror, at length and optimised.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::Result;
use crate::process::{command, run};

pub(crate) fn run_experiment(submissions: u64, seed: Option<u64>) -> Result {
    let seed = match seed {
        Some(seed) => seed,
        None => SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs(),
    };
    println!("== {submissions} submissions to each variant, --seed {seed}");
    run(command("cargo test --release --package soap-runtime --test torture -- --nocapture")
        .env("TORTURE_SUBMISSIONS", submissions.to_string())
        .env("TORTURE_SEED", seed.to_string()))
}
