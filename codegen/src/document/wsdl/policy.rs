//! WS-Policy expressions as written (1.2 and 1.5).

use roxmltree::Node;

use crate::diagnostic::At;
use crate::document::attributes::Attributes;
use crate::document::xml;
use crate::name::QName;

/// WS-Policy 1.2, of September 2004.
const POLICY_1_2: &str = "http://schemas.xmlsoap.org/ws/2004/09/policy";
/// WS-Policy 1.5.
const POLICY_1_5: &str = "http://www.w3.org/ns/ws-policy";
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
    /// The nested policy, and parameters as if they were assertions.
    pub(crate) nested: Vec<Policy>,
}

impl Assertion {
    /// The value of an attribute of this local name.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(local, _)| local == name).map(|(_, value)| value.as_str())
    }
}

/// Policies and references attached to a WSDL element.
pub(crate) fn attached(read: &mut Attributes<'_, '_, '_>, node: Node<'_, '_>) -> Vec<Policy> {
    let mut found: Vec<Policy> = xml::children(node)
        .filter(|child| is_policy(*child, "Policy") || is_policy(*child, "PolicyReference"))
        .map(|child| expression(read, child))
        .collect();
    for namespace in [POLICY_1_2, POLICY_1_5] {
        let uris = xml::attribute(node, (namespace, "PolicyURIs")).unwrap_or("");
        let at = read.at(node);
        found.extend(xml::items(uris).map(|uri| Policy::Reference { uri: uri.to_owned(), at }));
    }
    found
}

/// Policies of a document that can be referred to.
pub(crate) fn named(read: &mut Attributes<'_, '_, '_>, definitions: Node<'_, '_>) -> Vec<(String, Policy)> {
    definitions
        .descendants()
        .filter(|node| node.is_element() && is_policy(*node, "Policy"))
        .filter_map(|node| {
            let id = read.optional_name(node, (UTILITY, "Id"));
            let id = id.or_else(|| read.optional_name(node, (xml::XML, "id")))?;
            Some((id, expression(read, node)))
        })
        .collect()
}

fn is_policy(node: Node<'_, '_>, local: &str) -> bool {
    xml::is(node, POLICY_1_2, local) || xml::is(node, POLICY_1_5, local)
}

fn expression(read: &mut Attributes<'_, '_, '_>, node: Node<'_, '_>) -> Policy {
    let at = read.at(node);
    let mut nested = || xml::children(node).map(|child| expression(read, child)).collect();
    if is_policy(node, "Policy") || is_policy(node, "All") {
        return Policy::All(nested());
    }
    if is_policy(node, "ExactlyOne") {
        return Policy::ExactlyOne(nested(), at);
    }
    if is_policy(node, "PolicyReference") {
        return Policy::Reference { uri: xml::attribute(node, "URI").unwrap_or("").to_owned(), at };
    }
    let nested = nested();
    let mut operator = |name| [POLICY_1_2, POLICY_1_5].iter().any(|namespace| read.flag(node, (*namespace, name)));
    let (optional, ignorable) = (operator("Optional"), operator("Ignorable"));
    // Of its own: nothing else may be read into one that is neither true nor false.
    read.flag(node, "RequireClientCertificate");
    Policy::Assertion(Assertion {
        at,
        name: xml::tag(node),
        written: xml::written(node),
        optional,
        ignorable,
        attributes: node.attributes().map(|one| (one.name().to_owned(), xml::trim(one.value()).to_owned())).collect(),
        nested,
    })
}
