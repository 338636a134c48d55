//! Fields of structs: their descriptors, members and documentation.

use std::collections::BTreeMap;

use crate::config::TextRule;
use crate::contract::model::{Attachment, Builtin, Element, Preset, Type, TypeId, TypeKind, WhiteSpace};
use crate::rust::analysis::{Analysis, CurrentModule};
use crate::rust::docs::{Docs, Markdown};
use crate::rust::keywords::{self, Names};
use crate::rust::layout::{Around, Field, Holding, Kind, ListItem};
use crate::rust::model::{FieldDescriptor, FieldSetting, Initial, Member, Name, Occurrence, RustType};
use crate::rust::{Finding, credentials, docs, facet, words};

/// The descriptor of a field of a struct.
pub(super) fn descriptor<'a>(
    analysis: &Analysis<'a>,
    place: CurrentModule<'_>,
    field: &Field<'a>,
) -> FieldDescriptor<'a> {
    let occurrence = match (field.is_many, field.min > 0) {
        (false, true) => Occurrence::Required,
        (false, false) => Occurrence::Optional,
        (true, true) => Occurrence::Many1,
        (true, false) => Occurrence::Many,
    };
    let item = field.member.and_then(|member| member.item);
    let mut settings = Vec::new();
    settings.extend(field.nillable.then_some(FieldSetting::Nillable));
    if let Some(item) = item {
        settings.push(FieldSetting::Items(Name::from(&item.element.name)));
        settings.extend((item.min > 0).then_some(FieldSetting::ItemsRequired));
        settings.extend(item.element.nillable.then_some(FieldSetting::ItemsNillable));
    }
    settings.extend(match field.kind {
        Kind::Element => None,
        Kind::Header => Some(FieldSetting::Header),
        Kind::Attribute => Some(FieldSetting::Attribute),
        Kind::Text => Some(FieldSetting::Text),
        Kind::AnyElement => Some(FieldSetting::Any),
        Kind::AnyAttribute => Some(FieldSetting::AnyAttribute),
        Kind::Mixed => Some(FieldSetting::Mixed),
        Kind::Attachment => {
            Some(FieldSetting::Attachment(field.attachment.and_then(Attachment::media_type).unwrap_or_default()))
        }
        Kind::Group => match (field.ty, analysis.value(place, field.ty)) {
            (Type::Named(id), RustType::Generated(path)) if analysis.layouts.is_choice(id) => {
                Some(FieldSetting::Choice(path))
            }
            (_, RustType::Generated(path)) => Some(FieldSetting::Sequence(path)),
            _ => None,
        },
    });
    // A list in a wrapper element has no text: facts of texts are those of its items.
    let (white_space, preset, ty, facets) = match item {
        Some(ListItem { element, ty, white_space, facets, .. }) => (white_space, element.preset.as_ref(), ty, facets),
        None => (field.white_space, field.preset, field.ty, field.facets),
    };
    settings.extend(text(white_space, preset));
    settings.extend(facet::checked(analysis, ty, facets));
    if let Some(role) = field.slot {
        settings.push(FieldSetting::Slot(credentials::role(analysis.config, role)));
    } else if analysis.is_sensitive(field) {
        settings.push(FieldSetting::Sensitive);
    }
    settings.extend(field.stream.then_some(FieldSetting::Stream));
    // Of a list, it would be stated by each item.
    settings.extend(field.xsi_type.filter(|_| item.is_none()).map(|name| FieldSetting::XsiType(Name::from(name))));
    if !analysis.config.text_rule.is_empty()
        && let Some(TextRule { without, extension, cdata, .. }) = analysis.config.text_rule(&field.path())
    {
        settings.push(FieldSetting::TextRule { without, extension: *extension, cdata: *cdata });
    }
    FieldDescriptor { name: field.name, occurrence, settings }
}

/// The descriptor of the element in a body.
pub(super) fn body<'a>(analysis: &Analysis<'a>, element: &'a Element) -> FieldDescriptor<'a> {
    let mut settings = Vec::new();
    settings.extend(element.nillable.then_some(FieldSetting::Nillable));
    settings.extend(text(element.white_space, element.preset.as_ref()));
    settings.extend(facet::checked(analysis, element.ty, &element.facets));
    FieldDescriptor { name: Name::from(&element.name), occurrence: Occurrence::Required, settings }
}

fn text(white_space: WhiteSpace, preset: Option<&Preset>) -> impl Iterator<Item = FieldSetting<'_>> {
    let white_space = match white_space {
        WhiteSpace::Preserve => None,
        WhiteSpace::Replace => Some(FieldSetting::Replace),
        WhiteSpace::Collapse => Some(FieldSetting::Collapse),
    };
    let preset = preset.map(|preset| match preset {
        Preset::Default(text) => FieldSetting::Default(text),
        Preset::Fixed(text) => FieldSetting::Fixed(text),
    });
    white_space.into_iter().chain(preset)
}

/// The members of the struct `of`, boxed where they would make `owner` infinitely large. `parameters` is what an
/// operation says of fields that say nothing themselves.
pub(super) fn members<'a>(
    analysis: &Analysis<'a>,
    place: CurrentModule<'_>,
    (of, owner): (Name<'a>, Option<TypeId>),
    fields: &[Field<'a>],
    parameters: &BTreeMap<&str, &str>,
    findings: &mut Vec<Finding>,
) -> Vec<Member<'a>> {
    let mut names = Names::default();
    let held = fields.iter().enumerate().filter(|(_, field)| field.member.is_some());
    held.map(|(at, field)| {
        let mut wanted = words::snake(field.name.local);
        let is_same = |other: &Field<'_>| other.kind == field.kind && other.name.local == field.name.local;
        if at > 0 && field.kind != Kind::Attribute && fields[..at].iter().any(is_same) {
            wanted = format!("{wanted}_after_{}", words::snake(fields[at - 1].name.local));
        }
        let said = if analysis.config.field.is_empty() { None } else { analysis.config.member_name(&field.path()) };
        let wanted = keywords::member(said.unwrap_or(&wanted));
        let name = names.unique(wanted.clone());
        renamed(of, field.name.local, &wanted, &name, findings);
        let has_name = matches!(field.kind, Kind::Header | Kind::Element | Kind::Attribute | Kind::Attachment);
        Member {
            field: at,
            initial: initial(analysis, owner, field),
            ty: analysis.member(place, owner, field),
            docs: documentation(field, parameters),
            alias: docs::alias(field.name.local, &name).filter(|_| has_name),
            name,
        }
    })
    .collect()
}

/// What is required is an argument of `new`, converted where what callers have at hand is of another type.
fn initial(analysis: &Analysis<'_>, owner: Option<TypeId>, field: &Field<'_>) -> Initial {
    let is_collection = matches!(field.kind, Kind::AnyAttribute | Kind::Mixed);
    let Some(Holding { around: Around::Nothing, value, .. }) = field.member.filter(|_| !is_collection) else {
        return Initial::Empty;
    };
    let is_converted = match value {
        Type::Builtin(Builtin::String | Builtin::Integer | Builtin::Base64Binary | Builtin::HexBinary) => true,
        Type::Builtin(_) => false,
        Type::Named(id) => {
            analysis.layouts.is_polymorphic(id)
                || matches!(analysis.contract.type_def(id).kind, TypeKind::List(_) | TypeKind::Array(_))
                || owner.is_some_and(|owner| analysis.recursion.is_boxed(&analysis.layouts, owner, id))
        }
    };
    if is_converted { Initial::Into } else { Initial::Given }
}

/// Reports a name that is already taken inside a type.
pub(super) fn renamed(of: Name<'_>, wire: &str, wanted: &str, name: &str, findings: &mut Vec<Finding>) {
    if name != wanted {
        let message = format!("{of}: `{wanted}` is taken, so {wire:?} is `{name}`");
        findings.push(Finding::warning(message, "nothing to do, unless the schema can be changed"));
    }
}

/// The documentation of a field: the author's, or else facts that its name and type do not show.
pub(super) fn documentation(field: &Field<'_>, parameters: &BTreeMap<&str, &str>) -> Docs {
    let said = field.documentation.into_iter().flat_map(|documentation| &documentation.paragraphs);
    let parameter = parameters.get(field.name.local);
    for docs in [Docs::of(field.name.local, said), Docs::of(field.name.local, parameter)] {
        if docs != Docs::default() {
            return docs;
        }
    }
    let fact = match field.kind {
        Kind::Element if !field.is_many && field.min > 0 && field.nillable => "May be nil.",
        Kind::Element => return Docs::default(),
        Kind::Header => "A header.",
        Kind::Attribute => "An attribute.",
        Kind::Text => "The text.",
        Kind::Group => return Docs::default(),
        Kind::Mixed => "Text and elements, in their order.",
        Kind::Attachment => {
            let types = field.attachment.into_iter().flat_map(|attachment| &attachment.media_types);
            let types: Vec<_> = types.map(|media_type| Markdown::code(media_type)).collect();
            if !types.is_empty() {
                return Docs::sentence("An attachment: $.", &[Markdown::list(&types)]);
            }
            "An attachment."
        }
        Kind::AnyElement => "Elements that the contract does not name.",
        Kind::AnyAttribute => "Attributes that the contract does not name.",
    };
    Docs::sentence(fact, &[])
}
