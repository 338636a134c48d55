//! What a service costs the compiler: `cargo check` of the generated crate once its dependencies are built.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use crate::ratio::median;

pub(crate) fn run() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let lib = root.join("generated/src/lib.rs");
    for features in ["", "receipt", "intermediary_inbound", "reportee_element_list", "all-services"] {
        let mut seconds = Vec::new();
        for round in 0..4 {
            // A touched file is checked again; nothing else is.
            let text = fs::read(&lib).expect("lib.rs");
            fs::write(&lib, text).expect("lib.rs");
            let start = Instant::now();
            let mut check = Command::new("cargo");
            check.args(["check", "--quiet", "--package", "altinn-soap-generated", "--features", features]);
            assert!(check.current_dir(&root).status().is_ok_and(|status| status.success()), "cargo check {features}");
            if round > 0 {
                seconds.push(start.elapsed().as_secs_f64());
            }
        }
        println!(
            "cargo check with {:24} {:.2} s",
            if features.is_empty() { "no service" } else { features },
            median(&mut seconds)
        );
    }
}
