//! The target `pkcs12` for cargo-fuzz.

#![cfg_attr(fuzzing, no_main)]

altinn_soap_fuzz::fuzz_program!("pkcs12");
