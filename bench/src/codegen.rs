//! The generator over whole sets of contracts.

use std::path::{Path, PathBuf};
use std::time::Instant;

use wsdl_codegen::{Config, files, generate};

use crate::ratio::median;

pub(crate) fn run() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let config = files::read_config(&root.join("generated/codegen.toml")).expect("codegen.toml");
    time("wsdl-cache", &root.join("wsdl-cache"), &config);
    time("published contracts", &root.join("../shared/altinn-wsdl"), &Config::default());
}

fn time(name: &str, folder: &Path, config: &Config) {
    if !folder.exists() {
        println!("{name}: not there");
        return;
    }
    let sources = files::read(&[PathBuf::from(folder)]).expect("contracts");
    let mut seconds = Vec::new();
    let mut summary = String::new();
    for _ in 0..5 {
        let start = Instant::now();
        let generated = generate(&sources, config).expect("generates");
        seconds.push(start.elapsed().as_secs_f64());
        summary = generated.summary.to_string();
    }
    println!("{name}: {:.3} s; {}", median(&mut seconds), summary.lines().last().unwrap_or_default());
}
