//! The client of a port.

use crate::render::text::Text;
use crate::rust::model::{Call, Client, Method, RequestArgument, RustType};

/// The client: a struct, its constructor, and one or two methods per operation.
pub(super) fn client(client: &Client<'_>) -> Vec<Text> {
    let mut item = Text::default();
    item.docs(0, &client.docs);
    item.line(0, "#[derive(Clone, Debug)]");
    item.line(0, "pub struct Client {");
    item.line(4, "port: v1::Port,");
    item.line(0, "}");
    let mut methods = Text::default();
    methods.line(0, "impl Client {");
    constructor(client, &mut methods);
    for one in &client.methods {
        methods.gap();
        method(one, &mut methods);
    }
    methods.line(0, "}");
    vec![item, methods]
}

fn constructor(client: &Client<'_>, text: &mut Text) {
    let constructor = &client.constructor;
    let mut parameters = vec!["connection: &v1::Connection".to_owned()];
    let mut port = "v1::Port::new(connection, &PORT)".to_owned();
    if constructor.certificate {
        parameters.push("certificate: v1::Certificate".to_owned());
        port.push_str(".certificate(certificate)");
    }
    if constructor.credentials {
        parameters.push("credentials: v1::Credentials".to_owned());
        port.push_str(".credentials(credentials)");
    }
    text.docs(4, &constructor.docs);
    text.list(4, "pub fn new(", &parameters, ") -> Self {");
    text.line(8, &format!("Self {{ port: {port} }}"));
    text.line(4, "}");
}

fn method(method: &Method<'_>, text: &mut Text) {
    let mut parameters = vec!["&self".to_owned()];
    let request = match &method.request {
        RequestArgument::Nothing => "&()".to_owned(),
        RequestArgument::Blank(ty) => format!("&{ty} {{}}"),
        RequestArgument::Into(ty) => {
            parameters.push(format!("request: impl Into<{ty}>"));
            "&request.into()".to_owned()
        }
        RequestArgument::Value(ty) => {
            parameters.push(format!("request: {ty}"));
            "&request".to_owned()
        }
    };
    let mut call = format!("self.port.request(&{}, {request})", method.operation);
    for principal in &method.principals {
        let (name, ty) = (principal.name, &principal.ty);
        parameters.push(match principal.is_optional {
            true => format!("{name}: Option<&{ty}>"),
            false => format!("{name}: &{ty}"),
        });
        call.push_str(&format!(".principal({name})"));
    }
    if method.call == Call::Upload {
        parameters.push("upload: impl Into<v1::Upload>".to_owned());
        call.push_str(".upload(upload)");
    }
    call.push_str(match method.call {
        Call::Plain | Call::Upload => ".call()",
        Call::Download => ".download()",
        Call::DownloadWith => ".download_with()",
        Call::Items => ".items()",
    });
    text.docs(4, &method.docs);
    method.aliases.iter().for_each(|alias| text.alias(4, alias));
    let returned = returned(method.call, &method.returns);
    text.list(
        4,
        &format!("pub async fn {}(", method.name),
        &parameters,
        &format!(") -> Result<{returned}, v1::Error> {{"),
    );
    text.line(8, &format!("{call}.await"));
    text.line(4, "}");
}

fn returned(call: Call, value: &RustType) -> String {
    match call {
        Call::Plain | Call::Upload => value.to_string(),
        Call::Download => "v1::Download".to_owned(),
        Call::DownloadWith => format!("({value}, v1::Download)"),
        Call::Items => format!("v1::Items<{value}>"),
    }
}
