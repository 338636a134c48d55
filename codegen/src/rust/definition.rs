//! The items of a type: a struct, an enumeration, or an enum over a type and those derived from it.

use std::collections::BTreeMap;

use crate::contract::model::{
    self as contract, ChoicePlace, Enumeration as Texts, Type, TypeDef, TypeId, TypeKind, UnionMember,
};
use crate::rust::analysis::{Analysis, CurrentModule};
use crate::rust::docs::{Docs, Markdown};
use crate::rust::keywords::{self, Names};
use crate::rust::model::{
    Alternative, Choice, ChoiceVariant, Enumeration, ItemKind, List, Name, Path, Polymorphic, Struct, Union,
    UnionVariant, Variant,
};
use crate::rust::{Finding, docs, field, layout, methods, model, type_names, words};

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
        TypeKind::Choice(choice) => {
            items.push(ItemKind::Choice(self::choice(analysis, place, (id, choice), name, findings)));
        }
        TypeKind::List(list) => items.push(ItemKind::List(List {
            name: name.to_owned(),
            docs: Docs::of(&def.name.local, &def.documentation.paragraphs),
            alias: docs::alias(&def.name.local, name),
            item: analysis.value(place, list.item),
        })),
        TypeKind::Array(array) => items.push(ItemKind::Array(model::Array {
            name: name.to_owned(),
            docs: Docs::of(&def.name.local, &def.documentation.paragraphs),
            alias: docs::alias(&def.name.local, name),
            equality: analysis.equalities.of_own(id),
            item: analysis.value(place, array.item),
            item_name: Name::from(&array.item_name),
        })),
        TypeKind::Union(union) => {
            items.push(ItemKind::Union(self::union(analysis, place, (id, union), name, findings)))
        }
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
    let docs = Docs::of(&def.name.local, &def.documentation.paragraphs);
    let is_group = analysis.contract.complex(id).is_some_and(|complex| complex.group.is_some());
    // What is named after its element says where that is.
    let docs = match def.anonymous_in.len() {
        _ if is_group => docs.or("A group of elements in $.", &[Markdown::code(&outer(def).join("/"))]),
        0 | 1 => docs,
        _ => docs.or("The element $.", &[Markdown::code(&def.anonymous_in.join("/"))]),
    };
    let fields = analysis.layouts.fields(id);
    let of = (Name::from(&def.name), Some(id));
    let members = field::members(analysis, place, of, fields, &BTreeMap::new(), findings);
    let methods = methods::of(analysis, place, (id, &members));
    Struct {
        name: name.to_owned(),
        docs,
        alias: docs::alias(&def.name.local, name).filter(|_| !is_group),
        equality: analysis.equalities.of_own(id),
        has_default: analysis.recursion.has_default(id),
        shape: of.0,
        is_group,
        in_order: analysis.layouts.is_in_order(id),
        fields: fields.iter().map(|field| field::descriptor(analysis, place, field)).collect(),
        members,
        from_member: false,
        fault_elements: analysis.fault_elements.get(&id).cloned().unwrap_or_default(),
        root_elements: analysis.root_elements.get(&id).cloned().unwrap_or_default(),
        methods,
    }
}

fn choice<'a>(
    analysis: &Analysis<'a>,
    place: CurrentModule<'_>,
    (id, choice): (TypeId, &contract::Choice),
    name: &str,
    findings: &mut Vec<Finding>,
) -> Choice<'a> {
    let def = analysis.contract.type_def(id);
    let fields = analysis.layouts.fields(id);
    let mut names = Names::default();
    let mut variant = |field: &layout::Field<'a>| {
        let wanted = keywords::member(&words::upper_camel(field.name.local));
        let name = names.unique(wanted.clone());
        field::renamed(Name::from(&def.name), field.name.local, &wanted, &name, findings);
        ChoiceVariant {
            docs: field::documentation(field, &BTreeMap::new()),
            alias: docs::alias(field.name.local, &name).filter(|_| field.kind == layout::Kind::Element),
            name,
            ty: analysis.member(place, Some(id), field),
        }
    };
    let docs = Docs::written(&def.documentation.paragraphs);
    Choice {
        name: name.to_owned(),
        docs: docs.or("One of the alternatives of $.", &[Markdown::code(&outer(def).join("/"))]),
        alias: docs::alias(&def.name.local, name).filter(|_| choice.place == ChoicePlace::Content),
        shape: Name::from(&def.name),
        equality: analysis.equalities.of_own(id),
        is_group: choice.place != ChoicePlace::Content,
        is_substitution: choice.place == ChoicePlace::Substitution,
        finite: analysis.recursion.finite_field(&analysis.layouts, fields),
        variants: fields.iter().map(&mut variant).collect(),
        fields: fields.iter().map(|field| field::descriptor(analysis, place, field)).collect(),
        fault_elements: analysis.fault_elements.get(&id).cloned().unwrap_or_default(),
        root_elements: analysis.root_elements.get(&id).cloned().unwrap_or_default(),
    }
}

/// What a group is declared in; for another type its own name.
fn outer(def: &TypeDef) -> &[String] {
    match def.anonymous_in.as_slice() {
        [] => std::slice::from_ref(&def.name.local),
        [outer @ .., _] if !outer.is_empty() => outer,
        path => path,
    }
}

fn enumeration<'a>(def: &'a TypeDef, all: &'a Texts, name: &str, findings: &mut Vec<Finding>) -> Enumeration<'a> {
    let docs = Docs::of(&def.name.local, &def.documentation.paragraphs);
    let texts: Vec<&str> = all.values.iter().map(|value| value.value.as_str()).collect();
    Enumeration {
        name: name.to_owned(),
        docs,
        alias: docs::alias(&def.name.local, name),
        variants: variant_names(def, &texts, "Unrecognized", findings)
            .into_iter()
            .zip(&all.values)
            .map(|(name, value)| Variant {
                docs: Docs::of(&value.value, &value.documentation.paragraphs),
                alias: docs::alias(&value.value, &name),
                name,
                value: &value.value,
            })
            .collect(),
    }
}

/// Distinct variants for texts, beside the one for all others.
fn variant_names(def: &TypeDef, texts: &[&str], rest: &str, findings: &mut Vec<Finding>) -> Vec<String> {
    let wanted: Vec<String> = texts.iter().map(|text| keywords::member(&words::upper_camel(text))).collect();
    // `KNOWN` is the constant that lists the values of an enumeration.
    let mut taken = Names::reserve(&[rest, "KNOWN"]);
    let mut names = vec![String::new(); wanted.len()];
    // Texts that are names already keep them, whatever stands before them.
    for kept in [true, false] {
        for ((name, wanted), text) in names.iter_mut().zip(&wanted).zip(texts) {
            if (words::upper_camel(text) == *text) == kept {
                *name = taken.unique(wanted.clone());
            }
        }
    }
    for ((name, wanted), text) in names.iter().zip(&wanted).zip(texts) {
        field::renamed(Name::from(&def.name), text, wanted, name, findings);
    }
    names
}

fn union<'a>(
    analysis: &Analysis<'a>,
    place: CurrentModule<'_>,
    (id, union): (TypeId, &'a contract::Union),
    name: &str,
    findings: &mut Vec<Finding>,
) -> Union<'a> {
    let def = analysis.contract.type_def(id);
    let rest = if union.is_open { "Text" } else { "Unrecognized" };
    let wanted = union.members.iter().map(|member| match member {
        UnionMember::Text(value) => value.value.as_str(),
        UnionMember::Value(name, _) => name.as_str(),
    });
    let wanted: Vec<&str> = wanted.collect();
    let names = variant_names(def, &wanted, rest, findings);
    let variants = names.into_iter().zip(&union.members).zip(wanted).map(|((name, member), wire)| UnionVariant {
        docs: match member {
            UnionMember::Text(value) => Docs::of(&value.value, &value.documentation.paragraphs),
            UnionMember::Value(..) => Docs::default(),
        },
        alias: docs::alias(wire, &name),
        name,
        member: match member {
            UnionMember::Text(value) => model::UnionMember::Text(&value.value),
            UnionMember::Value(_, ty) => model::UnionMember::Value(analysis.value(place, *ty)),
        },
    });
    Union {
        docs: Docs::of(&def.name.local, &def.documentation.paragraphs),
        alias: docs::alias(&def.name.local, name),
        name: name.to_owned(),
        equality: analysis.equalities.of_own(id),
        variants: variants.collect(),
        rest,
        is_open: union.is_open,
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
        equality: analysis.equalities.of(&analysis.layouts, Type::Named(id)),
        declared: Name::from(&def.name),
        alternatives: alternatives.collect(),
        finite: analysis.recursion.finite(&types),
        fault_elements: analysis.fault_elements.get(&id).cloned().unwrap_or_default(),
        root_elements: analysis.root_elements.get(&id).cloned().unwrap_or_default(),
    })
}
