//! zeep, a client in Python with a reading of schemas of its own: a virtual environment with it, and the exchange.

use std::path::PathBuf;

use super::ignored::Tests;
use super::packages;
use crate::corpus::exchange_with_zeep;
use crate::process::{command, has, run};
use crate::{Result, root};

/// No test of `tests/it` needs it.
pub(super) fn exchange(_: &mut Tests) -> Result {
    exchange_with_zeep(&install()?)
}

/// The Python that has it.
pub(super) fn install() -> Result<PathBuf> {
    let environment = root().join("target/zeep-environment");
    let python = environment.join("bin/python");
    if !has("python3", "--version") {
        packages("python3 python3-venv")?;
    }
    if !has(&python.to_string_lossy(), "--version") {
        run(command("python3 -m venv").arg(&environment))?;
    }
    let install = "-m pip install --quiet --disable-pip-version-check --requirement interop/zeep/requirements.txt";
    run(&mut command(&format!("{} {install}", python.display())))?;
    Ok(python)
}
