//! Warns when `generated/` was made from other contracts than `wsdl-cache/` holds. Generates nothing.
//!
//! The published package has no `wsdl-cache`: there this is silent.

use std::path::{Path, PathBuf};
use std::{fs, io};

/// The inputs of `cargo xtask regen`, relative to the workspace.
const INPUTS: [&str; 2] = ["wsdl-cache", "generated/codegen.toml"];

/// Where the generator states what it read.
const PROVENANCE: &str = "generated/PROVENANCE";

#[allow(dead_code, reason = "xtask takes in this file for `digest` alone")]
fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let root = Path::new(".");
    if !root.join(INPUTS[0]).is_dir() {
        return;
    }
    for path in INPUTS.iter().chain([&PROVENANCE]) {
        println!("cargo::rerun-if-changed={path}");
    }
    let fresh = match (digest(root), fs::read_to_string(root.join(PROVENANCE))) {
        (Ok(digest), Ok(provenance)) => provenance.contains(&digest),
        _ => false,
    };
    if !fresh {
        println!("cargo::warning=generated/ was not made from the wsdl-cache/ at hand: run `cargo xtask regen`");
    }
}

/// FNV-1a over the names and contents of all inputs, in the order of their names. It tells a change, not an attack.
pub(crate) fn digest(root: &Path) -> io::Result<String> {
    let mut files = Vec::new();
    for input in INPUTS {
        collect(root.join(input), &mut files)?;
    }
    files.sort();
    let mut state: u64 = 0xcbf2_9ce4_8422_2325;
    for file in &files {
        let name = file.strip_prefix(root).unwrap_or(file).to_string_lossy().replace('\\', "/");
        for byte in name.bytes().chain([0]).chain(fs::read(file)?).chain([0]) {
            state = (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    Ok(format!("{state:016x}"))
}

fn collect(path: PathBuf, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            collect(entry?.path(), files)?;
        }
    } else {
        files.push(path);
    }
    Ok(())
}
