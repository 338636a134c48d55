//! Every target for some seconds, with the same inputs each time.

use std::path::Path;

use crate::runner::Figures;
use crate::{TARGETS, Target, Verdict};

/// Runs a target, and shows that its inputs come as deep as they should: at least this share (per cent) is accepted, so that
/// what comes after acceptance is tried too, and inputs are refused at each of these stages.
fn check(name: &str, inputs: usize, accepted: usize, stages: &[&'static str]) {
    let target = Target::named(name).unwrap();
    let mut figures = Figures::default();
    for number in 0..inputs as u64 {
        let input = target.input(1, number);
        match target.attempt(&input) {
            Ok(verdict) => *figures.verdicts.entry(verdict).or_default() += 1,
            Err(failure) => panic!("{name}, input {number}: {input:?}\n{}", failure.what),
        }
    }
    println!("{name}: {figures}");
    assert_eq!(figures.inputs(), inputs);
    let share = figures.of(Verdict::Accepted) * 100 / inputs;
    assert!((accepted..90).contains(&share), "{name}: {share} % accepted");
    for stage in stages {
        assert!(figures.of(Verdict::Refused(stage)) > 0, "{name} never reaches {stage}: {figures}");
    }
}

macro_rules! checks {
    ($($name:ident: $inputs:literal inputs, $accepted:literal % accepted, $stages:expr;)+) => {
        $(#[test]
        fn $name() {
            check(stringify!($name), $inputs, $accepted, &$stages);
        })+

        #[test]
        fn each_target_has_a_test_and_a_program() {
            let names = TARGETS.map(|target| target.name);
            assert_eq!(names.as_slice(), [$(stringify!($name)),+]);
            for name in names {
                let program = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fuzz_targets/{name}.rs"));
                let program = std::fs::read_to_string(&program).unwrap_or_else(|error| panic!("{name}: {error}"));
                assert!(program.contains(&format!("fuzz_program!(\"{name}\")")), "{name}");
            }
        }
    };
}

// As many inputs as take all targets together half a minute in a debug build.
checks! {
    message: 1000 inputs, 30 % accepted, ["envelope", "fault", "limit", "value", "xml"];
    reply: 200 inputs, 30 % accepted, ["envelope", "header", "limit", "security", "value", "xml"];
    fault: 150 inputs, 50 % accepted, ["envelope", "limit", "xml"];
    token: 200 inputs, 20 % accepted, ["envelope", "fault", "header", "limit", "security", "xml"];
    request: 120 inputs, 50 % accepted, ["fault"];
    served: 300 inputs, 20 % accepted, ["fault"];
    list: 700 inputs, 20 % accepted, ["envelope", "fault", "header", "limit", "value", "xml"];
    head: 300 inputs, 20 % accepted, ["envelope", "http", "transport"];
    package: 300 inputs, 20 % accepted, ["envelope", "fault", "header", "limit", "package", "value", "xml"];
    download: 400 inputs, 20 % accepted, ["envelope", "fault", "header", "limit", "package", "value", "xml"];
    pkcs12: 150 inputs, 20 % accepted, ["structure", "password", "protection", "lacking", "key"];
    pem: 120 inputs, 20 % accepted, ["lacking", "key"];
    contract: 60 inputs, 20 % accepted, ["diagnostics"];
}
