//! Generates a module for each contract, with both halves. What is to be configured besides stands beside the contract.

use std::path::PathBuf;
use std::{env, fs};

use wsdl_codegen::{Config, SourceSet, generate_inline};

const FOLDERS: [&str; 2] = ["../contracts", "../secured"];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    let mut contracts = Vec::new();
    for folder in FOLDERS {
        println!("cargo::rerun-if-changed={folder}");
        for entry in fs::read_dir(folder)? {
            contracts.push(entry?.path());
        }
    }
    contracts.retain(|path| path.extension().is_some_and(|extension| extension == "wsdl"));
    contracts.sort();
    let mut modules = String::new();
    for contract in contracts {
        let name = contract.file_stem().and_then(|name| name.to_str()).ok_or("a name that is not UTF-8")?;
        let config = fs::read_to_string(contract.with_extension("toml")).unwrap_or_default();
        let config = Config { server: true, ..Config::from_toml(&config)? };
        let mut sources = SourceSet::new();
        sources.insert(format!("{name}.wsdl"), fs::read_to_string(&contract)?);
        let generated = generate_inline(&sources, &config).map_err(|error| format!("{name}: {error}"))?;
        let text = &generated.files[0].text;
        modules.push_str(&format!("/// The contract of this name.\npub mod {name} {{\n{text}}}\n"));
    }
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("contracts.rs"), modules)?;
    Ok(())
}
