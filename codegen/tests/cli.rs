//! The program, as a user starts it.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const WSDL: &str = include_str!("../../tests/fixtures/codegen/wrappers/input.wsdl");

/// An empty folder of a test's own.
fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cli").join(name);
    if path.exists() {
        fs::remove_dir_all(&path).unwrap();
    }
    fs::create_dir_all(path.join("wsdl")).unwrap();
    fs::write(path.join("wsdl/orders.wsdl"), WSDL).unwrap();
    path
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_wsdl-codegen")).args(arguments).current_dir(folder).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn generates_a_crate_and_says_what_is_in_it() {
    let folder = folder("generate");
    let output = run(&folder, &["generate", "wsdl", "--out", "clients", "--runtime-path", "runtime"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("wrappers::wrappers (Wrappers): 7 operations"));
    let manifest = fs::read_to_string(folder.join("clients/Cargo.toml")).unwrap();
    assert!(manifest.contains("\nsoap-runtime = { path = \"../runtime\" }\n"), "{manifest}");
    assert!(manifest.contains("\nname = \"clients\"\n"));
    assert!(manifest.contains("\nwrappers = []\n"));
    assert!(folder.join("clients/src/wrappers/types.rs").exists());
}

#[test]
fn ports_can_be_served_with_a_feature_of_the_crate() {
    let folder = folder("server");
    fs::write(folder.join("codegen.toml"), "server = true").unwrap();
    let generate = ["generate", "wsdl", "--config", "codegen.toml", "--out", "out"];
    let output = run(&folder, &generate);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let manifest = fs::read_to_string(folder.join("out/Cargo.toml")).unwrap();
    assert!(manifest.contains("\nserver = [\"soap-runtime/server\"]\n"), "{manifest}");
    let root = fs::read_to_string(folder.join("out/src/lib.rs")).unwrap();
    assert!(root.contains("#[cfg(feature = \"server\")]\nmod contract;\n"), "{root}");
    let contract = fs::read_to_string(folder.join("out/src/contract.rs")).unwrap();
    assert!(contract.contains("ContractDocument::new(\"orders.wsdl\", &["), "{contract}");
    for name in ["Server", "Contract"] {
        let renamed = WSDL.replace("<wsdl:service name=\"Wrappers\">", &format!("<wsdl:service name=\"{name}\">"));
        fs::write(folder.join("wsdl/orders.wsdl"), renamed).unwrap();
        let output = run(&folder, &generate);
        // A feature has this name, or a module, which a service gives way to.
        assert_eq!(output.status.success(), name == "Contract", "{}", text(&output.stderr));
        let is_told = text(&output.stderr).contains("server: a service has this name");
        assert_eq!(is_told, name == "Server", "{}", text(&output.stderr));
    }
    assert!(folder.join("out/src/contract_/mod.rs").exists());
}

#[test]
fn a_schema_alone_becomes_types() {
    let folder = folder("schema");
    let schema = "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'><xs:element name='form'><xs:complexType/></xs:element></xs:schema>";
    fs::write(folder.join("form.xsd"), schema).unwrap();
    fs::write(folder.join("empty.xsd"), "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'/>").unwrap();
    let output = run(&folder, &["generate", "form.xsd", "--out", "out"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(fs::read_to_string(folder.join("out/src/form/types.rs")).unwrap().contains("v1::root_element!(Form, ["));
    assert!(text(&run(&folder, &["inspect", "form.xsd"]).stdout).contains("document form: form"));
    let output = run(&folder, &["check", "empty.xsd"]);
    assert!(!output.status.success() && text(&output.stderr).contains("no root element of a schema"));
}

#[test]
fn types_can_be_stored_with_a_feature_of_the_crate() {
    let folder = folder("serde");
    fs::write(folder.join("codegen.toml"), "serde = true").unwrap();
    let generate = ["generate", "wsdl", "--config", "codegen.toml", "--out", "out"];
    let output = run(&folder, &generate);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let manifest = fs::read_to_string(folder.join("out/Cargo.toml")).unwrap();
    assert!(manifest.contains("\nserde = [\"soap-runtime/serde\"]\n"), "{manifest}");
    let types = fs::read_to_string(folder.join("out/src/wrappers/types.rs")).unwrap();
    assert!(types.contains("#[cfg_attr(feature = \"serde\", derive("), "{types}");
    let renamed = WSDL.replace("<wsdl:service name=\"Wrappers\">", "<wsdl:service name=\"Serde\">");
    fs::write(folder.join("wsdl/orders.wsdl"), renamed).unwrap();
    let output = run(&folder, &generate);
    assert!(!output.status.success());
    assert!(text(&output.stderr).contains("serde: a service has this name"), "{}", text(&output.stderr));
}

#[test]
fn a_second_run_removes_what_is_not_generated_any_more() {
    let folder = folder("orphans");
    assert!(run(&folder, &["generate", "wsdl", "--out", "out"]).status.success());
    fs::write(
        folder.join("wsdl/orders.wsdl"),
        WSDL.replace("<wsdl:service name=\"Wrappers\">", "<wsdl:service name=\"Orders\">"),
    )
    .unwrap();
    fs::create_dir(folder.join("out/target")).unwrap();
    assert!(run(&folder, &["generate", "wsdl", "--out", "out"]).status.success());
    assert!(folder.join("out/src/orders/mod.rs").exists());
    assert!(!folder.join("out/src/wrappers").exists());
    assert!(folder.join("out/target").exists());
}

#[test]
fn a_folder_with_something_else_in_it_is_refused() {
    let folder = folder("foreign");
    for (file, reason) in [("out/notes.txt", "not generated"), ("made/src/mine.rs", "not generated")] {
        let out = file.split('/').next().unwrap();
        if out == "made" {
            assert!(run(&folder, &["generate", "wsdl", "--out", out]).status.success());
            fs::remove_file(folder.join("made/src/lib.rs")).unwrap();
        }
        fs::create_dir_all(folder.join(file).parent().unwrap()).unwrap();
        fs::write(folder.join(file), "mine").unwrap();
        let output = run(&folder, &["generate", "wsdl", "--out", out]);
        assert!(!output.status.success());
        assert!(text(&output.stderr).contains(reason), "{}", text(&output.stderr));
        assert_eq!(fs::read_to_string(folder.join(file)).unwrap(), "mine");
        assert!(!folder.join(out).join("src/lib.rs").exists(), "something was written before the folder was refused");
    }
}

#[test]
fn what_is_wrong_goes_to_stderr_with_its_place() {
    let folder = folder("wrong");
    fs::write(folder.join("wsdl/orders.wsdl"), WSDL.replace("type=\"tns:Order\"", "type=\"tns:Missing\"")).unwrap();
    for arguments in [&["generate", "wsdl", "--out", "out"][..], &["inspect", "wsdl"]] {
        let output = run(&folder, arguments);
        assert_eq!(output.status.code(), Some(1));
        assert_eq!(text(&output.stdout), "");
        assert!(text(&output.stderr).starts_with("orders.wsdl:"), "{}", text(&output.stderr));
    }
    assert!(!folder.join("out").exists());
    let output = run(&folder, &["inspect", "nowhere"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).starts_with("nowhere: error: "));
}

#[test]
fn inspects_as_text_and_as_json() {
    let folder = folder("inspect");
    let output = run(&folder, &["inspect", "wsdl"]);
    assert!(output.status.success());
    assert!(text(&output.stdout).contains("PlaceOrder"));
    let output = run(&folder, &["inspect", "wsdl", "--format", "json"]);
    assert!(output.status.success());
    serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap();
}

#[test]
fn what_cannot_be_generated_is_left_out_on_demand() {
    let folder = folder("partial");
    fs::write(folder.join("wsdl/orders.wsdl"), include_str!("../../tests/fixtures/codegen/partial/input.wsdl"))
        .unwrap();
    for arguments in [&["generate", "wsdl", "--out", "out"][..], &["inspect", "wsdl"], &["check", "wsdl"]] {
        let output = run(&folder, arguments);
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(1), String::new()), "{arguments:?}");
        assert!(text(&output.stderr).contains("--allow-partial"), "{}", text(&output.stderr));
        let output = run(&folder, &[arguments, &["--allow-partial"]].concat());
        assert!(output.status.success(), "{}", text(&output.stderr));
        let said = text(&output.stderr);
        assert!(said.contains("warning: type `Nowhere`") && said.contains("left out for it: `Dig`"), "{said}");
    }
    let output = run(&folder, &["generate", "wsdl", "--out", "out", "--allow-partial"]);
    assert!(text(&output.stdout).contains("garden::garden (Garden): 1 operations, 10 left out\n"));
    assert!(
        fs::read_to_string(folder.join("out/src/garden/garden.rs")).unwrap().contains("//! - `Dig`: type `Nowhere`")
    );
    let output = run(&folder, &["inspect", "wsdl", "--allow-partial"]);
    assert!(text(&output.stdout).contains("    without Dig: type `Nowhere`"));
    assert!(text(&output.stdout).contains("  without port Queue: its transport"));
}

#[test]
fn checks_and_writes_nothing() {
    let folder = folder("check");
    let output = run(&folder, &["check", "wsdl"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stdout).starts_with("1 ports, 7 operations, 0 left out, "), "{}", text(&output.stdout));
    let entries = fs::read_dir(&folder).unwrap().count();
    assert_eq!(entries, 1);
}

#[test]
fn what_changed_is_said_and_breaking_changes_by_the_exit_status() {
    let folder = folder("diff");
    let run_diff =
        |new: &str, arguments: &[&str]| run(&folder, &[&["diff", "wsdl/orders.wsdl", new], arguments].concat());
    let said = |output: &Output| (output.status.code(), text(&output.stdout), text(&output.stderr));
    assert_eq!(said(&run_diff("wsdl", &[])), (Some(0), "no changes\n".to_owned(), String::new()));
    let version = |name: &str, from: &str, to: &str| {
        assert!(WSDL.contains(from), "{from}");
        fs::write(folder.join(name), WSDL.replace(from, to)).unwrap();
    };
    version("host.wsdl", "http://example.org/Wrappers.svc", "http://example.com/Wrappers.svc");
    version("action.wsdl", "example.org/wrappers/PlaceOrder\" style", "example.org/wrappers/Place\" style");
    let output = run_diff("host.wsdl", &[]);
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stdout).starts_with("additive: port Wrappers/"), "{}", text(&output.stdout));
    let output = run_diff("action.wsdl", &["--format", "json"]);
    assert_eq!(output.status.code(), Some(1));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&report["breaking"], &report["changes"][0]["kind"]), (&1.into(), &"action-changed".into()));
    let output = run_diff("nowhere.wsdl", &[]);
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(2), String::new()));
    assert!(text(&output.stderr).starts_with("nowhere.wsdl: error: "));
}

#[cfg(unix)]
#[test]
fn links_out_of_a_folder_are_followed_on_demand() {
    let folder = folder("links");
    fs::rename(folder.join("wsdl/orders.wsdl"), folder.join("orders.wsdl")).unwrap();
    std::os::unix::fs::symlink("../orders.wsdl", folder.join("wsdl/orders.wsdl")).unwrap();
    let output = run(&folder, &["inspect", "wsdl"]);
    assert!(!output.status.success());
    assert!(text(&output.stderr).contains("--follow-links"), "{}", text(&output.stderr));
    assert!(run(&folder, &["inspect", "wsdl", "--follow-links"]).status.success());
    assert!(run(&folder, &["generate", "wsdl", "--follow-links", "--out", "out"]).status.success());
}

#[test]
fn what_is_included_is_imported_and_no_more() {
    let folder = folder("include");
    fs::create_dir(folder.join("common")).unwrap();
    fs::write(
        folder.join("common/other.wsdl"),
        WSDL.replace("<wsdl:service name=\"Wrappers\">", "<wsdl:service name=\"Other\">"),
    )
    .unwrap();
    let both = run(&folder, &["inspect", "wsdl", "common"]);
    assert!(text(&both.stdout).contains("Other"), "{}", text(&both.stderr));
    let one = run(&folder, &["inspect", "wsdl", "--include", "common"]);
    assert!(one.status.success() && text(&one.stdout).contains("Wrappers"), "{}", text(&one.stderr));
    assert!(!text(&one.stdout).contains("Other"), "{}", text(&one.stdout));
}
