//! Operations, from portType and binding.

use std::collections::BTreeSet;

use crate::contract::{
    docs, message,
    model::{self, Fault, LeftOut, Operation},
    overload,
    types::Types,
};
use crate::diagnostic::{At, Severity};
use crate::document::wsdl::model as wsdl;
use crate::document::wsdl::model::{Binding, BindingMessage, BindingOperation, Direction, PortType};

/// The operations of a port: those that may be generated, and those that never are.
#[derive(Default)]
pub(super) struct Operations {
    /// Some have problems.
    pub(super) found: Vec<Operation>,
    pub(super) left_out: Vec<LeftOut>,
    /// The names of all.
    pub(super) names: Vec<String>,
}

/// All operations of a port that are wanted.
pub(super) fn all<'s>(
    binding: &'s Binding,
    port_type: &'s PortType,
    addressing: bool,
    wanted: &dyn Fn(&str) -> bool,
    types: &mut Types<'_, 's, '_>,
) -> Operations {
    let mut operations = Operations::default();
    let mut bound = overload::Bound::new(binding, port_type);
    for (operation, name) in port_type.operations.iter().zip(overload::names(port_type)) {
        let shown = name.clone().unwrap_or_else(|| operation.name.clone());
        operations.names.push(shown.clone());
        let entry = bound.next(operation);
        if !wanted(&shown) {
            continue;
        }
        let never = match entry {
            _ if operation.output_first && operation.input.is_some() => "the service would begin it (solicit-response)",
            _ if operation.input.is_none() => "the service would begin it (notification)",
            None => "the binding does not have it",
            Some(bound) => {
                let mark = types.report.mark();
                if name.is_none() {
                    let message = format!("overloads of operation `{shown}` have the same input and message names");
                    types.report.error(operation.at, message, "");
                }
                let mut builder = Builder { binding, bound, port_type, operation, name: &shown, addressing, types };
                let built = builder.operation();
                let problems = types.report.take_errors(mark);
                operations.found.push(Operation { problems, ..built });
                continue;
            }
        };
        types.report.warning(operation.at, format!("operation `{shown}` is left out: {never}"), "");
        operations.left_out.push(LeftOut { name: shown, reason: never.to_owned() });
    }
    let declared: BTreeSet<&str> = port_type.operations.iter().map(|operation| operation.name.as_str()).collect();
    for bound in binding.operations.iter().filter(|bound| !declared.contains(bound.name.as_str())) {
        operations.names.push(bound.name.clone());
        if !wanted(&bound.name) {
            continue;
        }
        let reason = format!("portType `{}` does not have it", port_type.name);
        types.report.warning(bound.at, format!("operation `{}` is left out: {reason}", bound.name), "");
        operations.left_out.push(LeftOut { name: bound.name.clone(), reason });
    }
    operations
}

struct Builder<'b, 'r, 's, 't> {
    binding: &'s Binding,
    bound: &'s BindingOperation,
    port_type: &'s PortType,
    operation: &'s wsdl::Operation,
    /// Unique in the port.
    name: &'b str,
    addressing: bool,
    types: &'b mut Types<'r, 's, 't>,
}

impl Builder<'_, '_, '_, '_> {
    fn operation(&mut self) -> Operation {
        let (operation, bound) = (self.operation, self.bound);
        let input = operation.input.as_ref();
        let stated = input.and_then(|input| input.action.clone()).filter(|action| !action.is_empty());
        let action = match (bound.soap_action.as_deref(), input) {
            (None | Some(""), _) if stated.is_some() => stated.unwrap_or_default(),
            (None | Some(""), Some(input)) if self.addressing => {
                self.default_action(input, if operation.output.is_some() { "Request" } else { "" })
            }
            (action, _) => action.unwrap_or("").to_owned(),
        };
        let reply_action = operation.output.as_ref().map_or(String::new(), |output| {
            output.action.clone().unwrap_or_else(|| self.default_action(output, "Response"))
        });
        Operation {
            name: self.name.to_owned(),
            position: self.types.report.position(operation.at),
            documentation: docs::clean(operation.documentation.texts.iter().map(String::as_str)),
            action,
            reply_action,
            input: input.map(|input| self.message(input, &bound.input, "")).unwrap_or_default(),
            output: operation.output.as_ref().map(|output| self.message(output, &bound.output, "Response")),
            encoded: [&bound.input, &bound.output].iter().any(|one| one.body.as_ref().is_some_and(|body| body.encoded)),
            faults: operation.faults.iter().filter_map(|fault| self.fault(fault)).collect(),
            problems: Vec::new(),
        }
    }

    /// A message; an element around its parts is named after the operation and this suffix.
    fn message(&mut self, direction: &Direction, bound: &BindingMessage, suffix: &str) -> model::Message {
        let rpc = self.bound.style.as_deref().map_or(self.binding.rpc, |style| style == "rpc");
        // Where the binding states no namespace, tools take that of the portType.
        let namespace = self.binding.port_type.namespace.as_str();
        let around = message::Around {
            rpc,
            namespace,
            local: format!("{}{suffix}", self.operation.name),
            of: format!("{}{suffix}", self.name),
        };
        message::read(direction, bound, around, self.name, self.types)
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

    /// A fault. One whose detail has no type costs no operation: its detail can be read as XML.
    fn fault(&mut self, fault: &Direction) -> Option<Fault> {
        let name = fault.name.clone().unwrap_or_default();
        let mark = self.types.report.mark();
        let detail = self.detail(fault);
        let problems = self.types.report.take_errors(mark);
        let detail = detail.filter(|_| problems.is_empty());
        let prefix = format!("fault `{name}` of operation `{}` gets no type: ", self.name);
        self.types.report.add_all(problems.into_iter().map(|mut problem| {
            problem.severity = Severity::Warning;
            problem.message.insert_str(0, &prefix);
            problem
        }));
        let action = fault.action.clone().unwrap_or_else(|| self.default_action(fault, "Fault"));
        Some(Fault { name, action, detail: detail? })
    }

    fn detail(&mut self, fault: &Direction) -> Option<model::Element> {
        let Some(message) = self.types.scope.messages.get_at(&fault.message, fault.at) else {
            self.types.scope.unknown("message", &fault.message, fault.at, self.types.report);
            return None;
        };
        let [part] = message.parts.as_slice() else {
            self.error(message.at, format!("message `{}` has not exactly one part", message.name));
            return None;
        };
        message::part(part, self.types)
    }

    fn error(&mut self, at: At, message: String) {
        self.types.report.error(at, message, "");
    }
}
