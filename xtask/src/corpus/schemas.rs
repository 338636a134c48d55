//! The schemas of a contract as files for xmllint: those inside WSDL documents too, and each import with a location.
//!
//! libxml2 takes one import for each namespace, so there is one file for each, which includes all its schemas.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use roxmltree::{Document, Node};
use wsdl_codegen::document::bundled_schemas;
use wsdl_codegen::document::source::decode;

use super::closure::percent_decode;
use crate::Result;

const WSDL: &str = "http://schemas.xmlsoap.org/wsdl/";
const XS: &str = "http://www.w3.org/2001/XMLSchema";

/// An envelope of either version whose body has to be as the contract says, and whose headers are anything.
const ENVELOPES: [(&str, &str); 2] =
    [("soap11", "http://schemas.xmlsoap.org/soap/envelope/"), ("soap12", "http://www.w3.org/2003/05/soap-envelope")];

/// Writes the schemas of a contract into a folder; gives the one that imports all.
pub(super) fn write(files: &[PathBuf], folder: &Path) -> Result<PathBuf> {
    fs::create_dir_all(folder)?;
    let mut schemas = Schemas::default();
    for file in files {
        let Ok(text) = decode(&fs::read(file)?) else { continue };
        schemas.add(text.trim_start_matches('\u{feff}'), Some(file));
    }
    let given = schemas.namespaces();
    for (_, text) in bundled_schemas() {
        schemas.add_unless(text, &given);
    }
    let mut all = format!("<xs:schema xmlns:xs='{XS}'>");
    for (name, namespace) in ENVELOPES {
        fs::write(folder.join(format!("{name}.xsd")), envelope(namespace))?;
        let _ = write!(all, "<xs:import namespace='{namespace}' schemaLocation='{name}.xsd'/>");
    }
    let namespaces: Vec<String> = schemas.namespaces().into_iter().collect();
    for (at, namespace) in namespaces.iter().enumerate() {
        let target =
            if namespace.is_empty() { String::new() } else { format!(" targetNamespace=\"{}\"", escape(namespace)) };
        let mut text = format!("<xs:schema xmlns:xs='{XS}'{target}>");
        for number in schemas.of(namespace) {
            let _ = write!(text, "<xs:include schemaLocation='s{number}.xsd'/>");
        }
        fs::write(folder.join(format!("n{at}.xsd")), text + "</xs:schema>")?;
        if !namespace.is_empty() && ENVELOPES.iter().all(|(_, envelope)| envelope != namespace) {
            let _ = write!(all, "<xs:import namespace=\"{}\" schemaLocation='n{at}.xsd'/>", escape(namespace));
        }
    }
    for (number, schema) in schemas.list.iter().enumerate() {
        fs::write(folder.join(format!("s{number}.xsd")), schemas.linked(schema, &namespaces))?;
    }
    let path = folder.join("all.xsd");
    fs::write(&path, all + "</xs:schema>")?;
    Ok(path)
}

fn envelope(namespace: &str) -> String {
    format!(
        "<xs:schema xmlns:xs='{XS}' xmlns:e='{namespace}' targetNamespace='{namespace}' elementFormDefault='qualified'>\
         <xs:element name='Envelope'><xs:complexType><xs:sequence>\
         <xs:element name='Header' minOccurs='0'><xs:complexType><xs:sequence><xs:any minOccurs='0' maxOccurs='unbounded' \
         processContents='skip'/></xs:sequence><xs:anyAttribute processContents='skip'/></xs:complexType></xs:element>\
         <xs:element name='Body'><xs:complexType><xs:sequence><xs:any minOccurs='0' maxOccurs='unbounded'/></xs:sequence>\
         <xs:anyAttribute processContents='skip'/></xs:complexType></xs:element>\
         </xs:sequence><xs:anyAttribute processContents='skip'/></xs:complexType></xs:element></xs:schema>"
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

/// A schema element, with what stands around it declared.
struct Schema {
    namespace: String,
    /// The file it stands in.
    file: Option<PathBuf>,
    text: String,
    /// Imports and includes: where they stand in the text, their name as written, and what they say.
    links: Vec<Link>,
}

struct Link {
    range: std::ops::Range<usize>,
    name: String,
    /// Of an import.
    namespace: Option<String>,
    location: String,
}

#[derive(Default)]
struct Schemas {
    list: Vec<Schema>,
}

impl Schemas {
    fn namespaces(&self) -> BTreeSet<String> {
        self.list.iter().map(|schema| schema.namespace.clone()).collect()
    }

    fn of(&self, namespace: &str) -> impl Iterator<Item = usize> {
        self.list.iter().enumerate().filter(move |(_, schema)| schema.namespace == namespace).map(|(at, _)| at)
    }

    fn add(&mut self, text: &str, file: Option<&Path>) {
        let Ok(document) = Document::parse(text) else { return };
        let root = document.root_element();
        let is = |node: &Node<'_, '_>, namespace, name| node.has_tag_name((namespace, name));
        if is(&root, XS, "schema") {
            self.list.push(schema(text, root, file));
        } else if is(&root, WSDL, "definitions") {
            let types = root.children().filter(|node| is(node, WSDL, "types"));
            let inside = types.flat_map(|types| types.children()).filter(|node| is(node, XS, "schema"));
            self.list.extend(inside.map(|node| schema(text, node, file)));
        }
    }

    fn add_unless(&mut self, text: &str, given: &BTreeSet<String>) {
        let before = self.list.len();
        self.add(text, None);
        if self.list.last().is_some_and(|schema| given.contains(&schema.namespace)) {
            self.list.truncate(before);
        }
    }

    /// The text of a schema whose imports lead to the files that are written here.
    fn linked(&self, schema: &Schema, namespaces: &[String]) -> String {
        let mut text = schema.text.clone();
        for link in schema.links.iter().rev() {
            let new = match &link.namespace {
                Some(namespace) => {
                    let attribute = if namespace.is_empty() {
                        String::new()
                    } else {
                        format!(" namespace=\"{}\"", escape(namespace))
                    };
                    let at = namespaces.iter().position(|known| known == namespace);
                    let location = at.map_or(String::new(), |at| format!(" schemaLocation='n{at}.xsd'"));
                    format!("<{}{attribute}{location}/>", link.name)
                }
                // The file of the namespace includes all its schemas; one of no namespace becomes one of this.
                None => {
                    let included = self.located(schema, &link.location);
                    let foreign = included.filter(|at| self.list[*at].namespace != schema.namespace);
                    foreign.map_or(String::new(), |at| format!("<{} schemaLocation='s{at}.xsd'/>", link.name))
                }
            };
            text.replace_range(link.range.clone(), &new);
        }
        text
    }

    fn located(&self, from: &Schema, location: &str) -> Option<usize> {
        let folder = from.file.as_ref()?.parent()?;
        let path = fs::canonicalize(folder.join(percent_decode(location))).ok()?;
        self.list.iter().position(|schema| {
            schema.file.as_ref().and_then(|file| fs::canonicalize(file).ok()).is_some_and(|file| file == path)
        })
    }
}

fn schema(text: &str, node: Node<'_, '_>, file: Option<&Path>) -> Schema {
    let start = node.range().start;
    let own = &text[node.range()];
    let tag = own.split('>').next().unwrap_or_default();
    let name = tag.split(|c: char| c.is_whitespace() || c == '/').next().unwrap_or_default().len();
    // Declarations of the elements around it.
    let mut declarations = BTreeMap::new();
    for namespace in node.namespaces() {
        let attribute = namespace.name().map_or("xmlns".to_owned(), |prefix| format!("xmlns:{prefix}"));
        let is_own =
            tag.match_indices(&attribute).any(|(at, _)| tag[at + attribute.len()..].trim_start().starts_with('='));
        if !is_own && namespace.name() != Some("xml") {
            declarations.insert(attribute, escape(namespace.uri()));
        }
    }
    let declarations: String = declarations.iter().map(|(name, uri)| format!(" {name}=\"{uri}\"")).collect();
    let mut whole = own.to_owned();
    whole.insert_str(name, &declarations);
    let link = |node: Node<'_, '_>| {
        let range = node.range().start - start + declarations.len()..node.range().end - start + declarations.len();
        let written = &text[node.range()][1..];
        let name =
            written.split(|c: char| c.is_whitespace() || c == '/' || c == '>').next().unwrap_or_default().to_owned();
        let namespace = node.attribute("namespace").unwrap_or_default().to_owned();
        let is_import = node.tag_name().name() == "import";
        let location = node.attribute("schemaLocation").unwrap_or_default().to_owned();
        Link { range, name, namespace: is_import.then_some(namespace), location }
    };
    let is_link = |node: &Node<'_, '_>| node.has_tag_name((XS, "import")) || node.has_tag_name((XS, "include"));
    Schema {
        namespace: node.attribute("targetNamespace").unwrap_or_default().to_owned(),
        file: file.map(Path::to_owned),
        links: node.children().filter(is_link).map(link).collect(),
        text: whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemas_inside_keep_the_declarations_around_them() {
        let mut schemas = Schemas::default();
        let text = format!(
            "<w:definitions xmlns:w='{WSDL}' xmlns:a='urn:a' xmlns:b='urn:b'><w:types>\
             <s:schema xmlns:s='{XS}' xmlns:b = 'urn:c' targetNamespace='urn:a'><s:import namespace='urn:b'/>\
             <s:include schemaLocation='x.xsd'/><s:element name='e' type='a:t'/></s:schema>\
             <schema xmlns='{XS}' targetNamespace='urn:b'/></w:types></w:definitions>"
        );
        schemas.add(&text, None);
        let namespaces = ["urn:a".to_owned(), "urn:b".to_owned()];
        let linked: Vec<String> = schemas.list.iter().map(|schema| schemas.linked(schema, &namespaces)).collect();
        assert_eq!(
            linked[0],
            format!(
                "<s:schema xmlns:a=\"urn:a\" xmlns:w=\"{WSDL}\" xmlns:s='{XS}' xmlns:b = 'urn:c' targetNamespace='urn:a'>\
                 <s:import namespace=\"urn:b\" schemaLocation='n1.xsd'/><s:element name='e' type='a:t'/></s:schema>"
            )
        );
        assert!(Document::parse(&linked[1]).is_ok(), "{}", linked[1]);
    }
}
