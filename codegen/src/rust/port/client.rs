//! The client of a port: its constructor, and one or two methods per operation.

use crate::contract::model::Token;
use crate::rust::docs::{self, Docs, Markdown};
use crate::rust::message::{Carrier, Messages, Stream};
use crate::rust::model::{Argument, Call, Client, Constructor, Item, ItemKind, Method, Path, RequestArgument};
use crate::rust::port::{Builder, OperationNames, faults, needs_certificate};

impl<'a> Builder<'_, 'a> {
    pub(super) fn client(&self) -> Item<'a> {
        let port = self.module.port;
        let is_caller = self.module.messages.iter().any(|messages| self.analysis.slots.of(&messages.operation.input).0);
        let credentials = is_caller
            || matches!(port.requirements.token, Token::HttpBasic | Token::HttpDigest | Token::UserName { .. });
        let bearer = port.requirements.token == Token::Bearer;
        let certificate = needs_certificate(port);
        let docs = match (certificate, credentials) {
            _ if matches!(port.requirements.token, Token::Unsupported(_)) => {
                "A client that sends nothing: the contract requires security that is not supported, and every call ends as a configuration error that says what to do."
            }
            (false, true) if bearer => {
                "A client that calls with these tokens; requests that name the caller get the credentials."
            }
            (false, false) if bearer => "A client that calls with these tokens.",
            (true, true) => {
                "A client whose sessions start with this certificate; requests that name the caller get the credentials."
            }
            (true, false) => "A client whose sessions start with this certificate.",
            (false, true) => "A client that puts these credentials into every message that names the caller.",
            (false, false) => "A client that calls over this connection.",
        };
        let methods = self.module.messages.iter().zip(&self.names);
        let kind = ItemKind::Client(Client {
            docs: Docs::sentence("Client of $.", &[Markdown::code(&port.port_type.local)]),
            constructor: Constructor { docs: Docs::sentence(docs, &[]), certificate, bearer, credentials },
            methods: methods.flat_map(|(messages, names)| self.methods(messages, names)).collect(),
        });
        // Where the certificate needs a feature, so does the client.
        let features = self.analysis.config.certificate_feature.iter().filter(|_| certificate).cloned().collect();
        Item { features, kind }
    }

    fn methods(&self, messages: &Messages<'a>, names: &OperationNames) -> Vec<Method<'a>> {
        let wire = messages.operation.name.as_str();
        let returns = self.returned(&messages.reply);
        let call = match messages.reply.stream() {
            Stream::None => Call::Plain,
            Stream::Alone => Call::Download,
            Stream::Beside => Call::DownloadWith,
        };
        let configured = self.module.config.and_then(|config| config.aliases.get(wire));
        let others = configured.into_iter().flatten().map(String::as_str).filter(|alias| *alias != wire);
        let plain = Method {
            name: names.method.clone(),
            docs: self.operation_docs(messages, names, "Calls $.", "A fault of the service carries $."),
            aliases: [wire].into_iter().chain(others).filter_map(|alias| docs::alias(alias, &names.method)).collect(),
            operation: names.constant.clone(),
            request: self.request(&messages.request),
            principals: self.principals(messages),
            has_upload: messages.request.has_stream(),
            call,
            headers: None,
            returns,
        };
        let mut all = vec![plain.clone()];
        if let (Some(name), Some((body, headers))) = (&names.with_headers, &messages.apart) {
            all.push(Method {
                name: name.clone(),
                docs: Docs::sentence(
                    "$ with the header parts of the reply apart, and with further header blocks.",
                    &[Markdown::link_as(&names.method, &format!("Self::{}", names.method))],
                ),
                aliases: Vec::new(),
                headers: Some(self.carried(&Carrier::Struct(headers.clone()))),
                returns: self.carried(body),
                ..plain.clone()
            });
        }
        let (Some(name), Some(item)) = (&names.items, messages.reply.item()) else { return all };
        let items = Method {
            name: name.clone(),
            docs: Docs::sentence(
                "$ item by item, for lists too long to be held in memory.",
                &[Markdown::link_as(&names.method, &format!("Self::{}", names.method))],
            ),
            aliases: Vec::new(),
            call: Call::Items,
            returns: self.analysis.value(self.place, item),
            ..plain
        };
        all.push(items);
        all
    }

    fn request(&self, carrier: &Carrier<'a>) -> RequestArgument {
        let ty = self.carried(carrier);
        let Carrier::Struct(wrapper) = carrier else {
            return if *carrier == Carrier::Nothing { RequestArgument::Nothing } else { RequestArgument::Value(ty) };
        };
        match wrapper.fields.iter().filter(|field| field.member.is_some()).take(2).count() {
            0 => RequestArgument::Blank(ty),
            1 => RequestArgument::Into(ty),
            _ => RequestArgument::Value(ty),
        }
    }

    fn principals(&self, messages: &Messages<'a>) -> Vec<Argument<'a>> {
        let (_, holders) = self.analysis.slots.of(&messages.operation.input);
        let module = ["credentials".to_owned()];
        let declared = &self.analysis.config.credentials.principal;
        holders
            .into_iter()
            .filter_map(|holder| {
                Some(Argument {
                    name: &declared.get(holder.principal)?.argument,
                    ty: Path::between(self.place.module, &module, holder.principal),
                    is_optional: holder.is_optional,
                })
            })
            .collect()
    }

    /// What the contract says of an operation, or what its method `does`; then what a `fault` of it carries.
    pub(super) fn operation_docs(
        &self,
        messages: &Messages<'a>,
        names: &OperationNames,
        does: &'static str,
        fault_carries: &'static str,
    ) -> Docs {
        let operation = messages.operation;
        let docs = Docs::written(&operation.documentation.paragraphs);
        let mut docs = docs.or(does, &[Markdown::code(&operation.name)]);
        let fault = match &names.faults {
            Some(name) => Some(Markdown::link(name)),
            None => faults(self.analysis, messages).first().map(|fault| {
                let path = self.analysis.value(self.place, fault.detail.ty).to_string();
                Markdown::link_as(path.rsplit("::").next().unwrap_or(&path), &path)
            }),
        };
        for principal in self.principals(messages).iter().filter(|principal| !principal.is_optional) {
            docs.paragraph("It cannot do without $.", &[Markdown::code(principal.name)]);
        }
        if let Some(fault) = fault {
            docs.section("# Errors", Docs::sentence(fault_carries, &[fault]));
        }
        docs
    }
}
