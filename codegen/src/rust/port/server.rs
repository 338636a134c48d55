//! The server half of a port: its trait of handlers, with a method for each operation, and its service.

use crate::rust::docs::{Docs, Markdown};
use crate::rust::message::{Messages, Stream};
use crate::rust::model::{Answer, HandlerMethod, Item, ItemKind, Server};
use crate::rust::port::{Builder, OperationNames};
use crate::rust::serving::Serving;

impl<'a> Builder<'_, 'a> {
    pub(super) fn server(&self, serving: &Serving<'a>) -> Item<'a> {
        let port_type = Markdown::code(&self.module.port.port_type.local);
        let skeleton =
            "Answers the calls of $. A method that is not implemented answers that the operation is not supported.";
        let methods = self.module.messages.iter().zip(&self.names);
        let kind = ItemKind::Server(Server {
            docs: Docs::sentence(skeleton, &[port_type]),
            methods: methods.map(|(messages, names)| self.handler_method(messages, names)).collect(),
            contract: serving.contract(&self.module.service.document, self.place.module),
        });
        Item { features: serving.features.clone(), kind }
    }

    fn handler_method(&self, messages: &Messages<'a>, names: &OperationNames) -> HandlerMethod {
        let takes_stream = messages.request.has_stream();
        let answer = match (messages.reply.stream(), messages.reply.item()) {
            (Stream::Alone, _) => Answer::Stream,
            (Stream::Beside, _) => Answer::Beside(self.returned(&messages.reply)),
            // A list is written item by item only where nothing is left to read.
            (Stream::None, Some(item)) if !takes_stream => Answer::List(self.analysis.value(self.place, item)),
            (Stream::None, _) => Answer::Value(self.returned(&messages.reply)),
        };
        HandlerMethod {
            name: names.method.clone(),
            docs: self.operation_docs(messages, names, "Answers $.", "A fault of the contract carries $."),
            operation: names.constant.clone(),
            request: self.carried(&messages.request),
            takes_stream,
            answer,
        }
    }
}
