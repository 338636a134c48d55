//! Generates a module for each folder of `cases`. Its `schema.xsd` declares the element `E`, which is the request and the
//! reply of the only operation. Then a module for each of some schemas of chance.

use std::path::{Path, PathBuf};
use std::{env, fs};

use wsdl_codegen::{Config, SourceSet, generate_inline};

mod random;

/// How many schemas of chance.
const RANDOM: usize = 80;

const CONTRACT: &str = include_str!("contract.wsdl");

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=contract.wsdl");
    println!("cargo::rerun-if-changed=random.rs");
    println!("cargo::rerun-if-changed=cases");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let mut cases: Vec<PathBuf> =
        fs::read_dir("cases")?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    cases.sort();
    let (mut modules, mut list) = (String::new(), String::new());
    for case in cases {
        let name = case.file_name().and_then(|name| name.to_str()).ok_or("a name that is not UTF-8")?;
        let text = generated(&case).map_err(|error| format!("{name}: {error}"))?;
        fs::write(out.join(format!("{name}.rs")), &text)?;
        modules.push_str(&format!("/// The case of this name.\npub mod {name} {{\n{text}}}\n"));
        list.push_str(&format!(
            "    Case {{ name: {name:?}, exchange: &{name}::s::p::EXCHANGES[0], store: store::<{}>, text: include_str!(concat!(env!(\"OUT_DIR\"), \"/{name}.rs\")) }},\n",
            message(name, &text)?
        ));
    }
    let mut random = String::new();
    for (at, schema) in (0..).filter_map(random::schema).take(RANDOM).enumerate() {
        let mut sources = SourceSet::new();
        sources.insert("contract.wsdl", CONTRACT);
        sources.insert("schema.xsd", &schema);
        let generated =
            generate_inline(&sources, &stored(Config::default())).map_err(|error| format!("{schema}: {error}"))?;
        modules.push_str(&format!("/// A schema of chance.\npub mod random_{at} {{\n{}}}\n", generated.files[0].text));
        random.push_str(&format!(
            "    Case {{ name: \"random_{at}\", exchange: &random_{at}::s::p::EXCHANGES[0], store: store::<{}>, text: {schema:?} }},\n",
            message(&format!("random_{at}"), &generated.files[0].text)?
        ));
    }
    modules.push_str(&format!("/// Schemas of chance, as texts.\npub static RANDOM: &[Case] = &[\n{random}];\n"));
    modules.push_str(&format!("/// All cases.\npub static CASES: &[Case] = &[\n{list}];\n"));
    fs::write(out.join("cases.rs"), modules)?;
    Ok(())
}

fn generated(case: &Path) -> Result<String, Box<dyn std::error::Error>> {
    let mut sources = SourceSet::new();
    sources.insert("contract.wsdl", CONTRACT);
    for entry in fs::read_dir(case)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "xsd") {
            sources.insert(path.file_name().unwrap_or_default().to_string_lossy(), fs::read_to_string(&path)?);
        }
    }
    let config = case.join("codegen.toml");
    let config = if config.exists() { Config::from_toml(&fs::read_to_string(config)?)? } else { Config::default() };
    Ok(generate_inline(&sources, &stored(config))?.files.swap_remove(0).text)
}

/// The path of the message in a module.
fn message(module: &str, text: &str) -> Result<String, &'static str> {
    let (_, exchange) = text.split_once("v1::message_type::<").ok_or("no message")?;
    let (name, _) = exchange.split_once('>').ok_or("no message")?;
    Ok(match name.strip_prefix("super::") {
        Some(name) => format!("{module}::s::{name}"),
        None => format!("{module}::s::p::{name}"),
    })
}

/// All types can be stored, too.
fn stored(config: Config) -> Config {
    Config { serde: true, ..config }
}
