//! `cargo xtask interop`: our clients against other stacks. Installs, starts and stops them.

mod cxf;
mod gsoap;
mod ignored;
mod messages;
mod peer;
mod wss4j;
mod xmlsec1;

use std::path::Path;
use std::time::Instant;

use self::ignored::Tests;
use crate::Result;
use crate::process::{command, has, run};

/// Every test that needs a peer.
pub(crate) fn run_all() -> Result {
    let mut tests = Tests::usual()?;
    stage("Apache CXF", &mut tests, cxf::every_port)?;
    stage("xmlsec1, WSS4J", &mut tests, messages::exchange)?;
    stage("gSOAP", &mut tests, gsoap::call)?;
    stage("Python", &mut tests, python)?;
    tests.all_have_run()
}

/// What takes too long to run each time.
pub(crate) fn run_large() -> Result {
    let mut tests = Tests::huge()?;
    cxf::huge_streams(&mut tests)?;
    tests.all_have_run()
}

fn stage(peers: &str, tests: &mut Tests, run: fn(&mut Tests) -> Result) -> Result {
    println!("== {peers}");
    let start = Instant::now();
    run(tests)?;
    println!("== {peers}: {:.0} s", start.elapsed().as_secs_f32());
    Ok(())
}

/// The MIME parser of Python reads packages. It needs no service.
fn python(tests: &mut Tests) -> Result {
    const PROGRAM: &str = "python3";
    if !has(PROGRAM, "--version") {
        packages(PROGRAM)?;
    }
    tests.run(&["attachments::"], "INTEROP_PYTHON", Path::new(PROGRAM))
}

/// Installs packages of a Debian system, by name.
fn packages(names: &str) -> Result {
    run(&mut command("apt-get update -q"))?;
    run(command("apt-get install -qy --no-install-recommends").args(names.split(' ')))
}

/// Builds a Maven project of ours: offline, if everything is in the local repository. On a Debian system a JDK and Maven
/// are installed.
fn maven(folder: &str) -> Result {
    if !has("mvn", "-version") {
        packages("openjdk-17-jdk-headless maven")?;
    }
    let build = || command(&format!("mvn -B -q -Dstyle.color=never -f {folder}/pom.xml compile"));
    // What it complains of offline is of interest only if it fails online too.
    let offline = build().arg("-o").output()?;
    if offline.status.success() { Ok(()) } else { run(&mut build()) }
}
