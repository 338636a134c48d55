//! Any text as a WSDL: diagnostics or code, never a panic.

#![no_main]

use libfuzzer_sys::fuzz_target;
use wsdl_codegen::{Config, SourceSet, generate};

fuzz_target!(|text: &str| {
    let mut sources = SourceSet::new();
    sources.insert("fuzz.wsdl", text);
    let _ = generate(&sources, &Config::default());
});
