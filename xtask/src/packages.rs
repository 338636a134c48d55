//! `cargo xtask ci --only packages`: what would be published is complete.
//!
//! Each package compiles outside of the checkout, against the packages of the others. `cargo package` could check that
//! itself, but keeps the sources and the compiled form of a version for ever: a second change under one version number
//! would be checked against the first.

use std::fs;

use crate::process::{command, run};
use crate::{Result, root};

const PACKAGES: [&str; 4] = ["soap-runtime", "wsdl-codegen", "altinn-soap-generated", "altinn-soap"];

pub(crate) fn check() -> Result {
    let mut package = command("cargo package --quiet --offline --allow-dirty --no-verify");
    run(package.args(PACKAGES.iter().flat_map(|name| ["--package", name])))?;

    let folder = root().join("target/unpacked");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder)?;
    let version = env!("CARGO_PKG_VERSION");
    let mut members = Vec::new();
    let mut patches = String::new();
    for name in PACKAGES {
        let packed = root().join(format!("target/package/{name}-{version}.crate"));
        // Without the times in the package, which are always the same: cargo would take every change for an old file.
        run(command("tar -xzmf").arg(packed).arg("-C").arg(&folder))?;
        members.push(format!("{name}-{version}"));
        patches.push_str(&format!("{name} = {{ path = \"{name}-{version}\" }}\n"));
    }
    fs::write(
        folder.join("Cargo.toml"),
        format!("[workspace]\nresolver = \"3\"\nmembers = {members:?}\n\n[patch.crates-io]\n{patches}"),
    )?;
    // The versions that are at hand, and compiled.
    fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock"))?;
    run(command("cargo check --quiet --offline --workspace --manifest-path target/unpacked/Cargo.toml")
        .env("CARGO_TARGET_DIR", root().join("target")))
}
