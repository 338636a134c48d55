//! Descriptors of fields, operations and ports.

use std::collections::BTreeMap;

use crate::name::SoapVersion;
use crate::render::text::{Text, literal};
use crate::rust::model::{
    Accounts, Exchange, FieldDescriptor, FieldSetting, Name, NamespaceConst, Occurrence, OperationDescriptor,
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
    pub(super) fn name(&self, name: Name<'_>) -> String {
        let constant = self.0.get(name.namespace).map(|name| (*name).to_owned());
        format!("{}, {}", constant.unwrap_or_else(|| literal(name.namespace)), literal(name.local))
    }

    /// `v1::Field…`
    pub(super) fn field(&self, field: &FieldDescriptor<'_>) -> String {
        let constructor = match field.occurrence {
            Occurrence::Required => "required",
            Occurrence::Optional => "optional",
            Occurrence::Many => "many",
            Occurrence::Many1 => "many1",
        };
        let settings: String = field.settings.iter().map(|setting| self.setting(setting)).collect();
        format!("v1::Field::{constructor}({}){settings}", self.name(field.name))
    }

    fn setting(&self, setting: &FieldSetting<'_>) -> String {
        match setting {
            FieldSetting::Nillable => ".nillable()".to_owned(),
            FieldSetting::Items(item) => format!(".items({})", self.name(*item)),
            FieldSetting::ItemsRequired => ".items_required()".to_owned(),
            FieldSetting::ItemsNillable => ".items_nillable()".to_owned(),
            FieldSetting::Header => ".header()".to_owned(),
            FieldSetting::Attribute => ".attribute()".to_owned(),
            FieldSetting::Text => ".text()".to_owned(),
            FieldSetting::Any => ".any()".to_owned(),
            FieldSetting::AnyAttribute => ".any_attribute()".to_owned(),
            FieldSetting::Collapse => ".collapse()".to_owned(),
            FieldSetting::Replace => ".replace()".to_owned(),
            FieldSetting::Default(value) => format!(".default({})", literal(value)),
            FieldSetting::Fixed(value) => format!(".fixed({})", literal(value)),
            FieldSetting::Slot(role) => format!(".slot({})", self::role(role)),
            FieldSetting::Sensitive => ".sensitive()".to_owned(),
            FieldSetting::Stream => ".stream()".to_owned(),
            FieldSetting::TextRule { without, extension } => {
                let without =
                    if without.is_empty() { String::new() } else { format!(".without({})", literal(without)) };
                let extension = if *extension { ".extension()" } else { "" };
                format!(".text_rule(v1::TextRule::new(){without}{extension})")
            }
        }
    }

    /// The static of an operation.
    pub(super) fn operation(&self, operation: &OperationDescriptor<'_>, text: &mut Text) {
        let mut facts = Vec::new();
        if !operation.reply_action.is_empty() {
            facts.push(format!(".reply_action({})", literal(operation.reply_action)));
        }
        facts.extend(operation.request.as_ref().map(|field| format!(".request({})", self.field(field))));
        facts.extend(match &operation.reply {
            None => Some(".one_way()".to_owned()),
            Some(Reply::Empty) => None,
            Some(Reply::Void(element)) => Some(format!(".reply(v1::Reply::void({}))", self.field(element))),
            Some(Reply::Unwrapped(element, child)) => {
                Some(format!(".reply(v1::Reply::unwrapped({}, {}))", self.field(element), self.field(child)))
            }
            Some(Reply::Element(element)) => Some(format!(".reply(v1::Reply::element({}))", self.field(element))),
        });
        facts.extend(operation.reply_timeout.map(|seconds| format!(".reply_timeout({seconds})")));
        facts.extend(operation.binary_limit.map(|bytes| format!(".binary_limit({bytes})")));
        if !operation.accounts.is_empty() {
            facts.push(format!(".accounts({})", literals(&operation.accounts)));
        }
        let (name, action) = (literal(operation.name), literal(operation.action));
        let start = format!("static {}: v1::Operation = v1::Operation::new({name}, {action})", operation.constant);
        chain(&start, &facts, text);
    }
}

impl Namespaces<'_> {
    /// The static of the accounts.
    pub(super) fn accounts(&self, accounts: &Accounts<'_>, text: &mut Text) {
        text.line(0, "/// Whose failed log-ins are counted, and how a fault says that one was refused.");
        text.line(0, "#[doc(hidden)]");
        text.line(0, "pub static ACCOUNTS: v1::Accounts = v1::Accounts::new(&[");
        for account in &accounts.all {
            let (user_name, password) = (role(&account.user_name), role(&account.password));
            text.line(4, &format!("v1::Account::new({}, {user_name}, {password}),", literal(account.name)));
        }
        let header = accounts.header.map(|name| format!(".header({})", literal(name))).unwrap_or_default();
        let Some((detail, refusals)) = &accounts.refusals else {
            text.line(0, &format!("]){header};"));
            return;
        };
        let name = |name: &Name<'_>| format!("v1::Name::new({})", self.name(*name));
        let texts: Vec<String> = detail.texts.iter().map(name).collect();
        let (element, code, texts) = (name(&detail.element), name(&detail.code), texts.join(", "));
        text.line(0, &format!("]){header}.refusals(v1::RefusalDetail::new({element}, {code}, &[{texts}]), &["));
        for refusal in refusals {
            let [codes, texts, accounts] =
                [&refusal.codes, &refusal.texts, &refusal.accounts].map(|list| literals(list));
            text.line(4, &format!("v1::Refusal::new({codes}, {texts}, {accounts}),"));
        }
        text.line(0, "]);");
    }
}

fn role(role: &Role<'_>) -> String {
    let (constructor, name) = match role {
        Role::UserName(name) => ("user_name", name),
        Role::Password(name) => ("password", name),
        Role::Principal(name) => ("principal", name),
    };
    format!("v1::Role::{constructor}({})", literal(name))
}

/// `&["one", "two"]`
fn literals(texts: &[&str]) -> String {
    let texts: Vec<String> = texts.iter().map(|text| literal(text)).collect();
    format!("&[{}]", texts.join(", "))
}

/// The static of a port.
pub(super) fn port(port: &PortDescriptor<'_>, text: &mut Text) {
    text.line(0, "/// What the contract says about the port.");
    let soap = match port.soap {
        SoapVersion::Soap11 => "Soap11",
        SoapVersion::Soap12 => "Soap12",
    };
    let start = format!(
        "pub static PORT: v1::PortDescriptor = v1::PortDescriptor::new({}, {}, {}, v1::SoapVersion::{soap})",
        literal(port.name),
        literal(port.service),
        literal(port.address),
    );
    let mut facts = Vec::new();
    facts.extend(port.addressing.then(|| ".addressing()".to_owned()));
    facts.extend(port.mtom.then(|| ".mtom()".to_owned()));
    facts.extend(port.security.as_ref().map(|security| format!(".security({})", self::security(security))));
    facts.extend(port.authentication.pause.map(|seconds| format!(".authentication_pause({seconds})")));
    facts.extend(port.authentication.of_host.then(|| ".authentication_scope_host()".to_owned()));
    facts.extend(port.accounts.as_ref().map(|path| format!(".accounts(&{path})")));
    let operations: Vec<String> = port.operations.iter().map(|operation| format!("&{operation}")).collect();
    facts.push(format!(".operations(&[{}])", operations.join(", ")));
    chain(&start, &facts, text);
}

fn security(security: &Security) -> String {
    let (constructor, facts) = match security {
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
    let facts: String = facts.into_iter().filter_map(|(holds, setter)| holds.then_some(setter)).collect();
    format!("v1::Security::{constructor}(){facts}")
}

/// One fact per line, however long, so that it is easy to read and to compare.
fn chain(start: &str, facts: &[String], text: &mut Text) {
    let end = if facts.is_empty() { ";" } else { "" };
    text.line(0, &format!("{start}{end}"));
    for (at, fact) in facts.iter().enumerate() {
        let end = if at + 1 == facts.len() { ";" } else { "" };
        text.line(4, &format!("{fact}{end}"));
    }
}

/// The list of operations with the types of their messages.
pub(super) fn exchanges(exchanges: &[Exchange], text: &mut Text) {
    text.line(0, "#[doc(hidden)]");
    text.line(0, "pub static EXCHANGES: &[v1::Exchange] = &[");
    for Exchange { operation, request, reply } in exchanges {
        let types = format!("v1::message_type::<{request}>(), v1::message_type::<{reply}>()");
        text.line(4, &format!("v1::Exchange::new(&PORT, &{operation}, {types}),"));
    }
    text.line(0, "];");
}

/// The list of types.
pub(super) fn types(names: &[String], text: &mut Text) {
    let entries: Vec<String> = names.iter().map(|name| format!("v1::message_type::<{name}>()")).collect();
    text.line(0, "#[doc(hidden)]");
    text.list(0, "pub static TYPES: &[v1::MessageType] = &[", &entries, "];");
}
