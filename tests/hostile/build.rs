//! Generates clients for contracts whose texts are hostile, each into a module of its own.

use std::path::PathBuf;
use std::{env, fs};

use wsdl_codegen::{Config, SourceSet, generate_inline};

#[path = "../support/contracts.rs"]
mod contracts;

/// How many contracts are compiled.
const COUNT: usize = 12;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for file in ["contracts.rs", "contract_parts.rs", "contract_tree.rs"] {
        println!("cargo::rerun-if-changed=../support/{file}");
    }
    println!("cargo::rerun-if-changed=build.rs");
    let mut modules = String::new();
    let mut count = 0;
    for bytes in (0..).map(|seed| contracts::bytes(seed, 400)).take(10 * COUNT) {
        let mut sources = SourceSet::new();
        contracts::twins(&bytes).hostile.into_iter().for_each(|(name, text)| sources.insert(name, text));
        let config = Config::from_toml(&contracts::configuration(&bytes, true))?;
        // Few of them use what is not supported.
        if let Ok(generated) = generate_inline(&sources, &config) {
            modules.push_str(&format!("/// A contract.\npub mod contract_{count} {{\n{}}}\n", generated.files[0].text));
            count += 1;
        }
        if count == COUNT {
            break;
        }
    }
    assert_eq!(count, COUNT, "most contracts are refused");
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("contracts.rs"), modules)?;
    Ok(())
}
