//! Input that nobody writes on purpose: damaged documents, circles, and schemas that multiply.

use std::fmt::Write;

use wsdl_codegen::{Config, SourceSet, read, read_with_warnings};

use crate::{folders, sources, workspace};

/// Every fixture, damaged at many places, gives an answer or diagnostics.
#[test]
fn damaged_documents_never_panic() {
    let mut random = Random(1);
    // Damage that is never or always noticed proves nothing.
    let (mut good, mut refused) = (0, 0);
    for folder in folders(&workspace().join("tests/fixtures/read")) {
        let set = sources(&folder);
        let texts: Vec<(&str, &str)> = set.iter().collect();
        for _ in 0..60 {
            let mut damaged = set.clone();
            let (name, text) = texts[random.below(texts.len())];
            damaged.insert(name, damage(text, &mut random));
            match read(&damaged, &Config::default()) {
                Ok(_) => good += 1,
                Err(diagnostics) => {
                    refused += 1;
                    assert!(diagnostics.has_errors(), "{} fails without an error", folder.display());
                    assert!(!diagnostics.to_string().is_empty());
                }
            }
        }
    }
    println!("{good} read, {refused} refused");
    assert!(good > 100 && refused > 100, "{good} read, {refused} refused");
}

/// A generator of numbers that is the same everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit.max(1)
    }
}

/// Removes, doubles or exchanges something: a line, an attribute value, or a stretch of text.
fn damage(text: &str, random: &mut Random) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let (one, other) = (random.below(lines.len()), random.below(lines.len()));
    let mut kept = lines.clone();
    let values: Vec<&str> = text.split('"').skip(1).step_by(2).collect();
    match random.below(6) {
        0 => drop(kept.remove(one)),
        1 => kept.insert(one, lines[other]),
        2 => kept.swap(one, other),
        3 => kept.truncate(one),
        4 if !values.is_empty() => {
            let (old, new) = (values[random.below(values.len())], values[random.below(values.len())]);
            return text.replacen(&format!("\"{old}\""), &format!("\"{new}\""), 1 + random.below(3));
        }
        _ => {
            let at = text.char_indices().nth(random.below(text.chars().count())).map_or(0, |(at, _)| at);
            let (before, after) = text.split_at(at);
            return format!("{before}{}", after.chars().skip(random.below(40)).collect::<String>());
        }
    }
    kept.join("\n")
}

/// A contract whose one parameter is described by `schema`, and whose binding has `policy`.
fn contract(schema: &str, policies: &str) -> String {
    format!(
        r##"<w:definitions xmlns:w="http://schemas.xmlsoap.org/wsdl/" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/"
    xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:t" targetNamespace="urn:t"
    xmlns:p="http://schemas.xmlsoap.org/ws/2004/09/policy" xmlns:sp="http://schemas.xmlsoap.org/ws/2005/07/securitypolicy"
    xmlns:u="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd">
  {policies}
  <w:types><xs:schema targetNamespace="urn:t"><xs:element name="E" type="t:T"/>{schema}</xs:schema></w:types>
  <w:message name="M"><w:part name="p" element="t:E"/></w:message>
  <w:portType name="P"><w:operation name="O"><w:input message="t:M"/><w:output message="t:M"/></w:operation></w:portType>
  <w:binding name="B" type="t:P"><p:PolicyReference URI="#p0"/><s:binding transport="http://schemas.xmlsoap.org/soap/http"/>
    <w:operation name="O"><s:operation soapAction=""/><w:input><s:body use="literal"/></w:input><w:output><s:body use="literal"/></w:output></w:operation>
  </w:binding>
  <w:service name="S"><w:port name="P" binding="t:B"><s:address location="https://e/"/></w:port></w:service>
</w:definitions>"##
    )
}

fn errors(schema: &str, policies: &str) -> String {
    let mut set = SourceSet::new();
    set.insert("a.wsdl", contract(schema, policies));
    match read(&set, &Config::default()) {
        Ok(_) => String::new(),
        Err(diagnostics) => diagnostics.to_string(),
    }
}

/// What is said of a contract that is not refused.
fn warnings(schema: &str, policies: &str) -> String {
    let mut set = SourceSet::new();
    set.insert("a.wsdl", contract(schema, policies));
    read_with_warnings(&set, &Config::default()).unwrap().1.to_string()
}

const NO_POLICY: &str = r#"<p:Policy u:Id="p0"/>"#;

/// `count` copies of a text, with `#` for the number and `+` for the next one.
fn numbered(count: usize, text: &str) -> String {
    (0..count).fold(String::new(), |mut all, number| {
        let _ = write!(all, "{}", text.replace('#', &number.to_string()).replace('+', &(number + 1).to_string()));
        all
    })
}

#[test]
fn long_chains_are_followed() {
    let elements = numbered(
        3000,
        r#"<xs:complexType name="T#"><xs:sequence><xs:element name="e" type="t:T+"/></xs:sequence></xs:complexType>"#,
    );
    let ends = r#"<xs:complexType name="T3000"/><xs:complexType name="T"><xs:sequence><xs:element name="e" type="t:T0"/></xs:sequence></xs:complexType>"#;
    assert_eq!(errors(&(elements + ends), NO_POLICY), "");
}

/// The output repeats inherited members, so that it would grow with the square of the depth.
#[test]
fn derivation_has_a_limit() {
    let derived = |count: usize, by: &str, used: &str| {
        let one = format!(
            "<xs:complexType name=\"T#\"><xs:complexContent><xs:{by} base=\"t:T+\"/></xs:complexContent></xs:complexType>\n"
        );
        let ends = format!(
            r#"<xs:complexType name="T{count}"/><xs:complexType name="T"><xs:sequence><xs:element name="e" type="t:{used}"/></xs:sequence></xs:complexType>"#
        );
        errors(&(numbered(count, &one) + &ends), NO_POLICY)
    };
    for by in ["extension", "restriction"] {
        assert_eq!(derived(100, by, "T0"), "");
        // The place is that of the first type that is too deep, whether it is reached from below or from above.
        let message = "error: type `T0` is derived over more than 100 others\n  help: put the members into fewer types";
        assert_eq!(derived(101, by, "T0"), format!("a.wsdl:6:80: {message}"));
        assert_eq!(derived(101, by, "T101"), format!("a.wsdl:6:80: {message}"));
        // Of several, the one that the operation reaches.
        let found = derived(5000, by, "T0");
        assert!(found.contains(" is derived over more than 100 others"), "{found}");
    }
}

#[test]
fn members_that_types_inherit_have_a_limit() {
    let schema = |derived: usize| {
        let members = numbered(1000, r#"<xs:element name="m#" type="xs:int"/>"#);
        let base = format!(r#"<xs:complexType name="B"><xs:sequence>{members}</xs:sequence></xs:complexType>"#);
        let extensions = numbered(
            derived,
            "<xs:complexType name=\"T#\"><xs:complexContent><xs:extension base=\"t:B\"/></xs:complexContent></xs:complexType>\n",
        );
        let used = numbered(derived, r#"<xs:element name="e#" type="t:T#"/>"#);
        format!(r#"{base}{extensions}<xs:complexType name="T"><xs:sequence>{used}</xs:sequence></xs:complexType>"#)
    };
    let found = errors(&schema(1001), NO_POLICY);
    assert!(found.contains("inherited members, written out, become too many (type `T99"), "{found}");
    assert_eq!(errors(&schema(50), NO_POLICY), "");
}

/// Types that need one another to no end are found in one walk, however many there are.
#[test]
fn a_long_circle_of_required_types_has_no_value() {
    let elements = numbered(
        3000,
        r#"<xs:complexType name="T#"><xs:sequence><xs:element name="e" type="t:T+"/></xs:sequence></xs:complexType>"#,
    );
    let closed = |ends: &str| {
        let first = r#"<xs:complexType name="T"><xs:sequence><xs:element name="e" type="t:T0"/></xs:sequence></xs:complexType>"#;
        errors(&format!("{elements}{first}<xs:complexType name=\"T3000\">{ends}</xs:complexType>"), NO_POLICY)
    };
    let found = closed(r#"<xs:sequence><xs:element name="e" type="t:T0"/></xs:sequence>"#);
    assert!(found.contains("operation `O` is not possible: `E`, which it needs, has no value"));
    assert!(found.contains("type `T3000` has no value: it requires `e`, which has none"));
    assert_eq!(closed(r#"<xs:sequence><xs:element name="e" type="t:T0" minOccurs="0"/></xs:sequence>"#), "");
}

#[test]
fn circles_are_found() {
    let group = r#"<xs:complexType name="T"><xs:group ref="t:G"/></xs:complexType>
        <xs:group name="G"><xs:sequence><xs:sequence><xs:group ref="t:G"/></xs:sequence></xs:sequence></xs:group>"#;
    assert!(errors(group, NO_POLICY).contains("group `G` contains itself"));
    let attributes = r#"<xs:complexType name="T"><xs:attributeGroup ref="t:G"/></xs:complexType>
        <xs:attributeGroup name="G"><xs:attributeGroup ref="t:G"/></xs:attributeGroup>"#;
    assert!(errors(attributes, NO_POLICY).contains("attribute group `G` contains itself"));
    let union = r#"<xs:simpleType name="T"><xs:union memberTypes="t:T"/></xs:simpleType>"#;
    assert!(errors(union, NO_POLICY).contains("contains itself"));
    let text =
        r#"<xs:complexType name="T"><xs:simpleContent><xs:extension base="t:T"/></xs:simpleContent></xs:complexType>"#;
    assert!(errors(text, NO_POLICY).contains("is derived from itself"));
    let restriction = r#"<xs:complexType name="T"><xs:simpleContent><xs:restriction base="t:T"/></xs:simpleContent></xs:complexType>"#;
    let found = errors(restriction, NO_POLICY);
    assert!(found.contains("simple content"), "{found}");
    let inside = r#"<xs:complexType name="T"><xs:group ref="t:G"/></xs:complexType>
        <xs:group name="G"><xs:sequence><xs:element name="a"><xs:complexType><xs:group ref="t:G" minOccurs="0"/></xs:complexType></xs:element></xs:sequence></xs:group>"#;
    assert_eq!(errors(inside, NO_POLICY), "", "a group inside an element of itself is a recursive type");
}

#[test]
fn multiplying_definitions_are_stopped() {
    let groups = numbered(
        40,
        r#"<xs:group name="G#"><xs:sequence><xs:group ref="t:G+"/><xs:group ref="t:G+"/></xs:sequence></xs:group>"#,
    );
    let schema = format!(
        r#"{groups}<xs:group name="G40"><xs:sequence/></xs:group><xs:complexType name="T"><xs:group ref="t:G0"/></xs:complexType>"#
    );
    assert!(errors(&schema, NO_POLICY).contains("too many"));
    let attributes = numbered(
        40,
        r#"<xs:attributeGroup name="G#"><xs:attributeGroup ref="t:G+"/><xs:attributeGroup ref="t:G+"/></xs:attributeGroup>"#,
    );
    let schema = format!(
        r#"{attributes}<xs:attributeGroup name="G40"/><xs:complexType name="T"><xs:attributeGroup ref="t:G0"/></xs:complexType>"#
    );
    assert!(errors(&schema, NO_POLICY).contains("too many"));
    let unions = numbered(40, r#"<xs:simpleType name="U#"><xs:union memberTypes="t:U+ t:U+"/></xs:simpleType>"#);
    let schema = format!(
        r#"{unions}<xs:simpleType name="U40"><xs:restriction base="xs:string"/></xs:simpleType><xs:simpleType name="T"><xs:restriction base="t:U0"/></xs:simpleType>"#
    );
    assert_eq!(errors(&schema, NO_POLICY), "", "each of them is read once");
    let members = numbered(1000, r#"<xs:element name="m#" type="xs:int"/>"#);
    let uses =
        numbered(201, r#"<xs:element name="e#"><xs:complexType><xs:group ref="t:G"/></xs:complexType></xs:element>"#);
    let schema = format!(
        r#"<xs:group name="G"><xs:sequence>{members}</xs:sequence></xs:group><xs:complexType name="T"><xs:sequence>{uses}</xs:sequence></xs:complexType>"#
    );
    assert!(errors(&schema, NO_POLICY).contains("too many"), "a large group counts as what is in it");
    let schema = r#"<xs:complexType name="T"/>"#;
    let policies =
        numbered(18, r#"<p:Policy u:Id="p#"><p:PolicyReference URI="@p+"/><p:PolicyReference URI="@p+"/></p:Policy>"#);
    let policies = policies.replace('@', "#") + r#"<p:Policy u:Id="p18"/>"#;
    assert!(warnings(schema, &policies).contains("policies that refer to one another without end"));
    let nested = r##"<p:Policy u:Id="p0"><sp:EndorsingSupportingTokens><p:Policy><sp:SecureConversationToken><p:Policy>
        <sp:BootstrapPolicy><p:Policy><p:PolicyReference URI="#p0"/></p:Policy></sp:BootstrapPolicy>
        </p:Policy></sp:SecureConversationToken></p:Policy></sp:EndorsingSupportingTokens></p:Policy>"##;
    assert!(warnings(schema, nested).contains("policy `#p0`, which refers to itself"));
}
