//! `cargo xtask interop`: our clients against stacks that nobody here wrote. Installs, starts and stops them.

mod cxf;
mod gsoap;
mod messages;
mod wss4j;
mod xmlsec1;

use std::time::Instant;

use crate::Result;
use crate::process::{command, run};

pub(crate) fn run_all() -> Result {
    stage("Apache CXF", cxf::every_port)?;
    stage("xmlsec1, WSS4J", messages::exchange)?;
    stage("gSOAP", gsoap::call)
}

/// What takes too long to run each time.
pub(crate) fn run_large() -> Result {
    cxf::huge_streams()
}

fn stage(peers: &str, run: fn() -> Result) -> Result {
    println!("== {peers}");
    let start = Instant::now();
    run()?;
    println!("== {peers}: {:.0} s", start.elapsed().as_secs_f32());
    Ok(())
}

/// Installs packages of a Debian system, by name.
fn packages(names: &str) -> Result {
    run(&mut command("apt-get update -q"))?;
    run(command("apt-get install -qy --no-install-recommends").args(names.split(' ')))
}
