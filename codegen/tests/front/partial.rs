//! What an error costs, and what the configuration takes of a port.

use wsdl_codegen::{Config, SourceSet, generate_inline, read, read_with_warnings};

use crate::{sources, workspace};

fn garden() -> SourceSet {
    sources(&workspace().join("tests/fixtures/codegen/partial"))
}

fn config(toml: &str) -> Config {
    Config::from_toml(toml).unwrap()
}

fn names(sources: &SourceSet, toml: &str) -> Result<Vec<String>, String> {
    let contract = read(sources, &config(toml)).map_err(|diagnostics| diagnostics.to_string())?;
    let ports = contract.services.iter().flat_map(|service| &service.ports);
    Ok(ports.flat_map(|port| &port.operations).map(|operation| operation.name.clone()).collect())
}

#[test]
fn without_the_switch_errors_stay_errors_and_name_it() {
    let errors = read(&garden(), &Config::default()).unwrap_err().to_string();
    for (error, help) in [
        (
            "input.wsdl:7:7: error: type `Nowhere` is not defined in namespace urn:garden",
            "add the file that defines it; or --allow-partial generates the contract without operations `Dig`, `Reap`, `Sow`",
        ),
        (
            "error: SOAP encoding is supported in the rpc style only (operation `Encoded`)",
            "--allow-partial generates the contract without operation `Encoded`",
        ),
        ("warning: operation `Frost` is left out: the service would begin it (notification)", ""),
    ] {
        let found = errors.lines().position(|line| line.contains(error)).unwrap_or_else(|| panic!("{error}\n{errors}"));
        let next = errors.lines().nth(found + 1).unwrap();
        assert!(help.is_empty() || next == format!("  help: {help}"), "{error}\n{next}");
    }
    // What only a fault needs is no error.
    assert!(errors.contains("warning: fault `flood` of operation `Water` gets no type"), "{errors}");
    assert!(errors.contains("binding `Lost`"), "{errors}");
}

#[test]
fn types_of_what_is_left_out_are_left_out_too() {
    let (contract, _) = read_with_warnings(&garden(), &config("allow-partial = true")).unwrap();
    let types: Vec<&str> = contract.types.iter().map(|def| def.name.local.as_str()).collect();
    assert_eq!(types, ["Done", "Water"]);
}

#[test]
fn what_the_configuration_skips_costs_nothing() {
    let kept = r#"
[port.Garden]
operations = { include = ["Water", "Dig", "S*"], skip = ["Dig", "Sow", "Stranger"] }
"#;
    let lost = |text: &str| text.replace("binding=\"t:Lost\"", "binding=\"t:Get\"");
    let mut sources = SourceSet::new();
    garden().iter().for_each(|(name, text)| sources.insert(name, lost(text)));
    assert_eq!(names(&sources, kept), Ok(vec!["Water".to_owned()]));
    let (contract, warnings) = read_with_warnings(&sources, &config(kept)).unwrap();
    assert_eq!(contract.services[0].ports[0].left_out, []);
    assert!(!warnings.to_string().contains("`Frost`"), "{warnings}");

    let service =
        "[service.garden.ports.garden]\nport = \"Garden\"\n[service.garden]\noperations = { include = [\"Water\"] }";
    let generated = generate_inline(&sources, &config(service)).unwrap();
    assert_eq!(generated.summary.operations, 1);

    for (toml, error) in [
        (
            "[port.Garden]\noperations = { skip = [\"Wader\"] }",
            "codegen.toml: error: [port.Garden] operations: there is no operation `Wader`",
        ),
        (
            "[service.garden.ports.garden]\nport = \"Garden\"\n[service.garden]\noperations = { include = [\"Wa*x\"] }",
            "codegen.toml: error: [service.garden] operations: there is no operation `Wa*x`",
        ),
    ] {
        let found = names(&sources, toml).unwrap_err();
        assert!(found.contains(error), "{found}");
    }
}

/// A client without a method would help nobody.
#[test]
fn where_nothing_is_left_there_is_an_error() {
    let mut sources = SourceSet::new();
    let only = |text: &str| text.replace("element=\"t:Water\"", "element=\"t:Fire\"");
    garden().iter().for_each(|(name, text)| sources.insert(name, only(text)));
    let found = names(&sources, "allow-partial = true").unwrap_err();
    assert!(found.contains("element `Fire`"), "{found}");
    assert!(!found.contains("--allow-partial"), "{found}");
}
