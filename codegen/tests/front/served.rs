//! What a server publishes of a contract is that contract.

use std::{fs, path::PathBuf};

use proptest::prelude::*;
use wsdl_codegen::contract::{model::Contract, print};
use wsdl_codegen::{Config, SourceSet, generate, generate_inline, read};

use crate::environment::shared;
use crate::grammar::{bytes, nearly_right};
use crate::{folders, sources, workspace};

/// Where the documents are published, in these tests.
const ADDRESS: &str = "http://localhost:8080/served";

/// The published documents with the address in their places; those of each root in a folder of their own, where
/// nothing else can be found.
fn published(contract: &Contract) -> SourceSet {
    let mut set = SourceSet::new();
    for (number, indices) in contract.published.roots.values().enumerate() {
        for (at, index) in indices.iter().enumerate() {
            let document = &contract.published.documents[*index];
            let plain = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
            assert!(document.name.chars().all(plain), "{}", document.name);
            let name = format!("{number}/{}", document.name);
            assert!(set.get(&name).is_none(), "{name} is there twice");
            let text = document.pieces.join(ADDRESS);
            match at {
                0 => set.insert(name, text),
                _ => set.include(name, text),
            }
        }
    }
    set
}

/// What a contract says; but for the names of its documents, and the addresses of its ports.
fn meaning(contract: &Contract) -> String {
    let mut contract = contract.clone();
    for service in &mut contract.services {
        service.document.clear();
        service.ports.iter_mut().for_each(|port| port.address = ADDRESS.to_owned());
    }
    contract.services.sort_by(|a, b| a.name.cmp(&b.name));
    print::print(&contract)
}

/// Whether a contract can be read; then what is published of it is read too, and compared.
#[track_caller]
fn is_published_whole(what: &str, sources: &SourceSet, config: &Config) -> bool {
    let config = Config { server: true, ..config.clone() };
    let Ok(contract) = read(sources, &config) else { return false };
    if contract.services.iter().any(|service| service.ports.is_empty() && !service.roots.is_empty()) {
        return false; // Schemas of documents are not published.
    }
    let again = read(&published(&contract), &config).unwrap_or_else(|error| panic!("{what}: {error}"));
    let (expected, actual) = (meaning(&contract), meaning(&again));
    let differing = expected.lines().zip(actual.lines()).find(|(one, other)| one != other);
    assert!(expected == actual, "{what}: {differing:?}");
    let places = |contract: &Contract| -> Vec<usize> {
        let pieces = |index: &usize| contract.published.documents[*index].pieces.len();
        contract.published.roots.values().map(|root| root.iter().map(pieces).sum()).collect()
    };
    let (mut places, mut again) = (places(&contract), places(&again));
    places.sort_unstable();
    again.sort_unstable();
    assert_eq!(places, again, "{what}: published again, it has as many places for the address");
    true
}

fn cases(folder: &str, config: &str) -> Vec<(PathBuf, Config)> {
    let read = |case: PathBuf| {
        let config = Config::from_toml(&fs::read_to_string(case.join(config)).unwrap_or_default()).unwrap();
        (case, config)
    };
    folders(&workspace().join(folder)).into_iter().map(read).collect()
}

#[test]
fn what_is_published_means_the_same() {
    let mut whole = 0;
    for (folder, config) in [
        ("tests/fixtures/codegen", "case.toml"),
        ("tests/fixtures/read", "codegen.toml"),
        ("tests/constructs/cases", "codegen.toml"),
    ] {
        // A policy in a file of its own is not published with the contract.
        let cases = cases(folder, config).into_iter().filter(|(case, _)| !case.ends_with("policy_references"));
        for (case, config) in cases {
            whole += usize::from(is_published_whole(&case.display().to_string(), &sources(&case), &config));
        }
    }
    assert!(whole > 60, "{whole}");
}

#[test]
fn the_published_contracts_and_the_cache_mean_the_same_served() {
    let folder = workspace().join("wsdl-cache");
    let config = Config::from_toml(&fs::read_to_string(workspace().join("generated/codegen.toml")).unwrap()).unwrap();
    assert!(is_published_whole("wsdl-cache", &sources(&folder), &config));
    let Some(root) = shared("altinn-wsdl") else { return };
    for folder in folders(&root) {
        assert!(is_published_whole(&folder.display().to_string(), &sources(&folder), &Config::default()));
    }
}

#[test]
fn every_contract_can_be_served() {
    for (case, config) in cases("tests/fixtures/codegen", "case.toml") {
        let config = Config { server: true, ..config };
        for run in [generate, generate_inline] {
            for file in run(&sources(&case), &config).into_iter().flat_map(|generated| generated.files) {
                let parsed = syn::parse_file(&file.text);
                assert!(parsed.is_ok(), "{}: {}: {:?}", case.display(), file.path, parsed.err());
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_published_of_any_contract_means_the_same(seed: u64) {
        let mut sources = SourceSet::new();
        nearly_right(&bytes(seed, 400)).iter().for_each(|(name, text)| sources.insert(name, text.as_str()));
        let config = Config { allow_partial: true, ..Config::default() };
        is_published_whole("drawn", &sources, &config);
    }
}

fn schema(namespace: &str, content: &str) -> String {
    format!(
        "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' targetNamespace='{namespace}'>{content}</xs:schema>"
    )
}

fn element(name: &str) -> String {
    format!("<xs:element name='{name}' type='xs:string'/>")
}

/// A contract whose types import what is given.
fn importing(imports: &str) -> String {
    format!(
        "<w:definitions xmlns:w='http://schemas.xmlsoap.org/wsdl/' xmlns:s='http://schemas.xmlsoap.org/wsdl/soap/' \
         xmlns:xs='http://www.w3.org/2001/XMLSchema' xmlns:t='urn:t' xmlns:p='urn:parts' targetNamespace='urn:t'>\
         <w:types><xs:schema targetNamespace='urn:t'>{imports}</xs:schema></w:types>\
         <w:message name='Ask'><w:part name='p' element='p:One'/></w:message>\
         <w:portType name='P'><w:operation name='Ask'><w:input message='t:Ask'/></w:operation></w:portType>\
         <w:binding name='B' type='t:P'><s:binding transport='http://schemas.xmlsoap.org/soap/http'/>\
         <w:operation name='Ask'><w:input><s:body use='literal'/></w:input></w:operation></w:binding>\
         <w:service name='S'><w:port name='P' binding='t:B'><s:address location='http://host/?a=1&amp;b'/></w:port>\
         </w:service></w:definitions>"
    )
}

/// The texts of a contract with `@` in the places of the address, by name.
fn texts(set: &[(&str, String)]) -> Vec<(String, String)> {
    let mut sources = SourceSet::new();
    set.iter().for_each(|(name, text)| sources.insert(name, text.as_str()));
    let contract = read(&sources, &Config { server: true, ..Config::default() }).unwrap();
    let documents = contract.published.documents.into_iter();
    documents.map(|document| (document.name, document.pieces.join("@"))).collect()
}

#[test]
fn an_import_leads_to_every_file_that_adds_something() {
    let files = [
        ("s.wsdl", importing("<xs:import namespace='urn:parts'/>")),
        ("a/parts.xsd", schema("urn:parts", &element("One"))),
        ("a/again.xsd", schema("urn:parts", &element("One"))),
        ("a/more.xsd", schema("urn:parts", &[element("One"), element("Two")].concat())),
    ];
    let texts = texts(&files);
    let names: Vec<&str> = texts.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["s.wsdl", "again.xsd", "more.xsd"]);
    let expected = "<xs:import schemaLocation=\"@?xsd=again.xsd\" namespace='urn:parts'/>\
                    <xs:import schemaLocation=\"@?xsd=more.xsd\" namespace='urn:parts'/>";
    assert!(texts[0].1.contains(expected), "{}", texts[0].1);
    assert_eq!(texts[2].1, schema("urn:parts", &element("Two")), "what is defined nearer is left out");
}

#[test]
fn an_import_of_what_stands_beside_it_has_no_location() {
    let inside = format!(
        "<xs:import schemaLocation = 'S.svc?xsd=xsd0' namespace='urn:parts'/></xs:schema>{}<xs:schema>",
        schema("urn:parts", &element("One"))
    );
    let texts = texts(&[("s.wsdl", importing(&inside))]);
    assert!(texts[0].1.contains("<xs:import  namespace='urn:parts'/></xs:schema>"), "{}", texts[0].1);
    assert!(texts[0].1.contains("<s:address location=\"@\"/>"), "{}", texts[0].1);
}

#[test]
fn names_of_files_are_plain_and_differ() {
    let include = |name: &str| format!("<xs:include schemaLocation='{name}'/>");
    let both = [include("parts/\u{e5} b.xsd"), include("other/\u{e6}&amp;b.xsd")].concat();
    let files = [
        ("s.wsdl", importing("<xs:import namespace='urn:parts' schemaLocation='all.xsd'/>")),
        ("all.xsd", schema("urn:parts", &both)),
        ("parts/\u{e5} b.xsd", schema("urn:parts", &element("One"))),
        ("other/\u{e6}&b.xsd", schema("urn:parts", "")),
    ];
    let texts = texts(&files);
    let names: Vec<&str> = texts.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["s.wsdl", "all.xsd", "__b.xsd", "__b-2.xsd"]);
    assert!(texts[1].1.contains("\"@?xsd=__b.xsd\"") && texts[1].1.contains("\"@?xsd=__b-2.xsd\""), "{}", texts[1].1);
}

/// A text is published in UTF-8, whatever the file was in.
#[test]
fn texts_are_as_they_were_written_but_for_their_encoding() {
    let parts = format!(
        "<?xml version='1.0'\r\nencoding = \"ISO-8859-1\" ?><!DOCTYPE x [<!ENTITY e 'One'>]>\r<!-- \u{e5} -->{}",
        schema("urn:parts", &element("&e;\r\n"))
    );
    let import = importing("<xs:import namespace='urn:parts' schemaLocation='parts.xsd'/>");
    let texts = texts(&[("s.wsdl", import), ("parts.xsd", format!("\u{feff}{parts}"))]);
    assert_eq!(texts[1].1, parts.replace("ISO-8859-1", "utf-8"));
}
