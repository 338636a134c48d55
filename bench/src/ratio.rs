//! Things timed in turn, so that a machine that slows down slows all of them.

use std::any::Any;
use std::time::Instant;

/// A name and what to time.
///
/// What it makes is dropped when the clock has stopped.
pub(crate) type Case<'a> = (&'static str, Box<dyn FnMut() -> Box<dyn Any> + 'a>);

/// Runs all cases in turn, this many rounds after one to warm up, and prints medians and their ratio to the first.
pub(crate) fn compare(rounds: usize, mut cases: Vec<Case<'_>>) {
    let mut seconds = vec![Vec::new(); cases.len()];
    for round in 0..=rounds {
        for ((_, case), seconds) in cases.iter_mut().zip(&mut seconds) {
            let start = Instant::now();
            let made = case();
            let elapsed = start.elapsed().as_secs_f64();
            drop(made);
            if round > 0 {
                seconds.push(elapsed);
            }
        }
    }
    let medians: Vec<f64> = seconds.iter_mut().map(|seconds| median(seconds)).collect();
    for ((name, _), median) in cases.iter().zip(&medians) {
        println!("  {name:40} {:>10.3} ms   speed of the first: {:.2}", median * 1e3, medians[0] / median);
    }
}

pub(crate) fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
