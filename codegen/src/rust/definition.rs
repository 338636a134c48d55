//! The items of a type: a struct, an enumeration, or an enum over a type and those derived from it.

use std::collections::BTreeMap;

use crate::contract::model::{Enumeration as Texts, TypeDef, TypeId, TypeKind};
use crate::rust::analysis::{Analysis, CurrentModule};
use crate::rust::docs::{Docs, Markdown};
use crate::rust::keywords::{self, Names};
use crate::rust::model::{Alternative, Enumeration, ItemKind, Name, Path, Polymorphic, Struct, Variant};
use crate::rust::{Finding, docs, field, type_names, words};

/// The items that define a type in a module, where it is called `name`.
pub(super) fn items<'a>(
    analysis: &Analysis<'a>,
    place: CurrentModule<'_>,
    id: TypeId,
    name: &str,
    findings: &mut Vec<Finding>,
) -> Vec<ItemKind<'a>> {
    let def = analysis.contract.type_def(id);
    let mut items = Vec::new();
    match &def.kind {
        TypeKind::Enumeration(texts) => items.push(ItemKind::Enumeration(enumeration(def, texts, name, findings))),
        TypeKind::Complex(_) => {
            if analysis.layouts.has_struct(id) {
                items.push(ItemKind::Struct(record(analysis, place, id, name, findings)));
            }
            items.extend(polymorphic(analysis, place, id).map(ItemKind::Polymorphic));
        }
    }
    items
}

fn record<'a>(
    analysis: &Analysis<'a>,
    place: CurrentModule<'_>,
    id: TypeId,
    name: &str,
    findings: &mut Vec<Finding>,
) -> Struct<'a> {
    let def = analysis.contract.type_def(id);
    let docs = Docs::written(&def.documentation.paragraphs);
    let docs = match def.anonymous_in.is_empty() {
        true => docs.or("The type $.", &[Markdown::code(&def.name.local)]),
        false => docs.or("The element $.", &[Markdown::code(&def.anonymous_in.join("/"))]),
    };
    let fields = analysis.layouts.fields(id);
    let of = (Name::from(&def.name), Some(id));
    let members = field::members(analysis, place, of, fields, &BTreeMap::new(), findings);
    Struct {
        name: name.to_owned(),
        docs,
        alias: docs::alias(&def.name.local, name),
        has_default: analysis.recursion.has_default(id),
        shape: of.0,
        fields: fields.iter().map(|field| field::descriptor(analysis, field)).collect(),
        members,
        from_member: false,
        fault_elements: analysis.fault_elements.get(&id).cloned().unwrap_or_default(),
    }
}

fn enumeration<'a>(def: &'a TypeDef, texts: &'a Texts, name: &str, findings: &mut Vec<Finding>) -> Enumeration<'a> {
    let docs = Docs::written(&def.documentation.paragraphs);
    let docs = docs.or("One of the values of $.", &[Markdown::code(&def.name.local)]);
    let wanted: Vec<String> =
        texts.values.iter().map(|value| keywords::member(&words::upper_camel(&value.value))).collect();
    let mut taken = Names::reserve(&["Unrecognized"]);
    let mut names = vec![String::new(); wanted.len()];
    // Values that are names already keep them, whatever stands before them.
    for kept in [true, false] {
        for ((name, wanted), value) in names.iter_mut().zip(&wanted).zip(&texts.values) {
            if (words::upper_camel(&value.value) == value.value) == kept {
                *name = taken.unique(wanted.clone());
            }
        }
    }
    let variant = |((value, wanted), name): ((&'a crate::contract::model::EnumerationValue, &String), String)| {
        field::renamed(Name::from(&def.name), &value.value, wanted, &name, findings);
        Variant {
            docs: Docs::written(&value.documentation.paragraphs),
            alias: docs::alias(&value.value, &name),
            name,
            value: &value.value,
        }
    };
    Enumeration {
        name: name.to_owned(),
        docs,
        alias: docs::alias(&def.name.local, name),
        variants: texts.values.iter().zip(&wanted).zip(names).map(variant).collect(),
    }
}

fn polymorphic<'a>(analysis: &Analysis<'a>, place: CurrentModule<'_>, id: TypeId) -> Option<Polymorphic<'a>> {
    let def = analysis.contract.type_def(id);
    let name = analysis.placement.path(place.scope, id)?.names.any.clone()?;
    let types = analysis.layouts.alternatives(id);
    if types.is_empty() {
        return None;
    }
    let mut wanted = Vec::new();
    let mut paths = Vec::new();
    for one in &types {
        let home = analysis.placement.path(place.scope, *one)?;
        let namespace = analysis.contract.type_def(*one).name.namespace.as_str();
        wanted.push((home.names.own.clone(), namespace));
        paths.push(Path::between(place.module, &home.module, &home.names.own));
    }
    let variants = type_names::variants(&wanted, &def.name.namespace, &analysis.placement.namespaces);
    let alternatives = variants.into_iter().zip(paths).map(|(variant, ty)| Alternative { variant, ty });
    Some(Polymorphic {
        name,
        docs: Docs::sentence("$ or a type derived from it.", &[Markdown::code(&def.name.local)]),
        declared: Name::from(&def.name),
        alternatives: alternatives.collect(),
        finite: analysis.recursion.finite(&types),
        fault_elements: analysis.fault_elements.get(&id).cloned().unwrap_or_default(),
    })
}
