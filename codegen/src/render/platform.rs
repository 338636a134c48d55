//! The modules beside the services: environments, credentials of persons, the registry.

use crate::render::text::{Text, literal};
use crate::rust::model::{Environment, Path, Principal, PrincipalMethod, Registry};

/// Where the services are.
pub(super) fn environment(environment: &Environment<'_>) -> Vec<Text> {
    let mut text = Text::default();
    text.line(0, "/// Where the services are. Each call goes to the path that its contract gives.");
    text.line(0, "#[derive(Clone, Debug, PartialEq, Eq)]");
    text.line(0, "#[non_exhaustive]");
    text.line(0, "pub enum Environment {");
    for host in &environment.hosts {
        text.docs(4, std::slice::from_ref(&host.docs));
        text.line(4, &format!("{},", host.variant));
    }
    text.line(4, "/// Another host with the same paths.");
    text.line(4, "Custom(v1::BaseUrl),");
    text.line(0, "}");
    let mut conversion = Text::default();
    conversion.line(0, "impl TryFrom<Environment> for v1::BaseUrl {");
    conversion.line(4, "type Error = v1::Error;");
    conversion.gap();
    conversion.line(4, "fn try_from(environment: Environment) -> Result<Self, v1::Error> {");
    conversion.line(8, "match environment {");
    for host in &environment.hosts {
        conversion.line(12, &format!("Environment::{} => Self::try_from({}),", host.variant, literal(host.address)));
    }
    conversion.line(12, "Environment::Custom(base) => Ok(base),");
    conversion.line(8, "}");
    conversion.line(4, "}");
    conversion.line(0, "}");
    vec![text, conversion]
}

/// Credentials of a person: a struct with private fields, a constructor, and setters.
pub(super) fn principal(principal: &Principal<'_>) -> Vec<Text> {
    let name = principal.name;
    let mut item = Text::default();
    item.docs(0, &principal.docs);
    item.line(0, "#[derive(Clone, Debug, PartialEq, Eq)]");
    item.line(0, &format!("pub struct {name} {{"));
    for member in &principal.members {
        let ty = if member.is_optional { "Option<v1::Secret>" } else { "v1::Secret" };
        item.line(4, &format!("{}: {ty},", member.name));
    }
    item.line(0, "}");
    let mut methods = Text::default();
    methods.line(0, &format!("impl {name} {{"));
    let is_given = |member: &str| principal.constructor.arguments.contains(&member);
    let values: Vec<String> = principal
        .members
        .iter()
        .map(|member| match is_given(member.name) {
            true => format!("{0}: {0}.into()", member.name),
            false => format!("{}: None", member.name),
        })
        .collect();
    methods.docs(4, &principal.constructor.docs);
    methods.list(
        4,
        &format!("pub fn {}(", principal.constructor.name),
        &arguments(&principal.constructor),
        ") -> Self {",
    );
    methods.list(8, "Self {", &values, "}");
    methods.line(4, "}");
    for setter in &principal.setters {
        methods.gap();
        methods.docs(4, &setter.docs);
        methods.line(4, "#[must_use]");
        let mut parameters = vec!["mut self".to_owned()];
        parameters.extend(arguments(setter));
        methods.list(4, &format!("pub fn {}(", setter.name), &parameters, ") -> Self {");
        for argument in &setter.arguments {
            methods.line(
                8,
                &match is_given(argument) {
                    true => format!("self.{argument} = {argument}.into();"),
                    false => format!("self.{argument} = Some({argument}.into());"),
                },
            );
        }
        methods.line(8, "self");
        methods.line(4, "}");
    }
    methods.line(0, "}");
    let entries: Vec<String> = principal
        .members
        .iter()
        .map(|member| format!("{}{}: {}", member.name, if member.is_optional { "?" } else { "" }, literal(member.role)))
        .collect();
    let mut table = Text::default();
    table.list(0, &format!("v1::principal!({name} {{"), &entries, "});");
    vec![item, methods, table]
}

fn arguments(method: &PrincipalMethod<'_>) -> Vec<String> {
    method.arguments.iter().map(|name| format!("{name}: impl Into<v1::Secret>")).collect()
}

/// Everything that was generated, as lists.
pub(super) fn registry(registry: &Registry) -> Vec<Text> {
    let exchanges =
        ("Every operation of every port.", "exchanges", "v1::Exchange", "Vec<&'static v1::Exchange>", "iter()");
    let types = ("Every type.", "types", "v1::MessageType", "Vec<v1::MessageType>", "iter().copied()");
    let function = |(docs, name, item, returned, each): (&str, &str, &str, &str, &str), list: &[(String, Path)]| {
        let mut text = Text::default();
        text.line(0, &format!("/// {docs}"));
        text.line(0, &format!("pub fn {name}() -> {returned} {{"));
        text.line(4, &format!("let all: &[&'static [{item}]] = &["));
        for (feature, path) in list {
            text.line(8, &format!("#[cfg(feature = {})]", literal(feature)));
            text.line(8, &format!("{path},"));
        }
        text.line(4, "];");
        text.line(4, &format!("all.iter().flat_map(|one| one.{each}).collect()"));
        text.line(0, "}");
        text
    };
    vec![function(exchanges, &registry.exchanges), function(types, &registry.types)]
}
