//! The parts of contracts: services, operations, types and policies, in every form that is supported and some that are not.

use super::Choices;
use super::tree::{Element, element};

/// Texts that end what they stand in, begin something else, or are refused by a compiler or by rustdoc.
const HOSTILE: &[&str] = &[
    "\n} compile_error!(\"injected\"); mod injected {",
    "\"; compile_error!(\"injected\"); //",
    "\"#; compile_error!(\"injected\"); r#\"",
    "*/ compile_error!(\"injected\"); /*",
    "\r\ncompile_error!(\"injected\");\r//! inner\r/// doc",
    "\r",
    "\\",
    "\\\"",
    "'",
    "`",
    "``` `` `",
    "```rust\ncompile_error!(\"a doctest\")\n```",
    "\n\n    compile_error!(\"a doctest\");\n\n\tpanic!()",
    "\u{202E}\u{202D}\u{2066}\u{2069} compile_error!(\"a doctest\");",
    "\u{200E}\u{200F}\u{61C}\u{2028}\u{2029}\u{85}\u{FEFF}\u{9b}31m\u{AD}\u{200B}",
    "[`Missing`] [x](crate::Missing) ![y] [^1]: [z][] <crate::Missing>",
    "<script> <b <!-- </p> <http://a b> <![CDATA[ <?x",
    "# Title\n\n- item\n\n1. one\n\nx\n===\n---\n> quote\n* * *",
    "https://example.org/'https://example.org/`https://example.org",
    "&lt;div&gt; &amp;#x202E; &#x2028; &nbsp;&copy;",
    "| a | b |\n|---|---|\n| `c` | d |",
    "~~~\ncompile_error!(\"a doctest\")\n~~~",
    "$ {} {{}} {0} $crate $1 {x:?}",
    "Å e\u{301} 名前 🦀 \u{200D}\u{fe0f} \u{e000} \u{fffd}",
    "]]> #![feature(x)] #[cfg(x)] // /* /// //!",
];

/// Names of XML that are odd in Rust.
const NAMES: &[&str] = &[
    "Order",
    "type",
    "Self",
    "Option",
    "Vec",
    "a.b-c_d",
    "_",
    "__",
    "Straße",
    "名前",
    "\u{212A}",
    "e\u{301}",
    "X\u{1100}\u{1161}",
    "\u{200D}x",
    "\u{FEFF}y",
    "z\u{61C}",
    "default",
    "Client",
    "PORT",
    "r",
    "ﬁ",
    "_x003C_a_x003E_",
    "new",
    "Unrecognized",
];

const BUILTINS: &[&str] = &[
    "string",
    "int",
    "long",
    "boolean",
    "decimal",
    "dateTime",
    "base64Binary",
    "anyURI",
    "QName",
    "short",
    "double",
    "date",
    "unsignedInt",
    "duration",
    "byte",
    "anyType",
    "token",
    "normalizedString",
    "hexBinary",
    "NMTOKENS",
];

/// Draws parts of contracts.
pub(crate) struct Draw<'c, 'b> {
    pub(crate) choices: &'c mut Choices<'b>,
    /// Texts are hostile, else harmless. The same choices are made for both.
    pub(crate) hostile: bool,
    /// Names have white space around them.
    pub(crate) pad: bool,
}

impl Draw<'_, '_> {
    /// A text, of which `what` is a part, so that no two are the same.
    fn text(&mut self, what: &str) -> String {
        let text = self.choices.of(HOSTILE);
        if self.hostile { format!("{what}{text}{what}") } else { format!("{what} text {what}") }
    }

    /// A name, with `what` in it.
    fn name(&mut self, what: &str) -> String {
        if self.choices.one_in(3) { format!("{}{what}", self.choices.of(NAMES)) } else { what.to_owned() }
    }

    /// A name as an attribute has it.
    fn padded(&mut self, name: &str) -> String {
        let (before, after) = self.choices.of(&[("", ""), ("", " "), ("\n", "\t"), (" \r\n ", "")]);
        if self.pad { format!("{before}{name}{after}") } else { name.to_owned() }
    }

    fn documentation(&mut self, tag: &str) -> Vec<Element> {
        if self.choices.one_in(2) {
            vec![element(tag, &[], Vec::new()).with_text(&self.text("Doc"))]
        } else {
            Vec::new()
        }
    }

    fn annotation(&mut self) -> Vec<Element> {
        let said = self.documentation("xs:documentation");
        if said.is_empty() { said } else { vec![element("xs:annotation", &[], said)] }
    }
}

/// The names of what one contract defines.
struct Names {
    types: Vec<String>,
    operations: Vec<String>,
}

/// A contract: a WSDL document, and perhaps a schema beside it.
pub(crate) fn contract(draw: &mut Draw<'_, '_>) -> Vec<(String, Element)> {
    // Modules are called after their ends.
    let (one, other) = (draw.text("urn:a:") + "/one", draw.text("urn:b:") + "/two");
    let types = (0..1 + draw.choices.below(6)).map(|at| draw.name(&format!("T{at}"))).collect();
    let mut operations = vec!["Op0".to_owned()];
    operations.extend((1..1 + draw.choices.below(3)).map(|at| draw.name(&format!("Op{at}"))));
    let names = Names { types, operations };
    let schema = schema(draw, &names, (&one, &other));
    let beside = schema_beside(draw, &other);
    let policy = policy(draw);
    let mut children = draw.documentation("w:documentation");
    children.push(policy);
    children.push(element("w:types", &[], vec![schema]));
    children.extend(messages(draw, &names));
    children.push(port_type(draw, &names));
    let soap_1_2 = draw.choices.one_in(2);
    children.push(binding(draw, &names));
    children.push(service(draw));
    let root = element(
        "w:definitions",
        &[
            ("xmlns:w", "http://schemas.xmlsoap.org/wsdl/"),
            (
                "xmlns:s",
                ["http://schemas.xmlsoap.org/wsdl/soap/", "http://schemas.xmlsoap.org/wsdl/soap12/"]
                    [usize::from(soap_1_2)],
            ),
            ("xmlns:xs", "http://www.w3.org/2001/XMLSchema"),
            ("xmlns:p", "http://schemas.xmlsoap.org/ws/2004/09/policy"),
            ("xmlns:sp", "http://schemas.xmlsoap.org/ws/2005/07/securitypolicy"),
            ("xmlns:mssp", "http://schemas.microsoft.com/ws/2005/07/securitypolicy"),
            ("xmlns:u", "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"),
            ("xmlns:a", "http://www.w3.org/2006/05/addressing/wsdl"),
            ("xmlns:m", "http://schemas.xmlsoap.org/ws/2004/09/policy/optimizedmimeserialization"),
            ("xmlns:t", &one),
            ("xmlns:o", &other),
            ("targetNamespace", &one),
        ],
        children,
    );
    let file = |draw: &mut Draw<'_, '_>, extension: &str| format!("{}.{extension}", draw.text("file"));
    vec![(file(draw, "wsdl"), root), (file(draw, "xsd"), beside)]
}

fn schema(draw: &mut Draw<'_, '_>, names: &Names, (namespace, other): (&str, &str)) -> Element {
    let mut content = vec![element("xs:import", &[("namespace", other)], Vec::new())];
    for (at, name) in names.types.iter().enumerate() {
        content.push(type_definition(draw, names, at, name));
    }
    for operation in &names.operations {
        for role in ["", "Response", "Problem", "Part"] {
            content.push(wrapper(draw, names, &format!("{operation}{role}")));
        }
    }
    content.push(element("xs:group", &[("name", "Group")], vec![sequence(draw, names, 1)]));
    content.push(element("xs:attributeGroup", &[("name", "Attributes")], vec![attribute(draw, "grouped")]));
    let form = draw.choices.of(&["qualified", "qualified", "unqualified"]);
    element("xs:schema", &[("targetNamespace", namespace), ("elementFormDefault", form)], content)
}

/// A schema of the other namespace, in a document of its own.
fn schema_beside(draw: &mut Draw<'_, '_>, namespace: &str) -> Element {
    let names = Names { types: Vec::new(), operations: Vec::new() };
    let mut record = element("xs:complexType", &[("name", "Elsewhere")], draw.annotation());
    record = record.with_children(vec![sequence(draw, &names, 2)]);
    let texts = enumeration(draw, "Texts");
    let xs = ("xmlns:xs", "http://www.w3.org/2001/XMLSchema");
    // For what mutations add.
    let p = ("xmlns:p", "http://schemas.xmlsoap.org/ws/2004/09/policy");
    element(
        "xs:schema",
        &[xs, p, ("xmlns:t", namespace), ("xmlns:o", namespace), ("targetNamespace", namespace)],
        vec![record, texts],
    )
}

fn type_definition(draw: &mut Draw<'_, '_>, names: &Names, at: usize, name: &str) -> Element {
    // Bases and items come first, so that nothing is a base of itself before a mutation.
    let earlier = Names { types: names.types[..at].to_vec(), operations: Vec::new() };
    let padded = draw.padded(name);
    let base = || names.types[..at].iter().find(|name| !name.is_empty()).map(|name| format!("t:{name}"));
    match draw.choices.below(8) {
        0 => enumeration(draw, &padded),
        1 => {
            let facet = draw.choices.of(&["xs:maxLength", "xs:minLength", "xs:length"]);
            let facets = vec![
                element(facet, &[("value", " 12 ")], Vec::new()),
                element("xs:pattern", &[("value", &draw.text("[a-z]"))], Vec::new()),
                element("xs:whiteSpace", &[("value", "collapse")], Vec::new()),
            ];
            let restriction = element("xs:restriction", &[("base", "xs:string")], facets);
            element("xs:simpleType", &[("name", &padded)], vec![restriction])
        }
        2 => {
            let step = element("xs:extension", &[("base", "xs:string")], vec![attribute(draw, "unit")]);
            let content = element("xs:simpleContent", &[], vec![step]);
            element("xs:complexType", &[("name", &padded)], vec![content])
        }
        3 if draw.choices.one_in(3) => match base() {
            Some(base) => {
                let step = element("xs:extension", &[("base", &base)], vec![sequence(draw, &earlier, 200 + 10 * at)]);
                let content = element("xs:complexContent", &[], vec![step]);
                element("xs:complexType", &[("name", &padded)], vec![content])
            }
            None => element("xs:complexType", &[("name", &padded)], draw.annotation()),
        },
        4 if draw.choices.one_in(12) => {
            let variety = draw.choices.of(&["xs:list", "xs:union"]);
            let item = if variety == "xs:list" { "itemType" } else { "memberTypes" };
            let variety = element(variety, &[(item, "xs:string")], Vec::new());
            element("xs:simpleType", &[("name", &padded)], vec![variety])
        }
        _ => {
            let mut content = draw.annotation();
            let start = 10 * at;
            content.push(sequence(draw, names, start));
            if draw.choices.one_in(3) {
                content.push(attribute(draw, "Id"));
                content.push(element("xs:attributeGroup", &[("ref", &draw.padded("t:Attributes"))], Vec::new()));
            }
            if draw.choices.one_in(6) {
                content.push(element("xs:anyAttribute", &[], Vec::new()));
            }
            element("xs:complexType", &[("name", &padded)], content)
        }
    }
}

fn enumeration(draw: &mut Draw<'_, '_>, name: &str) -> Element {
    let mut values = Vec::new();
    for at in 0..1 + draw.choices.below(4) {
        let value = draw.text(&format!("v{at}"));
        let annotation = draw.annotation();
        values.push(element("xs:enumeration", &[("value", &value)], annotation));
    }
    element("xs:simpleType", &[("name", name)], vec![element("xs:restriction", &[("base", "xs:string")], values)])
}

/// An element with an anonymous type.
fn wrapper(draw: &mut Draw<'_, '_>, names: &Names, name: &str) -> Element {
    let content = match draw.choices.below(6) {
        0 if name.ends_with("Response") => Vec::new(),
        _ => vec![sequence(draw, names, 100)],
    };
    element("xs:element", &[("name", &draw.padded(name))], vec![element("xs:complexType", &[], content)])
}

/// A content model whose elements are numbered from `start`.
fn sequence(draw: &mut Draw<'_, '_>, names: &Names, start: usize) -> Element {
    let compositor = match draw.choices.below(250) {
        0..=220 => "xs:sequence",
        221..=247 => "xs:all",
        _ => "xs:choice",
    };
    let mut members: Vec<Element> = Vec::new();
    if start == 100 {
        members.push(element("xs:element", &[("name", "Note"), ("type", "xs:string"), ("minOccurs", "0")], Vec::new()));
    }
    for at in 0..1 + draw.choices.below(4) {
        members.push(member(draw, names, &format!("F{}", start + at)));
    }
    if compositor == "xs:sequence" && start != 1 && draw.choices.one_in(8) {
        members.push(element("xs:any", &[("minOccurs", "0"), ("maxOccurs", "unbounded")], Vec::new()));
    }
    if draw.choices.one_in(10) && start > 2 {
        members.push(element("xs:group", &[("ref", "t:Group"), ("minOccurs", "0")], Vec::new()));
    }
    element(compositor, &[], members)
}

fn member(draw: &mut Draw<'_, '_>, names: &Names, name: &str) -> Element {
    let own = draw.name(name);
    let name = draw.padded(&own);
    let annotation = draw.annotation();
    let (min, max) =
        draw.choices.of(&[("0", "1"), ("1", "1"), ("0", "unbounded"), ("0", "1"), (" 0 ", "\n7"), ("1", "unbounded")]);
    let ty = match draw.choices.below(8) {
        // Optional, so that a circle ends.
        0..=2 if !names.types.is_empty() && min.trim() == "0" => {
            format!("t:{}", names.types[draw.choices.below(names.types.len())])
        }
        3 => "o:Elsewhere".to_owned(),
        4 => "o:Texts".to_owned(),
        5 => {
            let default = draw.text("d");
            let preset = draw.choices.of(&["default", "fixed"]);
            let attributes =
                [("name", name.as_str()), ("type", "xs:string"), ("minOccurs", "0"), (preset, default.as_str())];
            return element("xs:element", &attributes, annotation);
        }
        // The last of them is not supported.
        6 if draw.choices.one_in(200) => format!("xs:{}", BUILTINS[BUILTINS.len() - 1]),
        _ => format!("xs:{}", draw.choices.of(&BUILTINS[..BUILTINS.len() - 1])),
    };
    let nillable = draw.choices.of(&["false", "true", " 1 ", "0"]);
    let ty = draw.padded(&ty);
    let attributes =
        [("name", name.as_str()), ("type", &ty), ("minOccurs", min), ("maxOccurs", max), ("nillable", nillable)];
    element("xs:element", &attributes, annotation)
}

fn attribute(draw: &mut Draw<'_, '_>, name: &str) -> Element {
    let default = draw.text("d");
    let mut attribute =
        element("xs:attribute", &[("name", &draw.padded(name)), ("type", "xs:string")], draw.annotation());
    match draw.choices.below(3) {
        0 => attribute = attribute.with("use", "required"),
        1 => attribute = attribute.with("default", &default),
        _ => {}
    }
    attribute
}

fn messages(draw: &mut Draw<'_, '_>, names: &Names) -> Vec<Element> {
    let mut messages = Vec::new();
    for operation in &names.operations {
        for role in ["", "Response", "Problem", "Part"] {
            let part = element(
                "w:part",
                &[("name", &draw.padded("p")), ("element", &draw.padded(&format!("t:{operation}{role}")))],
                Vec::new(),
            );
            messages.push(element("w:message", &[("name", &draw.padded(&format!("{operation}{role}")))], vec![part]));
        }
    }
    messages
}

fn port_type(draw: &mut Draw<'_, '_>, names: &Names) -> Element {
    let mut operations = draw.documentation("w:documentation");
    for operation in &names.operations {
        let message = |role: &str| format!("t:{operation}{role}");
        let mut children = draw.documentation("w:documentation");
        children.push(element("w:input", &[("message", &draw.padded(&message("")))], Vec::new()));
        let output = element("w:output", &[("message", &message("Response"))], Vec::new());
        children.push(output.with("a:Action", &draw.text("urn:action:")));
        children.push(element("w:fault", &[("name", "Problem"), ("message", &message("Problem"))], Vec::new()));
        operations.push(element("w:operation", &[("name", &draw.padded(operation))], children));
    }
    element("w:portType", &[("name", "PortType")], operations)
}

fn binding(draw: &mut Draw<'_, '_>, names: &Names) -> Element {
    let mut children = Vec::new();
    if draw.choices.one_in(2) {
        children.push(element("p:PolicyReference", &[("URI", "#policy")], Vec::new()));
    }
    children.push(element("s:binding", &[("transport", "http://schemas.xmlsoap.org/soap/http")], Vec::new()));
    for operation in &names.operations {
        let body = || element("s:body", &[("use", "literal")], Vec::new());
        let mut input = vec![body()];
        if draw.choices.one_in(3) {
            let message = format!("t:{operation}Part");
            input.push(element(
                "s:header",
                &[("message", &message), ("part", &draw.padded("p")), ("use", "literal")],
                Vec::new(),
            ));
        }
        let action = draw.text("urn:action:");
        let fault = element("s:fault", &[("name", "Problem"), ("use", "literal")], Vec::new());
        let children_of = vec![
            element("s:operation", &[("soapAction", &action), ("style", "document")], Vec::new()),
            element("w:input", &[], input),
            element("w:output", &[], vec![body()]),
            element("w:fault", &[("name", "Problem")], vec![fault]),
        ];
        children.push(element("w:operation", &[("name", &draw.padded(operation))], children_of));
    }
    element("w:binding", &[("name", "Binding"), ("type", &draw.padded("t:PortType"))], children)
}

fn service(draw: &mut Draw<'_, '_>) -> Element {
    let mut ports = draw.documentation("w:documentation");
    for at in 0..1 + draw.choices.below(2) {
        let address = draw.text("https://example.org/");
        let port = if at == 0 { "Port".to_owned() } else { draw.name("P") };
        let attributes = [("name", draw.padded(&port)), ("binding", draw.padded("t:Binding"))];
        let attributes: Vec<(&str, &str)> = attributes.iter().map(|(name, value)| (*name, value.as_str())).collect();
        ports.push(element("w:port", &attributes, vec![element("s:address", &[("location", &address)], Vec::new())]));
    }
    let name = draw.name("Service");
    element("w:service", &[("name", &draw.padded(&name))], ports)
}

/// A policy that ports refer to as `#policy`.
fn policy(draw: &mut Draw<'_, '_>) -> Element {
    let mut all = Vec::new();
    if draw.choices.one_in(2) {
        all.push(element("a:UsingAddressing", &[], Vec::new()));
    }
    if draw.choices.one_in(3) {
        all.push(
            element("m:OptimizedMimeSerialization", &[], Vec::new())
                .with("p:Optional", draw.choices.of(&["true", " 1 ", "false"])),
        );
    }
    match draw.choices.below(4) {
        0 => all.push(transport()),
        1 => {
            all.push(transport());
            let token = nested("sp:UsernameToken", vec![element("sp:WssUsernameToken10", &[], Vec::new())]);
            all.push(nested("sp:SignedSupportingTokens", vec![token]));
        }
        2 => {
            all.push(transport());
            all.push(nested("sp:EndorsingSupportingTokens", vec![conversation(draw)]));
        }
        _ => {}
    }
    let alternatives = element("p:ExactlyOne", &[], vec![element("p:All", &[], all)]);
    element("p:Policy", &[("u:Id", &draw.padded("policy"))], vec![alternatives])
}

fn nested(name: &str, assertions: Vec<Element>) -> Element {
    element(name, &[], vec![element("p:Policy", &[], assertions)])
}

fn transport() -> Element {
    let token = nested(
        "sp:TransportToken",
        vec![element("sp:HttpsToken", &[("RequireClientCertificate", "false")], Vec::new())],
    );
    let suite = nested("sp:AlgorithmSuite", vec![element("sp:Basic256", &[], Vec::new())]);
    let layout = nested("sp:Layout", vec![element("sp:Strict", &[], Vec::new())]);
    nested("sp:TransportBinding", vec![token, suite, layout, element("sp:IncludeTimestamp", &[], Vec::new())])
}

fn conversation(draw: &mut Draw<'_, '_>) -> Element {
    let token = nested("sp:X509Token", vec![element("sp:WssX509V3Token10", &[], Vec::new())]);
    let bootstrap =
        nested("sp:BootstrapPolicy", vec![transport(), nested("sp:EndorsingSupportingTokens", vec![token])]);
    let mut facts = vec![bootstrap];
    if draw.choices.one_in(2) {
        facts.push(element("mssp:MustNotSendCancel", &[], Vec::new()));
    }
    nested("sp:SecureConversationToken", facts)
}

/// `codegen.toml` with texts wherever it has some.
pub(crate) fn configuration(draw: &mut Draw<'_, '_>) -> String {
    let mut text = |what: &str| toml(&draw.text(what));
    format!(
        "sensitive = [{}]\n[environments]\nTest = {}\n[[text-rule]]\nfields = [\"*\"]\nwithout = {}\n\
         [service.shop]\ndocumentation = {}\n[service.shop.ports.main]\nport = \"Port\"\naliases = {{ Op0 = [{}, {}] }}\n\
         [credentials.principal.Person]\nargument = \"person\"\ndocumentation = {}\nmembers = {{ ssn = {} }}\n\
         new = {{ arguments = [\"ssn\"], documentation = {} }}\n",
        text("s"),
        text("https://example.org/"),
        text("w"),
        text("d"),
        text("a"),
        text("b"),
        text("d"),
        text("r"),
        text("d"),
    )
}

/// A string of TOML.
fn toml(text: &str) -> String {
    text.chars().fold("\"".to_owned(), |written, c| format!("{written}\\U{:08x}", u32::from(c))) + "\""
}
