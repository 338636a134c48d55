//! Methods of types that the configuration states: which kind a value is of, and what it gives under a condition.

use std::collections::BTreeSet;

use crate::config::{Accessor, Classification, Config, matches};
use crate::contract::model::{Builtin, Type, TypeId, TypeKind};
use crate::rust::analysis::{Analysis, CurrentModule};
use crate::rust::docs::Docs;
use crate::rust::layout::{Around, Field};
use crate::rust::model::{KindRule, Kinds, Member, MemberText, Name, Path, TypeMethod};
use crate::rust::{Finding, keywords, words};

/// The module of the enums.
pub(super) const MODULE: &str = "kinds";

/// The enums that classifications give.
pub(super) fn kinds<'a>(config: &'a Config, findings: &mut Vec<Finding>) -> Vec<Kinds<'a>> {
    let mut names = BTreeSet::new();
    let kinds = config.classification.iter().map(|one| {
        let mut refuse = |what: String| refuse("classification", &one.name, what, findings);
        if !is_type(&one.name) || !names.insert(&one.name) {
            refuse("this cannot be the name of an enum, or is that of two".to_owned());
        }
        one.problems().into_iter().for_each(&mut refuse);
        let mut variants: Vec<(&str, Docs)> = Vec::new();
        for kind in &one.kinds {
            if !is_type(&kind.name) || kind.name == "Other" {
                refuse(format!("`{}` cannot be the name of a kind", kind.name));
            }
            if variants.iter().all(|(known, _)| *known != kind.name) {
                variants.push((&kind.name, Docs::written([&kind.documentation])));
            }
        }
        let texts = |list: &'a [String]| list.iter().map(String::as_str).collect();
        let rule = |kind: &'a crate::config::ClassificationKind| KindRule {
            variant: &kind.name,
            codes: texts(&kind.codes),
            texts: texts(&kind.texts),
        };
        Kinds {
            name: &one.name,
            docs: Docs::written([&one.documentation]),
            variants,
            rules: one.kinds.iter().map(rule).collect(),
        }
    });
    kinds.collect()
}

/// The methods of a struct.
pub(super) fn of<'a>(
    analysis: &Analysis<'a>,
    place: CurrentModule<'_>,
    (id, members): (TypeId, &[Member<'a>]),
) -> Vec<TypeMethod<'a>> {
    let Config { accessor, classification, .. } = analysis.config;
    if accessor.is_empty() && classification.is_empty() {
        return Vec::new();
    }
    let name = Name::from(&analysis.contract.type_def(id).name).to_string();
    let fields = analysis.layouts.fields(id);
    let member = |wire: &str, of_text: bool| {
        let member = members.iter().find(|member| fields[member.field].name.local == wire)?;
        let around = text(analysis, &fields[member.field], of_text)?;
        Some(MemberText { name: member.name.clone(), is_optional: around == Around::Option })
    };
    let kind = |one: &'a Classification| {
        let kinds = Path::between(place.module, &[MODULE.to_owned()], &one.name);
        let texts: Option<_> = one.texts.iter().map(|text| member(text, false)).collect();
        Some(TypeMethod::Kind { name: &one.method, kinds, code: member(&one.code, false)?, texts: texts? })
    };
    let access = |one: &'a Accessor| {
        Some(TypeMethod::Accessor {
            name: &one.name,
            docs: Docs::written([&one.documentation]),
            gives: member(&one.gives, true)?,
            decides: member(&one.r#where, false)?,
            is: &one.is,
        })
    };
    let kinds = classification.iter().filter(|one| one.r#type == name).filter_map(kind);
    kinds.chain(accessor.iter().filter(|one| is_meant(one, &name)).filter_map(access)).collect()
}

/// Reports methods for types that are not there, and for members that have no text.
pub(super) fn report(analysis: &Analysis<'_>, findings: &mut Vec<Finding>) {
    let Config { accessor, classification, .. } = analysis.config;
    if accessor.is_empty() && classification.is_empty() {
        return;
    }
    let types: Vec<(TypeId, String)> = (0..analysis.contract.types.len())
        .map(TypeId)
        .filter(|id| analysis.contract.complex(*id).is_some())
        .map(|id| (id, Name::from(&analysis.contract.type_def(id).name).to_string()))
        .collect();
    let mut check = |key, method: &String, meant: &dyn Fn(&str) -> bool, members: &[(&String, bool)]| {
        if words::snake(method) != *method || keywords::member(method) != *method || method == "new" {
            refuse(key, method, "this cannot be the name of a method".to_owned(), findings);
        }
        let mut meant = types.iter().filter(|(_, name)| meant(name)).peekable();
        if meant.peek().is_none() {
            refuse(key, method, "the contract has no such type".to_owned(), findings);
        }
        for (id, name) in meant {
            let fields = analysis.layouts.fields(*id);
            for (wire, of_text) in members {
                let mut found = fields.iter().filter(|field| field.name.local == **wire);
                if found.all(|field| text(analysis, field, *of_text).is_none()) {
                    let what = if *of_text { "text" } else { "text, number or value of a list" };
                    refuse(key, method, format!("{name} has no {what} `{wire}`"), findings);
                }
            }
        }
    };
    for one in classification {
        let members: Vec<_> = one.texts.iter().chain([&one.code]).map(|wire| (wire, false)).collect();
        check("classification", &one.method, &|name| one.r#type == name, &members);
    }
    for one in accessor {
        let members = [(&one.gives, true), (&one.r#where, false)];
        check("accessor", &one.name, &|name| is_meant(one, name), &members);
    }
}

fn is_meant(accessor: &Accessor, name: &str) -> bool {
    accessor.types.iter().any(|pattern| matches(pattern, name))
}

fn is_type(name: &str) -> bool {
    words::is_identifier(name) && words::upper_camel(name) == name && keywords::type_name(name) == name
}

fn refuse(key: &str, name: &str, what: String, findings: &mut Vec<Finding>) {
    findings.push(Finding::config(format!("[[{key}]] `{name}`: {what}"), "correct the name"));
}

/// How the member of a field holds its text, if it has one that is printed as it is on the wire.
fn text(analysis: &Analysis<'_>, field: &Field<'_>, of_text: bool) -> Option<Around> {
    let member = field.member.filter(|member| matches!(member.around, Around::Nothing | Around::Option))?;
    let has_text = match member.value {
        Type::Builtin(Builtin::String) => !field.document,
        Type::Builtin(builtin) => {
            let is_number = matches!(
                builtin,
                Builtin::Byte
                    | Builtin::Short
                    | Builtin::Int
                    | Builtin::Long
                    | Builtin::UnsignedByte
                    | Builtin::UnsignedShort
                    | Builtin::UnsignedInt
                    | Builtin::UnsignedLong
            );
            is_number && !of_text
        }
        Type::Named(id) => matches!(analysis.contract.type_def(id).kind, TypeKind::Enumeration(_)) && !of_text,
    };
    has_text.then_some(member.around)
}
