//! `cargo xtask ci`: what .ci/run checks after the tests, in the order of what fails fastest.

use std::fs;
use std::path::Path;
use std::time::Instant;

use crate::process::{command, has, run};
use crate::{Result, corpus, interop, packages, readme, root, shared};

type Step = (&'static str, fn() -> Result);

const STEPS: [Step; 12] = [
    ("format", || run(&mut command("cargo fmt --all --check"))),
    ("freshness", freshness),
    ("clippy", || run(&mut command("cargo clippy --workspace --all-targets --all-features -- -D warnings"))),
    ("documentation", || {
        run(command("cargo doc --workspace --no-deps --all-features").env("RUSTDOCFLAGS", "-D warnings"))
    }),
    ("features", features),
    ("packages", packages::check),
    ("readme", readme::follow),
    ("licences", licences),
    ("oracle", oracle),
    ("published", published),
    ("corpus", corpus::check_sample),
    ("interop", || interop::run_all(None)),
];

pub(crate) fn run_steps(only: Option<&str>) -> Result {
    let without_shared = std::env::var_os("WITHOUT_SHARED").is_some_and(|value| value == "1");
    if !without_shared && shared("altinn-wsdl").is_none() {
        return Err("what lies in ../shared is part of the proof; WITHOUT_SHARED=1 goes without it".into());
    }
    for (name, step) in STEPS {
        if only.is_some_and(|only| !name.contains(only)) {
            continue;
        }
        println!("== {name}");
        let start = Instant::now();
        step().map_err(|error| format!("{name}: {error}"))?;
        println!("== {name}: {:.0} s", start.elapsed().as_secs_f64());
    }
    Ok(())
}

/// Sources that are generated from nothing are the ones that are checked in.
fn freshness() -> Result {
    let before = status(".")?;
    fs::remove_dir_all(root().join("generated/src"))?;
    run(&mut command("cargo xtask regen"))?;
    run(&mut command("cargo xtask regen --check"))?;
    let after = status(".")?;
    if before == after {
        Ok(())
    } else {
        Err(format!("regen writes other files than those checked in:\n{after}").into())
    }
}

/// What git says of a folder: changes against the last commit, and what it does not know.
fn status(folder: &str) -> Result<String> {
    let mut text = String::new();
    for line in ["git diff HEAD --", "git ls-files --others --exclude-standard --"] {
        let output = command(line).arg(folder).output()?;
        text.push_str(&String::from_utf8_lossy(&output.stdout));
    }
    Ok(text)
}

/// Each service compiles alone, as do nothing at all and the server half of one; so do the features of the runtime, of which one
/// alone brings RSA.
fn features() -> Result {
    let manifest: toml::Table = fs::read_to_string(root().join("generated/Cargo.toml"))?.parse()?;
    let services = manifest["features"]["all-services"].as_array().cloned().unwrap_or_default();
    let mut check =
        |features: &str| run(command("cargo check --quiet --package altinn-soap-generated --features").arg(features));
    check("")?;
    check("receipt,server")?;
    services.iter().filter_map(toml::Value::as_str).try_for_each(&mut check)?;
    for feature in ["blocking", "pkcs12", "server"] {
        run(command("cargo check --quiet --package soap-runtime --features").arg(feature))?;
    }
    let mut tree = command("cargo tree --package soap-runtime --edges normal --features pkcs12,server --prefix none");
    let tree = String::from_utf8(tree.output()?.stdout)?;
    if !tree.contains("rustls ") {
        return Err("cargo tree lists nothing".into());
    }
    match tree.lines().find(|line| line.starts_with("rsa ")) {
        Some(found) => Err(format!("{found}: only WS-SecureConversation brings RSA").into()),
        None => Ok(()),
    }
}

fn licences() -> Result {
    if !has("cargo-deny", "--version") {
        run(&mut command("cargo install --locked cargo-deny"))?;
    }
    run(&mut command("cargo deny --all-features check bans licenses sources"))?;
    // The database of advisories is a repository of its own, which is not reached from everywhere.
    let fetched = command("cargo deny fetch db").output()?;
    if fetched.status.success() {
        return run(&mut command("cargo deny --all-features check --disable-fetch advisories"));
    }
    println!("advisories: NOT CHECKED, because the database cannot be reached; SECURITY.md lists those that stand");
    Ok(())
}

/// A second, independent reading of the schemas agrees with ours.
fn oracle() -> Result {
    let inspected = inspect(&root().join("wsdl-cache"))?;
    let path = root().join("target/inspect.json");
    fs::write(&path, inspected)?;
    run(command("cargo run --quiet --locked --manifest-path tests/oracle/Cargo.toml --")
        .args([path.as_path(), Path::new("wsdl-cache")]))?;
    let folders: Vec<_> = ["corpora", "altinn-wsdl"].into_iter().filter_map(shared).collect();
    let corpus = root().join("target/oracle");
    // Takes minutes, and not all differences are explained yet.
    if !folders.is_empty() && std::env::var_os("STRANGERS").is_some() {
        println!("{} strangers' contracts are read", corpus::write_for_oracle(&folders, &corpus)?);
        run(command("cargo run --quiet --locked --manifest-path tests/oracle/Cargo.toml -- --corpus").arg(&corpus))?;
    }
    run(&mut command("cargo test --quiet --locked --manifest-path tests/oracle/Cargo.toml"))
}

/// What the command line says of contracts.
fn inspect(folder: &Path) -> Result<Vec<u8>> {
    let output = cli().args(["inspect", "--format", "json"]).arg(folder).output()?;
    match output.status.success() {
        true => Ok(output.stdout),
        false => Err(String::from_utf8_lossy(&output.stderr).into()),
    }
}

fn cli() -> std::process::Command {
    command("cargo run --quiet --package wsdl-codegen --")
}

/// Each folder of published contracts, as it is, becomes a crate that compiles.
fn published() -> Result {
    let Some(contracts) = shared("altinn-wsdl") else {
        return Ok(());
    };
    let mut folders =
        fs::read_dir(&contracts)?.map(|entry| entry.map(|entry| entry.path())).collect::<std::io::Result<Vec<_>>>()?;
    folders.sort();
    println!("{} folders, and all of them at once", folders.len());
    folders.push(contracts);
    let out = root().join("target/published");
    for folder in folders {
        let _ = fs::remove_dir_all(&out);
        run(cli()
            .args(["generate", "--runtime-path", "runtime", "--out"])
            .arg(&out)
            .arg(&folder)
            .stdout(std::process::Stdio::null()))?;
        let check = "cargo check --quiet --manifest-path target/published/Cargo.toml --target-dir target";
        run(command(check).env("RUSTFLAGS", "-D warnings"))?;
    }
    Ok(())
}
