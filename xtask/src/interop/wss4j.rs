//! Apache WSS4J, the WS-Security library of CXF and Axis2: checks our security headers, and writes headers of its own.
//!
//! Needs a JDK and Maven; on a Debian system it installs them.

use std::fs;
use std::path::Path;

use super::messages::{Theirs, VECTORS};
use super::packages;
use crate::Result;
use crate::process::{command, has, run};

pub(super) fn install() -> Result {
    if !has("mvn", "-version") {
        packages("openjdk-17-jdk-headless maven")?;
    }
    let build = || command("mvn -B -q -Dstyle.color=never -f interop/wss4j/pom.xml compile");
    let offline = build().arg("-o").output()?;
    if offline.status.success() { Ok(()) } else { run(&mut build()) }
}

/// Checks the messages of the folder's list, and adds its own.
pub(super) fn check_and_sign(folder: &Path) -> Result<Vec<Theirs>> {
    run(command("java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
        .args(["-cp", "interop/wss4j/target/classes:interop/wss4j/target/lib/*", "Peer"])
        .arg(folder)
        .args([format!("{VECTORS}/test-cert.pem"), format!("{VECTORS}/test-key.pem")]))?;
    fs::read_to_string(folder.join("theirs-wss4j.tsv"))?.lines().map(Theirs::parse).collect()
}
