//! Generates a module for each contract, with both halves and no other configuration.

use std::path::PathBuf;
use std::{env, fs};

use wsdl_codegen::{Config, SourceSet, generate_inline};

const CONTRACTS: &str = "../contracts";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={CONTRACTS}");
    let mut contracts: Vec<PathBuf> =
        fs::read_dir(CONTRACTS)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    contracts.sort();
    let config = Config { server: true, ..Config::default() };
    let mut modules = String::new();
    for contract in contracts {
        let name = contract.file_stem().and_then(|name| name.to_str()).ok_or("a name that is not UTF-8")?;
        let mut sources = SourceSet::new();
        sources.insert(format!("{name}.wsdl"), fs::read_to_string(&contract)?);
        let generated = generate_inline(&sources, &config).map_err(|error| format!("{name}: {error}"))?;
        let text = &generated.files[0].text;
        modules.push_str(&format!("/// The contract of this name.\npub mod {name} {{\n{text}}}\n"));
    }
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("contracts.rs"), modules)?;
    Ok(())
}
