//! Headers, and bodies of protocols below the contract, compared as information.

use std::collections::BTreeMap;

use roxmltree::{Document, Node};

use crate::support::infoset::{child, elements};

const WSU: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
const RSA_SHA1: &str = "http://www.w3.org/2000/09/xmldsig#rsa-sha1";

/// What each side calls its own tokens. That of the other side's token counts.
struct Names(BTreeMap<String, String>);

impl Names {
    fn of(document: &Document<'_>) -> Self {
        let own = ["BinarySecurityToken", "UsernameToken", "BinarySecret", "DerivedKeyToken"];
        let tokens = document.descendants().filter(|node| own.contains(&node.tag_name().name()));
        Self(
            tokens
                .filter_map(|node| Some((node.attribute((WSU, "Id"))?.to_owned(), node.tag_name().name().to_owned())))
                .collect(),
        )
    }

    fn replace(&self, value: &str) -> String {
        let (sign, id) = value.strip_prefix('#').map_or(("", value), |id| ("#", id));
        self.0.get(id).map_or_else(|| value.to_owned(), |name| format!("{sign}{name}"))
    }
}

/// What differs below two elements of two documents, each named by the path from the root.
pub(super) fn differences(one: &Document<'_>, other: &Document<'_>, path: &[&str]) -> Vec<String> {
    let (Some(a), Some(b)) = (descend(one, path), descend(other, path)) else {
        return vec![format!("{}: in one only", path.join("/"))];
    };
    let mut found = Vec::new();
    compare(&path.join("/"), a, b, &(Names::of(one), Names::of(other)), &mut found);
    found
}

fn descend<'n, 'x>(document: &'n Document<'x>, path: &[&str]) -> Option<Node<'n, 'x>> {
    path.iter().try_fold(document.root_element(), |node, local| child(node, local))
}

fn compare(path: &str, one: Node<'_, '_>, other: Node<'_, '_>, names: &(Names, Names), found: &mut Vec<String>) {
    if one.tag_name() != other.tag_name() {
        found.push(format!("{path}: {} and {}", one.tag_name().name(), other.tag_name().name()));
        return;
    }
    let path = format!("{path}/{}", one.tag_name().name());
    let attributes = |node: Node<'_, '_>, names: &Names| -> BTreeMap<(String, String), String> {
        let name = |attribute: &roxmltree::Attribute<'_, '_>| {
            (attribute.namespace().unwrap_or_default().to_owned(), attribute.name().to_owned())
        };
        node.attributes().map(|attribute| (name(&attribute), names.replace(attribute.value()))).collect()
    };
    let (a, b) = (attributes(one, &names.0), attributes(other, &names.1));
    if a != b {
        found.push(format!("{path}: attributes {a:?} and {b:?}"));
    }
    let (children, others) = (elements(one), elements(other));
    if children.len() != others.len() {
        let list =
            |nodes: &[Node<'_, '_>]| nodes.iter().map(|node| node.tag_name().name().to_owned()).collect::<Vec<_>>();
        found.push(format!("{path}: {:?} and {:?}", list(&children), list(&others)));
        return;
    }
    if children.is_empty() && !is_ours(one) && one.text() != other.text() {
        found.push(format!("{path}: {:?} and {:?}", one.text(), other.text()));
    }
    for (child, other) in children.into_iter().zip(others) {
        compare(&path, child, other, names, found);
    }
}

/// A certificate, or a value that its key made: we sign with another one.
fn is_ours(node: Node<'_, '_>) -> bool {
    match node.tag_name().name() {
        "BinarySecurityToken" => true,
        "SignatureValue" => {
            let method = node
                .parent()
                .and_then(|signature| signature.descendants().find(|node| node.tag_name().name() == "SignatureMethod"));
            method.and_then(|method| method.attribute("Algorithm")) == Some(RSA_SHA1)
        }
        _ => false,
    }
}
