//! The comparison has to be able to fail.

use std::path::Path;

use serde_json::{Value, json};

use crate::{expected::Expected, run};

const GUID: Expected = Expected {
    fact: "type",
    ours: "guid",
    theirs: "xs:string as {http://schemas.microsoft.com/2003/10/Serialization/}guid",
    reason: "the fixture has one",
};

fn fixture() -> Value {
    serde_json::from_str(include_str!("../fixture/inspect.json")).expect("fixture")
}

fn failures(report: Value, expected: &[Expected]) -> usize {
    let report = serde_json::from_value(report).expect("a report");
    run(&report, &Path::new(env!("CARGO_MANIFEST_DIR")).join("fixture"), expected).expect("readable")
}

#[test]
fn the_fixture_agrees() {
    assert_eq!(failures(fixture(), &[GUID]), 0);
}

#[test]
fn a_disagreement_needs_an_explanation_and_an_explanation_a_disagreement() {
    assert_eq!(failures(fixture(), &[]), 1);
    assert_eq!(failures(fixture(), &[GUID, Expected { theirs: "xs:string", ..GUID }]), 1);
}

#[test]
fn a_contract_missing_in_the_report_is_a_failure() {
    assert_ne!(failures(json!({ "format": 1, "services": [], "types": [] }), &[]), 0);
}

/// Every kind of fact, changed in one place.
#[test]
fn a_wrong_fact_is_a_failure() {
    let operation = "/services/0/ports/0/operations/0";
    let wrong = [
        (format!("{operation}/request/body"), Value::Null),
        (format!("{operation}/reply/body/nillable"), json!(false)),
        ("/types/0/name".into(), json!("{urn:order}Client")),
        ("/types/0/base".into(), Value::Null),
        ("/types/0/fields/0/name".into(), json!("Since")),
        ("/types/0/fields/0/type".into(), json!("xs:date")),
        ("/types/1/fields/1/min".into(), json!(1)),
        ("/types/1/fields/1/nillable".into(), json!(true)),
        ("/types/2/derived".into(), json!([])),
        ("/types/2/fields".into(), json!([])),
        ("/types/3/anonymousIn".into(), json!([])),
        ("/types/3/fields/0/kind".into(), json!("attribute")),
        ("/types/3/fields/2/max".into(), json!(1)),
        ("/types/3/content/kind".into(), json!("choice")),
        ("/types/3/content/max".into(), Value::Null),
        ("/types/4/values/1/value".into(), json!("Shut")),
    ];
    for (place, value) in wrong {
        let mut report = fixture();
        *report.pointer_mut(&place).unwrap_or_else(|| panic!("no {place}")) = value;
        assert_ne!(failures(report, &[GUID]), 0, "{place}");
    }
}

#[test]
fn a_wrong_order_is_a_failure() {
    for list in ["/types/1/fields", "/types/4/values"] {
        let mut report = fixture();
        report.pointer_mut(list).and_then(Value::as_array_mut).expect("a list").swap(0, 1);
        assert_eq!(failures(report, &[GUID]), 1, "{list}");
    }
}
