//! Contracts are data: no text in them, in the names of their files or in the configuration becomes code.
//!
//! `tests/hostile` compiles what is compared here.

use proc_macro2::{TokenStream, TokenTree};
use proptest::prelude::*;
use wsdl_codegen::{Config, SourceSet, generate, generate_inline, inspect, read};

use crate::grammar::{Files, Twins, bytes, configuration, twins};

fn set(files: &Files) -> SourceSet {
    let mut set = SourceSet::new();
    files.iter().for_each(|(name, text)| set.insert(name, text.as_str()));
    set
}

/// What code consists of, whatever its texts say: identifiers, punctuation and brackets. Documentation is left out, and
/// so are names that are made of texts: of namespaces, of files, and of the values of an enumeration or union.
fn structure(code: &str) -> Vec<String> {
    syn::parse_file(code).unwrap_or_else(|error| panic!("not Rust: {error}\n{code}"));
    let mut found = Vec::new();
    collect(without_patterns(code).parse().unwrap(), false, &mut found);
    found
}

/// Whether a pattern is checked depends on what it says.
fn without_patterns(code: &str) -> String {
    let pattern = regex::Regex::new(r#"(, )?v1::Facet::pattern\("(?:[^"\\]|\\.)*"\)"#).unwrap();
    pattern.replace_all(code, "").replace("&[, ", "&[").replace("v1::Facet::items(&[])", "").replace(".facets(&[])", "")
}

fn collect(stream: TokenStream, of_values: bool, found: &mut Vec<String>) {
    let trees: Vec<TokenTree> = stream.into_iter().collect();
    let is = |at: usize, text: &str| trees.get(at).is_some_and(|tree| tree.to_string() == text);
    let mut at = 0;
    while let Some(tree) = trees.get(at) {
        let attribute = at + 1 + usize::from(is(at + 1, "!"));
        if is(at, "#") && matches!(trees.get(attribute), Some(TokenTree::Group(group)) if begins(group.stream(), "doc"))
        {
            at = attribute + 1;
            continue;
        }
        match tree {
            // The last comma of a list depends on how long the list is.
            TokenTree::Punct(_) if is(at, ",") && at + 1 == trees.len() => {}
            TokenTree::Ident(name) if of_values || is_made_of_text(&name.to_string()) => found.push("name".to_owned()),
            TokenTree::Literal(literal) if literal.to_string().starts_with(['"', 'r']) => found.push("text".to_owned()),
            TokenTree::Group(group) => {
                let before = |text, back: usize| at >= back && is(at - back, text);
                let is_of_texts = || {
                    let inside = group.stream().to_string();
                    ["Unrecognized (String)", "Text (String)"].iter().any(|rest| inside.contains(rest))
                };
                let is_table = before("enumeration", 2) || before("union", 2);
                found.push(format!("{:?}", group.delimiter()));
                collect(group.stream(), of_values || is_table || (before("enum", 2) && is_of_texts()), found);
                found.push("end".to_owned());
            }
            other => found.push(other.to_string()),
        }
        at += 1;
    }
}

fn is_made_of_text(name: &str) -> bool {
    name.starts_with("NS_") || ["WSDL", "XSD"].iter().any(|of_file| name.trim_end_matches('_').ends_with(of_file))
}

fn begins(stream: TokenStream, name: &str) -> bool {
    matches!(stream.into_iter().next(), Some(TokenTree::Ident(first)) if first == name)
}

/// Generates both twins; `None` if they are refused, which happens to both or to none.
fn generated(bytes: &[u8]) -> Option<usize> {
    let Twins { hostile, harmless } = twins(bytes);
    let config = |hostile| Config { server: true, ..Config::from_toml(&configuration(bytes, hostile)).unwrap() };
    let mut lines = None;
    for run in [generate, generate_inline] {
        match (run(&set(&hostile), &config(true)), run(&set(&harmless), &config(false))) {
            (Ok(hostile), Ok(harmless)) => {
                assert_eq!(hostile.files.len(), harmless.files.len());
                for (one, other) in hostile.files.iter().zip(&harmless.files) {
                    assert_eq!(one.path, other.path);
                    assert_eq!(structure(&one.text), structure(&other.text), "{}\n{}", one.text, other.text);
                }
                lines = Some(hostile.summary.lines);
            }
            (Err(one), Err(other)) => {
                assert_eq!(one.len(), other.len(), "{one}\n\n{other}")
            }
            (Ok(_), Err(error)) => panic!("only the harmless twin is refused: {error}"),
            (Err(error), Ok(_)) => panic!("only the hostile twin is refused: {error}"),
        }
    }
    lines
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn hostile_texts_change_no_structure(bytes in proptest::collection::vec(any::<u8>(), 50..500)) {
        generated(&bytes);
    }
}

/// The twins are contracts with something in them, or comparing them would prove nothing.
#[test]
fn most_hostile_contracts_are_generated() {
    let lines: Vec<usize> = (0..24).filter_map(|seed| generated(&bytes(seed, 400))).collect();
    let total: usize = lines.iter().sum();
    println!("{} of 24 contracts, {total} lines", lines.len());
    assert!(lines.len() > 18 && total > 5_000, "{} of 24 contracts, {total} lines", lines.len());
}

/// A contract in which the port, its service, its namespace and its file are called as stated.
fn called(port: &str, service: &str, namespace: &str, file: &str) -> SourceSet {
    let attribute =
        |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;").replace('\n', "&#10;");
    let text = CONTRACT
        .replace("urn:t", &attribute(namespace))
        .replace("name=\"Port\"", &format!("name=\"{}\"", attribute(port)))
        .replace("name=\"Service\"", &format!("name=\"{}\"", attribute(service)));
    let mut set = SourceSet::new();
    set.insert(file, text);
    set
}

const CONTRACT: &str = r##"<w:definitions xmlns:w="http://schemas.xmlsoap.org/wsdl/" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/"
    xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:t" targetNamespace="urn:t"
    xmlns:p="http://schemas.xmlsoap.org/ws/2004/09/policy" xmlns:m="http://schemas.xmlsoap.org/ws/2004/09/policy/optimizedmimeserialization"
    xmlns:u="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd">
  <p:Policy u:Id="policy"><p:ExactlyOne><p:All><m:OptimizedMimeSerialization p:Optional="true" p:Ignorable="false"/></p:All></p:ExactlyOne></p:Policy>
  <w:types><xs:schema targetNamespace="urn:t">
    <xs:simpleType name="Text"><xs:restriction base="xs:string"/></xs:simpleType>
    <xs:simpleType name="Either"><xs:union memberTypes="t:Text xs:string"/></xs:simpleType>
    <xs:group name="Group"><xs:sequence><xs:element name="inner" type="xs:int"/></xs:sequence></xs:group>
    <xs:attributeGroup name="Attributes"><xs:attribute name="unit" type="xs:string" use="optional"/></xs:attributeGroup>
    <xs:attribute name="global" type="xs:string"/>
    <xs:element name="shared" type="t:Text"/>
    <xs:complexType name="Base" abstract="false" mixed="false"><xs:sequence>
      <xs:element ref="t:shared" minOccurs="0" maxOccurs="unbounded"/>
      <xs:element name="either" type="t:Either" minOccurs="0" maxOccurs="1" nillable="true"/>
      <xs:group ref="t:Group" minOccurs="0"/>
    </xs:sequence><xs:attribute ref="t:global"/><xs:attributeGroup ref="t:Attributes"/></xs:complexType>
    <xs:complexType name="Derived"><xs:complexContent mixed="0"><xs:extension base="t:Base"/></xs:complexContent></xs:complexType>
    <xs:element name="In" type="t:Derived"/>
    <xs:element name="Head" type="xs:string"/>
  </xs:schema></w:types>
  <w:message name="Message"><w:part name="part" element="t:In"/></w:message>
  <w:message name="Headers"><w:part name="head" element="t:Head"/></w:message>
  <w:portType name="PortType"><w:operation name="Operation">
    <w:input name="input" message="t:Message"/><w:output message="t:Message"/>
    <w:fault name="fault" message="t:Message"/></w:operation></w:portType>
  <w:binding name="Binding" type="t:PortType"><p:PolicyReference URI="#policy"/><s:binding transport="http://schemas.xmlsoap.org/soap/http"/>
    <w:operation name="Operation"><s:operation soapAction="a"/>
      <w:input><s:header message="t:Headers" part="head" use="literal"/><s:body use="literal" parts="part"/></w:input>
      <w:output><s:body use="literal"/></w:output></w:operation></w:binding>
  <w:service name="Service"><w:port name="Port" binding="t:Binding"><s:address location="https://example.org/"/></w:port></w:service>
</w:definitions>"##;

/// The attributes of the contract above that hold names or references, numbers, and truth values.
const NAMES: &[&str] =
    &["name", "ref", "type", "base", "element", "message", "binding", "memberTypes", "part", "parts"];
const NUMBERS: &[&str] = &["minOccurs", "maxOccurs"];
const FLAGS: &[&str] = &["nillable", "abstract", "mixed"];
/// Those of its policy, in which nothing is an error.
const POLICY: &[&str] = &["u:Id", "p:Optional", "p:Ignorable"];

/// Where the values of these attributes stand in the contract above.
fn values(attributes: &[&str]) -> Vec<std::ops::Range<usize>> {
    let mut found = Vec::new();
    for attribute in attributes {
        let before = format!(" {attribute}=\"");
        let starts: Vec<usize> = CONTRACT.match_indices(&before).map(|(at, _)| at + before.len()).collect();
        assert!(!starts.is_empty(), "no {attribute}");
        found.extend(starts.into_iter().map(|start| start..start + CONTRACT[start..].find('"').unwrap()));
    }
    found
}

fn outcome(text: String) -> Result<String, String> {
    let mut set = SourceSet::new();
    set.insert("a.wsdl", text);
    read(&set, &Config::default()).map(|contract| inspect::json(&contract)).map_err(|error| error.to_string())
}

#[test]
fn what_is_no_name_number_or_truth_value_is_refused_in_its_place() {
    assert!(outcome(CONTRACT.to_owned()).is_ok());
    let hostile = |values: &[&'static str], attributes: &[&str]| {
        let ranges = self::values(attributes);
        for (range, value) in ranges.iter().flat_map(|range| values.iter().map(move |value| (range.clone(), *value))) {
            let (before, after) = (&CONTRACT[..range.start], &CONTRACT[range.end..]);
            let text = format!("{before}{}{after}", value.replace('=', &CONTRACT[range.clone()]));
            let line = before.matches('\n').count() + 1;
            let error = outcome(text).expect_err(&format!("line {line}: {value}"));
            let place = format!("a.wsdl:{line}:");
            let told = error
                .lines()
                .any(|line| line.starts_with(&place) && (line.contains(" is not ") || line.contains(" has no part ")));
            assert!(told, "line {line}, {value}: {error}");
        }
        ranges.len()
    };
    let injected = "=&#10;pub fn injected() {}";
    let names =
        hostile(&[injected, "a b:c", "=;", "1=", "=&#x202E;", "=&#x200F;", "=&#xA0;", "a:b:c", ":", "=&#13;x"], NAMES);
    let numbers = hostile(&["x", "-1", "1.0", "1 2", "", "\u{663}", "0x1", "many"], NUMBERS);
    let flags = hostile(&["x", "TRUE", "yes", "", "2", "true false"], FLAGS);
    assert!((names, numbers, flags) > (40, 5, 5), "{names} {numbers} {flags}");
}

/// A policy that nobody understands is one that cannot be met: never less is asked for than was meant.
#[test]
fn what_is_wrong_in_a_policy_stops_no_document() {
    let mtom = |text: &str| {
        let found = outcome(text.to_owned()).unwrap();
        found.contains("\"mtom\": true") || found.contains("\"token\": \"unsupported\"")
    };
    assert!(!mtom(CONTRACT), "it is optional");
    for value in ["x", "TRUE", "yes", "", "2", "a:b:c", "1 =", "=&#10;"] {
        for range in values(&["u:Id", "p:Optional"]) {
            let text = format!("{}{value}{}", &CONTRACT[..range.start], &CONTRACT[range.end..]);
            assert!(mtom(&text), "{value}: {text}");
        }
    }
    for wrong in ["<p:None/>", "<unknown/>", "<p:Policy><p:All><t:Sealed/></p:All></p:Policy>", "<p:ExactlyOne/>"] {
        let text = CONTRACT.replace("<p:All>", &format!("<p:All>{wrong}"));
        assert!(mtom(&text), "{wrong}");
    }
}

#[test]
fn white_space_around_names_numbers_and_truth_values_says_nothing() {
    let expected = outcome(CONTRACT.to_owned());
    for range in values(&[NAMES, NUMBERS, FLAGS, POLICY].concat()) {
        let value = &CONTRACT[range.clone()];
        for padded in
            [format!("{value} "), format!("&#13;&#10;\t{value}\n"), format!("  {}  ", value.replace(' ', " &#9; "))]
        {
            let text = format!("{}{padded}{}", &CONTRACT[..range.start], &CONTRACT[range.end..]);
            assert_eq!(outcome(text), expected, "{padded:?}");
        }
    }
}

#[test]
fn large_numbers_are_numbers() {
    for number in ["4294967295", "4294967296", "99999999999999999999999999", "+2", "007"] {
        let text = CONTRACT.replacen("maxOccurs=\"1\"", &format!("maxOccurs=\"{number}\""), 1);
        assert!(outcome(text).is_ok(), "{number}");
    }
}

/// The port of the report that this test is about, and its kin.
#[test]
fn a_name_is_never_an_item() {
    const ITEM: &str = "\npub fn injected() { std::process::exit(1) }";
    let expected =
        |set: &SourceSet| generate_inline(set, &Config::default()).map(|generated| structure(&generated.files[0].text));
    let sound = expected(&called("Port", "Service", "urn:t", "a.wsdl")).unwrap();
    for (port, service, refused) in
        [(format!("P{ITEM}"), "Service".to_owned(), "port"), ("Port".to_owned(), format!("S{ITEM}"), "service")]
    {
        let error = expected(&called(&port, &service, "urn:t", "a.wsdl")).unwrap_err().to_string();
        assert!(
            error.starts_with("a.wsdl:31:") && error.contains(&format!("`name` of `w:{refused}` is not a name")),
            "{error}"
        );
        assert!(!error.contains("injected"), "{error}");
    }
    for end in ["", "\r", "\u{2028}", "\u{202E}", "*/", "\"", "`"] {
        let hostile = format!("{end}{ITEM}{end}//");
        assert_eq!(expected(&called("Port", "Service", &format!("urn:t{hostile}"), "a.wsdl")).unwrap(), sound);
        assert_eq!(expected(&called("Port", "Service", "urn:t", &format!("a{hostile}.wsdl"))).unwrap(), sound);
    }
}

/// A crate's files, with every name of the contract beyond ASCII.
#[test]
fn modules_beyond_ascii_say_where_their_file_is() {
    let generated = generate(&called("Tür", "Straße", "urn:t", "a.wsdl"), &Config::default()).unwrap();
    let file = |path: &str| generated.files.iter().find(|file| file.path == path).unwrap().text.as_str();
    assert!(file("src/lib.rs").contains("#[path = \"straße/mod.rs\"]\npub mod straße;\n"), "{}", file("src/lib.rs"));
    assert!(file("src/straße/mod.rs").contains("#[path = \"tür.rs\"]\npub mod tür;\npub mod types;\n"));
}

/// Two names that the compiler takes for one.
#[test]
fn names_that_differ_in_composition_only_are_told_apart() {
    let text = CONTRACT.replace(
        "<xs:complexType name=\"Base\" abstract=\"false\" mixed=\"false\"><xs:sequence>",
        "<xs:complexType name=\"Base\"><xs:sequence><xs:element name=\"\u{212A}\" type=\"xs:int\"/><xs:element name=\"K\" type=\"xs:int\"/>
        <xs:element name=\"X\u{1100}\u{1161}\" type=\"xs:int\"/><xs:element name=\"X\u{AC00}\" type=\"xs:int\"/>",
    );
    let mut set = SourceSet::new();
    set.insert("a.wsdl", text);
    let generated = generate_inline(&set, &Config::default()).unwrap();
    for member in ["pub k: i32", "pub k_: i32", "pub x\u{AC00}: i32", "pub x\u{AC00}_: i32"] {
        assert!(generated.files[0].text.contains(member), "{member}\n{}", generated.files[0].text);
    }
}

#[test]
fn names_of_the_configuration_are_names() {
    let error = |toml: &str| {
        let config = Config::from_toml(toml).unwrap();
        generate_inline(&called("Port", "Service", "urn:t", "a.wsdl"), &config).map(|_| ()).unwrap_err().to_string()
    };
    let port = "[service.shop.ports.main]\nport = \"Port\"\n";
    for name in ["A {} pub fn injected() {} struct B", "Option", "self", "\u{212A}", ""] {
        let error = error(&format!("{port}[service.shop.names]\n\"{{urn:t}}In\" = '''{name}'''"));
        assert!(error.contains("which cannot be the name of a type"), "{error}");
    }
    for runtime in ["a; pub fn injected() {} use b", "a-b", "", "a::", "a::self"] {
        let error = error(&format!("runtime = '''{runtime}'''"));
        assert!(error.contains("is no path in Rust"), "{error}");
    }
    for runtime in ["crate::soap", "::soap_runtime", "a::r_", "super::x"] {
        let config = Config { runtime: runtime.to_owned(), ..Config::default() };
        let generated = generate_inline(&called("Port", "Service", "urn:t", "a.wsdl"), &config).unwrap();
        assert!(generated.files[0].text.contains(&format!("use {runtime}::generated::v1;")));
    }
}

#[test]
fn what_is_printed_stays_on_its_line() {
    let mut set = called("Port", "Service", "urn:t", "a\ncargo::rustc-link-arg=x\u{202E}\u{9b}.wsdl");
    let contract = read(&set, &Config::default()).unwrap();
    let text = inspect::text(&contract);
    assert!(text.contains("(a cargo::rustc-link-arg=x  .wsdl)"), "{text}");
    set = called("Port", "No Name", "urn:t", "a\ncargo::rustc-link-arg=x.wsdl");
    let error = read(&set, &Config::default()).unwrap_err().to_string();
    assert!(error.starts_with("a cargo::rustc-link-arg=x.wsdl:31:"), "{error}");
}
