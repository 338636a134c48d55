//! The server half of a port: the trait of its handlers, and the service that calls them.

use crate::render::text::{Code, Ident, Lines, Literal, Text};
use crate::rust::model::{Answer, ContractDocument, HandlerMethod, Server};

/// The trait, and the function that makes a service of a handler.
pub(super) fn server(server: &Server) -> Vec<Text> {
    let mut handler = Text::default();
    handler.docs(0, &server.docs);
    handler.line(0, "pub trait Handler: v1::Send + v1::Sync + 'static {", &[]);
    for (at, one) in server.methods.iter().enumerate() {
        if at > 0 {
            handler.gap();
        }
        method(one, &mut handler);
    }
    handler.line(0, "}", &[]);
    let mut service = Text::default();
    service.line(0, "/// A service whose calls the handler answers.", &[]);
    service.line(0, "pub fn service<H: Handler>(handler: H) -> v1::Service {", &[]);
    if let [root, others @ ..] = server.contract.as_slice() {
        let others: Vec<Code> = others.iter().map(|path| Code::new("&$", &[path])).collect();
        let start = Code::new("static CONTRACT: v1::Contract = v1::Contract::new(&$, &[", &[root]);
        service.list(4, &start, &others, &Code::of("]);"));
    }
    service.line(4, "v1::Service::new(&PORT, handler)", &[]);
    server.methods.iter().for_each(|one| entry(one, &mut service));
    if !server.contract.is_empty() {
        service.line(8, ".contract(&CONTRACT)", &[]);
    }
    service.line(8, ".service()", &[]);
    service.line(0, "}", &[]);
    vec![handler, service]
}

fn method(method: &HandlerMethod, text: &mut Text) {
    text.docs(4, &method.docs);
    let mut parameters = vec![Code::of("&self"), Code::new("request: $", &[&method.request])];
    if method.takes_stream {
        parameters.push(Code::of("content: v1::Download"));
    }
    parameters.push(Code::of("context: v1::Context"));
    let answer = match &method.answer {
        Answer::Value(ty) => Code::new("$", &[ty]),
        Answer::List(item) => Code::new("v1::Listing<$>", &[item]),
        Answer::Stream => Code::of("v1::Upload"),
        Answer::Beside(ty) => Code::new("($, v1::Upload)", &[ty]),
    };
    let end = Code::new(") -> impl v1::Future<Output = Result<$, v1::ServiceFault>> + v1::Send {", &[&answer]);
    text.list(4, &Code::new("fn $(", &[&Ident(&method.name)]), &parameters, &end);
    let content = if method.takes_stream { "content, " } else { "" };
    text.line(8, "v1::ready(v1::unserved((request, $context)))", &[&content]);
    text.line(4, "}", &[]);
}

/// The operation in the list of the service.
fn entry(method: &HandlerMethod, text: &mut Text) {
    let kind = match (method.takes_stream, &method.answer) {
        (false, Answer::Value(_)) => "operation",
        (true, Answer::Value(_) | Answer::List(_)) => "upload",
        (false, Answer::List(_)) => "list",
        (false, Answer::Stream | Answer::Beside(_)) => "download",
        (true, Answer::Stream | Answer::Beside(_)) => "exchange",
    };
    let content = if method.takes_stream { "content, " } else { "" };
    let alone = if method.answer == Answer::Stream { ".map(|content| ((), content))" } else { "" };
    text.line(8, ".$(&$, |handler, request, $context| async move {", &[&kind, &Ident(&method.operation), &content]);
    text.line(12, "Handler::$(&*handler, request, $context).await$", &[&Ident(&method.name), &content, &alone]);
    text.line(8, "})", &[]);
}

/// A document of a contract.
pub(super) fn document(document: &ContractDocument<'_>, text: &mut Text) {
    let pieces = Code::join(document.pieces.iter().map(|piece| Lines(piece)), ", ");
    let pieces: [&dyn crate::render::text::Piece; 3] = [&Ident(&document.constant), &Literal(document.name), &pieces];
    text.line(0, "pub(super) static $: v1::ContractDocument = v1::ContractDocument::new($, &[$]);", &pieces);
}
