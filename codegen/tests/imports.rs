//! Files that may be imported, and schemas that come with the generator.

#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]

use std::fs;

use wsdl_codegen::contract::print;
use wsdl_codegen::document::bundled_schemas;
use wsdl_codegen::{Builder, Config, Diagnostics, SourceSet, read, read_with_warnings};

/// A contract whose request holds what is given, in the namespaces that are given with prefixes.
fn contract(name: &str, namespaces: &[(&str, &str)], content: &str) -> String {
    let declarations: String = namespaces.iter().map(|(prefix, uri)| format!(" xmlns:{prefix}='{uri}'")).collect();
    let imports: String = namespaces.iter().map(|(_, uri)| format!("<xs:import namespace='{uri}'/>")).collect();
    format!(
        "<w:definitions xmlns:w='http://schemas.xmlsoap.org/wsdl/' xmlns:s='http://schemas.xmlsoap.org/wsdl/soap/' \
         xmlns:xs='http://www.w3.org/2001/XMLSchema' xmlns:t='urn:{name}' targetNamespace='urn:{name}'{declarations}>\
         <w:types><xs:schema targetNamespace='urn:{name}' elementFormDefault='qualified'>{imports}\
         <xs:element name='Ask'><xs:complexType>{content}</xs:complexType></xs:element></xs:schema></w:types>\
         <w:message name='Ask'><w:part name='p' element='t:Ask'/></w:message>\
         <w:portType name='P'><w:operation name='Ask'><w:input message='t:Ask'/></w:operation></w:portType>\
         <w:binding name='B' type='t:P'><s:binding transport='http://schemas.xmlsoap.org/soap/http'/>\
         <w:operation name='Ask'><w:input><s:body use='literal'/></w:input></w:operation></w:binding>\
         <w:service name='{name}'><w:port name='P' binding='t:B'><s:address location='http://localhost/'/></w:port>\
         </w:service></w:definitions>"
    )
}

const PARTS: &str = "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' targetNamespace='urn:parts'>\
                     <xs:element name='Part' type='xs:string'/></xs:schema>";

fn asking_for_a_part() -> String {
    contract("Shop", &[("p", "urn:parts")], "<xs:sequence><xs:element ref='p:Part'/></xs:sequence>")
}

#[test]
fn of_what_is_included_only_imports_are_used() {
    let mut sources = SourceSet::new();
    sources.insert("shop.wsdl", asking_for_a_part());
    let error = read(&sources, &Config::default()).unwrap_err().to_string();
    assert!(error.contains("element `Part` is not defined in namespace urn:parts"), "{error}");
    sources.include("../common/parts.xsd", PARTS);
    sources.include("../common/other.wsdl", contract("Other", &[], ""));
    sources.include(
        "../common/broken.wsdl",
        "<w:definitions xmlns:w='http://schemas.xmlsoap.org/wsdl/'><w:message/></w:x>",
    );
    sources.include(
        "../common/nameless.wsdl",
        "<w:definitions xmlns:w='http://schemas.xmlsoap.org/wsdl/'><w:message/></w:definitions>",
    );
    sources.include("../common/page.xsd", "<html/>");
    let (contract, warnings) = read_with_warnings(&sources, &Config::default()).unwrap();
    assert!(warnings.is_empty(), "{warnings}");
    assert_eq!(contract.services.len(), 1, "{}", print::print(&contract));
    // A source by the same name stays a source.
    sources.include("shop.wsdl", "<html/>");
    assert!(!sources.is_included("shop.wsdl") && sources.is_included("../common/parts.xsd"));
}

#[test]
fn what_is_wrong_with_a_needed_file_is_said() {
    let mut sources = SourceSet::new();
    sources.insert("shop.wsdl", asking_for_a_part());
    sources.include("parts.xsd", PARTS.replace("</xs:schema>", ""));
    let errors: Diagnostics = read(&sources, &Config::default()).unwrap_err();
    assert!(
        errors.iter().any(|error| error.file == "parts.xsd" && error.message.contains("not well-formed")),
        "{errors}"
    );
}

#[test]
fn a_build_script_includes_a_folder_beside_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    for (path, text) in [
        ("app/wsdl/shop.wsdl", asking_for_a_part()),
        ("common/parts.xsd", PARTS.to_owned()),
        ("common/other.wsdl", contract("Other", &[], "")),
    ] {
        fs::create_dir_all(at(path).parent().unwrap()).unwrap();
        fs::write(at(path), text).unwrap();
    }
    let builder = || Builder::new().source(at("app/wsdl")).out_dir(at("out"));
    assert!(builder().generate().unwrap_err().to_string().contains("`Part` is not defined"));
    for common in ["common", "app/../common", "common/parts.xsd"] {
        let summary = builder().include(at(common)).generate().unwrap();
        assert_eq!(summary.services, ["shop"], "{common}");
    }
    // The same folder as both is a source.
    let summary = builder().source(at("common")).include(at("common")).generate().unwrap();
    assert_eq!(summary.services, ["other", "shop"]);
}

/// A contract whose request uses all global components of a bundled schema, and how many those are; `None` for WSDL.
fn using_all_of(text: &str) -> Option<(String, usize)> {
    let document = roxmltree::Document::parse(text).unwrap();
    let root = document.root_element();
    if root.tag_name().name() != "schema" {
        return None;
    }
    let namespace = root.attribute("targetNamespace").unwrap();
    let (mut elements, mut attributes) = (String::new(), String::new());
    let mut count = 0;
    for component in root.children().filter(roxmltree::Node::is_element) {
        let Some(name) = component.attribute("name") else { continue };
        count += 1;
        match component.tag_name().name() {
            "element" => elements.push_str(&format!("<xs:element ref='p:{name}'/>")),
            "complexType" | "simpleType" => elements.push_str(&format!("<xs:element name='e{count}' type='p:{name}'/>")),
            "group" => elements.push_str(&format!("<xs:group ref='p:{name}'/>")),
            "attribute" => attributes.push_str(&format!("<xs:attribute ref='p:{name}'/>")),
            // Most groups hold what stands there alone too.
            "attributeGroup" => elements.push_str(&format!(
                "<xs:element name='e{count}'><xs:complexType><xs:attributeGroup ref='p:{name}'/></xs:complexType></xs:element>"
            )),
            other => panic!("{other} `{name}` is not looked at"),
        }
    }
    // The namespace of `xml:` has that prefix only.
    let content = format!("<xs:sequence>{elements}</xs:sequence>{attributes}");
    let is_xml = namespace == "http://www.w3.org/XML/1998/namespace";
    let content = if is_xml { content.replace("'p:", "'xml:") } else { content };
    let namespaces = if is_xml { vec![] } else { vec![("p", namespace)] };
    let wsdl = contract("All", &namespaces, &content);
    let import = format!("<xs:import namespace='{namespace}'/><xs:element name='Ask'>");
    let wsdl = if is_xml { wsdl.replace("<xs:element name='Ask'>", &import) } else { wsdl };
    Some((wsdl, count))
}

#[test]
fn bundled_schemas_are_complete() {
    let mut components = 0;
    for (name, text) in bundled_schemas() {
        let Some((wsdl, count)) = using_all_of(text) else { continue };
        components += count;
        let mut sources = SourceSet::new();
        sources.insert("all.wsdl", wsdl);
        if let Err(errors) = read(&sources, &Config::default()) {
            // Mixed content is meant where it stands.
            let other: Vec<String> =
                errors.iter().filter(|error| !error.message.contains("mixed")).map(ToString::to_string).collect();
            assert!(other.is_empty(), "{name}: {}", other.join("\n"));
        }
    }
    assert!(components > 500, "{components}");
}
