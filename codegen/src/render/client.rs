//! The client of a port.

use crate::render::text::{Code, Ident, Text};
use crate::rust::model::{Call, Client, Method, RequestArgument};

/// The client: a struct, its constructor, and one or two methods per operation.
pub(super) fn client(client: &Client<'_>) -> Vec<Text> {
    let mut item = Text::default();
    item.docs(0, &client.docs);
    item.line(0, "#[derive(Clone, Debug)]", &[]);
    item.line(0, "pub struct Client {", &[]);
    if client.methods.is_empty() {
        item.line(4, "#[allow(dead_code, reason = \"the port has no operations\")]", &[]);
    }
    item.line(4, "port: v1::Port,", &[]);
    item.line(0, "}", &[]);
    let mut methods = Text::default();
    methods.line(0, "impl Client {", &[]);
    constructor(client, &mut methods);
    for one in &client.methods {
        methods.gap();
        method(one, &mut methods);
    }
    methods.line(0, "}", &[]);
    // A part of its own, or it would not have the condition of the others.
    let mut shared = Text::default();
    shared.line(0, "v1::client!(Client);", &[]);
    vec![item, methods, shared]
}

fn constructor(client: &Client<'_>, text: &mut Text) {
    let constructor = &client.constructor;
    let mut parameters = vec![Code::of("connection: &v1::Connection")];
    let mut port = Code::of("v1::Port::new(connection, &PORT)");
    if constructor.certificate {
        parameters.push(Code::of("certificate: v1::Certificate"));
        port.push(".certificate(certificate)", &[]);
    }
    if constructor.bearer {
        parameters.push(Code::of("tokens: v1::BearerTokens"));
        port.push(".bearer_tokens(tokens)", &[]);
    }
    if constructor.credentials {
        parameters.push(Code::of("credentials: v1::Credentials"));
        port.push(".credentials(credentials)", &[]);
    }
    text.docs(4, &constructor.docs);
    text.list(4, &Code::of("pub fn new("), &parameters, &Code::of(") -> Self {"));
    text.line(8, "Self { port: $ }", &[&port]);
    text.line(4, "}", &[]);
}

fn method(method: &Method<'_>, text: &mut Text) {
    let mut parameters = vec![Code::of("&self")];
    let request = match &method.request {
        RequestArgument::Nothing => Code::of("&()"),
        RequestArgument::Blank(ty) => Code::new("&$ {}", &[ty]),
        RequestArgument::Into(ty) => {
            parameters.push(Code::new("request: impl Into<$>", &[ty]));
            Code::of("&request.into()")
        }
        RequestArgument::Value(ty) => {
            parameters.push(Code::new("request: $", &[ty]));
            Code::of("&request")
        }
    };
    let mut call = Code::new("self.port.request(&$, $)", &[&Ident(&method.operation), &request]);
    for principal in &method.principals {
        let (name, ty) = (Ident(principal.name), &principal.ty);
        // With and without `Some`, as some operations can do without and others cannot.
        parameters.push(Code::new("$: impl Into<Option<&$>>", &[&name, ty]));
        call.push(".principal($.into())", &[&name]);
    }
    if method.has_upload {
        parameters.push(Code::of("upload: impl Into<v1::Upload>"));
        call.push(".upload(upload)", &[]);
    }
    let end = match method.call {
        _ if method.headers.is_some() => ".call_with_headers()",
        Call::Plain => ".call()",
        Call::Download => ".download()",
        Call::DownloadWith => ".download_with()",
        Call::Items => ".items()",
    };
    text.docs(4, &method.docs);
    method.aliases.iter().for_each(|alias| text.alias(4, alias));
    let start = Code::new("pub async fn $(", &[&Ident(&method.name)]);
    let returned = returned(method);
    text.list(4, &start, &parameters, &Code::new(") -> Result<$, v1::Error> {", &[&returned]));
    text.line(8, "$$.await", &[&call, &end]);
    text.line(4, "}", &[]);
}

fn returned(method: &Method<'_>) -> Code {
    let value = &method.returns;
    if let Some(headers) = &method.headers {
        return Code::new("v1::WithHeaders<$, $>", &[value, headers]);
    }
    match method.call {
        Call::Plain => Code::new("$", &[value]),
        Call::Download => Code::of("v1::Download"),
        Call::DownloadWith => Code::new("($, v1::Download)", &[value]),
        Call::Items => Code::new("v1::Items<$>", &[value]),
    }
}
