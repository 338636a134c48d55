//! Any text as a WSDL: diagnostics or code, never a panic.

#![no_main]

use wsdl_codegen::{Config, SourceSet, generate};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let mut sources = SourceSet::new();
    sources.insert("fuzz.wsdl", text);
    let _ = generate(&sources, &Config::default());
});
