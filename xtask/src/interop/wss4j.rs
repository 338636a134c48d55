//! Apache WSS4J, the WS-Security library of CXF and Axis2: checks our security headers, and writes headers of its own.

use std::fs;
use std::path::Path;

use super::maven;
use super::messages::{Theirs, VECTORS};
use crate::Result;
use crate::process::{command, run};

/// Checks the messages of the folder's list, and adds its own.
pub(super) fn check_and_sign(folder: &Path) -> Result<Vec<Theirs>> {
    maven("interop/wss4j")?;
    run(command("java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
        .args(["-cp", "interop/wss4j/target/classes:interop/wss4j/target/lib/*", "Peer"])
        .arg(folder)
        .args([format!("{VECTORS}/test-cert.pem"), format!("{VECTORS}/test-key.pem")]))?;
    fs::read_to_string(folder.join("theirs-wss4j.tsv"))?.lines().map(Theirs::parse).collect()
}
