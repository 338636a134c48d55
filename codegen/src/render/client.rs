//! The client of a port: a constructor and one method per operation.

use proc_macro2::TokenStream;
use quote::quote;

use super::context::{compact, ident, unparse};
use super::docs;
use super::port::PortView;
use crate::ir::model::{Port, Token};
use crate::naming::assign::{Home, OperationPlan};
use crate::naming::message::{Carrier, EndUser};

/// Whether a port gets a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It does.
    Generated,
    /// No: its messages are secured, which the runtime does not do yet.
    NeedsSecurity,
    /// No: its messages travel as MTOM, which the runtime does not do yet.
    NeedsMtom,
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Generated => "generated",
            Self::NeedsSecurity => "needs WS-Security",
            Self::NeedsMtom => "needs MTOM",
        })
    }
}

/// What a port needs decides.
pub fn status(port: &Port) -> Status {
    let requirements = &port.requirements;
    match (&requirements.token, requirements.timestamp, requirements.mtom) {
        (Token::None, false, false) => Status::Generated,
        (Token::None, false, true) => Status::NeedsMtom,
        _ => Status::NeedsSecurity,
    }
}

/// The client as text; empty where there is none.
pub fn client(view: &PortView<'_, '_>) -> String {
    if view.client != Status::Generated {
        return String::new();
    }
    let lines = docs::attributes(&[format!("Client of {}.", docs::code(&view.port.port_type.local))]);
    let constructor = constructor(view);
    let methods: Vec<String> = view.plan.operations.iter().map(|operation| method(view, operation)).collect();
    let item = unparse(quote! {
        #lines
        #[derive(Clone, Debug)]
        pub struct Client {
            port: v1::Port,
        }
    });
    format!("{item}impl Client {{\n{constructor}\n{}}}\n", methods.join("\n"))
}

/// The lines of a method, indented as they stand in `impl Client`.
fn in_impl(tokens: TokenStream) -> String {
    let text = unparse(quote!(impl Client { #tokens }));
    let lines: Vec<&str> = text.lines().collect();
    let inner = lines.get(1..lines.len().saturating_sub(1)).unwrap_or(&lines);
    inner.iter().map(|line| format!("{line}\n")).collect()
}

fn constructor(view: &PortView<'_, '_>) -> String {
    in_impl(if view.plan.has_caller {
        quote! {
            /// A client that puts these credentials wherever a request names the caller.
            pub fn new(connection: &v1::Connection, credentials: v1::Credentials) -> Self {
                Self { port: v1::Port::new(connection, &PORT, credentials) }
            }
        }
    } else {
        quote! {
            /// A client.
            pub fn new(connection: &v1::Connection) -> Self {
                Self { port: v1::Port::new(connection, &PORT, None) }
            }
        }
    })
}

fn method(view: &PortView<'_, '_>, operation: &OperationPlan<'_>) -> String {
    let wire = &operation.operation.name;
    let docs = docs::attributes(&method_docs(view, operation));
    let aliases = aliases(view, operation);
    let (method, constant) = (ident(&operation.method), ident(&operation.constant));
    let returned = view.returned(&operation.reply);
    let (parameter, argument) = request(view, &operation.request);
    let (person, passed) = match operation.end_user {
        EndUser::No => (None, quote!(None)),
        EndUser::Optional => (Some(quote!(, end_user: Option<&v1::EndUser>)), quote!(end_user)),
        EndUser::Required => (Some(quote!(, end_user: &v1::EndUser)), quote!(Some(end_user))),
    };
    let wire_alias = docs::alias(wire, &operation.method);
    in_impl(quote! {
        #docs
        #wire_alias
        #aliases
        pub async fn #method(&self #parameter #person) -> Result<#returned, v1::Error> {
            self.port.call(&#constant, #argument, #passed).await
        }
    })
}

/// The parameter for a request, and what is passed on.
fn request(view: &PortView<'_, '_>, carrier: &Carrier) -> (TokenStream, TokenStream) {
    let ty = view.carried(carrier);
    let members = match carrier {
        Carrier::Nothing => return (TokenStream::new(), quote!(&())),
        Carrier::Type(_) => usize::MAX,
        Carrier::Struct(wrapper) => {
            let places = wrapper.places(view.file.cx.contract);
            places.iter().filter(|place| crate::naming::view::is_member(place.field)).count()
        }
    };
    match members {
        0 => (TokenStream::new(), quote!(&#ty {})),
        1 => (quote!(, request: impl Into<#ty>), quote!(&request.into())),
        _ => (quote!(, request: #ty), quote!(&request)),
    }
}

/// Other names that the configuration gives an operation.
fn aliases(view: &PortView<'_, '_>, operation: &OperationPlan<'_>) -> TokenStream {
    let wire = &operation.operation.name;
    let configured = view.module.config.and_then(|config| config.aliases.get(wire));
    let others = configured.into_iter().flatten().filter(|alias| *alias != wire);
    others.map(|alias| docs::alias(alias, &operation.method)).collect()
}

fn method_docs(view: &PortView<'_, '_>, operation: &OperationPlan<'_>) -> Vec<String> {
    let mut lines = docs::paragraphs(&operation.operation.documentation.paragraphs);
    if lines.is_empty() {
        lines.push(format!("Calls {}.", docs::code(&operation.operation.name)));
    }
    let file = view.file;
    let homes: Vec<&Home> = operation.faults.iter().filter_map(|id| file.cx.plan.path(file.scope, *id)).collect();
    let link = |home: &&Home| {
        let path = compact(&file.path(&home.module, &home.name).to_string());
        format!("[`{}`]({path})", home.name)
    };
    if !homes.is_empty() {
        let links: Vec<String> = homes.iter().map(link).collect();
        lines.extend([String::new(), "# Errors".to_owned()]);
        lines.push(format!("A fault of the service carries {}.", links.join(" or ")));
    }
    lines
}
