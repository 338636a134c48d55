//! The tests of `tests/it` and `interop/clients` that need a peer. They are `#[ignore]`d there; here all of them run, and are
//! counted.

use std::collections::BTreeSet;
use std::path::Path;

use crate::Result;
use crate::process::{command, run_and_read};

/// What every command line here begins with; arguments of the test harness follow.
const CARGO: &str = "cargo test --package altinn-soap --package altinn-soap-interop --test it";
/// In the names of tests that take minutes, and have a command of their own.
const HUGE: &str = "huge";

/// Tests that have not run yet.
#[derive(Debug)]
pub(super) struct Tests {
    left: BTreeSet<String>,
    cargo: String,
}

impl Tests {
    /// All but those of streams of gigabytes.
    pub(super) fn usual() -> Result<Self> {
        Self::list(CARGO.to_owned(), |name| !name.contains(HUGE))
    }

    pub(super) fn huge() -> Result<Self> {
        Self::list(format!("{CARGO} --release"), |name| name.contains(HUGE))
    }

    fn list(cargo: String, wanted: fn(&str) -> bool) -> Result<Self> {
        let output = run_and_read(&mut command(&format!("{cargo} -- --ignored --list --format terse")))?;
        let left: BTreeSet<_> = listed(&output).filter(|name| wanted(name)).map(str::to_owned).collect();
        if left.is_empty() { Err("no test needs a peer".into()) } else { Ok(Self { left, cargo }) }
    }

    /// Runs the tests whose names begin with one of these, with a variable that names a file or folder.
    pub(super) fn run(&mut self, prefixes: &[&str], variable: &str, path: &Path) -> Result {
        let begins = |name: &&String| prefixes.iter().any(|prefix| name.starts_with(prefix));
        let chosen: BTreeSet<String> = self.left.iter().filter(begins).cloned().collect();
        if chosen.is_empty() {
            return Err(format!("no test begins with {}", prefixes.join(", ")).into());
        }
        let mut tests = command(&format!("{} -- --ignored --show-output --exact", self.cargo));
        let output = run_and_read(tests.args(&chosen).env(variable, path))?;
        let ran = passed(&output);
        let missing: Vec<_> = chosen.iter().filter(|name| !ran.contains(name.as_str())).cloned().collect();
        if !missing.is_empty() {
            return Err(format!("did not run: {}", missing.join(", ")).into());
        }
        self.left.retain(|name| !chosen.contains(name));
        Ok(())
    }

    /// Fails if one has not run.
    pub(super) fn all_have_run(self) -> Result {
        let left: Vec<_> = self.left.into_iter().collect();
        if left.is_empty() { Ok(()) } else { Err(format!("no peer for {}", left.join(", ")).into()) }
    }
}

/// Names in what `--list --format terse` prints.
fn listed(output: &str) -> impl Iterator<Item = &str> {
    output.lines().filter_map(|line| line.strip_suffix(": test"))
}

/// Names of the tests that the harness says have passed.
fn passed(output: &str) -> BTreeSet<&str> {
    output.lines().filter_map(|line| line.strip_prefix("test ")?.strip_suffix(" ... ok")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTPUT: &str = "\nrunning 3 tests\ntest interop::a ... ok\ntest interop::b ... ignored, cargo xtask interop\n\
        test interop::c ... FAILED\n\nsuccesses:\n\n---- interop::a stdout ----\n8 calls accepted\n";

    #[test]
    fn only_what_passed_counts_as_run() {
        assert_eq!(passed(OUTPUT), BTreeSet::from(["interop::a"]));
        assert_eq!(
            listed("interop::a: test\nx: benchmark\n\n1 test, 1 benchmark\n").collect::<Vec<_>>(),
            ["interop::a"]
        );
    }

    #[test]
    fn a_test_without_a_peer_is_noticed() {
        let tests = |names: &[&str]| Tests {
            left: names.iter().map(|name| (*name).to_owned()).collect(),
            cargo: "cargo --version".to_owned(),
        };
        assert!(tests(&[]).all_have_run().is_ok());
        assert!(tests(&["interop::a"]).all_have_run().is_err_and(|error| error.to_string().contains("interop::a")));
        let mut some = tests(&["interop::a"]);
        assert!(some.run(&["other::"], "X", Path::new("x")).is_err());
        assert_eq!(some.left.len(), 1);
    }
}
