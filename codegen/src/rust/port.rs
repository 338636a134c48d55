//! A port: its client, the structs and faults of its operations, and the descriptors of both.

mod client;
mod server;

use std::collections::{BTreeMap, BTreeSet};

use crate::config::{AuthenticationScope, Replies, SoapAction};
use crate::contract::model::{Fault, LeftOut, Port, Token, Type};
use crate::name::SoapVersion;
use crate::rust::analysis::{Analysis, CurrentModule};
use crate::rust::docs::{Docs, Markdown};
use crate::rust::keywords::{self, Names};
use crate::rust::message::{Carrier, Messages, Reply, Wrapper};
use crate::rust::model::{
    Authentication, Equality, Exchange, FaultEnum, FaultVariant, Item, ItemKind, Name, OperationDescriptor, Path,
    PortDescriptor, RustType, Security, Struct,
};
use crate::rust::modules::{PortModule, ServiceModule};
use crate::rust::serving::Serving;
use crate::rust::{Finding, credentials, docs, field, model, type_names, words};

/// Seconds that the runtime waits after a refused credential, if the descriptor says nothing.
const AUTHENTICATION_PAUSE: u64 = 300;

/// What a client has besides the methods of its operations.
const OWN_METHODS: &[&str] =
    &["new", "clone", "with_http_header", "with_reply_headers", "with_reply_timeout", "with_soap_header"];

/// The names of an operation.
struct OperationNames {
    method: String,
    /// The method that gives the items of the reply one by one, if the reply is a list.
    items: Option<String>,
    /// The method that gives the header parts of the reply apart, if it has any.
    with_headers: Option<String>,
    constant: String,
    /// The enum over its faults, if it needs one.
    faults: Option<String>,
}

impl OperationNames {
    /// A link to the method.
    fn link(&self) -> Markdown {
        Markdown::link(&format!("Client::{}", self.method))
    }
}

/// A port while its items are created.
struct Builder<'b, 'a> {
    analysis: &'b Analysis<'a>,
    place: CurrentModule<'b>,
    module: &'b PortModule<'a>,
    /// Structs beside the client, in order of use.
    structs: Vec<(String, &'b Wrapper<'a>)>,
    /// Indices of structs by what they are named after.
    index: BTreeMap<(Name<'a>, &'b str), Vec<usize>>,
    names: Vec<OperationNames>,
}

/// Whether callers prove who they are with a certificate.
pub(super) fn needs_certificate(port: &Port) -> bool {
    matches!(port.requirements.token, Token::SecureConversation(_))
}

/// What introduces a port, and what it lacks.
pub(super) fn summary(port: &Port) -> Docs {
    let soap = match port.soap {
        SoapVersion::Soap11 => "SOAP 1.1",
        SoapVersion::Soap12 => "SOAP 1.2",
    };
    let security = match &port.requirements.token {
        Token::None => "",
        Token::HttpBasic => ", HTTP Basic authentication",
        Token::HttpDigest => ", HTTP Digest authentication",
        Token::Bearer => ", bearer tokens",
        Token::UserName { .. } => ", WS-Security UsernameToken",
        Token::SecureConversation(_) => ", WS-SecureConversation",
        Token::Unsupported(_) => ", security that is not supported",
    };
    let mtom = if port.requirements.mtom { ", MTOM" } else { "" };
    let certificate = if port.requirements.client_certificate { ", client certificate in TLS" } else { "" };
    let facts = [soap, security, certificate, mtom].map(Markdown::ours);
    let skeleton = match port.address.is_empty() {
        true => {
            "Port $: $$$$. Its contract has no address: the connection gives it (`port_address` with [`PORT`], or the base URL)."
        }
        false => "Port $: $$$$.",
    };
    let mut docs = Docs::sentence(skeleton, &[&[Markdown::code(&port.name)], &facts[..]].concat());
    if !port.left_out.is_empty() {
        docs.section("# Operations left out", left_out(&port.left_out));
    }
    docs
}

/// The names of what is not generated, and why.
pub(super) fn left_out(list: &[LeftOut]) -> Docs {
    Docs::list(list.iter().map(|one| (one.name.as_str(), one.reason.as_str())))
}

/// All items of a port.
pub(super) fn items<'a>(
    analysis: &Analysis<'a>,
    place: CurrentModule<'_>,
    service: &ServiceModule<'a>,
    module: &PortModule<'a>,
    serving: Option<&Serving<'a>>,
    findings: &mut Vec<Finding>,
) -> Vec<Item<'a>> {
    let mut builder =
        Builder { analysis, place, module, structs: Vec::new(), index: BTreeMap::new(), names: Vec::new() };
    builder.name(service, serving.is_some(), findings);
    let mut items = vec![builder.client()];
    items.extend(serving.map(|serving| builder.server(serving)));
    items.extend(builder.structs(findings).into_iter().map(|record| Item::always(ItemKind::Struct(record))));
    let operations = || module.messages.iter().zip(&builder.names);
    items.extend(operations().filter_map(|(messages, names)| builder.faults(messages, names)).map(Item::always));
    items.extend(operations().map(|(messages, names)| Item::always(builder.operation(messages, names))));
    items.push(Item::always(ItemKind::Port(builder.descriptor())));
    let exchange = |(messages, names): (&Messages<'a>, &OperationNames)| Exchange {
        operation: names.constant.clone(),
        request: builder.carried(&messages.request),
        reply: builder.returned(&messages.reply),
    };
    items.push(Item::always(ItemKind::Exchanges(operations().map(exchange).collect())));
    items
}

impl<'b, 'a> Builder<'b, 'a> {
    /// Gives everything its name. Structs and methods of the contract come first, then what is made up.
    fn name(&mut self, service: &ServiceModule<'_>, is_served: bool, findings: &mut Vec<Finding>) {
        let path = format!("{}::{}", service.name, self.module.name);
        let mut unique = |taken: &mut Names, wanted: String, wire: &str| {
            let name = taken.unique(wanted.clone());
            if name != wanted {
                findings.push(Finding::warning(
                    format!("two names in {path} would be `{wanted}`: {wire} is `{name}`"),
                    "a type can be named under [service.…names] in the configuration",
                ));
            }
            name
        };
        let mut types = Names::reserve(if is_served { &["Client", "Handler"] } else { &["Client"] });
        let mut methods = Names::reserve(OWN_METHODS);
        let mut constants = Names::reserve(&["PORT", "EXCHANGES"]);
        let mut add = |builder: &mut Self, types: &mut Names, wrapper: &'b Wrapper<'a>| {
            if builder.struct_name(wrapper).is_some() {
                return;
            }
            let configured = service.config.filter(|config| !config.names.is_empty());
            let configured = configured
                .and_then(|config| config.names.get(&format!("{{{}}}{}", wrapper.shape.namespace, wrapper.name)));
            let wanted = configured.cloned().unwrap_or_else(|| words::upper_camel(&wrapper.name));
            let name = unique(types, keywords::type_name(&wanted), &wrapper.name);
            builder.index.entry((wrapper.shape, &wrapper.name)).or_default().push(builder.structs.len());
            builder.structs.push((name, wrapper));
        };
        let module = self.module;
        for messages in &module.messages {
            messages.wrappers().for_each(|wrapper| add(self, &mut types, wrapper));
        }
        for messages in &module.messages {
            messages.wrappers_apart().for_each(|wrapper| add(self, &mut types, wrapper));
        }
        for messages in &self.module.messages {
            let wire = &messages.operation.name;
            self.names.push(OperationNames {
                method: unique(&mut methods, keywords::member(&words::snake(wire)), wire),
                items: None,
                with_headers: None,
                constant: unique(&mut constants, constant(wire), wire),
                faults: None,
            });
        }
        for (messages, names) in self.module.messages.iter().zip(&mut self.names) {
            let wire = &messages.operation.name;
            if messages.reply.item().is_some() {
                let wanted = format!("{}_items", names.method.trim_start_matches("r#"));
                names.items = Some(unique(&mut methods, wanted, wire));
            }
            if messages.apart.is_some() {
                let wanted = format!("{}_with_headers", names.method.trim_start_matches("r#"));
                names.with_headers = Some(unique(&mut methods, wanted, wire));
            }
            let faults = faults(self.analysis, messages);
            let is_typed = |fault: &&Fault| matches!(fault.detail.ty, Type::Named(id) if self.analysis.contract.complex(id).is_some());
            if faults.len() > 1 || !faults.iter().all(is_typed) {
                names.faults = Some(unique(&mut types, format!("{}Fault", words::upper_camel(wire)), wire));
            }
        }
    }

    fn struct_name(&self, wrapper: &Wrapper<'a>) -> Option<&str> {
        let known = self.index.get(&(wrapper.shape, wrapper.name.as_str()))?;
        known.iter().map(|at| &self.structs[*at]).find(|(_, known)| *known == wrapper).map(|(name, _)| name.as_str())
    }

    /// The type of a message.
    fn carried(&self, carrier: &Carrier<'a>) -> RustType {
        match carrier {
            Carrier::Nothing => RustType::Unit,
            Carrier::Type(ty) => self.analysis.value(self.place, *ty),
            Carrier::Struct(wrapper) => {
                self.struct_name(wrapper).map_or(RustType::Unit, |name| RustType::Generated(Path::here(name)))
            }
        }
    }

    /// The type of what a call returns.
    fn returned(&self, reply: &Reply<'a>) -> RustType {
        match reply {
            Reply::OneWay | Reply::Empty | Reply::Void(_) => RustType::Unit,
            Reply::Unwrapped(_, child) => self.analysis.member(self.place, None, child),
            Reply::Element(_, carrier) => self.carried(carrier),
        }
    }

    fn structs(&self, findings: &mut Vec<Finding>) -> Vec<Struct<'a>> {
        // Documentation from operations about each struct, by its index.
        let mut links: Vec<Vec<Markdown>> = vec![Vec::new(); self.structs.len()];
        let mut requests: Vec<bool> = vec![false; self.structs.len()];
        let mut parameters: Vec<BTreeMap<&str, &str>> = vec![BTreeMap::new(); self.structs.len()];
        let by_name: BTreeMap<&str, usize> =
            self.structs.iter().enumerate().map(|(at, (name, _))| (name.as_str(), at)).collect();
        for (messages, names) in self.module.messages.iter().zip(&self.names) {
            let mut seen = BTreeSet::new();
            for wrapper in messages.wrappers().chain(messages.wrappers_apart()) {
                let Some(at) = self.struct_name(wrapper).map(|name| by_name[name]) else { continue };
                if messages.requests(wrapper) {
                    requests[at] = true;
                    let said = &messages.operation.documentation.parameters;
                    parameters[at].extend(said.iter().map(|(name, text)| (name.as_str(), text.as_str())));
                }
                if seen.insert(at) {
                    links[at].push(names.link());
                }
            }
        }
        let record = |(at, (name, wrapper)): (usize, &(String, &'b Wrapper<'a>))| {
            let fields = &wrapper.fields;
            let members =
                field::members(self.analysis, self.place, (wrapper.shape, None), fields, &parameters[at], findings);
            // That of one operation is named after it.
            let docs = match (links[at].len(), requests[at]) {
                (1, _) => Docs::default(),
                (_, true) => Docs::sentence("Request of $.", &[Markdown::list(&links[at])]),
                (_, false) => Docs::sentence("Reply of $.", &[Markdown::list(&links[at])]),
            };
            Struct {
                name: name.clone(),
                docs,
                alias: docs::alias(wrapper.shape.local, name),
                equality: self.analysis.equalities.of_fields(&self.analysis.layouts, fields),
                has_default: self.analysis.recursion.default_of(&self.analysis.layouts, fields),
                shape: wrapper.shape,
                is_group: false,
                in_order: self.analysis.layouts.are_in_order(fields),
                fields: fields.iter().map(|field| field::descriptor(self.analysis, self.place, field)).collect(),
                members,
                from_member: requests[at],
                fault_elements: Vec::new(),
                root_elements: Vec::new(),
                methods: Vec::new(),
            }
        };
        self.structs.iter().enumerate().map(record).collect()
    }

    /// The enum over the faults of an operation.
    fn faults(&self, messages: &Messages<'a>, names: &OperationNames) -> Option<ItemKind<'a>> {
        let name = names.faults.clone()?;
        let faults = faults(self.analysis, messages);
        let equality = |fault: &&Fault| self.analysis.equalities.of(&self.analysis.layouts, fault.detail.ty);
        let equality = faults.iter().map(equality).min().unwrap_or(Equality::Hash);
        let wanted: Vec<(String, &str)> = faults
            .iter()
            .map(|fault| {
                let element = &fault.detail.name;
                (keywords::member(&words::upper_camel(&element.local)), element.namespace.as_str())
            })
            .collect();
        let home = wanted.first().map_or("", |(_, namespace)| namespace);
        let modules: BTreeMap<&str, String> =
            crate::rust::namespaces::modules(wanted.iter().map(|(_, namespace)| *namespace), &[]);
        let variants =
            type_names::variants(&wanted, home, &modules).into_iter().zip(faults).map(|(name, fault)| FaultVariant {
                name,
                docs: Docs::written(&fault.detail.documentation.paragraphs),
                ty: self.analysis.value(self.place, fault.detail.ty),
                element: Name::from(&fault.detail.name),
            });
        let docs = Docs::sentence("Faults of $.", &[names.link()]);
        Some(ItemKind::FaultEnum(FaultEnum { name, docs, equality, variants: variants.collect() }))
    }

    fn operation(&self, messages: &Messages<'a>, names: &OperationNames) -> ItemKind<'a> {
        let operation = messages.operation;
        let reply = match &messages.reply {
            Reply::OneWay => None,
            Reply::Empty => Some(model::Reply::Empty),
            Reply::Void(element) => Some(model::Reply::Void(field::body(self.analysis, element))),
            Reply::Unwrapped(element, child) => Some(model::Reply::Unwrapped(
                field::body(self.analysis, element),
                field::descriptor(self.analysis, self.place, child),
            )),
            Reply::Element(..) if operation.output.as_ref().is_some_and(|reply| reply.bare) => Some(model::Reply::Bare),
            Reply::Element(element, _) => Some(model::Reply::Element(field::body(self.analysis, element))),
        };
        let config = self.module.config;
        ItemKind::Operation(OperationDescriptor {
            constant: names.constant.clone(),
            name: &operation.name,
            action: &operation.action,
            reply_action: &operation.reply_action,
            request: operation
                .input
                .body
                .as_ref()
                .filter(|_| !operation.input.bare)
                .map(|element| field::body(self.analysis, element)),
            bare: operation.input.bare,
            reply,
            reply_timeout: config.and_then(|config| config.reply_timeout.get(&operation.name)).copied(),
            binary_limit: config.and_then(|config| config.binary_limit.get(&operation.name)).copied(),
            accounts: self.accounts(messages),
            faults: self.fault_actions(messages),
            encoded: operation.encoded,
        })
    }

    fn fault_actions(&self, messages: &Messages<'a>) -> Vec<(Name<'a>, &'a str)> {
        match self.analysis.config.server && self.module.port.requirements.addressing {
            true => faults(self.analysis, messages)
                .into_iter()
                .map(|one| ((&one.detail.name).into(), &*one.action))
                .collect(),
            false => Vec::new(),
        }
    }

    /// The accounts whose passwords are in the request of an operation, and count.
    fn accounts(&self, messages: &Messages<'a>) -> Vec<&'a str> {
        let uncounted = self.module.config.map_or(&[][..], |config| &config.uncounted);
        match credentials::is_counted(uncounted, &messages.operation.name) {
            true => self.analysis.slots.accounts(messages.operation),
            false => Vec::new(),
        }
    }

    /// What is asked of replies, if it is not what the runtime does by itself and there is something to ask for.
    fn replies(&self) -> Option<&'static str> {
        let port = self.module.port;
        let requirements = &port.requirements;
        let wanted = requirements.replies.or(self.analysis.config.replies)?;
        let has_security = requirements.timestamp || matches!(requirements.token, Token::UserName { .. });
        let is_usual = wanted == if needs_certificate(port) { Replies::Wcf } else { Replies::Lenient };
        let applies = has_security || needs_certificate(port) || requirements.addressing;
        (applies && !is_usual).then_some(match wanted {
            Replies::Strict => "Strict",
            Replies::Wcf => "Wcf",
            Replies::Lenient => "Lenient",
        })
    }

    fn descriptor(&self) -> PortDescriptor<'a> {
        let (port, config) = (self.module.port, self.module.config);
        let requirements = &port.requirements;
        let timestamp = requirements.timestamp;
        let security = match &requirements.token {
            Token::None => timestamp.then_some(Security::Timestamp),
            Token::Unsupported(what) => Some(Security::Unsupported(what)),
            Token::HttpBasic => Some(Security::HttpBasic { timestamp }),
            Token::HttpDigest => Some(Security::HttpDigest { timestamp }),
            Token::Bearer => Some(Security::Bearer { timestamp }),
            Token::UserName { digest } => Some(Security::UserName { digest: *digest, timestamp }),
            Token::SecureConversation(facts) => Some(Security::SecureConversation {
                must_not_cancel: facts.must_not_cancel,
                version_1_3: facts.version_1_3,
                timestamp,
            }),
        };
        let pause = config.and_then(|config| config.authentication_pause);
        let pause = pause.unwrap_or(self.analysis.config.authentication_pause);
        let scope = config.and_then(|config| config.authentication_scope);
        let scope = scope.unwrap_or(self.analysis.config.authentication_scope);
        let in_header = matches!(requirements.token, Token::HttpBasic | Token::HttpDigest | Token::UserName { .. })
            && self.analysis.config.credentials.header_account.is_some();
        let has_accounts = in_header || self.module.messages.iter().any(|messages| !self.accounts(messages).is_empty());
        PortDescriptor {
            name: &port.name,
            service: &self.module.service.name.local,
            address: &port.address,
            soap: port.soap,
            addressing: requirements.addressing,
            addressing_2004: requirements.addressing_2004,
            soap_action: requirements.soap_action.map(|how| match how {
                SoapAction::Quoted => "Quoted",
                SoapAction::Empty => "Empty",
                SoapAction::Absent => "Absent",
            }),
            replies: self.replies(),
            transport_binding: requirements.transport_security && !needs_certificate(port),
            client_certificate: requirements.client_certificate,
            mtom: requirements.mtom,
            security,
            authentication: Authentication {
                pause: (pause != AUTHENTICATION_PAUSE).then_some(pause),
                of_host: scope == AuthenticationScope::Host,
            },
            accounts: has_accounts.then(|| Path::between(self.place.module, &["credentials".to_owned()], "ACCOUNTS")),
            operations: self.names.iter().map(|names| names.constant.clone()).collect(),
        }
    }
}

/// The faults of an operation that can have a value, each element once.
fn faults<'a>(analysis: &Analysis<'a>, messages: &Messages<'a>) -> Vec<&'a Fault> {
    let mut seen = BTreeSet::new();
    let faults = messages.operation.faults.iter().filter(|fault| analysis.layouts.has_value(fault.detail.ty));
    faults.filter(|fault| seen.insert(&fault.detail.name)).collect()
}

/// Namespaces have constants too; theirs begin with `NS_`.
fn constant(operation: &str) -> String {
    let name = words::shouty(operation);
    if name.starts_with("NS_") { format!("{name}_") } else { name }
}
