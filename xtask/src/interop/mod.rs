//! `cargo xtask interop`: our clients against stacks that nobody here wrote. Installs, starts and stops them.

mod cxf;
mod messages;
mod wss4j;
mod xmlsec1;

use crate::Result;
use crate::process::{command, run};

pub(crate) fn run_all() -> Result {
    cxf::basic()?;
    messages::exchange()
}

/// Installs packages of a Debian system, by name.
fn packages(names: &str) -> Result {
    run(&mut command("apt-get update -q"))?;
    run(command("apt-get install -qy --no-install-recommends").args(names.split(' ')))
}
