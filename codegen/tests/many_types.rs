//! Contracts with very many types: what the generator does is linear in them.

#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]
#![allow(clippy::disallowed_methods, reason = "time is what is measured")]

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use wsdl_codegen::{Config, SourceSet, generate};

/// A contract whose only operation takes the given types.
fn contract(types: &str, used: impl Iterator<Item = String>) -> SourceSet {
    let mut members = String::new();
    for (at, name) in used.enumerate() {
        write!(members, r#"<xs:element name="m{at}" type="t:{name}" minOccurs="0"/>"#).unwrap();
    }
    let text = format!(
        r#"<w:definitions targetNamespace="urn:many" xmlns:t="urn:many" xmlns:xs="http://www.w3.org/2001/XMLSchema"
            xmlns:w="http://schemas.xmlsoap.org/wsdl/" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/">
        <w:types><xs:schema targetNamespace="urn:many" elementFormDefault="qualified">{types}
        <xs:element name="Do"><xs:complexType><xs:sequence>{members}</xs:sequence></xs:complexType></xs:element>
        <xs:element name="Done"><xs:complexType/></xs:element></xs:schema></w:types>
        <w:message name="In"><w:part name="p" element="t:Do"/></w:message>
        <w:message name="Out"><w:part name="p" element="t:Done"/></w:message>
        <w:portType name="P"><w:operation name="Do">
            <w:input message="t:In"/><w:output message="t:Out"/></w:operation></w:portType>
        <w:binding name="B" type="t:P"><s:binding transport="http://schemas.xmlsoap.org/soap/http"/>
            <w:operation name="Do"><s:operation soapAction="a" style="document"/>
            <w:input><s:body use="literal"/></w:input><w:output><s:body use="literal"/></w:output></w:operation></w:binding>
        <w:service name="S"><w:port name="P" binding="t:B"><s:address location="http://example.org/"/></w:port></w:service>
        </w:definitions>"#
    );
    let mut sources = SourceSet::new();
    sources.insert("many.wsdl", text);
    sources
}

fn complex(name: &str, base: Option<&str>, member: &str, ty: &str) -> String {
    let content = format!(r#"<xs:sequence><xs:element name="{member}" type="{ty}" minOccurs="0"/></xs:sequence>"#);
    let content = match base {
        None => content,
        Some(base) => {
            format!(r#"<xs:complexContent><xs:extension base="t:{base}">{content}</xs:extension></xs:complexContent>"#)
        }
    };
    format!("<xs:complexType name=\"{name}\">{content}</xs:complexType>\n")
}

/// Each requires the next, and the last the first.
fn chain(count: usize) -> SourceSet {
    let one = |at| complex(&format!("T{at}"), None, "Next", &format!("t:T{}", (at + 1) % count));
    contract(&(0..count).map(one).collect::<String>(), std::iter::once("T0".to_owned()))
}

/// All hold one.
fn star(count: usize) -> SourceSet {
    let one = |at| complex(&format!("T{at}"), None, "Hub", "t:T0");
    contract(&(0..count).map(one).collect::<String>(), (0..count).map(|at| format!("T{at}")))
}

/// Names that are the same in Rust.
fn colliding(count: usize) -> SourceSet {
    let name = |at: usize| format!("t{}x", format!("{at:014b}").replace('0', "-").replace('1', "."));
    let types: String = (0..count).map(|at| complex(&name(at), None, "A", "xs:string")).collect();
    contract(&types, (0..count).map(name))
}

/// Extensions, eight deep.
fn derived(count: usize) -> SourceSet {
    let base = |at: usize| if at.is_multiple_of(8) { "Base".to_owned() } else { format!("T{}", at - 1) };
    let one = |at: usize| complex(&format!("T{at}"), Some(&base(at)), &format!("F{}", at % 8), "xs:string");
    let types: String = (0..count).map(one).collect();
    contract(&(complex("Base", None, "A", "xs:string") + &types), std::iter::once("Base".to_owned()))
}

fn time(sources: &SourceSet, types: usize) -> Duration {
    let start = Instant::now();
    let generated = generate(sources, &Config::default()).unwrap();
    assert!(generated.summary.types >= types, "{} of {types} types", generated.summary.types);
    start.elapsed()
}

#[test]
fn twice_the_types_take_twice_the_time() {
    const COUNT: usize = 400;
    for (name, make) in
        [("chain", chain as fn(usize) -> SourceSet), ("star", star), ("colliding", colliding), ("derived", derived)]
    {
        let (few, many) = (make(COUNT), make(4 * COUNT));
        // The shortest of several runs; a quadratic step would give 16.
        let shortest = |sources, count| (0..2).map(|_| time(sources, count)).min().unwrap();
        let ratio = shortest(&many, 4 * COUNT).as_secs_f64() / shortest(&few, COUNT).as_secs_f64();
        assert!(ratio < 10.0, "{name}: four times the types take {ratio:.1} times as long");
    }
}
