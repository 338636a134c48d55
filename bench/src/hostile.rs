//! Time on the processor to read hostile answers of n, 2n and 4n bytes: it grows as they do.

use std::process::ExitCode;

use soap_runtime::testing::hostile::{HostileAnswer, HostileShape};
use tokio::runtime::Runtime;

use crate::measure::timed;
use crate::ratio::median;

/// The most that twice as much may take: 2 is linear, 4 is a square.
const GROWTH: f64 = 2.5;

/// Bytes of the smallest of the three.
const BYTES: usize = 512 << 10;

/// How long that takes at least, being read as often as it needs to: so that the clock can tell.
const LEAST: f64 = 40e-3;

const ROUNDS: usize = 5;

/// A machine that is busy with something else may take longer once, but not every time.
const TRIES: usize = 3;

/// Fails if any shape takes more than [`GROWTH`] times as long for twice as much.
pub(crate) fn run() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let mut offences = 0;
    println!("{:<66} {:>6} {:>9} {:>9} {:>9} {:>6}", "", "n, KiB", "n, ms", "2n, ms", "4n, ms", "most");
    for shape in HostileShape::all() {
        let least = BYTES.min(shape.most / 4);
        let answers = [least, 2 * least, 4 * least].map(|bytes| shape.of(bytes));
        let times = times(&runtime, &answers[0]);
        let (mut medians, mut growth) = ([0.0; 3], f64::INFINITY);
        for _ in 0..TRIES {
            let again = measured(&runtime, &answers, times);
            let grown = (again[1] / again[0]).max(again[2] / again[1]);
            if grown < growth {
                (medians, growth) = (again, grown);
            }
            if growth <= GROWTH {
                break;
            }
        }
        let [one, two, four] = medians.map(|seconds| seconds * 1e3 / f64::from(times));
        let verdict = if growth > GROWTH { "  GROWS TOO FAST" } else { "" };
        offences += usize::from(growth > GROWTH);
        println!("{:<66} {:>6} {one:>9.2} {two:>9.2} {four:>9.2} {growth:>6.2}{verdict}", shape.name, least >> 10);
    }
    if offences == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// How often an answer has to be read.
fn times(runtime: &Runtime, answer: &HostileAnswer) -> u32 {
    let mut times = 1;
    while seconds(runtime, answer, times) < LEAST {
        times *= 2;
    }
    times
}

/// Medians, measured in turn.
fn measured(runtime: &Runtime, answers: &[HostileAnswer; 3], times: u32) -> [f64; 3] {
    let mut all = [const { Vec::new() }; 3];
    for _ in 0..ROUNDS {
        for (answer, all) in answers.iter().zip(&mut all) {
            all.push(seconds(runtime, answer, times));
        }
    }
    all.map(|mut all| median(&mut all))
}

/// Reads an answer this many times. Whether it is refused does not matter: that takes time too.
fn seconds(runtime: &Runtime, answer: &HostileAnswer, times: u32) -> f64 {
    let (by_the_clock, on_processor) = runtime.block_on(timed(async {
        for _ in 0..times {
            let _ = answer.read().await;
        }
    }));
    // Whoever else uses the machine does not count, where the system can tell.
    if on_processor > 0.0 { on_processor } else { by_the_clock }
}
