//! The step of `cargo xtask ci`: a fixed sample of strangers' contracts does not get worse.

use std::fs;

use super::root::Outcome;
use super::{Arguments, rows, table};
use crate::environment::update;
use crate::{Result, root, shared};

/// Roots of the sample.
const ROOTS: usize = 60;

/// What came of the sample when somebody last looked.
const EXPECTED: &str = "xtask/src/corpus/expected.txt";

/// Generates and compiles every n-th root, and compares the numbers with those that are checked in.
///
/// # Errors
/// Fewer roots generate, or fewer generate whole, than before; or what is generated does not compile.
pub(crate) fn check_sample() -> Result {
    let (Some(corpora), Some(contracts)) = (shared("corpora"), shared("altinn-wsdl")) else {
        return Ok(());
    };
    let rows = rows(&Arguments {
        folders: vec![corpora, contracts],
        compile: true,
        sample: Some(ROOTS),
        seconds: 20.0,
        megabytes: 1024.0,
        ..Arguments::default()
    })?;
    print!("{}", table::table(&rows));
    let broken = rows.iter().filter(|row| row.compiled == Some(false)).map(|row| row.root.as_str());
    let broken: Vec<&str> = broken.collect();
    if !broken.is_empty() {
        return Err(format!("what is generated does not compile: {}", broken.join(", ")).into());
    }
    let whole = rows.iter().filter(|row| row.outcome == Outcome::Whole).count();
    let generated = rows.iter().filter(|row| row.outcome.is_generated()).count();
    let found = format!("roots {}\ngenerated {generated}\nwhole {whole}\n", rows.len());
    let path = root().join(EXPECTED);
    if update() {
        return Ok(fs::write(path, found)?);
    }
    let expected = fs::read_to_string(&path)?;
    if is_worse(&numbers(&expected), &numbers(&found)) {
        return Err(format!("before, it was\n{expected}and now it is\n{found}").into());
    }
    if found != expected {
        println!("better than {EXPECTED} says: `UPDATE=1 cargo xtask ci --only corpus` writes that down");
    }
    Ok(())
}

/// The number on each line.
fn numbers(text: &str) -> Vec<usize> {
    text.lines().filter_map(|line| line.rsplit(' ').next()?.parse().ok()).collect()
}

/// Another sample cannot be compared, and so is worse too.
fn is_worse(expected: &[usize], found: &[usize]) -> bool {
    expected.len() != found.len()
        || expected.first() != found.first()
        || expected.iter().zip(found).any(|(expected, found)| found < expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fewer_are_worse_and_more_are_not() {
        let expected = numbers("roots 60\ngenerated 40\nwhole 38\n");
        assert_eq!(expected, [60, 40, 38]);
        for found in [[60, 40, 38], [60, 41, 38], [60, 41, 40]] {
            assert!(!is_worse(&expected, &found), "{found:?}");
        }
        for found in [[60, 39, 38], [60, 41, 37], [61, 41, 40]] {
            assert!(is_worse(&expected, &found), "{found:?}");
        }
        assert!(is_worse(&expected, &[]));
    }
}
