//! The client of a port: a constructor and one method per operation.

use proc_macro2::TokenStream;
use quote::quote;

use crate::contract::model::{Port, Token};
use crate::render::context::{compact, ident, unparse};
use crate::render::docs;
use crate::render::port::PortView;
use crate::rust::assign::{Home, OperationPlan};
use crate::rust::message::{Carrier, EndUser, Stream};

/// The client as text.
pub fn client(view: &PortView<'_, '_>) -> String {
    let lines = docs::attributes(&[format!("Client of {}.", docs::code(&view.port.port_type.local))]);
    let cfg = certificate_feature(view);
    let constructor = constructor(view);
    let operations = view.plan.operations.iter();
    let methods: Vec<String> = operations
        .flat_map(|operation| [Some(method(view, operation)), items_method(view, operation)])
        .flatten()
        .collect();
    let item = unparse(quote! {
        #lines
        #cfg
        #[derive(Clone, Debug)]
        pub struct Client {
            port: v1::Port,
        }
    });
    let cfg = compact(&cfg.to_string()).replace("# [cfg (", "#[cfg(").replace(")]", ")]\n");
    format!("{item}{cfg}impl Client {{\n{constructor}\n{}}}\n", methods.join("\n"))
}

/// A client that needs a certificate may be a feature, so that others need not compile RSA.
fn certificate_feature(view: &PortView<'_, '_>) -> TokenStream {
    match &view.file.cx.config.certificate_feature {
        Some(feature) if needs_certificate(view.port) => quote!(#[cfg(feature = #feature)]),
        _ => TokenStream::new(),
    }
}

/// Whether the caller proves who he is with a certificate.
pub fn needs_certificate(port: &Port) -> bool {
    matches!(port.requirements.token, Token::SecureConversation(_))
}

/// The lines of a method, indented as they stand in `impl Client`.
fn in_impl(tokens: TokenStream) -> String {
    let text = unparse(quote!(impl Client { #tokens }));
    let lines: Vec<&str> = text.lines().collect();
    let inner = lines.get(1..lines.len().saturating_sub(1)).unwrap_or(&lines);
    inner.iter().map(|line| format!("{line}\n")).collect()
}

fn constructor(view: &PortView<'_, '_>) -> String {
    let has_credentials = view.plan.has_caller || matches!(view.port.requirements.token, Token::UserName { .. });
    in_impl(match (needs_certificate(view.port), has_credentials) {
        (true, true) => quote! {
            /// A client whose sessions start with this certificate, and that puts these credentials wherever a request
            /// names the caller.
            pub fn new(connection: &v1::Connection, certificate: v1::Certificate, credentials: v1::Credentials) -> Self {
                Self { port: v1::Port::with_certificate(connection, &PORT, certificate, credentials) }
            }
        },
        (true, false) => quote! {
            /// A client whose sessions start with this certificate.
            pub fn new(connection: &v1::Connection, certificate: v1::Certificate) -> Self {
                Self { port: v1::Port::with_certificate(connection, &PORT, certificate, None) }
            }
        },
        (false, true) => quote! {
            /// A client that gives these credentials wherever a message names the caller.
            pub fn new(connection: &v1::Connection, credentials: v1::Credentials) -> Self {
                Self { port: v1::Port::new(connection, &PORT, credentials) }
            }
        },
        (false, false) => quote! {
            /// A client.
            pub fn new(connection: &v1::Connection) -> Self {
                Self { port: v1::Port::new(connection, &PORT, None) }
            }
        },
    })
}

fn method(view: &PortView<'_, '_>, operation: &OperationPlan<'_>) -> String {
    let wire = &operation.operation.name;
    let docs = docs::attributes(&method_docs(view, operation));
    let aliases = aliases(view, operation);
    let (method, constant) = (ident(&operation.method), ident(&operation.constant));
    let returned = view.returned(&operation.reply);
    let (parameter, argument) = request(view, &operation.request);
    let (person, passed) = person(operation.end_user);
    // A stream is an argument or a result, never a member.
    let contract = view.file.cx.contract;
    let (stream, returned, call) = match (operation.request.has_stream(contract), operation.reply.stream(contract)) {
        (true, _) => {
            let call = quote!(upload(&#constant, #argument, #passed, upload));
            (Some(quote!(, upload: impl Into<v1::Upload>)), returned, call)
        }
        (false, Stream::None) => (None, returned, quote!(call(&#constant, #argument, #passed))),
        (false, Stream::Alone) => (None, quote!(v1::Download), quote!(download(&#constant, #argument, #passed))),
        (false, Stream::Beside) => {
            (None, quote!((#returned, v1::Download)), quote!(download_with(&#constant, #argument, #passed)))
        }
    };
    let wire_alias = docs::alias(wire, &operation.method);
    in_impl(quote! {
        #docs
        #wire_alias
        #aliases
        pub async fn #method(&self #parameter #person #stream) -> Result<#returned, v1::Error> {
            self.port.#call.await
        }
    })
}

/// The method that gives a list item by item.
fn items_method(view: &PortView<'_, '_>, operation: &OperationPlan<'_>) -> Option<String> {
    let cx = view.file.cx;
    let item = view.file.value(operation.reply.item(cx.contract, cx.config)?);
    let (method, constant) = (ident(operation.items_method.as_ref()?), ident(&operation.constant));
    let whole = operation.method.trim_start_matches("r#");
    let docs = docs::attributes(&[format!(
        "[`{whole}`](Self::{}) item by item: of a list of any length, one is held.",
        operation.method
    )]);
    let (parameter, argument) = request(view, &operation.request);
    let (person, passed) = person(operation.end_user);
    Some(in_impl(quote! {
        #docs
        pub async fn #method(&self #parameter #person) -> Result<v1::Items<#item>, v1::Error> {
            self.port.items(&#constant, #argument, #passed).await
        }
    }))
}

/// The parameter for the person acting, and what is passed on.
fn person(end_user: EndUser) -> (TokenStream, TokenStream) {
    match end_user {
        EndUser::No => (quote!(), quote!(None)),
        EndUser::Optional => (quote!(, end_user: Option<&v1::EndUser>), quote!(end_user)),
        EndUser::Required => (quote!(, end_user: &v1::EndUser), quote!(Some(end_user))),
    }
}

/// The parameter for a request, and what is passed on.
fn request(view: &PortView<'_, '_>, carrier: &Carrier) -> (TokenStream, TokenStream) {
    let ty = view.carried(carrier);
    let members = match carrier {
        Carrier::Nothing => return (TokenStream::new(), quote!(&())),
        Carrier::Type(_) => usize::MAX,
        Carrier::Struct(wrapper) => {
            let places = wrapper.places(view.file.cx.contract);
            places.iter().filter(|place| crate::rust::view::is_member(place.field)).count()
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
