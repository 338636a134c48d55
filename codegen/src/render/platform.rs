//! The modules beside the services: environments, credentials of persons, the registry.

use crate::render::text::{Code, Ident, Literal, Text};
use crate::rust::model::{Environment, Path, Principal, PrincipalMethod, Registry};

/// Where the services are.
pub(super) fn environment(environment: &Environment<'_>) -> Vec<Text> {
    let mut text = Text::default();
    text.line(0, "/// Where the services are. Each call goes to the path that its contract gives.", &[]);
    text.line(0, "#[derive(Clone, Debug, PartialEq, Eq)]", &[]);
    text.line(0, "#[non_exhaustive]", &[]);
    text.line(0, "pub enum Environment {", &[]);
    for host in &environment.hosts {
        text.docs(4, &host.docs);
        text.line(4, "$,", &[&Ident(host.variant)]);
    }
    text.line(4, "/// Another host with the same paths.", &[]);
    text.line(4, "Custom(v1::BaseUrl),", &[]);
    text.line(0, "}", &[]);
    let mut conversion = Text::default();
    conversion.line(0, "impl TryFrom<Environment> for v1::BaseUrl {", &[]);
    conversion.line(4, "type Error = v1::Error;", &[]);
    conversion.gap();
    conversion.line(4, "fn try_from(environment: Environment) -> Result<Self, v1::Error> {", &[]);
    conversion.line(8, "match environment {", &[]);
    for host in &environment.hosts {
        let pieces = (Ident(host.variant), Literal(host.address));
        conversion.line(12, "Environment::$ => Self::try_from($),", &[&pieces.0, &pieces.1]);
    }
    conversion.line(12, "Environment::Custom(base) => Ok(base),", &[]);
    conversion.line(8, "}", &[]);
    conversion.line(4, "}", &[]);
    conversion.line(0, "}", &[]);
    vec![text, conversion]
}

/// Credentials of a person: a struct with private fields, a constructor, and setters.
pub(super) fn principal(principal: &Principal<'_>) -> Vec<Text> {
    let name = Ident(principal.name);
    let mut item = Text::default();
    item.docs(0, &principal.docs);
    item.line(0, "#[derive(Clone, Debug, PartialEq, Eq)]", &[]);
    item.line(0, "pub struct $ {", &[&name]);
    for member in &principal.members {
        let ty = if member.is_optional { "Option<v1::Secret>" } else { "v1::Secret" };
        item.line(4, "$: $,", &[&Ident(member.name), &ty]);
    }
    item.line(0, "}", &[]);
    let mut methods = Text::default();
    methods.line(0, "impl $ {", &[&name]);
    let is_given = |member: &str| principal.constructor.arguments.contains(&member);
    let value = |member: &str| match is_given(member) {
        true => Code::new("$: $.into()", &[&Ident(member), &Ident(member)]),
        false => Code::new("$: None", &[&Ident(member)]),
    };
    let values: Vec<Code> = principal.members.iter().map(|member| value(member.name)).collect();
    methods.docs(4, &principal.constructor.docs);
    let start = |method: &PrincipalMethod<'_>| Code::new("pub fn $(", &[&Ident(method.name)]);
    let constructor = &principal.constructor;
    methods.list(4, &start(constructor), &arguments(constructor), &Code::of(") -> Self {"));
    methods.list(8, &Code::of("Self {"), &values, &Code::of("}"));
    methods.line(4, "}", &[]);
    for setter in &principal.setters {
        methods.gap();
        methods.docs(4, &setter.docs);
        methods.line(4, "#[must_use]", &[]);
        let mut parameters = vec![Code::of("mut self")];
        parameters.extend(arguments(setter));
        methods.list(4, &start(setter), &parameters, &Code::of(") -> Self {"));
        for argument in &setter.arguments {
            let skeleton = if is_given(argument) { "self.$ = $.into();" } else { "self.$ = Some($.into());" };
            methods.line(8, skeleton, &[&Ident(argument), &Ident(argument)]);
        }
        methods.line(8, "self", &[]);
        methods.line(4, "}", &[]);
    }
    methods.line(0, "}", &[]);
    let optional = |is_optional| if is_optional { "?" } else { "" };
    let members = principal.members.iter();
    let entries: Vec<Code> = members
        .map(|one| Code::new("$$: $", &[&Ident(one.name), &optional(one.is_optional), &Literal(one.role)]))
        .collect();
    let mut table = Text::default();
    table.list(0, &Code::new("v1::principal!($ {", &[&name]), &entries, &Code::of("});"));
    vec![item, methods, table]
}

fn arguments(method: &PrincipalMethod<'_>) -> Vec<Code> {
    method.arguments.iter().map(|name| Code::new("$: impl Into<v1::Secret>", &[&Ident(name)])).collect()
}

/// Everything that was generated, as lists.
pub(super) fn registry(registry: &Registry) -> Vec<Text> {
    let exchanges =
        ("Every operation of every port.", "exchanges", "v1::Exchange", "Vec<&'static v1::Exchange>", "iter()");
    let types = ("Every type.", "types", "v1::MessageType", "Vec<v1::MessageType>", "iter().copied()");
    type Function = (&'static str, &'static str, &'static str, &'static str, &'static str);
    let function = |(docs, name, item, returned, each): Function, list: &[(String, Path)]| {
        let mut text = Text::default();
        text.line(0, "v1::registry! {", &[]);
        text.line(4, "/// $", &[&docs]);
        text.line(4, "pub fn $() -> $ {", &[&name, &returned]);
        text.line(8, "let all: &[&'static [$]] = &[", &[&item]);
        for (feature, path) in list {
            text.line(12, "#[cfg(feature = $)]", &[&Literal(feature)]);
            text.line(12, "$,", &[path]);
        }
        text.line(8, "];", &[]);
        text.line(8, "all.iter().flat_map(|one| one.$).collect()", &[&each]);
        text.line(4, "}", &[]);
        text.line(0, "}", &[]);
        text
    };
    vec![function(exchanges, &registry.exchanges), function(types, &registry.types)]
}
