//! WS-Policy expressions as written (1.2 and 1.5).
//!
//! Nothing in a policy is an error of the document: what is not understood is an assertion of a name that no one knows,
//! and a client that must not be called until the configuration states its security.

use std::collections::BTreeMap;

use roxmltree::Node;

use crate::diagnostic::At;
use crate::document::xml::{self, Document, WSDL};
use crate::name::QName;

/// WS-Policy 1.2, of September 2004; the draft of 1.5; and 1.5.
const POLICY: [&str; 3] = [
    "http://schemas.xmlsoap.org/ws/2004/09/policy",
    "http://www.w3.org/2006/07/ws-policy",
    "http://www.w3.org/ns/ws-policy",
];
const UTILITY: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";

/// A policy expression.
#[derive(Debug, PartialEq)]
pub(crate) enum Policy {
    /// `wsp:Policy` and `wsp:All`: all of them hold.
    All(Vec<Policy>),
    /// `wsp:ExactlyOne`: one of them holds.
    ExactlyOne(Vec<Policy>, At),
    /// `wsp:PolicyReference`.
    Reference {
        uri: String,
        at: At,
    },
    Assertion(Assertion),
}

/// One assertion.
#[derive(Debug, PartialEq)]
pub(crate) struct Assertion {
    pub(crate) at: At,
    pub(crate) name: QName,
    /// The name with the document's prefix, for messages.
    pub(crate) written: String,
    pub(crate) optional: bool,
    pub(crate) ignorable: bool,
    /// Local names and values.
    pub(crate) attributes: Vec<(String, String)>,
    /// The text before the first element in it.
    pub(crate) text: String,
    /// The nested policy, and parameters as if they were assertions.
    pub(crate) nested: Vec<Policy>,
}

impl Assertion {
    /// The value of an attribute of this local name.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(local, _)| local == name).map(|(_, value)| value.as_str())
    }
}

/// Policies of a document that can be referred to.
#[derive(Debug, Default)]
pub(crate) struct Named {
    /// By `wsu:Id` or `xml:id`.
    pub(crate) by_id: BTreeMap<String, Policy>,
    /// By `Name`, which is an address of its own.
    pub(crate) by_name: BTreeMap<String, Policy>,
    /// The policy that is the whole document.
    pub(crate) root: Option<Policy>,
}

/// Policies and references attached to a WSDL element.
pub(crate) fn attached(document: &Document<'_>, node: Node<'_, '_>) -> Vec<Policy> {
    // One of a version that is not known reads as an assertion that is not known: it may ask for anything.
    let is_policy = |child: &Node<'_, '_>| {
        let name = child.tag_name();
        matches!(name.name(), "Policy" | "PolicyReference") && name.namespace().is_some_and(|one| one != WSDL)
    };
    let mut found: Vec<Policy> =
        xml::children(node).filter(is_policy).map(|child| expression(document, child)).collect();
    for namespace in POLICY {
        let uris = xml::attribute(node, (namespace, "PolicyURIs")).unwrap_or("");
        let at = document.at(node);
        found.extend(xml::items(uris).map(|uri| Policy::Reference { uri: uri.to_owned(), at }));
    }
    found
}

/// Policies of a document that can be referred to. Of several with one name the first counts.
pub(crate) fn named(document: &Document<'_>) -> Named {
    let mut found = Named::default();
    let root = document.tree.root_element();
    for node in root.descendants().filter(|node| node.is_element() && is_policy(*node, "Policy")) {
        let id = xml::attribute(node, (UTILITY, "Id")).or_else(|| xml::attribute(node, (xml::XML, "id")));
        for (name, policies) in [(id, &mut found.by_id), (xml::attribute(node, "Name"), &mut found.by_name)] {
            let Some(name) = name else { continue };
            policies.entry(name.to_owned()).or_insert_with(|| expression(document, node));
        }
    }
    found.root = is_document(root).then(|| expression(document, root));
    found
}

/// Whether the root of a document is a policy.
pub(crate) fn is_document(root: Node<'_, '_>) -> bool {
    is_policy(root, "Policy")
}

fn is_policy(node: Node<'_, '_>, local: &str) -> bool {
    POLICY.iter().any(|namespace| xml::is(node, namespace, local))
}

fn expression(document: &Document<'_>, node: Node<'_, '_>) -> Policy {
    let at = document.at(node);
    let nested = || xml::children(node).map(|child| expression(document, child)).collect();
    if is_policy(node, "Policy") || is_policy(node, "All") {
        return Policy::All(nested());
    }
    if is_policy(node, "ExactlyOne") {
        return Policy::ExactlyOne(nested(), at);
    }
    if is_policy(node, "PolicyReference") {
        return Policy::Reference { uri: xml::attribute(node, "URI").unwrap_or("").to_owned(), at };
    }
    let operator =
        |name| POLICY.iter().any(|namespace| xml::attribute(node, (*namespace, name)).is_some_and(xml::is_true));
    Policy::Assertion(Assertion {
        at,
        name: xml::tag(node),
        written: xml::written(node),
        optional: operator("Optional"),
        ignorable: operator("Ignorable"),
        attributes: node.attributes().map(|one| (one.name().to_owned(), xml::trim(one.value()).to_owned())).collect(),
        text: xml::trim(node.text().unwrap_or("")).to_owned(),
        nested: nested(),
    })
}
