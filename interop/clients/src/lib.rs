//! What the generator writes for contracts such as strangers have; `tests/it` calls other stacks with it.

include!(concat!(env!("OUT_DIR"), "/contracts.rs"));
