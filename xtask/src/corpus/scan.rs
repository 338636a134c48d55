//! What a file says of itself: which contract language it is in, whether it can be called, and where it leads.
//!
//! A pull parser reads it, so that neither a broken file nor a deep one stops the search.

use std::collections::BTreeSet;

use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::{NsReader, XmlVersion};

const WSDL: &str = "http://schemas.xmlsoap.org/wsdl/";
const XS: &str = "http://www.w3.org/2001/XMLSchema";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Wsdl,
    Schema,
}

/// An import, include, redefine or override.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Link {
    /// The kind of file that it should lead to.
    pub(super) kind: Kind,
    pub(super) location: Option<String>,
    pub(super) namespace: String,
}

#[derive(Debug)]
pub(super) struct Scanned {
    pub(super) kind: Kind,
    pub(super) namespace: String,
    /// It holds a service or a binding.
    pub(super) is_root: bool,
    pub(super) has_service: bool,
    pub(super) links: Vec<Link>,
}

impl Scanned {
    fn new(kind: Kind, namespace: String) -> Self {
        Self { kind, namespace, is_root: false, has_service: false, links: Vec::new() }
    }
}

/// Scans a file up to its end, or to where it is not well-formed. `None` if it is neither WSDL 1.1 nor XML Schema.
pub(super) fn scan(text: &str) -> Option<Scanned> {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if !text.starts_with('<') {
        return None;
    }
    let mut reader = NsReader::from_str(text);
    let mut found: Option<Scanned> = None;
    // Target namespaces of the schemas around the place at hand, with their depths.
    let mut schemas: Vec<(usize, String)> = Vec::new();
    let mut links = BTreeSet::new();
    let mut depth = 0_usize;
    while let Ok((resolved, event)) = reader.read_resolved_event() {
        let (tag, is_empty) = match event {
            Event::Start(tag) => (tag, false),
            Event::Empty(tag) => (tag, true),
            Event::End(_) => {
                depth = depth.saturating_sub(1);
                schemas.retain(|(at, _)| *at < depth);
                continue;
            }
            Event::Eof => break,
            _ => continue,
        };
        let namespace = match &resolved {
            ResolveResult::Bound(namespace) => std::str::from_utf8(namespace.as_ref()).unwrap_or_default(),
            _ => "",
        };
        let local = tag.local_name();
        let attribute = |name| attribute(&tag, name);
        let own = || attribute("targetNamespace").unwrap_or_default();
        let link = |kind, location, around: &str| Link {
            kind,
            location: attribute(location),
            namespace: attribute("namespace").unwrap_or_else(|| around.to_owned()),
        };
        match (namespace, local.as_ref(), &mut found) {
            (WSDL, b"definitions", None) => {
                found = Some(Scanned::new(Kind::Wsdl, own()));
            }
            (XS, b"schema", None) => {
                found = Some(Scanned::new(Kind::Schema, own()));
            }
            (_, _, None) => return None,
            (WSDL, b"binding", Some(found)) if depth == 1 => found.is_root = true,
            (WSDL, b"service", Some(found)) if depth == 1 => (found.is_root, found.has_service) = (true, true),
            (WSDL, b"import", Some(found)) => found.links.push(link(Kind::Wsdl, "location", "")),
            (XS, b"import" | b"include" | b"redefine" | b"override", Some(found)) => {
                let around = schemas.last().map_or("", |(_, namespace)| namespace);
                // An import without a namespace means the names that have none.
                let around = if local.as_ref() == b"import" { "" } else { around };
                found.links.push(link(Kind::Schema, "schemaLocation", around));
            }
            _ => {}
        }
        if namespace == XS && local.as_ref() == b"schema" && !is_empty {
            schemas.push((depth, own()));
        }
        depth += usize::from(!is_empty);
    }
    let mut found = found?;
    found.links.retain(|link| links.insert((link.location.clone(), link.namespace.clone())));
    Some(found)
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = tag.try_get_attribute(name).ok()??;
    attribute.normalized_value(XmlVersion::Implicit1_0).ok().map(|value| value.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_have_a_service_or_a_binding() {
        let wsdl = |inner: &str| {
            scan(&format!("<w:definitions xmlns:w='{WSDL}' targetNamespace='urn:a'>{inner}</w:definitions>")).unwrap()
        };
        assert!(wsdl("<w:service name='S'/>").is_root);
        assert!(wsdl("<w:binding name='B'/>").is_root);
        assert!(!wsdl("<w:portType name='P'/><service/>").is_root);
        assert!(!wsdl("<w:types><w:service/></w:types>").is_root);
        assert_eq!((wsdl("").kind, wsdl("").namespace.as_str()), (Kind::Wsdl, "urn:a"));
        assert!(scan("<definitions><service/></definitions>").is_none());
        assert!(scan("no XML").is_none());
        assert!(scan("<html/>").is_none());
    }

    #[test]
    fn a_broken_file_is_what_it_was_up_to_there() {
        let scanned =
            scan(&format!("\u{feff} <!DOCTYPE d><d:definitions xmlns:d='{WSDL}'><d:service/><d:types><x></y>"));
        assert!(scanned.unwrap().is_root);
    }

    #[test]
    fn links_know_what_they_look_for() {
        let scanned = scan(&format!(
            "<definitions xmlns='{WSDL}' xmlns:s='{XS}'><import namespace='urn:w' location='a%20b.wsdl'/><types>\
             <s:schema targetNamespace='urn:s'><s:import/><s:import namespace='urn:i' schemaLocation='x.xsd?a=1&amp;b'/>\
             <s:include schemaLocation=' c.xsd '/><s:element name='import'/></s:schema></types></definitions>"
        ));
        let link = |kind, location: Option<&str>, namespace: &str| Link {
            kind,
            location: location.map(str::to_owned),
            namespace: namespace.to_owned(),
        };
        let expected = [
            link(Kind::Wsdl, Some("a%20b.wsdl"), "urn:w"),
            link(Kind::Schema, None, ""),
            link(Kind::Schema, Some("x.xsd?a=1&b"), "urn:i"),
            link(Kind::Schema, Some("c.xsd"), "urn:s"),
        ];
        assert_eq!(scanned.unwrap().links, expected);
    }
}
