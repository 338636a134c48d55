//! The server of `examples/serving`, for clients of other stacks and for the programs of the README.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

use crate::process::{command, run};
use crate::{Result, root};

/// Ends when dropped.
pub(crate) struct Station {
    process: Child,
    /// Where its contract is.
    pub(crate) contract: String,
}

impl Station {
    pub(crate) fn start() -> Result<Self> {
        run(&mut command("cargo build --quiet --package altinn-soap-example-serving"))?;
        let program = root().join("target/debug/station").display().to_string();
        let mut process = command(&program).arg("127.0.0.1:0").stdout(Stdio::piped()).spawn()?;
        let output = process.stdout.take().ok_or("the station has no output")?;
        let mut station = Self { process, contract: String::new() };
        BufReader::new(output).read_line(&mut station.contract)?;
        station.contract.truncate(station.contract.trim_end().len());
        if station.contract.is_empty() { Err("the station did not come up".into()) } else { Ok(station) }
    }

    /// What stands before the path, which clients know from the contract.
    pub(crate) fn address(&self) -> &str {
        let end = self.contract.match_indices('/').nth(2).map_or(self.contract.len(), |(at, _)| at);
        &self.contract[..end]
    }
}

impl Drop for Station {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
