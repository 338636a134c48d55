//! Exclusive XML canonicalisation 1.0 without comments (<https://www.w3.org/TR/xml-exc-c14n/>): the octets of an
//! element that are hashed.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use crate::xml::XML;
use crate::xml::steps;
use crate::xml::tree::{Attribute, Child, Element};

/// The canonical form of an element inside a document: `path` leads from the root to the element itself.
///
/// `inclusive` is the PrefixList of `InclusiveNamespaces`, `#default` for no prefix: these prefixes are declared where
/// they are in scope, used or not. All others are declared where an element or attribute uses them.
///
/// `None` if it is longer than `limit`: a declaration is written for each element that needs it.
pub(crate) fn exclusive(path: &[&Element], inclusive: &[&str], limit: usize) -> Option<String> {
    let (apex, ancestors) = path.split_last()?;
    let inclusive = inclusive.iter().map(|prefix| if *prefix == "#default" { "" } else { prefix }).collect();
    let mut writer = Canonical {
        out: String::with_capacity(1024),
        scope: HashMap::new(),
        rendered: HashMap::new(),
        inclusive,
        limit,
    };
    for element in ancestors {
        for (prefix, namespace) in declared(element) {
            writer.scope.insert(prefix, namespace);
        }
    }
    // In force here, whoever has declared them; further in, only what is declared anew can differ.
    let listed: Vec<&str> = writer.scope.keys().copied().filter(|prefix| writer.inclusive.contains(prefix)).collect();
    writer.element(apex, listed).then_some(writer.out)
}

fn declared(element: &Element) -> impl Iterator<Item = (&str, &str)> {
    element.declarations.iter().map(|(prefix, namespace)| (prefix.as_str(), namespace.as_str()))
}

/// Prefixes and the namespaces that they stand for.
type Scope<'t> = HashMap<&'t str, &'t str>;

struct Canonical<'t> {
    out: String,
    /// What the document declares.
    scope: Scope<'t>,
    /// What the canonical form declares.
    rendered: Scope<'t>,
    inclusive: HashSet<&'t str>,
    limit: usize,
}

impl<'t> Canonical<'t> {
    /// Writes an element. `listed` are prefixes in force that are declared whether it uses them or not. `false` if it is
    /// too long.
    fn element(&mut self, element: &'t Element, mut listed: Vec<&'t str>) -> bool {
        let start = self.out.len();
        let scope = enter(&mut self.scope, declared(element));
        listed.extend(declared(element).map(|(prefix, _)| prefix).filter(|prefix| self.inclusive.contains(prefix)));

        self.out.push('<');
        self.name(element);
        let declarations = self.declarations(element, listed);
        for (prefix, namespace) in &declarations {
            self.out.push_str(if prefix.is_empty() { " xmlns" } else { " xmlns:" });
            self.out.push_str(prefix);
            self.out.push_str("=\"");
            self.attribute_text(namespace);
            self.out.push('"');
        }
        let rendered = enter(&mut self.rendered, declarations);
        for attribute in sorted(element) {
            self.out.push(' ');
            if !attribute.prefix.is_empty() {
                self.out.push_str(&attribute.prefix);
                self.out.push(':');
            }
            self.out.push_str(&attribute.local);
            self.out.push_str("=\"");
            self.attribute_text(&attribute.value);
            self.out.push('"');
        }
        self.out.push('>');
        for child in &element.children {
            match child {
                Child::Element(child) if !self.element(child, Vec::new()) => return false,
                Child::Element(_) => {}
                Child::Text(text) => self.text(text),
                Child::Instruction(target, content) if content.is_empty() => {
                    // Writing to a String does not fail.
                    let _ = write!(self.out, "<?{target}?>");
                }
                Child::Instruction(target, content) => {
                    let _ = write!(self.out, "<?{target} {content}?>");
                }
            }
        }
        self.out.push_str("</");
        self.name(element);
        self.out.push('>');

        leave(&mut self.scope, scope);
        leave(&mut self.rendered, rendered);
        steps::count(self.out.len() - start);
        self.out.len() <= self.limit
    }

    fn name(&mut self, element: &Element) {
        if !element.prefix.is_empty() {
            self.out.push_str(&element.prefix);
            self.out.push(':');
        }
        self.out.push_str(&element.local);
    }

    /// The declarations that the canonical form needs here and has not made further out, sorted by prefix.
    fn declarations(&self, element: &'t Element, listed: Vec<&'t str>) -> Vec<(&'t str, &'t str)> {
        let used = std::iter::once(element.prefix.as_str()).chain(
            element.attributes.iter().map(|attribute| attribute.prefix.as_str()).filter(|prefix| !prefix.is_empty()),
        );
        let mut prefixes: Vec<&str> = used.chain(listed).filter(|prefix| *prefix != "xml").collect();
        prefixes.sort_unstable();
        prefixes.dedup();
        let needed = |prefix: &'t str| {
            let namespace = self.scope.get(prefix).copied().unwrap_or_default();
            let before = self.rendered.get(prefix).copied().unwrap_or_default();
            (namespace != before).then_some((prefix, namespace))
        };
        prefixes.into_iter().filter_map(needed).collect()
    }

    fn text(&mut self, text: &str) {
        for character in text.chars() {
            match character {
                '&' => self.out.push_str("&amp;"),
                '<' => self.out.push_str("&lt;"),
                '>' => self.out.push_str("&gt;"),
                '\r' => self.out.push_str("&#xD;"),
                other => self.out.push(other),
            }
        }
    }

    fn attribute_text(&mut self, text: &str) {
        for character in text.chars() {
            match character {
                '&' => self.out.push_str("&amp;"),
                '<' => self.out.push_str("&lt;"),
                '"' => self.out.push_str("&quot;"),
                '\t' => self.out.push_str("&#x9;"),
                '\n' => self.out.push_str("&#xA;"),
                '\r' => self.out.push_str("&#xD;"),
                other => self.out.push(other),
            }
        }
    }
}

/// Adds declarations, and returns what they hide.
fn enter<'t>(
    scope: &mut Scope<'t>,
    declared: impl IntoIterator<Item = (&'t str, &'t str)>,
) -> Vec<(&'t str, Option<&'t str>)> {
    declared.into_iter().map(|(prefix, namespace)| (prefix, scope.insert(prefix, namespace))).collect()
}

/// Takes them back.
fn leave<'t>(scope: &mut Scope<'t>, hidden: Vec<(&'t str, Option<&'t str>)>) {
    for (prefix, before) in hidden {
        match before {
            Some(namespace) => scope.insert(prefix, namespace),
            None => scope.remove(prefix),
        };
    }
}

/// Attributes by namespace, then by name. Those in no namespace come first.
fn sorted(element: &Element) -> Vec<&Attribute> {
    debug_assert!(element.attributes.iter().all(|attribute| attribute.prefix != "xml" || *attribute.namespace == *XML));
    let mut attributes: Vec<&Attribute> = element.attributes.iter().collect();
    attributes.sort_by_key(|attribute| (&attribute.namespace, &attribute.local));
    attributes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::XmlLimits;

    /// The canonical form of the first element with this local name.
    fn canonical(document: &str, local: &str, inclusive: &[&str]) -> String {
        fn path<'t>(element: &'t Element, local: &str, before: &[&'t Element]) -> Option<Vec<&'t Element>> {
            let mut here = before.to_vec();
            here.push(element);
            if element.local == local {
                return Some(here);
            }
            element.elements().find_map(|child| path(child, local, &here))
        }
        let root = Element::parse(document.as_bytes(), &XmlLimits::default()).unwrap();
        exclusive(&path(&root, local, &[]).unwrap(), inclusive, usize::MAX).unwrap()
    }

    /// Expectations below are what `xmllint --exc-c14n` (libxml2 2.9) writes for the same element as a document.
    #[test]
    fn only_what_is_used_is_declared() {
        let document = r#"<r xmlns="urn:d" xmlns:a="urn:a" xmlns:z="urn:z"><e xmlns:b="urn:b" b:y="1" x="2" a:y="3"><a:f/><f xmlns=""><g xmlns="urn:d"/></f></e></r>"#;
        assert_eq!(
            canonical(document, "e", &[]),
            r#"<e xmlns="urn:d" xmlns:a="urn:a" xmlns:b="urn:b" x="2" a:y="3" b:y="1"><a:f></a:f><f xmlns=""><g xmlns="urn:d"></g></f></e>"#
        );
        assert_eq!(canonical(document, "g", &[]), r#"<g xmlns="urn:d"></g>"#);
        assert_eq!(canonical(document, "f", &[]), r#"<a:f xmlns:a="urn:a"></a:f>"#);
    }

    #[test]
    fn listed_prefixes_are_declared_where_they_are_in_force() {
        let document = r#"<r xmlns="urn:d" xmlns:a="urn:a" xmlns:z="urn:z"><a:e><a:f xmlns:z="urn:y"/><a:f xmlns:z="urn:z"/></a:e></r>"#;
        assert_eq!(
            canonical(document, "e", &["z", "#default", "unknown"]),
            r#"<a:e xmlns="urn:d" xmlns:a="urn:a" xmlns:z="urn:z"><a:f xmlns:z="urn:y"></a:f><a:f></a:f></a:e>"#
        );
    }

    #[test]
    fn text_is_escaped_and_comments_go() {
        let document =
            "<e a='&lt;&#9;\"\n&#13;>' xml:lang='no'>a&amp;<!-- gone -->b<![CDATA[<c>]]>\r\n&#xD;<?pi  x ?><?q?></e>";
        assert_eq!(
            canonical(document, "e", &[]),
            "<e a=\"&lt;&#x9;&quot; &#xD;>\" xml:lang=\"no\">a&amp;b&lt;c&gt;\n&#xD;<?pi x ?><?q?></e>"
        );
    }

    #[test]
    fn a_prefix_may_change_its_meaning_on_the_way() {
        let document = r#"<a:r xmlns:a="urn:1"><a:e xmlns:a="urn:2"><a:f xmlns:a="urn:1"/></a:e></a:r>"#;
        assert_eq!(
            canonical(document, "r", &[]),
            r#"<a:r xmlns:a="urn:1"><a:e xmlns:a="urn:2"><a:f xmlns:a="urn:1"></a:f></a:e></a:r>"#
        );
    }

    #[test]
    fn what_is_no_document_is_refused() {
        for wrong in [
            "",
            "<a>",
            "<a/><b/>",
            "<a/>x",
            "<p:a/>",
            "<a p:b='1'/>",
            "<a b='&x;'/>",
            "<a>&x;</a>",
            "<!DOCTYPE a><a/>",
            "</a>",
        ] {
            assert!(Element::parse(wrong.as_bytes(), &XmlLimits::default()).is_err(), "{wrong}");
        }
        let deep = format!("{}{}", "<a>".repeat(200), "</a>".repeat(200));
        assert!(Element::parse(deep.as_bytes(), &XmlLimits::default()).is_err());
    }
}
