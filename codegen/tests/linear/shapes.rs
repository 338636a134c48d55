//! Contracts of any size, one shape each: what doubles in them is what the generator's work must follow.

use std::fmt::Write as _;

use wsdl_codegen::SourceSet;

/// A way to make a contract large.
pub(crate) struct Shape {
    /// What is many in it.
    pub(crate) name: &'static str,
    /// The contract with so many of them.
    pub(crate) make: fn(usize) -> SourceSet,
}

/// All shapes.
pub(crate) const SHAPES: &[Shape] = &[
    Shape { name: "chained types", make: chain },
    Shape { name: "types around one", make: star },
    Shape { name: "types in a tree", make: tree },
    Shape { name: "colliding names of types", make: colliding },
    Shape { name: "extensions, eight deep", make: derived },
    Shape { name: "members of one type", make: members },
    Shape { name: "attributes of one type", make: attributes },
    Shape { name: "values of one enumeration", make: values },
    Shape { name: "paragraphs of documentation", make: paragraphs },
    Shape { name: "operations", make: operations },
    Shape { name: "operations of one broken type", make: broken_type },
    Shape { name: "overloaded operations of the rpc style", make: overloaded },
    Shape { name: "operations with policies", make: policies },
    Shape { name: "operations with one large message", make: shared_message },
    Shape { name: "headers of one operation", make: headers },
    Shape { name: "faults of one operation", make: faults },
    Shape { name: "ports", make: ports },
    Shape { name: "ports with many types", make: ports_with_types },
    Shape { name: "namespaces", make: namespaces },
    Shape { name: "schemas of one namespace", make: schemas },
    Shape { name: "files that import one another", make: imports },
    Shape { name: "files that name only namespaces", make: unlocated_imports },
    Shape { name: "imports that lead nowhere", make: lost_imports },
    Shape { name: "names that are missing", make: missing },
    Shape { name: "references without a prefix", make: unprefixed },
    Shape { name: "references to an entity", make: entities },
    Shape { name: "chains that differ at the end", make: twins },
    Shape { name: "documents with a service each", make: services },
    Shape { name: "uses of one large union", make: unions },
    Shape { name: "references to a large substitution group", make: substitutes },
    Shape { name: "alternatives of one choice", make: alternatives },
    Shape { name: "uses of one simple type", make: simple_types },
    Shape { name: "declarations of namespaces", make: declarations },
];

const HEAD: &str = r#"<w:definitions targetNamespace="urn:many" xmlns:t="urn:many" xmlns:xs="http://www.w3.org/2001/XMLSchema"
    xmlns:w="http://schemas.xmlsoap.org/wsdl/" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/"
    xmlns:p="http://schemas.xmlsoap.org/ws/2004/09/policy" xmlns:sp="http://schemas.xmlsoap.org/ws/2005/07/securitypolicy"
    xmlns:u="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd">
"#;
const BODIES: &str = r#"<w:input><s:body use="literal"/></w:input><w:output><s:body use="literal"/></w:output>"#;
const ONE_PORT: &str = r#"<w:port name="P" binding="t:B"><s:address location="http://example.org/"/></w:port>"#;

/// Writes something for each number.
fn each(count: usize, mut one: impl FnMut(&mut String, usize)) -> String {
    let mut text = String::new();
    (0..count).for_each(|at| one(&mut text, at));
    text
}

/// A set of one document.
fn set(text: String) -> SourceSet {
    let mut sources = SourceSet::new();
    sources.insert("many.wsdl", text);
    sources
}

/// A document of its parts: schemas, the rest of the abstract part, operations of portType and binding, and ports.
fn document(schemas: &str, messages: &str, operations: &str, bound: &str, ports: &str) -> String {
    format!(
        r#"{HEAD}<w:types>{schemas}</w:types>{messages}
        <w:portType name="P">{operations}</w:portType>
        <w:binding name="B" type="t:P"><s:binding transport="http://schemas.xmlsoap.org/soap/http"/>{bound}</w:binding>
        <w:service name="S">{ports}</w:service></w:definitions>"#
    )
}

/// A schema with the messages' elements; `Do` has the given members.
fn schema(types: &str, members: &str) -> String {
    format!(
        r#"<xs:schema targetNamespace="urn:many" elementFormDefault="qualified">{types}
        <xs:element name="Do"><xs:complexType><xs:sequence>{members}</xs:sequence></xs:complexType></xs:element>
        <xs:element name="Done"><xs:complexType/></xs:element></xs:schema>"#
    )
}

const MESSAGES: &str = r#"<w:message name="In"><w:part name="p" element="t:Do"/></w:message>
    <w:message name="Out"><w:part name="p" element="t:Done"/></w:message>"#;

/// One operation that takes `Do`.
fn operation(name: &str, inside: &str, bound_inside: &str) -> (String, String) {
    let bodies = if bound_inside.is_empty() { BODIES } else { bound_inside };
    (
        format!(
            r#"<w:operation name="{name}"><w:input message="t:In"/><w:output message="t:Out"/>{inside}</w:operation>"#
        ),
        format!(
            r#"<w:operation name="{name}"><s:operation soapAction="{name}" style="document"/>{bodies}</w:operation>"#
        ),
    )
}

/// A contract whose only operation takes the given members.
fn contract(types: &str, members: &str) -> String {
    let (abstracted, bound) = operation("Do", "", "");
    document(&schema(types, members), MESSAGES, &abstracted, &bound, ONE_PORT)
}

/// An optional member of each of these types.
fn used(names: impl Iterator<Item = String>) -> String {
    names.enumerate().fold(String::new(), |mut text, (at, name)| {
        let _ = write!(text, r#"<xs:element name="m{at}" type="t:{name}" minOccurs="0"/>"#);
        text
    })
}

/// A complex type with optional members, each a name and a type.
fn complex(name: &str, base: Option<&str>, members: &[(&str, &str)]) -> String {
    let one = |(name, ty): &(&str, &str)| format!(r#"<xs:element name="{name}" type="{ty}" minOccurs="0"/>"#);
    let content = format!("<xs:sequence>{}</xs:sequence>", members.iter().map(one).collect::<String>());
    let content = match base {
        None => content,
        Some(base) => {
            format!(r#"<xs:complexContent><xs:extension base="t:{base}">{content}</xs:extension></xs:complexContent>"#)
        }
    };
    format!("<xs:complexType name=\"{name}\">{content}</xs:complexType>\n")
}

/// Each holds the next, and the last the first.
fn chain(count: usize) -> SourceSet {
    let one = |at| complex(&format!("T{at}"), None, &[("Next", &format!("t:T{}", (at + 1) % count))]);
    set(contract(&(0..count).map(one).collect::<String>(), &used(std::iter::once("T0".to_owned()))))
}

/// All hold one.
fn star(count: usize) -> SourceSet {
    let one = |at| complex(&format!("T{at}"), None, &[("Hub", "t:T0")]);
    set(contract(&(0..count).map(one).collect::<String>(), &used((0..count).map(|at| format!("T{at}")))))
}

/// Each holds two others.
fn tree(count: usize) -> SourceSet {
    let below = |at: usize| if at < count { format!("t:T{at}") } else { "xs:int".to_owned() };
    let one = |at| complex(&format!("T{at}"), None, &[("L", &below(2 * at + 1)), ("R", &below(2 * at + 2))]);
    set(contract(&(0..count).map(one).collect::<String>(), &used(std::iter::once("T0".to_owned()))))
}

/// Names that are the same in Rust.
fn colliding(count: usize) -> SourceSet {
    let name = |at: usize| format!("t{}x", format!("{at:018b}").replace('0', "-").replace('1', "."));
    let types: String = (0..count).map(|at| complex(&name(at), None, &[("A", "xs:string")])).collect();
    set(contract(&types, &used((0..count).map(name))))
}

/// Extensions, eight deep.
fn derived(count: usize) -> SourceSet {
    let base = |at: usize| if at.is_multiple_of(8) { "Base".to_owned() } else { format!("T{}", at - 1) };
    let one = |at: usize| complex(&format!("T{at}"), Some(&base(at)), &[(&format!("F{}", at % 8), "xs:string")]);
    let types: String = (0..count).map(one).collect();
    set(contract(&(complex("Base", None, &[("A", "xs:string")]) + &types), &used(std::iter::once("Base".to_owned()))))
}

fn members(count: usize) -> SourceSet {
    let members = each(count, |text, at| {
        let _ = write!(text, r#"<xs:element name="M{at}" type="xs:string" minOccurs="0"/>"#);
    });
    let types = format!(r#"<xs:complexType name="T"><xs:sequence>{members}</xs:sequence></xs:complexType>"#);
    set(contract(&types, &used(std::iter::once("T".to_owned()))))
}

/// Half of them are prohibited by a restriction.
fn attributes(count: usize) -> SourceSet {
    let all = each(count, |text, at| {
        let _ = write!(text, r#"<xs:attribute name="a{at}" type="xs:string"/>"#);
    });
    let prohibited = each(count / 2, |text, at| {
        let _ = write!(text, r#"<xs:attribute name="a{at}" use="prohibited"/>"#);
    });
    let types = format!(
        r#"<xs:complexType name="B">{all}</xs:complexType><xs:complexType name="T"><xs:complexContent>
        <xs:restriction base="t:B">{prohibited}</xs:restriction></xs:complexContent></xs:complexType>"#
    );
    set(contract(&types, &used(["B", "T"].map(str::to_owned).into_iter())))
}

/// The text on each value is beside the type, as WCF writes it.
fn values(count: usize) -> SourceSet {
    let values = each(count, |text, at| {
        let _ = write!(text, r#"<xs:enumeration value="v{at}"/>"#);
    });
    let texts = each(count, |text, at| {
        let _ = write!(text, "<pair><Key>v{at}</Key><Value>Number {at}.</Value></pair>");
    });
    let types = format!(
        r#"<xs:simpleType name="T"><xs:annotation><xs:appinfo><Surrogate><Members>{texts}</Members></Surrogate></xs:appinfo>
        </xs:annotation><xs:restriction base="xs:string">{values}</xs:restriction></xs:simpleType>"#
    );
    set(contract(&types, &used(std::iter::once("T".to_owned()))))
}

/// Of one operation: paragraphs, parameters, and brackets that open nothing.
fn paragraphs(count: usize) -> SourceSet {
    let texts = each(count, |text, at| {
        let _ = write!(text, "Line {at}. &lt;\n\n");
    });
    let parameters = each(count, |text, at| {
        let _ = write!(text, r#"&lt;param name="p{at}">Text {at}.&lt;/param>"#);
    });
    let (abstracted, bound) = operation("Do", "", "");
    let documented = format!("<w:documentation>{texts}&gt;{parameters}{}</w:documentation>", "&lt;".repeat(count));
    let abstracted = abstracted.replacen('>', &format!(">{documented}"), 1);
    set(document(&schema("", ""), MESSAGES, &abstracted, &bound, ONE_PORT))
}

fn operations(count: usize) -> SourceSet {
    let schemas = schema("", &used(std::iter::empty()));
    let (abstracted, bound): (String, String) = (0..count).map(|at| operation(&format!("Do{at}"), "", "")).unzip();
    set(document(&schemas, MESSAGES, &abstracted, &bound, ONE_PORT))
}

/// Each operation refers to one policy and has one of its own.
fn policies(count: usize) -> SourceSet {
    let policy = r##"<p:Policy><sp:SignedParts/></p:Policy><p:PolicyReference URI="#one"/>"##;
    let bodies =
        format!(r#"{policy}<w:input><s:body use="literal"/></w:input><w:output><s:body use="literal"/></w:output>"#);
    let (abstracted, bound): (String, String) = (0..count).map(|at| operation(&format!("Do{at}"), "", &bodies)).unzip();
    let binding = r#"<p:Policy><sp:TransportBinding><p:Policy><sp:TransportToken><p:Policy><sp:HttpsToken/></p:Policy>
        </sp:TransportToken></p:Policy></sp:TransportBinding></p:Policy>"#;
    let one = r#"<p:Policy u:Id="one"><sp:SignedParts/><sp:EncryptedParts/></p:Policy>"#;
    set(document(&schema("", ""), &format!("{MESSAGES}{one}"), &abstracted, &format!("{binding}{bound}"), ONE_PORT))
}

/// Each for an error of its own, and all for one.
fn broken_type(count: usize) -> SourceSet {
    let broken = r#"<xs:simpleType name="Broken"><xs:restriction base="t:Nowhere"/></xs:simpleType>"#;
    let wrappers = each(count, |text, at| {
        let members = format!(r#"<xs:element name="a" type="t:Broken"/><xs:element name="b" type="t:No{at}"/>"#);
        let _ = write!(
            text,
            r#"<xs:element name="Do{at}"><xs:complexType><xs:sequence>{members}</xs:sequence></xs:complexType></xs:element>"#
        );
    });
    let messages = each(count, |text, at| {
        let _ = write!(text, r#"<w:message name="In{at}"><w:part name="p" element="t:Do{at}"/></w:message>"#);
    });
    let operations = each(count, |text, at| {
        let inside = format!(r#"<w:input message="t:In{at}"/><w:output message="t:Out"/>"#);
        let _ = write!(text, r#"<w:operation name="Do{at}">{inside}</w:operation>"#);
    });
    let bound = each(count, |text, at| text.push_str(&operation(&format!("Do{at}"), "", "").1));
    let messages = format!("{MESSAGES}{messages}");
    set(document(&schema(&format!("{broken}{wrappers}"), ""), &messages, &operations, &bound, ONE_PORT))
}

fn overloaded(count: usize) -> SourceSet {
    let messages = each(count, |text, at| {
        let _ = write!(text, r#"<w:message name="In{at}"><w:part name="p" type="xs:int"/></w:message>"#);
    });
    let operations = each(count, |text, at| {
        let _ = write!(
            text,
            r#"<w:operation name="Do"><w:input name="do{at}" message="t:In{at}"/><w:output message="t:In0"/></w:operation>"#
        );
    });
    let bound = each(count, |text, at| {
        let inside = format!(
            r#"<w:input name="do{at}"><s:body use="literal"/></w:input><w:output><s:body use="literal"/></w:output>"#
        );
        let _ = write!(
            text,
            r#"<w:operation name="Do"><s:operation soapAction="{at}" style="rpc"/>{inside}</w:operation>"#
        );
    });
    set(document(&schema("", ""), &messages, &operations, &bound, ONE_PORT))
}

/// A quarter of them operations, three quarters members of the message that they share.
fn shared_message(count: usize) -> SourceSet {
    let members = each(count / 4 * 3, |text, at| {
        let _ = write!(text, r#"<xs:element name="M{at}" type="xs:string" minOccurs="0"/>"#);
    });
    let (abstracted, bound): (String, String) = (0..count / 4).map(|at| operation(&format!("Do{at}"), "", "")).unzip();
    set(document(&schema("", &members), MESSAGES, &abstracted, &bound, ONE_PORT))
}

fn headers(count: usize) -> SourceSet {
    let elements = each(count, |text, at| {
        let _ = write!(text, r#"<xs:element name="H{at}" type="xs:string"/>"#);
    });
    let parts = each(count, |text, at| {
        let _ = write!(text, r#"<w:part name="h{at}" element="t:H{at}"/>"#);
    });
    let headers = each(count, |text, at| {
        let _ = write!(text, r#"<s:header message="t:In" part="h{at}" use="literal"/>"#);
    });
    let bodies =
        format!(r#"<w:input><s:body use="literal"/>{headers}</w:input><w:output><s:body use="literal"/></w:output>"#);
    let (abstracted, bound) = operation("Do", "", &bodies);
    let messages = MESSAGES.replacen("</w:message>", &format!("{parts}</w:message>"), 1);
    set(document(&schema(&elements, ""), &messages, &abstracted, &bound, ONE_PORT))
}

fn faults(count: usize) -> SourceSet {
    let elements = each(count, |text, at| {
        let _ = write!(text, r#"<xs:element name="F{at}" type="xs:string"/>"#);
    });
    let messages = each(count, |text, at| {
        let _ = write!(text, r#"<w:message name="F{at}"><w:part name="p" element="t:F{at}"/></w:message>"#);
    });
    let named = each(count, |text, at| {
        let _ = write!(text, r#"<w:fault name="F{at}" message="t:F{at}"/>"#);
    });
    let bound = each(count, |text, at| {
        let _ = write!(text, r#"<w:fault name="F{at}"><s:fault name="F{at}" use="literal"/></w:fault>"#);
    });
    let (abstracted, bound) = operation("Do", &named, &format!("{BODIES}{bound}"));
    set(document(&schema(&elements, ""), &format!("{MESSAGES}{messages}"), &abstracted, &bound, ONE_PORT))
}

fn port_list(count: usize) -> String {
    each(count, |text, at| {
        let _ = write!(text, r#"<w:port name="P{at}" binding="t:B"><s:address location="http://e/{at}"/></w:port>"#);
    })
}

fn ports(count: usize) -> SourceSet {
    let (abstracted, bound) = operation("Do", "", "");
    set(document(&schema("", ""), MESSAGES, &abstracted, &bound, &port_list(count)))
}

/// Half of them ports, half of them types that all ports use.
fn ports_with_types(count: usize) -> SourceSet {
    let one = |at| complex(&format!("T{at}"), None, &[("Next", &format!("t:T{}", (at + 1) % (count / 2)))]);
    let types: String = (0..count / 2).map(one).collect();
    let (abstracted, bound) = operation("Do", "", "");
    let schemas = schema(&types, &used(std::iter::once("T0".to_owned())));
    set(document(&schemas, MESSAGES, &abstracted, &bound, &port_list(count / 2)))
}

/// A schema for each, in one document.
fn namespaces(count: usize) -> SourceSet {
    let schemas = each(count, |text, at| {
        let _ = write!(
            text,
            r#"<xs:schema targetNamespace="urn:many:{at}"><xs:complexType name="T{at}"><xs:sequence>
            <xs:element name="A" type="xs:string"/></xs:sequence></xs:complexType></xs:schema>"#
        );
    });
    let members = each(count, |text, at| {
        let _ = write!(text, r#"<xs:element name="m{at}" type="x:T{at}" xmlns:x="urn:many:{at}" minOccurs="0"/>"#);
    });
    let (abstracted, bound) = operation("Do", "", "");
    set(document(&format!("{schemas}{}", schema("", &members)), MESSAGES, &abstracted, &bound, ONE_PORT))
}

/// Schemas of one namespace in one document, each importing that of the messages.
fn schemas(count: usize) -> SourceSet {
    let schemas = each(count, |text, at| {
        let _ = write!(
            text,
            r#"<xs:schema targetNamespace="urn:part"><xs:import namespace="urn:part"/><xs:complexType name="T{at}"><xs:sequence>
            <xs:element name="A" type="xs:string"/></xs:sequence></xs:complexType></xs:schema>"#
        );
    });
    let members = each(count, |text, at| {
        let _ = write!(text, r#"<xs:element name="m{at}" type="x:T{at}" xmlns:x="urn:part" minOccurs="0"/>"#);
    });
    let (abstracted, bound) = operation("Do", "", "");
    set(document(&format!("{schemas}{}", schema("", &members)), MESSAGES, &abstracted, &bound, ONE_PORT))
}

/// The contract that uses `T0`, which another file defines.
fn importing() -> String {
    let members = r#"<xs:element name="m" type="x:T0" xmlns:x="urn:part" minOccurs="0"/>"#;
    contract(r#"<xs:import namespace="urn:part" schemaLocation="part0.xsd"/>"#, members)
}

/// A chain of files.
fn imports(count: usize) -> SourceSet {
    let mut sources = set(importing());
    for at in 0..count {
        let text = format!(
            r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:x="urn:part" targetNamespace="urn:part">
            <xs:include schemaLocation="part{next}.xsd"/><xs:complexType name="T{at}"><xs:sequence>
            <xs:element name="Next" type="x:T{next}" minOccurs="0"/></xs:sequence></xs:complexType></xs:schema>"#,
            next = (at + 1) % count
        );
        sources.insert(format!("part{at}.xsd"), text);
    }
    sources
}

/// Files of one namespace, each of which imports another that they share too, without saying where.
fn unlocated_imports(count: usize) -> SourceSet {
    let mut sources = set(importing());
    for at in 0..count {
        let (own, other) = if at.is_multiple_of(2) { ("urn:part", "urn:other") } else { ("urn:other", "urn:part") };
        let text = format!(
            r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:o="{other}" targetNamespace="{own}">
            <xs:import namespace="{other}"/><xs:complexType name="T{at}"><xs:sequence>
            <xs:element name="Next" type="o:T{next}" minOccurs="0"/></xs:sequence></xs:complexType></xs:schema>"#,
            next = (at + 1) % count
        );
        sources.insert(format!("part{at}.xsd"), text);
    }
    sources
}

/// Each of the types that are missing is in a namespace whose import leads nowhere.
fn lost_imports(count: usize) -> SourceSet {
    let imports = each(count, |text, at| {
        let _ = write!(text, r#"<xs:import namespace="urn:lost:{at}" schemaLocation="lost{at}.xsd"/>"#);
    });
    let members = each(count, |text, at| {
        let _ = write!(text, r#"<xs:element name="m{at}" type="x:T" xmlns:x="urn:lost:{at}" minOccurs="0"/>"#);
    });
    set(contract(&imports, &members))
}

/// Each is not in the namespace that it should be in, and is in others.
fn missing(count: usize) -> SourceSet {
    let types = each(count, |text, at| *text += &complex(&format!("T{at}"), None, &[]));
    let members = each(count, |text, at| {
        let _ = write!(text, r#"<xs:element name="m{at}" type="u:T{at}" xmlns:u="urn:missing:{}"/>"#, at % 7);
    });
    set(contract(&types, &members))
}

/// Each is taken for the one in the namespace of the schema.
fn unprefixed(count: usize) -> SourceSet {
    let types = each(count, |text, at| *text += &complex(&format!("T{at}"), None, &[]));
    let members = each(count, |text, at| {
        let _ = write!(text, r#"<xs:element name="m{at}" type="T{at}"/>"#);
    });
    set(contract(&types, &members))
}

/// In attributes, as W3C's schemas have them.
fn entities(count: usize) -> SourceSet {
    let members = each(count, |text, at| {
        let _ = write!(text, r#"<xs:element name="m{at}" type="x:string" xmlns:x="&xs;"/>"#);
    });
    let declared = r#"<!DOCTYPE w:definitions [<!ENTITY xs "http://www.w3.org/2001/XMLSchema">]>"#;
    set(declared.to_owned() + &contract("", &members))
}

/// Two documents with the same chain of types, but for its last type.
fn twins(count: usize) -> SourceSet {
    let text = |last: &str| {
        let next = |at: usize| if at + 1 < count / 2 { format!("t:T{}", at + 1) } else { last.to_owned() };
        let one = |at| complex(&format!("T{at}"), None, &[("Next", &next(at))]);
        contract(&(0..count / 2).map(one).collect::<String>(), &used(std::iter::once("T0".to_owned())))
    };
    let mut sources = set(text("xs:int"));
    sources.insert("other.wsdl", text("xs:string").replace(r#"<w:service name="S""#, r#"<w:service name="S2""#));
    sources
}

/// Services that share types.
fn services(count: usize) -> SourceSet {
    let mut sources = SourceSet::new();
    let shared = r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:part"><xs:complexType name="T0">
        <xs:sequence><xs:element name="A" type="xs:string"/></xs:sequence></xs:complexType></xs:schema>"#;
    sources.insert("part0.xsd", shared);
    let text = importing();
    for at in 0..count {
        let service = format!(r#"<w:service name="S{at}""#);
        sources.insert(format!("service{at}.wsdl"), text.replace(r#"<w:service name="S""#, &service));
    }
    sources
}

/// Half of them members of a union, half of them uses of it.
fn unions(count: usize) -> SourceSet {
    let half = count / 2;
    let members = each(half, |text, at| {
        let _ = write!(text, r#"<xs:simpleType name="M{at}"><xs:restriction base="xs:string"/></xs:simpleType>"#);
    });
    let names = each(half, |text, at| {
        let _ = write!(text, "t:M{at} ");
    });
    let types = format!(r#"{members}<xs:simpleType name="U"><xs:union memberTypes="{names}"/></xs:simpleType>"#);
    set(contract(&types, &used(std::iter::repeat_n("U".to_owned(), half))))
}

fn substitutes(count: usize) -> SourceSet {
    let members = each(count, |text, at| {
        let _ = write!(text, r#"<xs:element name="M{at}" substitutionGroup="t:H"/>"#);
    });
    let references = r#"<xs:element ref="t:H"/>"#.repeat(count);
    let types = format!(
        r#"<xs:element name="H" type="xs:int"/>{members}
        <xs:complexType name="T"><xs:sequence>{references}</xs:sequence></xs:complexType>"#
    );
    set(contract(&types, &used(std::iter::once("T".to_owned()))))
}

fn alternatives(count: usize) -> SourceSet {
    let alternatives = each(count, |text, at| {
        let _ = write!(text, r#"<xs:element name="M{at}" type="xs:int"/>"#);
    });
    let types = format!(r#"<xs:complexType name="T"><xs:choice>{alternatives}</xs:choice></xs:complexType>"#);
    set(contract(&types, &used(std::iter::once("T".to_owned()))))
}

fn simple_types(count: usize) -> SourceSet {
    let types = r#"<xs:simpleType name="U"><xs:restriction base="xs:string"><xs:maxLength value="9"/></xs:restriction></xs:simpleType>"#;
    set(contract(types, &used(std::iter::repeat_n("U".to_owned(), count))))
}

/// As many as may be in force, and one more on each of many elements.
fn declarations(count: usize) -> SourceSet {
    let around = each(200, |text, at| {
        let _ = write!(text, r#" xmlns:n{at}="urn:n:{at}""#);
    });
    let members = each(count, |text, at| {
        let _ =
            write!(text, r#"<xs:element name="m{at}" type="x:string" xmlns:x="http://www.w3.org/2001/XMLSchema"/>"#);
    });
    set(contract("", &members).replacen("<w:types>", &format!("<w:types{around}>"), 1))
}
