//! Reads `wsdl:definitions` into the model, as written.

use roxmltree::Node;

use crate::diagnostic::Report;
use crate::document::attributes::Attributes;
use crate::document::wsdl::{model::*, policy};
use crate::document::xml::{self, Document, WSDL, XS};
use crate::document::xsd::model::Annotation;
use crate::name::{QName, SoapVersion};

const SOAP_1_1: &str = "http://schemas.xmlsoap.org/wsdl/soap/";
const SOAP_1_2: &str = "http://schemas.xmlsoap.org/wsdl/soap12/";
/// Attachments as parts of a MIME package (SOAP with Attachments).
const MIME: &str = "http://schemas.xmlsoap.org/wsdl/mime/";
/// Namespaces of the `Action` attribute and the `UsingAddressing` element, old and new.
const ADDRESSING: &[&str] =
    &["http://www.w3.org/2007/05/addressing/metadata", "http://www.w3.org/2006/05/addressing/wsdl"];

/// Reads a document whose root is `wsdl:definitions`.
pub(crate) fn definitions(document: &Document<'_>, report: &mut Report<'_>) -> Definitions {
    let root = document.tree.root_element();
    let target = xml::attribute(root, "targetNamespace").unwrap_or("");
    let mut reader = WsdlReader { read: Attributes::new(document, target, report) };
    let mut found = Definitions {
        name: xml::attribute(root, "name").unwrap_or("").to_owned(),
        target_namespace: target.to_owned(),
        documentation: documentation(root),
        ..Definitions::default()
    };
    for (name, child) in xml::children_in(root, WSDL) {
        match name {
            "import" => found.imports.push(Import {
                at: document.at(child),
                namespace: xml::attribute(child, "namespace").unwrap_or("").to_owned(),
                location: xml::attribute(child, "location").map(str::to_owned),
            }),
            "types" => found.schemas.extend(
                xml::children_in(child, XS)
                    .filter(|(name, _)| *name == "schema")
                    .map(|(_, schema)| schema.range().start),
            ),
            "message" => found.messages.push(reader.message(child)),
            "portType" => found.port_types.push(reader.port_type(child)),
            "binding" => found.bindings.push(reader.binding(child)),
            "service" => found.services.push(reader.service(child)),
            _ => {}
        }
    }
    found.unprefixed = reader.read.unprefixed();
    found
}

/// A service for the SOAP bindings of a document that has none, with a port for each: named after the document, or else
/// after a portType. Its ports have no address, which the caller knows.
pub(crate) fn service_of_bindings(definitions: &Definitions) -> Option<Service> {
    let bindings = definitions.bindings.iter().filter(|binding| matches!(binding.protocol, Protocol::Soap { .. }));
    let ports: Vec<Port> = bindings
        .map(|binding| Port {
            at: binding.at,
            name: binding.name.clone(),
            binding: QName { namespace: definitions.target_namespace.clone(), local: binding.name.clone() },
            address: String::new(),
            addressing: false,
            policies: Vec::new(),
        })
        .collect();
    let port_type = definitions.bindings.first().map(|binding| &binding.port_type.local)?;
    let name = if definitions.name.is_empty() { port_type } else { &definitions.name };
    (!ports.is_empty()).then(|| Service {
        name: name.clone(),
        documentation: String::new(),
        policies: Vec::new(),
        ports,
    })
}

struct WsdlReader<'r, 'd, 't> {
    read: Attributes<'r, 'd, 't>,
}

impl WsdlReader<'_, '_, '_> {
    fn name(&mut self, node: Node<'_, '_>) -> String {
        self.read.name(node, "name")
    }

    fn message(&mut self, node: Node<'_, '_>) -> Message {
        let parts = named_children(node, "part")
            .map(|part| Part {
                at: self.read.at(part),
                name: self.name(part),
                element: self.read.optional_reference(part, "element"),
                ty: self.read.optional_reference(part, "type"),
            })
            .collect();
        let mut policies = policy::attached(self.read.document(), node);
        policies.extend(named_children(node, "part").flat_map(|part| policy::attached(self.read.document(), part)));
        Message::new(self.read.at(node), self.name(node), parts, policies)
    }

    fn port_type(&mut self, node: Node<'_, '_>) -> PortType {
        PortType {
            at: self.read.at(node),
            name: self.name(node),
            documentation: Annotation { texts: vec![documentation(node)], ..Annotation::default() },
            policies: policy::attached(self.read.document(), node),
            operations: named_children(node, "operation").map(|child| self.operation(child)).collect(),
        }
    }

    fn operation(&mut self, node: Node<'_, '_>) -> Operation {
        let first = xml::children_in(node, WSDL).map(|(name, _)| name).find(|name| matches!(*name, "input" | "output"));
        Operation {
            at: self.read.at(node),
            name: self.name(node),
            documentation: Annotation { texts: vec![documentation(node)], ..Annotation::default() },
            input: named_children(node, "input").next().map(|child| self.direction(child)),
            output: named_children(node, "output").next().map(|child| self.direction(child)),
            output_first: first == Some("output"),
            faults: named_children(node, "fault").map(|child| self.direction(child)).collect(),
            policies: policy::attached(self.read.document(), node),
        }
    }

    fn direction(&mut self, node: Node<'_, '_>) -> Direction {
        let action = ADDRESSING.iter().find_map(|namespace| xml::attribute(node, (*namespace, "Action")));
        Direction {
            at: self.read.at(node),
            name: self.read.optional_name(node, "name"),
            message: self.read.reference(node, "message"),
            action: action.map(str::to_owned),
            policies: policy::attached(self.read.document(), node),
        }
    }

    fn binding(&mut self, node: Node<'_, '_>) -> Binding {
        // Some bindings have an extension of their tool's beside that of SOAP.
        let other = xml::children(node).find(|child| child.tag_name().name() == "binding");
        let extension = soap_children(node, "binding").next().or(other);
        let protocol = match extension {
            Some(child) => match soap_version(child) {
                Some(version) => {
                    Protocol::Soap { version, transport: xml::attribute(child, "transport").unwrap_or("").to_owned() }
                }
                None => Protocol::Other(xml::written(child)),
            },
            None => Protocol::Other(String::new()),
        };
        Binding {
            at: self.read.at(node),
            name: self.name(node),
            port_type: self.read.reference(node, "type"),
            protocol,
            rpc: extension.is_some_and(|child| xml::attribute(child, "style") == Some("rpc")),
            addressing: uses_addressing(node),
            policies: policy::attached(self.read.document(), node),
            operations: named_children(node, "operation").map(|child| self.binding_operation(child)).collect(),
        }
    }

    fn binding_operation(&mut self, node: Node<'_, '_>) -> BindingOperation {
        let soap = soap_children(node, "operation").next();
        BindingOperation {
            at: self.read.at(node),
            name: self.name(node),
            soap_action: soap.and_then(|child| xml::attribute(child, "soapAction")).map(str::to_owned),
            style: soap.and_then(|child| xml::attribute(child, "style")).map(str::to_owned),
            input: self.optional_message(node, "input"),
            output: self.optional_message(node, "output"),
            faults: named_children(node, "fault").map(|child| self.binding_message(child)).collect(),
            policies: policy::attached(self.read.document(), node),
        }
    }

    fn optional_message(&mut self, node: Node<'_, '_>, name: &'static str) -> BindingMessage {
        match named_children(node, name).next() {
            Some(child) => self.binding_message(child),
            None => BindingMessage { at: self.read.at(node), ..BindingMessage::default() },
        }
    }

    fn binding_message(&mut self, node: Node<'_, '_>) -> BindingMessage {
        let mut found = BindingMessage {
            at: self.read.at(node),
            name: xml::attribute(node, "name").map(str::to_owned),
            policies: policy::attached(self.read.document(), node),
            ..BindingMessage::default()
        };
        xml::children(node).for_each(|child| self.extension(child, &mut found));
        found
    }

    /// What a binding says of a message.
    fn extension(&mut self, child: Node<'_, '_>, found: &mut BindingMessage) {
        let at = self.read.at(child);
        let encoded = xml::attribute(child, "use") == Some("encoded");
        let name = child.tag_name().name();
        match (soap_version(child), name) {
            (Some(_), "body" | "fault") => {
                let namespace = xml::attribute(child, "namespace").map(str::to_owned);
                let parts = self.read.names(child, "parts");
                if found.body.is_some() {
                    found.foreign = Some((format!("a second `{}`", xml::written(child)), at));
                }
                found.body = Some(Body { at, encoded, namespace, parts });
            }
            (Some(_), "header") => found.headers.push(Header {
                at,
                message: self.read.reference(child, "message"),
                part: self.read.name(child, "part"),
                encoded,
                fault: soap_children(child, "headerfault").next().map(|fault| self.read.at(fault)),
            }),
            (None, "multipartRelated") if xml::is(child, MIME, name) => {
                for (_, part) in xml::children_in(child, MIME).filter(|(name, _)| *name == "part") {
                    let (contents, others): (Vec<_>, Vec<_>) =
                        xml::children(part).partition(|inner| xml::is(*inner, MIME, "content"));
                    others.into_iter().for_each(|inner| self.extension(inner, found));
                    let contents = contents.into_iter().map(|content| MimeContent {
                        at: self.read.at(content),
                        part: xml::attribute(content, "part").map(str::to_owned),
                        media_type: xml::attribute(content, "type").map(str::to_owned),
                    });
                    found.attachments.push(contents.collect());
                }
            }
            (None, name) if is_message_extension(child, name) => {
                found.foreign = Some((format!("`{}`", xml::written(child)), at));
            }
            _ => {}
        }
    }

    fn service(&mut self, node: Node<'_, '_>) -> Service {
        Service {
            name: self.name(node),
            documentation: documentation(node),
            policies: policy::attached(self.read.document(), node),
            ports: named_children(node, "port").map(|child| self.port(child)).collect(),
        }
    }

    fn port(&mut self, node: Node<'_, '_>) -> Port {
        let address = soap_children(node, "address").next();
        Port {
            at: self.read.at(node),
            name: self.name(node),
            binding: self.read.reference(node, "binding"),
            address: address.and_then(|child| xml::attribute(child, "location")).unwrap_or("").to_owned(),
            addressing: uses_addressing(node),
            policies: policy::attached(self.read.document(), node),
        }
    }
}

/// The `soap:address` elements of a document, each with the names of its service and its port.
pub(crate) fn addresses<'a, 'i>(root: Node<'a, 'i>) -> impl Iterator<Item = (&'a str, &'a str, Node<'a, 'i>)> {
    let name = |node| xml::attribute(node, "name").unwrap_or("");
    let ports = named_children(root, "service")
        .flat_map(move |service| named_children(service, "port").map(move |port| (name(service), port)));
    ports.flat_map(move |(service, port)| soap_children(port, "address").map(move |one| (service, name(port), one)))
}

fn named_children<'a, 'i>(node: Node<'a, 'i>, name: &'static str) -> impl Iterator<Item = Node<'a, 'i>> {
    xml::children_in(node, WSDL).filter(move |(local, _)| *local == name).map(|(_, child)| child)
}

fn soap_children<'a, 'i>(node: Node<'a, 'i>, name: &'static str) -> impl Iterator<Item = Node<'a, 'i>> {
    xml::children(node).filter(move |child| soap_version(*child).is_some() && child.tag_name().name() == name)
}

fn soap_version(node: Node<'_, '_>) -> Option<SoapVersion> {
    match node.tag_name().namespace() {
        Some(SOAP_1_1) => Some(SoapVersion::Soap11),
        Some(SOAP_1_2) => Some(SoapVersion::Soap12),
        _ => None,
    }
}

fn is_message_extension(node: Node<'_, '_>, name: &str) -> bool {
    node.tag_name().namespace() != Some(WSDL) && matches!(name, "multipartRelated" | "content" | "mimeXml" | "message")
}

fn uses_addressing(node: Node<'_, '_>) -> bool {
    xml::children(node).any(|child| ADDRESSING.iter().any(|namespace| xml::is(child, namespace, "UsingAddressing")))
}

fn documentation(node: Node<'_, '_>) -> String {
    named_children(node, "documentation").map(xml_text).collect::<Vec<_>>().join("\n\n")
}

fn xml_text(node: Node<'_, '_>) -> String {
    crate::document::xsd::parse::markup(node)
}
