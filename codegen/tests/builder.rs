//! The generator as build scripts use it.

#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]

use std::fs;
use std::path::{Path, PathBuf};

use wsdl_codegen::Builder;

fn out_dir(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("builder").join(name);
    if path.exists() {
        fs::remove_dir_all(&path).unwrap();
    }
    path
}

fn fixture(case: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/codegen").join(case)
}

#[test]
fn writes_one_file_to_include() {
    let out = out_dir("one");
    let case = fixture("wrappers");
    let builder = || Builder::new().source(case.join("input.wsdl")).config(case.join("case.toml")).out_dir(&out);
    let summary = builder().generate().unwrap();
    assert_eq!(summary.services, ["wrappers"]);
    let file = out.join("soap.rs");
    assert_eq!(fs::read_to_string(&file).unwrap(), fs::read_to_string(case.join("expected.rs")).unwrap());
    let written = fs::metadata(&file).unwrap().modified().unwrap();
    builder().generate().unwrap();
    assert_eq!(fs::metadata(&file).unwrap().modified().unwrap(), written, "an unchanged file is left alone");
}

#[test]
fn a_failure_says_why_in_debug() {
    let failure = Builder::new().source(fixture("nowhere")).out_dir(out_dir("failure")).generate().unwrap_err();
    assert!(format!("{failure:?}").contains("nowhere: error: "), "{failure:?}");
    let failure = Builder::new().out_dir(out_dir("failure")).generate().unwrap_err();
    assert!(failure.to_string().contains("no .wsdl or .xsd file"), "{failure}");
}

#[test]
fn what_cannot_be_generated_is_left_out_on_demand() {
    let source = fixture("partial").join("input.wsdl");
    let builder = || Builder::new().source(&source).out_dir(out_dir("partial"));
    let failure = builder().generate().unwrap_err();
    assert!(failure.to_string().contains("part `two` is the second"), "{failure}");
    let summary = builder().allow_partial(true).generate().unwrap();
    assert_eq!((summary.operations, summary.ports[0].left_out), (1, 10));
    assert!(builder().allow_partial(false).generate().is_err());
}

#[test]
fn schemas_alone_are_documents() {
    let case = fixture("documents");
    let out = out_dir("documents");
    let summary = Builder::new().source(&case).out_dir(&out).generate().unwrap();
    assert_eq!((summary.services.as_slice(), summary.operations), (&["dog".to_owned(), "tax_form".to_owned()][..], 0));
    assert_eq!(fs::read_to_string(out.join("soap.rs")).unwrap(), fs::read_to_string(case.join("expected.rs")).unwrap());
    let failure = Builder::new().source(case.join("common.xsd")).include(&case).out_dir(&out).generate();
    assert_eq!(failure.unwrap().services, ["common"], "what is only included is no document");
}
