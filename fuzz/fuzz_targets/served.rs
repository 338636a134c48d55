//! The target `served` for cargo-fuzz.

#![cfg_attr(fuzzing, no_main)]

altinn_soap_fuzz::fuzz_program!("served");
