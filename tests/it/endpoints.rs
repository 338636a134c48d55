//! Every row of the vendor's table of endpoints leads to a generated operation, by its true name and by the table's.

use std::collections::BTreeMap;
use std::fs;

use altinn_soap::registry;

use crate::support::{contract, root};

#[test]
fn every_row_of_the_table_is_generated() {
    let table = fs::read_to_string(root().join("tests/fixtures/endpoints.tsv")).unwrap();
    let rows: Vec<Vec<&str>> = table.lines().skip(1).map(|line| line.split('\t').collect()).collect();
    assert_eq!(rows.len(), 117);
    let exchanges = registry::exchanges();
    let contract = contract();
    let mut variants: BTreeMap<&str, usize> = BTreeMap::new();
    for row in rows {
        let [number, _, variant, _, listed, port, operation] = row[..] else {
            panic!("a row of another form: {row:?}")
        };
        let (module, submodule) = port.split_once('.').unwrap();
        assert_eq!(submodule, variant, "row {number}");
        let document = format!("wsdl/{port}.wsdl");
        let service = contract.services.iter().find(|service| service.document == document).unwrap();
        let found = exchanges
            .iter()
            .find(|exchange| exchange.port().name == service.ports[0].name && exchange.operation().name == operation);
        assert!(found.is_some(), "row {number}: {port} has no {operation}");
        let source = fs::read_to_string(root().join(format!("generated/src/{module}/{submodule}.rs"))).unwrap();
        assert!(
            source.contains(&format!("doc(alias = \"{operation}\")")) || source.contains(&format!("{operation}`")),
            "row {number}: {operation}"
        );
        let alias = format!("doc(alias = \"{listed}\")");
        assert!(listed == operation || source.contains(&alias), "row {number}: {listed} is not found in {port}");
        *variants.entry(variant).or_default() += 1;
    }
    assert_eq!(variants, BTreeMap::from([("basic", 44), ("ec2", 30), ("ws", 43)]));
}

#[test]
fn every_service_is_a_feature_of_the_package() {
    let feature = |manifest: &str| -> Vec<String> {
        let manifest: toml::Table = fs::read_to_string(root().join(manifest)).unwrap().parse().unwrap();
        manifest["features"]["all-services"]
            .as_array()
            .unwrap()
            .iter()
            .map(|name| name.as_str().unwrap().to_owned())
            .collect()
    };
    let mut ours = feature("Cargo.toml");
    ours.retain(|name| name != "ec2");
    assert_eq!(ours, feature("generated/Cargo.toml"));
}
