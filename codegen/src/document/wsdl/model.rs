//! A WSDL document as written, part by part.

use std::collections::BTreeMap;

use crate::diagnostic::At;
use crate::document::wsdl::policy::Policy;
use crate::document::xsd::model::Annotation;
use crate::name::{QName, SoapVersion};

/// One `wsdl:definitions`.
#[derive(Debug, Default)]
pub(crate) struct Definitions {
    pub(crate) name: String,
    pub(crate) target_namespace: String,
    pub(crate) documentation: String,
    /// References that may have forgotten their prefix.
    pub(crate) unprefixed: BTreeMap<QName, At>,
    pub(crate) imports: Vec<Import>,
    /// Byte offsets of the `xs:schema` elements in `wsdl:types`.
    pub(crate) schemas: Vec<usize>,
    pub(crate) messages: Vec<Message>,
    pub(crate) port_types: Vec<PortType>,
    pub(crate) bindings: Vec<Binding>,
    pub(crate) services: Vec<Service>,
}

/// `wsdl:import`.
#[derive(Debug, PartialEq)]
pub(crate) struct Import {
    pub(crate) at: At,
    pub(crate) namespace: String,
    pub(crate) location: Option<String>,
}

/// `wsdl:message`.
#[derive(Debug, PartialEq)]
pub(crate) struct Message {
    pub(crate) at: At,
    pub(crate) name: String,
    pub(crate) parts: Vec<Part>,
    /// Those of its parts included.
    pub(crate) policies: Vec<Policy>,
    /// Part name → index of the first part of that name.
    by_name: BTreeMap<String, usize>,
}

impl Message {
    pub(crate) fn new(at: At, name: String, parts: Vec<Part>, policies: Vec<Policy>) -> Self {
        let mut by_name = BTreeMap::new();
        for (index, part) in parts.iter().enumerate() {
            by_name.entry(part.name.clone()).or_insert(index);
        }
        Self { at, name, parts, policies, by_name }
    }

    /// The part of a name.
    pub(crate) fn part(&self, name: &str) -> Option<&Part> {
        self.parts.get(*self.by_name.get(name)?)
    }
}

/// `wsdl:part`.
#[derive(Debug, PartialEq)]
pub(crate) struct Part {
    pub(crate) at: At,
    pub(crate) name: String,
    pub(crate) element: Option<QName>,
    /// `type=`: an element named after the part has it.
    pub(crate) ty: Option<QName>,
}

/// `wsdl:portType`.
#[derive(Debug, PartialEq)]
pub(crate) struct PortType {
    pub(crate) at: At,
    pub(crate) name: String,
    pub(crate) documentation: Annotation,
    pub(crate) policies: Vec<Policy>,
    pub(crate) operations: Vec<Operation>,
}

/// `wsdl:operation` in a portType.
#[derive(Debug, PartialEq)]
pub(crate) struct Operation {
    pub(crate) at: At,
    pub(crate) name: String,
    pub(crate) documentation: Annotation,
    pub(crate) input: Option<Direction>,
    pub(crate) output: Option<Direction>,
    /// The server sends first (solicit-response, notification).
    pub(crate) output_first: bool,
    pub(crate) faults: Vec<Direction>,
    pub(crate) policies: Vec<Policy>,
}

/// `wsdl:input`, `wsdl:output` or `wsdl:fault` in a portType.
#[derive(Debug, PartialEq)]
pub(crate) struct Direction {
    pub(crate) at: At,
    pub(crate) name: Option<String>,
    pub(crate) message: QName,
    /// `wsaw:Action` or `wsam:Action`.
    pub(crate) action: Option<String>,
    pub(crate) policies: Vec<Policy>,
}

/// `wsdl:binding`.
#[derive(Debug, PartialEq)]
pub(crate) struct Binding {
    pub(crate) at: At,
    pub(crate) name: String,
    pub(crate) port_type: QName,
    pub(crate) protocol: Protocol,
    pub(crate) rpc: bool,
    /// `wsaw:UsingAddressing` as an extension of its own.
    pub(crate) addressing: bool,
    pub(crate) policies: Vec<Policy>,
    pub(crate) operations: Vec<BindingOperation>,
}

/// The protocol of a binding.
#[derive(Debug, PartialEq)]
pub(crate) enum Protocol {
    Soap {
        version: SoapVersion,
        transport: String,
    },
    /// Not SOAP: the extension element as written, if there is one.
    Other(String),
}

/// `wsdl:operation` in a binding.
#[derive(Debug, PartialEq)]
pub(crate) struct BindingOperation {
    pub(crate) at: At,
    pub(crate) name: String,
    pub(crate) soap_action: Option<String>,
    pub(crate) style: Option<String>,
    pub(crate) input: BindingMessage,
    pub(crate) output: BindingMessage,
    pub(crate) faults: Vec<BindingMessage>,
    pub(crate) policies: Vec<Policy>,
}

/// `wsdl:input`, `wsdl:output` or `wsdl:fault` in a binding.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct BindingMessage {
    pub(crate) at: At,
    pub(crate) name: Option<String>,
    pub(crate) body: Option<Body>,
    pub(crate) headers: Vec<Header>,
    /// What travels beside the envelope: the contents of each `mime:part`, which are alternatives.
    pub(crate) attachments: Vec<Vec<MimeContent>>,
    /// An extension that changes the message and is not known, in words.
    pub(crate) foreign: Option<(String, At)>,
    pub(crate) policies: Vec<Policy>,
}

/// `mime:content` inside `mime:multipartRelated`.
#[derive(Debug, PartialEq)]
pub(crate) struct MimeContent {
    pub(crate) at: At,
    /// The part of the message that it holds, if it says so.
    pub(crate) part: Option<String>,
    /// The media type, which may be a pattern (`image/*`).
    pub(crate) media_type: Option<String>,
}

/// `soap:body` or `soap:fault`.
#[derive(Debug, PartialEq)]
pub(crate) struct Body {
    pub(crate) at: At,
    pub(crate) encoded: bool,
    /// Of the element around the parts, in the rpc style.
    pub(crate) namespace: Option<String>,
    pub(crate) parts: Option<Vec<String>>,
}

/// `soap:header`.
#[derive(Debug, PartialEq)]
pub(crate) struct Header {
    pub(crate) at: At,
    pub(crate) message: QName,
    pub(crate) part: String,
    pub(crate) encoded: bool,
    /// It holds `soap:headerfault`.
    pub(crate) fault: Option<At>,
}

/// `wsdl:service`.
#[derive(Debug, PartialEq)]
pub(crate) struct Service {
    pub(crate) name: String,
    pub(crate) documentation: String,
    pub(crate) policies: Vec<Policy>,
    pub(crate) ports: Vec<Port>,
}

/// `wsdl:port`.
#[derive(Debug, PartialEq)]
pub(crate) struct Port {
    pub(crate) at: At,
    pub(crate) name: String,
    pub(crate) binding: QName,
    pub(crate) address: String,
    pub(crate) addressing: bool,
    pub(crate) policies: Vec<Policy>,
}
