//! Descriptors of fields, operations and ports.

use std::collections::BTreeMap;

use crate::name::SoapVersion;
use crate::render::text::{Code, Ident, Literal, Text};
use crate::rust::model::{
    Accounts, Exchange, Facet, FieldDescriptor, FieldSetting, Name, NamespaceConst, Occurrence, OperationDescriptor,
    PortDescriptor, Reply, Role, Security,
};

/// How a module writes namespaces.
#[derive(Debug)]
pub(super) struct Namespaces<'m>(BTreeMap<&'m str, &'m str>);

impl<'m> Namespaces<'m> {
    pub(super) fn new(constants: &'m [NamespaceConst<'_>]) -> Self {
        Self(constants.iter().map(|constant| (constant.namespace, constant.name.as_str())).collect())
    }

    /// The two arguments that a name is made of.
    pub(super) fn name(&self, name: Name<'_>) -> Code {
        match self.0.get(name.namespace) {
            Some(constant) => Code::new("$, $", &[&Ident(constant), &Literal(name.local)]),
            None => Code::new("$, $", &[&Literal(name.namespace), &Literal(name.local)]),
        }
    }

    /// `v1::Field…`
    pub(super) fn field(&self, field: &FieldDescriptor<'_>) -> Code {
        let constructor = match field.occurrence {
            Occurrence::Required => "required",
            Occurrence::Optional => "optional",
            Occurrence::Many => "many",
            Occurrence::Many1 => "many1",
        };
        let mut code = Code::new("v1::Field::$($)", &[&constructor, &self.name(field.name)]);
        field.settings.iter().for_each(|setting| code.push("$", &[&self.setting(setting)]));
        code
    }

    fn setting(&self, setting: &FieldSetting<'_>) -> Code {
        match setting {
            FieldSetting::Nillable => Code::of(".nillable()"),
            FieldSetting::Items(item) => Code::new(".items($)", &[&self.name(*item)]),
            FieldSetting::ItemsRequired => Code::of(".items_required()"),
            FieldSetting::ItemsNillable => Code::of(".items_nillable()"),
            FieldSetting::Header => Code::of(".header()"),
            FieldSetting::Attribute => Code::of(".attribute()"),
            FieldSetting::Text => Code::of(".text()"),
            FieldSetting::Any => Code::of(".any()"),
            FieldSetting::AnyAttribute => Code::of(".any_attribute()"),
            FieldSetting::Mixed => Code::of(".mixed()"),
            FieldSetting::Attachment(media_type) => Code::new(".attachment($)", &[&Literal(media_type)]),
            FieldSetting::Choice(path) => Code::new(".choice(<$ as v1::Choice>::SHAPE)", &[path]),
            FieldSetting::Sequence(path) => Code::new(".sequence(<$ as v1::Record>::SHAPE)", &[path]),
            FieldSetting::Collapse => Code::of(".collapse()"),
            FieldSetting::Replace => Code::of(".replace()"),
            FieldSetting::Default(value) => Code::new(".default($)", &[&Literal(value)]),
            FieldSetting::Fixed(value) => Code::new(".fixed($)", &[&Literal(value)]),
            FieldSetting::Facets(facets) => Code::new(".facets($)", &[&self::facets(facets)]),
            FieldSetting::Slot(role) => Code::new(".slot($)", &[&self::role(role)]),
            FieldSetting::Sensitive => Code::of(".sensitive()"),
            FieldSetting::Stream => Code::of(".stream()"),
            FieldSetting::XsiType(name) => Code::new(".xsi_type($)", &[&self.name(*name)]),
            FieldSetting::TextRule { without, extension, cdata } => {
                let mut rule = Code::of("v1::TextRule::new()");
                if !without.is_empty() {
                    rule.push(".without($)", &[&Literal(without)]);
                }
                if *extension {
                    rule.push(".extension()", &[]);
                }
                if *cdata {
                    rule.push(".cdata()", &[]);
                }
                Code::new(".text_rule($)", &[&rule])
            }
        }
    }

    /// The static of an operation.
    pub(super) fn operation(&self, operation: &OperationDescriptor<'_>, text: &mut Text) {
        let mut facts = Vec::new();
        if !operation.reply_action.is_empty() {
            facts.push(Code::new(".reply_action($)", &[&Literal(operation.reply_action)]));
        }
        facts.extend(operation.request.as_ref().map(|field| Code::new(".request($)", &[&self.field(field)])));
        facts.extend(operation.bare.then(|| Code::of(".bare()")));
        facts.extend(match &operation.reply {
            None => Some(Code::of(".one_way()")),
            Some(Reply::Empty) => None,
            Some(Reply::Void(element)) => Some(Code::new(".reply(v1::Reply::void($))", &[&self.field(element)])),
            Some(Reply::Unwrapped(element, child)) => {
                Some(Code::new(".reply(v1::Reply::unwrapped($, $))", &[&self.field(element), &self.field(child)]))
            }
            Some(Reply::Bare) => Some(Code::of(".reply(v1::Reply::bare())")),
            Some(Reply::Element(element)) => Some(Code::new(".reply(v1::Reply::element($))", &[&self.field(element)])),
        });
        facts.extend(operation.reply_timeout.map(|seconds| Code::new(".reply_timeout($)", &[&seconds])));
        facts.extend(operation.binary_limit.map(|bytes| Code::new(".binary_limit($)", &[&bytes])));
        if !operation.accounts.is_empty() {
            facts.push(Code::new(".accounts($)", &[&literals(&operation.accounts)]));
        }
        facts.extend(operation.encoded.then(|| Code::of(".encoded()")));
        let fault = |(name, action): &(Name<'_>, &str)| {
            Code::new("(v1::Name::new($), $)", &[&self.name(*name), &Literal(action)])
        };
        if !operation.faults.is_empty() {
            facts.push(Code::new(".faults(&[$])", &[&Code::join(operation.faults.iter().map(fault), ", ")]));
        }
        let start = Code::new(
            "static $: v1::Operation = v1::Operation::new($, $)",
            &[&Ident(&operation.constant), &Literal(operation.name), &Literal(operation.action)],
        );
        chain(&start, &facts, text);
    }
}

impl Namespaces<'_> {
    /// The static of the accounts.
    pub(super) fn accounts(&self, accounts: &Accounts<'_>, text: &mut Text) {
        text.line(0, "/// Whose failed log-ins are counted, and how a fault says that one was refused.", &[]);
        text.line(0, "#[doc(hidden)]", &[]);
        text.line(0, "pub static ACCOUNTS: v1::Accounts = v1::Accounts::new(&[", &[]);
        for account in &accounts.all {
            let (user_name, password) = (role(&account.user_name), role(&account.password));
            text.line(4, "v1::Account::new($, $, $),", &[&Literal(account.name), &user_name, &password]);
        }
        let header = match accounts.header {
            Some(name) => Code::new(".header($)", &[&Literal(name)]),
            None => Code::default(),
        };
        let Some((detail, refusals)) = &accounts.refusals else {
            text.line(0, "])$;", &[&header]);
            return;
        };
        let name = |name: &Name<'_>| Code::new("v1::Name::new($)", &[&self.name(*name)]);
        let texts = Code::join(detail.texts.iter().map(name), ", ");
        let detail =
            Code::new("v1::RefusalDetail::new($, $, &[$])", &[&name(&detail.element), &name(&detail.code), &texts]);
        text.line(0, "])$.refusals($, &[", &[&header, &detail]);
        for refusal in refusals {
            let [codes, texts, accounts] =
                [&refusal.codes, &refusal.texts, &refusal.accounts].map(|list| literals(list));
            text.line(4, "v1::Refusal::new($, $, $),", &[&codes, &texts, &accounts]);
        }
        text.line(0, "]);", &[]);
    }
}

fn role(role: &Role<'_>) -> Code {
    let (constructor, name) = match role {
        Role::UserName(name) => ("user_name", name),
        Role::Password(name) => ("password", name),
        Role::Principal(name) => ("principal", name),
    };
    Code::new("v1::Role::$($)", &[&constructor, &Literal(name)])
}

/// `&["one", "two"]`
fn facets(facets: &[Facet<'_>]) -> Code {
    let one = |facet: &Facet<'_>| match facet {
        Facet::Count(method, count) => Code::new("v1::Facet::$($)", &[method, count]),
        Facet::Bound(method, bound) => Code::new("v1::Facet::$($)", &[method, &Literal(bound)]),
        Facet::Pattern(expression) => Code::new("v1::Facet::pattern($)", &[&Literal(expression)]),
        Facet::Items(items) => Code::new("v1::Facet::items($)", &[&self::facets(items)]),
    };
    Code::new("&[$]", &[&Code::join(facets.iter().map(one), ", ")])
}

fn literals(texts: &[&str]) -> Code {
    Code::new("&[$]", &[&Code::join(texts.iter().map(|text| Literal(text)), ", ")])
}

/// The static of a port.
pub(super) fn port(port: &PortDescriptor<'_>, text: &mut Text) {
    let soap = match port.soap {
        SoapVersion::Soap11 => "Soap11",
        SoapVersion::Soap12 => "Soap12",
    };
    let start = Code::new(
        "pub static PORT: v1::PortDescriptor = v1::PortDescriptor::new($, $, $, v1::SoapVersion::$)",
        &[&Literal(port.name), &Literal(port.service), &Literal(port.address), &soap],
    );
    let mut facts = Vec::new();
    let addressing = if port.addressing_2004 { ".addressing_2004()" } else { ".addressing()" };
    facts.extend(port.addressing.then(|| Code::of(addressing)));
    facts.extend(port.soap_action.map(|how| Code::new(".soap_action(v1::SoapAction::$)", &[&how])));
    facts.extend(port.transport_binding.then(|| Code::of(".transport_binding()")));
    facts.extend(port.mtom.then(|| Code::of(".mtom()")));
    let security = port.security.as_ref().map(security);
    let security = match port.client_certificate {
        true => Some(Code::new("$.client_certificate()", &[&security.unwrap_or(Code::of("v1::Security::none()"))])),
        false => security,
    };
    facts.extend(security.map(|security| Code::new(".security($)", &[&security])));
    facts.extend(port.replies.map(|how| Code::new(".replies(v1::Replies::$)", &[&how])));
    facts.extend(port.authentication.pause.map(|seconds| Code::new(".authentication_pause($)", &[&seconds])));
    facts.extend(port.authentication.of_host.then(|| Code::of(".authentication_scope_host()")));
    facts.extend(port.accounts.as_ref().map(|path| Code::new(".accounts(&$)", &[path])));
    let operations = port.operations.iter().map(|operation| Code::new("&$", &[&Ident(operation)]));
    facts.push(Code::new(".operations(&[$])", &[&Code::join(operations, ", ")]));
    chain(&start, &facts, text);
}

fn security(security: &Security<'_>) -> Code {
    let (constructor, facts) = match security {
        Security::Unsupported(what) => return Code::new("v1::Security::unsupported($)", &[&Literal(what)]),
        Security::Timestamp => ("none", vec![(true, ".timestamp()")]),
        Security::HttpBasic { timestamp } => ("http_basic", vec![(*timestamp, ".timestamp()")]),
        Security::HttpDigest { timestamp } => ("http_digest", vec![(*timestamp, ".timestamp()")]),
        Security::Bearer { timestamp } => ("bearer", vec![(*timestamp, ".timestamp()")]),
        Security::UserName { digest, timestamp } => {
            ("user_name", vec![(*digest, ".digest()"), (*timestamp, ".timestamp()")])
        }
        Security::SecureConversation { must_not_cancel, version_1_3, timestamp } => (
            "secure_conversation",
            vec![
                (*must_not_cancel, ".must_not_cancel()"),
                (*version_1_3, ".version_1_3()"),
                (*timestamp, ".timestamp()"),
            ],
        ),
    };
    let facts = facts.into_iter().filter_map(|(holds, setter)| holds.then_some(setter));
    Code::new("v1::Security::$()$", &[&constructor, &Code::join(facts, "")])
}

/// One fact per line, however long, so that it is easy to read and to compare.
fn chain(start: &Code, facts: &[Code], text: &mut Text) {
    let end = |is_last| if is_last { ";" } else { "" };
    text.line(0, "$$", &[start, &end(facts.is_empty())]);
    for (at, fact) in facts.iter().enumerate() {
        text.line(4, "$$", &[fact, &end(at + 1 == facts.len())]);
    }
}

/// The list of operations with the types of their messages.
pub(super) fn exchanges(exchanges: &[Exchange], text: &mut Text) {
    text.line(0, "v1::registry! {", &[]);
    text.line(4, "#[doc(hidden)]", &[]);
    text.line(4, "pub static EXCHANGES: &[v1::Exchange] = &[", &[]);
    for Exchange { operation, request, reply } in exchanges {
        let types = Code::new("v1::message_type::<$>(), v1::message_type::<$>()", &[request, reply]);
        text.line(8, "v1::Exchange::new(&PORT, &$, $),", &[&Ident(operation), &types]);
    }
    text.line(4, "];", &[]);
    text.line(0, "}", &[]);
}

/// The list of types.
pub(super) fn types(names: &[String], text: &mut Text) {
    let entries: Vec<Code> = names.iter().map(|name| Code::new("v1::message_type::<$>()", &[&Ident(name)])).collect();
    text.line(0, "v1::registry! {", &[]);
    text.line(4, "#[doc(hidden)]", &[]);
    text.list(4, &Code::of("pub static TYPES: &[v1::MessageType] = &["), &entries, &Code::of("];"));
    text.line(0, "}", &[]);
}
