//! A document as a tree, with positions, attributes and names in scope.

use roxmltree::{ExpandedName, Node, ParsingOptions};

use crate::diagnostic::{At, Report};
use crate::document::limits;
use crate::name::QName;

/// XML Schema.
pub(crate) const XS: &str = "http://www.w3.org/2001/XMLSchema";
/// WSDL 1.1.
pub(crate) const WSDL: &str = "http://schemas.xmlsoap.org/wsdl/";
/// The namespace of `xml:lang`.
pub(crate) const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// A well-formed document.
#[derive(Debug)]
pub(crate) struct Document<'t> {
    /// Its index in the run.
    pub(crate) id: usize,
    pub(crate) name: &'t str,
    pub(crate) tree: roxmltree::Document<'t>,
}

/// Parses a text. Errors go to the report.
pub(crate) fn parse<'t>(id: usize, name: &'t str, text: &'t str, report: &mut Report<'t>) -> Option<Document<'t>> {
    if let Some((offset, what)) = limits::exceeded(text) {
        report.error(At { document: id, offset }, what, "");
        return None;
    }
    let options = ParsingOptions { allow_dtd: true, nodes_limit: 5_000_000, ..ParsingOptions::default() };
    let tree = match roxmltree::Document::parse_with_options(text, options) {
        Ok(tree) => tree,
        Err(error) => {
            let pos = error.pos();
            let line = text.split_inclusive('\n').take(pos.row.saturating_sub(1) as usize).map(str::len).sum::<usize>();
            let column = text.get(line..).unwrap_or("").chars().take(pos.col.saturating_sub(1) as usize);
            let offset = line + column.map(char::len_utf8).sum::<usize>();
            // The library appends its own position, which the report states already.
            let what = error.to_string();
            let what = what.split(" at ").next().unwrap_or(&what).to_owned();
            report.error(At { document: id, offset }, format!("not well-formed XML: {what}"), "");
            return None;
        }
    };
    Some(Document { id, name, tree })
}

impl Document<'_> {
    /// The place of a node.
    pub(crate) fn at(&self, node: Node<'_, '_>) -> At {
        At { document: self.id, offset: node.range().start }
    }
}

/// Child elements in order.
pub(crate) fn children<'a, 'i>(node: Node<'a, 'i>) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children().filter(Node::is_element)
}

/// Child elements of a namespace, with their local name.
pub(crate) fn children_in<'a, 'i>(
    node: Node<'a, 'i>,
    namespace: &'static str,
) -> impl Iterator<Item = (&'i str, Node<'a, 'i>)> {
    children(node)
        .filter(move |child| child.tag_name().namespace() == Some(namespace))
        .map(|child| (child.tag_name().name(), child))
}

/// Whether a node is this element.
pub(crate) fn is(node: Node<'_, '_>, namespace: &str, local: &str) -> bool {
    node.is_element() && node.tag_name().name() == local && node.tag_name().namespace() == Some(namespace)
}

/// An attribute without the white space around it.
pub(crate) fn attribute<'a, 'n, 'm>(node: Node<'a, '_>, name: impl Into<ExpandedName<'n, 'm>>) -> Option<&'a str> {
    node.attribute(name).map(trim)
}

/// The items of a list.
pub(crate) fn items(list: &str) -> impl Iterator<Item = &str> {
    list.split(WHITE_SPACE).filter(|item| !item.is_empty())
}

/// What XML calls white space; others have more of it.
const WHITE_SPACE: [char; 4] = [' ', '\t', '\n', '\r'];

pub(crate) fn trim(value: &str) -> &str {
    value.trim_matches(WHITE_SPACE)
}

/// The two spellings of true.
pub(crate) fn is_true(value: &str) -> bool {
    matches!(trim(value), "true" | "1")
}

/// The element's name as the document writes it, prefix included.
pub(crate) fn written(node: Node<'_, '_>) -> String {
    let text = node.document().input_text().get(node.range()).unwrap_or("");
    let name = text.strip_prefix('<').unwrap_or(text);
    name.split([' ', '\t', '\r', '\n', '/', '>']).next().unwrap_or("").to_owned()
}

/// A qualified name in the scope of a node.
///
/// An undeclared prefix stays part of the local name. It then matches no component, which is reported where the name is
/// used.
pub(crate) fn qname(node: Node<'_, '_>, value: &str) -> QName {
    let value = trim(value);
    let (namespace, local) = match value.split_once(':') {
        None => (node.default_namespace().unwrap_or(""), value),
        Some(("xml", local)) => (XML, local),
        Some((prefix, local)) => match node.lookup_namespace_uri(Some(prefix)) {
            Some(namespace) => (namespace, local),
            None => ("", value),
        },
    };
    QName { namespace: namespace.to_owned(), local: local.to_owned() }
}

/// An element's own name.
pub(crate) fn tag(node: Node<'_, '_>) -> QName {
    QName { namespace: node.tag_name().namespace().unwrap_or("").to_owned(), local: node.tag_name().name().to_owned() }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "in a test it is the assertion")]
mod tests {
    use super::*;

    fn errors(text: &str) -> String {
        let mut report = Report::new(vec![("a.wsdl", text)]);
        let parsed = parse(0, "a.wsdl", text, &mut report).is_some();
        let found = report.finish();
        assert_eq!(parsed, found.is_empty());
        found.to_string()
    }

    #[test]
    fn says_where_xml_is_broken() {
        assert_eq!(errors("<a/>"), "");
        // Decoded before, whatever the declaration still says.
        assert_eq!(errors("<?xml version='1.0' encoding='utf-16'?>\n<a/>"), "");
        assert!(
            errors("<a>\n<b></a>").starts_with("a.wsdl:2:4: error: not well-formed XML: "),
            "{}",
            errors("<a>\n<b></a>")
        );
        assert_eq!(errors("<!DOCTYPE a []><a/>"), "");
        assert!(errors("").starts_with("a.wsdl:1:1: error: not well-formed XML"));
    }

    #[test]
    fn entities_stand_for_text_and_nothing_outside_is_read() {
        let text = |subset: &str, value: &str| format!("<!DOCTYPE a SYSTEM 'a.dtd' [{subset}]>\n<a b=\"{value}\"/>");
        let declared = text("<!ENTITY n 'urn:n'>", "&n;#x");
        assert_eq!(errors(&declared), "");
        let mut report = Report::new(Vec::new());
        let document = parse(0, "a.wsdl", &declared, &mut report).unwrap();
        assert_eq!(attribute(document.tree.root_element(), "b"), Some("urn:n#x"));
        for subset in ["", "<!ENTITY n SYSTEM 'file:///etc/hostname'>", "<!ENTITY n PUBLIC '-' 'other.txt'>"] {
            let found = errors(&text(subset, "&n;"));
            assert!(
                found.starts_with("a.wsdl:2:7: error: not well-formed XML: unknown entity reference 'n'"),
                "{found}"
            );
        }
        let laughs: String =
            (1..9).map(|at| format!("<!ENTITY l{at} '{}'>", format!("&l{};", at - 1).repeat(10))).collect();
        let found = errors(&text(&format!("<!ENTITY l0 'ha'>{laughs}"), "&l8;"));
        assert!(
            found.starts_with("a.wsdl:1:46: error: entity `l1` of the document type (DTD) holds more than"),
            "{found}"
        );
        let found = errors(&text(&format!("<!ENTITY l '{}'>", "x".repeat(100_000)), &"&l;".repeat(100_000)));
        assert!(found.contains("error: references to entities stand for more than 1048576 octets"), "{found}");
    }

    #[test]
    fn depth_has_a_limit() {
        let nested = |depth: usize| format!("{}x{}", "<a>".repeat(depth), "</a>".repeat(depth));
        assert_eq!(errors(&nested(limits::MAX_DEPTH)), "");
        assert!(errors(&nested(100_000)).starts_with("a.wsdl:1:601: error: elements are nested more than 200 deep"));
    }

    #[test]
    fn names_resolve_in_scope() {
        let tree = roxmltree::Document::parse("<a xmlns='d' xmlns:p='u'><p:b/></a>").unwrap();
        let node = tree.root_element().first_element_child().unwrap();
        assert_eq!(qname(node, " p:x ").to_string(), "{u}x");
        assert_eq!(qname(node, "x").to_string(), "{d}x");
        assert_eq!(qname(node, "q:x").to_string(), "{}q:x");
        assert_eq!(written(node), "p:b");
    }
}
