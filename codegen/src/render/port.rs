//! A port: its client, the structs of its messages, and the descriptors of both.

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use quote::quote;

use crate::contract::model::{Port, Token};
use crate::name::{QName, SoapVersion};
use crate::render::client;
use crate::render::context::{Context, File, compact, ident, unparse};
use crate::render::docs;
use crate::render::record::{self, Struct};
use crate::render::tree::Module;
use crate::rust::assign::{OperationPlan, PortPlan, Scope, ServicePlan};
use crate::rust::message::{Carrier, Reply};
use crate::rust::view;

/// The module of a port.
pub fn module(cx: Context<'_>, service_at: usize, service: &ServicePlan<'_>, at: usize) -> Module {
    let (port_module, plan) = (&service.module.ports[at], &service.ports[at]);
    let path = vec![service.module.name.clone(), port_module.name.clone()];
    let file = File::new(cx, Scope::Service(service_at), path, &names(cx, plan));
    let view = PortView { file: &file, plan, port: port_module.port, module: port_module };
    let mut items = vec![file.constants()];
    items.push(client::client(&view));
    for (name, wrapper) in &plan.structs {
        let places = wrapper.places(cx.contract);
        let (docs, field_docs) = struct_docs(&view, &Carrier::Struct(wrapper.clone()));
        let has_default = cx.plan.defaults.of(cx.contract, cx.config, &places);
        let from_member = plan.operations.iter().any(|operation| operation.request == Carrier::Struct(wrapper.clone()));
        let shape = wrapper.element.clone();
        let rendered =
            Struct { name: name.clone(), shape, docs, places, id: None, field_docs, has_default, from_member };
        items.push(record::record(&file, &rendered).concat());
    }
    items.extend(plan.operations.iter().map(|operation| descriptor(&view, operation)));
    items.push(port_descriptor(&view, service));
    items.push(exchanges(&view));
    let mut module = Module::new(&port_module.name, vec![summary(&view)], items);
    module.source.clone_from(&port_module.service.document);
    module
}

/// A port with all that its items are made from.
#[derive(Debug)]
pub struct PortView<'v, 'a> {
    /// Where names are written.
    pub file: &'v File<'a>,
    /// Names of operations and structs.
    pub plan: &'v PortPlan<'a>,
    /// The port.
    pub port: &'a Port,
    /// Its configuration.
    pub module: &'v crate::rust::modules::PortModule<'a>,
}

impl PortView<'_, '_> {
    /// The Rust type of a message.
    pub fn carried(&self, carrier: &Carrier) -> TokenStream {
        match carrier {
            Carrier::Nothing => quote!(()),
            Carrier::Type(ty) => self.file.value(*ty),
            Carrier::Struct(wrapper) => {
                let name = self.plan.structs.iter().find(|(_, known)| known == wrapper).map_or("", |(name, _)| name);
                let name = ident(name);
                quote!(#name)
            }
        }
    }

    /// The Rust type of what a call returns.
    pub fn returned(&self, reply: &Reply<'_>) -> TokenStream {
        match reply {
            Reply::Empty | Reply::Void(_) => quote!(()),
            Reply::Unwrapped(_, child) if !view::is_member(child.field) => quote!(()),
            Reply::Unwrapped(_, child) => self.file.member(None, *child),
            Reply::Element(_, carrier) => self.carried(carrier),
        }
    }

    /// A link to an operation, from the documentation of this file.
    fn link(&self, operation: &OperationPlan<'_>) -> String {
        format!("[`Client::{}`]", operation.method.trim_start_matches("r#"))
    }
}

/// Every name that the file writes out.
fn names(cx: Context<'_>, plan: &PortPlan<'_>) -> Vec<QName> {
    let mut names = Vec::new();
    for operation in &plan.operations {
        let wire = operation.operation;
        names.extend(wire.input.body.iter().chain(&wire.output.body).map(|field| field.name.clone()));
        if let Reply::Unwrapped(element, child) = &operation.reply {
            names.extend(record::names(cx, &element.name, &[*child]));
        }
    }
    for (_, wrapper) in &plan.structs {
        names.extend(record::names(cx, &wrapper.element, &wrapper.places(cx.contract)));
    }
    names
}

fn summary(view: &PortView<'_, '_>) -> String {
    let soap = match view.port.soap {
        SoapVersion::Soap11 => "SOAP 1.1",
        SoapVersion::Soap12 => "SOAP 1.2",
    };
    let security = match &view.port.requirements.token {
        Token::None => "",
        Token::UserName { .. } => ", WS-Security UsernameToken",
        Token::SecureConversation(_) => ", WS-SecureConversation",
    };
    let mtom = if view.port.requirements.mtom { ", MTOM" } else { "" };
    format!("Port {}: {soap}{security}{mtom}.", docs::code(&view.port.name))
}

/// Documentation of a struct that is a message, and of its fields: what the operation says of its parameters.
fn struct_docs<'v>(view: &PortView<'v, '_>, carrier: &Carrier) -> (Vec<String>, BTreeMap<&'v str, &'v str>) {
    let mut links = Vec::new();
    let mut field_docs = BTreeMap::new();
    let mut is_request = false;
    for operation in &view.plan.operations {
        let replied = matches!(&operation.reply, Reply::Element(_, reply) if reply == carrier);
        if operation.request == *carrier {
            is_request = true;
            let parameters = &operation.operation.documentation.parameters;
            field_docs.extend(parameters.iter().map(|(name, text)| (name.as_str(), text.as_str())));
        }
        if replied || operation.request == *carrier {
            links.push(view.link(operation));
        }
    }
    let kind = if is_request { "Request" } else { "Reply" };
    (vec![format!("{kind} of {}.", links.join(", "))], field_docs)
}

/// A line per fact, however long.
fn descriptor(view: &PortView<'_, '_>, operation: &OperationPlan<'_>) -> String {
    let file = view.file;
    let wire = operation.operation;
    let request = match &wire.input.body {
        Some(body) => format!("Some({})", file.element(body)),
        None => "None".to_owned(),
    };
    let reply = match &operation.reply {
        Reply::Empty => "Empty".to_owned(),
        Reply::Void(element) => format!("Void({})", file.element(element)),
        Reply::Unwrapped(element, child) => format!("Unwrapped({}, {})", file.element(element), file.field(*child)),
        Reply::Element(element, _) => format!("Element({})", file.element(element)),
    };
    let timeout = match view.module.config.and_then(|config| config.reply_timeout.get(&wire.name)) {
        Some(seconds) => seconds.to_string(),
        None => "v1::REPLY_TIMEOUT".to_owned(),
    };
    let limit = view.module.config.and_then(|config| config.binary_limit.get(&wire.name));
    let limit = limit.map_or("None".to_owned(), |bytes| format!("Some({bytes})"));
    format!(
        "static {}: v1::Operation = v1::Operation {{\n    name: {:?},\n    action: {:?},\n    reply_action: {:?},\n    \
         request: {request},\n    reply: v1::Reply::{reply},\n    reply_timeout: {timeout}, binary_limit: {limit},\n}};\n",
        operation.constant, wire.name, wire.action, wire.reply_action,
    )
}

fn port_descriptor(view: &PortView<'_, '_>, service: &ServicePlan<'_>) -> String {
    let port = view.port;
    let requirements = &port.requirements;
    let service = &service
        .module
        .ports
        .iter()
        .find(|module| std::ptr::eq(module.port, port))
        .map_or("", |module| &module.service.name.local);
    let (name, address, addressing, mtom) = (&port.name, &port.address, requirements.addressing, requirements.mtom);
    let soap = ident(match port.soap {
        SoapVersion::Soap11 => "Soap11",
        SoapVersion::Soap12 => "Soap12",
    });
    let timestamp = requirements.timestamp;
    let security = match &requirements.token {
        Token::None => quote!(None),
        Token::UserName { digest } => quote!(UserName { digest: #digest, timestamp: #timestamp }),
        Token::SecureConversation(facts) => {
            let (must_not_cancel, derived_keys) = (facts.must_not_cancel, facts.derived_keys);
            let (version_1_3, thumbprint) = (facts.version_1_3, facts.thumbprint);
            quote!(SecureConversation {
                must_not_cancel: #must_not_cancel,
                derived_keys: #derived_keys,
                version_1_3: #version_1_3,
                thumbprint: #thumbprint,
            })
        }
    };
    let operations = view.plan.operations.iter().map(|operation| ident(&operation.constant));
    unparse(quote! {
        /// What the contract says of the port.
        pub static PORT: v1::PortDescriptor = v1::PortDescriptor {
            name: #name,
            service: #service,
            address: #address,
            soap: v1::SoapVersion::#soap,
            addressing: #addressing,
            mtom: #mtom,
            security: v1::Security::#security,
            operations: &[#(&#operations),*],
        };
    })
}

/// The list of operations with the types of their messages, for tests and servers.
fn exchanges(view: &PortView<'_, '_>) -> String {
    let entry = |operation: &OperationPlan<'_>| {
        let request = compact(&view.carried(&operation.request).to_string());
        let reply = compact(&view.returned(&operation.reply).to_string());
        format!(
            "    v1::Exchange {{ port: &PORT, operation: &{},\n        request: v1::message::<{request}>, reply: v1::message::<{reply}> }},\n",
            operation.constant
        )
    };
    let entries: String = view.plan.operations.iter().map(entry).collect();
    format!("#[doc(hidden)]\npub static EXCHANGES: &[v1::Exchange] = &[\n{entries}];\n")
}
