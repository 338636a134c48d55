//! Values of each construct in a store, as JSON.

#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]

use altinn_soap_constructs::{CASES, RANDOM};
use soap_runtime::generated::v1;

#[test]
fn what_is_stored_is_the_value() {
    for case in CASES.iter().chain(RANDOM) {
        for seed in 0..100 {
            let stored = (case.store)(&mut v1::Sampler::new(seed));
            let stored = stored.unwrap_or_else(|error| panic!("{}: {error}", case.name));
            assert!(stored.value.same(&*stored.again), "{}: {}\n{:?}", case.name, stored.json, stored.again);
        }
    }
}
