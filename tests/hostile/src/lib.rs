//! Clients for contracts whose texts are hostile. A `compile_error!` in many of these texts tells if one becomes code.
#![deny(warnings, rustdoc::all)]

include!(concat!(env!("OUT_DIR"), "/contracts.rs"));
