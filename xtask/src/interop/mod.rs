//! `cargo xtask interop`: our clients against other stacks, and theirs against what is served here. Installs, starts and
//! stops them.

mod contracts;
mod cxf;
mod gsoap;
mod ignored;
mod messages;
mod node_soap;
pub(crate) mod peer;
mod served;
mod wss4j;
mod xmlsec1;
mod zeep;

use std::path::Path;
use std::time::Instant;

use self::ignored::Tests;
use crate::Result;
use crate::process::{command, has, run};

type Stage = (&'static str, fn(&mut Tests) -> Result);

const STAGES: [Stage; 8] = [
    ("Apache CXF", cxf::every_port),
    ("xmlsec1, WSS4J", messages::exchange),
    ("gSOAP", gsoap::call),
    ("contracts of strangers: Apache CXF, node-soap, gSOAP", contracts::call),
    ("zeep", zeep::exchange),
    ("clients: zeep, node-soap, gSOAP", served::call),
    ("clients: sessions of Apache CXF", served::sessions),
    ("Python", python),
];

/// Every test that needs a peer; or only the stages whose name contains a text.
pub(crate) fn run_all(only: Option<&str>) -> Result {
    let mut tests = Tests::usual()?;
    for (peers, run) in STAGES.into_iter().filter(|(peers, _)| only.is_none_or(|only| peers.contains(only))) {
        println!("== {peers}");
        let start = Instant::now();
        run(&mut tests)?;
        println!("== {peers}: {:.0} s", start.elapsed().as_secs_f32());
    }
    if only.is_some() { Ok(()) } else { tests.all_have_run() }
}

/// What takes too long to run each time.
pub(crate) fn run_large() -> Result {
    let mut tests = Tests::huge()?;
    cxf::huge_streams(&mut tests)?;
    tests.all_have_run()
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
