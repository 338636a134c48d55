//! Operations, from portType and binding.

use std::collections::{BTreeMap, BTreeSet};

use crate::contract::{
    docs,
    model::{self, Element, Fault, Message, Operation},
    types::Types,
};
use crate::diagnostic::At;
use crate::document::wsdl::model as wsdl;
use crate::document::wsdl::model::{
    Binding, BindingMessage, BindingOperation, Body, Direction, Header, Part, PortType,
};

const DOCUMENT_LITERAL: &str = "publish the service as document/literal";

/// All operations of a port.
pub(super) fn all<'s>(
    binding: &'s Binding,
    port_type: &'s PortType,
    addressing: bool,
    types: &mut Types<'_, 's, '_>,
) -> Vec<Operation> {
    let mut found = Vec::new();
    let mut names = BTreeSet::new();
    let mut by_name: BTreeMap<&str, &BindingOperation> = BTreeMap::new();
    for bound in &binding.operations {
        by_name.entry(&bound.name).or_insert(bound);
    }
    for operation in &port_type.operations {
        if !names.insert(&operation.name) {
            types.report.error(
                operation.at,
                format!("operation `{}` is overloaded", operation.name),
                "give every operation a name of its own",
            );
            continue;
        }
        let Some(&bound) = by_name.get(operation.name.as_str()) else {
            let message = format!("operation `{}` is left out: the binding does not have it", operation.name);
            types.report.warning(operation.at, message, "");
            continue;
        };
        let mut builder = Builder { binding, bound, port_type, operation, addressing, types };
        found.extend(builder.operation());
    }
    for bound in binding.operations.iter().filter(|bound| !names.contains(&bound.name)) {
        types.report.error(
            bound.at,
            format!("operation `{}` is not in portType `{}`", bound.name, port_type.name),
            "add it to the portType, or remove it from the binding",
        );
    }
    found
}

struct Builder<'b, 'r, 's, 't> {
    binding: &'s Binding,
    bound: &'s BindingOperation,
    port_type: &'s PortType,
    operation: &'s wsdl::Operation,
    addressing: bool,
    types: &'b mut Types<'r, 's, 't>,
}

impl Builder<'_, '_, '_, '_> {
    fn operation(&mut self) -> Option<Operation> {
        let (operation, bound) = (self.operation, self.bound);
        let name = &operation.name;
        let rpc = bound.style.as_deref().map_or(self.binding.rpc, |style| style == "rpc");
        if rpc {
            self.error(bound.at, format!("rpc style is not supported (operation `{name}`)"), DOCUMENT_LITERAL);
            return None;
        }
        let Some(input) = operation.input.as_ref().filter(|_| !operation.output_first) else {
            let message = format!("operation `{name}` is started by the server, which is not supported");
            self.error(operation.at, message, "offer a request-response operation");
            return None;
        };
        let request = self.message(input, &bound.input)?;
        let reply = match &operation.output {
            Some(output) => Some(self.message(output, &bound.output)?),
            None => None,
        };
        let encoded = bound.faults.iter().filter_map(|bound| bound.body.as_ref()).find(|body| body.encoded);
        let faults = operation.faults.iter().filter_map(|fault| self.fault(fault, encoded)).collect();
        let stated = input.action.clone().filter(|action| !action.is_empty());
        let action = match bound.soap_action.as_deref() {
            None | Some("") if stated.is_some() => stated.unwrap_or_default(),
            None | Some("") if self.addressing => self.default_action(input, "Request"),
            action => action.unwrap_or("").to_owned(),
        };
        let reply_action = operation.output.as_ref().map_or(String::new(), |output| {
            output.action.clone().unwrap_or_else(|| self.default_action(output, "Response"))
        });
        Some(Operation {
            name: name.clone(),
            position: self.types.report.position(operation.at),
            documentation: docs::clean(operation.documentation.texts.iter().map(String::as_str)),
            action,
            reply_action,
            input: request,
            output: reply,
            faults,
        })
    }

    fn error(&mut self, at: At, message: String, help: &str) {
        self.types.report.error(at, message, help);
    }

    /// The default action pattern of WS-Addressing.
    fn default_action(&self, direction: &Direction, suffix: &str) -> String {
        let name = match (&direction.name, suffix) {
            (Some(name), "Fault") => format!("Fault/{name}"),
            (Some(name), _) => name.clone(),
            (None, _) => format!("{}{suffix}", self.operation.name),
        };
        let namespace = self.types.scope.port_types.declared(&self.binding.port_type).namespace;
        let delimiter = if namespace.starts_with("urn:") { ":" } else { "/" };
        let head = namespace.strip_suffix(delimiter).unwrap_or(&namespace);
        let mut parts = vec![head, self.port_type.name.as_str()];
        if suffix == "Fault" {
            parts.push(&self.operation.name);
        }
        let name = name.replace('/', delimiter);
        parts.push(&name);
        parts.join(delimiter)
    }

    fn message(&mut self, direction: &Direction, bound: &BindingMessage) -> Option<Message> {
        if let Some((written, at)) = &bound.foreign {
            let message = format!("`{written}` is not supported (operation `{}`)", self.operation.name);
            self.error(*at, message, "send attachments as xs:base64Binary with MTOM");
            return None;
        }
        let Some(message) = self.types.scope.messages.get(&direction.message) else {
            self.types.scope.unknown("message", &direction.message, direction.at, self.types.report);
            return None;
        };
        let mut found = Message::default();
        for header in &bound.headers {
            if let Some(element) = self.header(header) {
                found.headers.push(model::Header { part: header.part.clone(), required: false, element });
            }
        }
        let body = bound.body.as_ref();
        if body.is_some_and(|body| body.encoded) {
            let message = format!("use=\"encoded\" is not supported (operation `{}`)", self.operation.name);
            self.error(body.map_or(bound.at, |body| body.at), message, DOCUMENT_LITERAL);
            return None;
        }
        let in_body: Vec<&Part> = match body.and_then(|body| body.parts.as_ref()) {
            Some(listed) => {
                if let Some(missing) = listed.iter().find(|name| message.part(name).is_none()) {
                    let at = body.map_or(bound.at, |body| body.at);
                    let text = format!("message `{}` has no part `{missing}`", message.name);
                    self.error(at, text, "correct parts=\"…\"");
                    return None;
                }
                let listed: BTreeSet<&String> = listed.iter().collect();
                message.parts.iter().filter(|part| listed.contains(&part.name)).collect()
            }
            // Headers may take parts out of the same message; the rest is the body.
            None => {
                let headers = bound.headers.iter().filter(|header| header.message == direction.message);
                let taken: BTreeSet<&String> = headers.map(|header| &header.part).collect();
                message.parts.iter().filter(|part| !taken.contains(&part.name)).collect()
            }
        };
        match in_body.as_slice() {
            [] => {}
            [part] => found.body = self.part(part),
            [_, second, ..] => {
                let text =
                    format!("message `{}` has several parts in the body, which document/literal forbids", message.name);
                self.error(second.at, text, "wrap them in one element, or move all but one to headers");
            }
        }
        Some(found)
    }

    fn header(&mut self, header: &Header) -> Option<Element> {
        let name = &header.part;
        if header.encoded {
            self.error(header.at, format!("use=\"encoded\" is not supported (header part `{name}`)"), DOCUMENT_LITERAL);
            return None;
        }
        if let Some(at) = header.fault {
            self.error(at, "`headerfault` is not supported".to_owned(), "declare the fault as wsdl:fault");
        }
        let Some(message) = self.types.scope.messages.get(&header.message) else {
            self.types.scope.unknown("message", &header.message, header.at, self.types.report);
            return None;
        };
        match message.part(name) {
            Some(part) => self.part(part),
            None => {
                self.error(header.at, format!("message `{}` has no part `{name}`", message.name), "correct part=\"…\"");
                None
            }
        }
    }

    fn part(&mut self, part: &Part) -> Option<Element> {
        match (&part.element, &part.ty) {
            (Some(element), _) => self.types.reference(element, part.at),
            (None, Some(_)) => {
                let message = format!("part `{}` has type= instead of element=", part.name);
                self.error(part.at, message, "document/literal needs an element: declare one of that type");
                None
            }
            (None, None) => {
                self.error(
                    part.at,
                    format!("part `{}` has neither element= nor type=", part.name),
                    "add element=\"…\"",
                );
                None
            }
        }
    }

    /// A fault; `encoded` is the first of the operation's faults in the binding that is encoded.
    fn fault(&mut self, fault: &Direction, encoded: Option<&Body>) -> Option<Fault> {
        let Some(message) = self.types.scope.messages.get(&fault.message) else {
            self.types.scope.unknown("message", &fault.message, fault.at, self.types.report);
            return None;
        };
        let name = fault.name.clone().unwrap_or_default();
        if let Some(body) = encoded {
            self.error(body.at, format!("use=\"encoded\" is not supported (fault `{name}`)"), DOCUMENT_LITERAL);
            return None;
        }
        let [part] = message.parts.as_slice() else {
            self.error(message.at, format!("message `{}` of fault `{name}` needs exactly one part", message.name), "");
            return None;
        };
        let detail = self.part(part)?;
        let action = fault.action.clone().unwrap_or_else(|| self.default_action(fault, "Fault"));
        Some(Fault { name, action, detail })
    }
}
