//! Structs, the kinds of enums, and lists.

use crate::render::descriptors::Namespaces;
use crate::render::methods;
use crate::render::text::{Code, Ident, Literal, Text};
use crate::rust::model::{
    Array, Choice, Enumeration, Equality, FaultEnum, Initial, List, Member, Name, Polymorphic, Serde, Struct, Union,
    UnionMember,
};

/// What a type derives of serde. The runtime passes serde on, so that the crate need not depend on it.
fn stored(item: &mut Text, serde: Serde, has_default: bool) {
    let traits = "derive(v1::serde::Serialize, v1::serde::Deserialize)";
    let default = if has_default { ", default" } else { "" };
    match serde {
        Serde::Never => {}
        Serde::Feature => {
            item.line(0, "#[cfg_attr(feature = \"serde\", $, serde(crate = \"v1::serde\"$))]", &[&traits, &default])
        }
        Serde::Always => {
            item.line(0, "#[$]", &[&traits]);
            item.line(0, "#[serde(crate = \"v1::serde\"$)]", &[&default]);
        }
    }
}

/// A struct, its descriptor and its conversions.
pub(super) fn record(record: &Struct<'_>, namespaces: &Namespaces<'_>, serde: Serde) -> Vec<Text> {
    let name = Ident(&record.name);
    let mut item = Text::default();
    item.docs(0, &record.docs);
    record.alias.iter().for_each(|alias| item.alias(0, alias));
    // `record!` makes the rest: the compiler takes half as long as for what it derives.
    item.line(0, "#[derive(Clone$)]", &[&if record.has_default { ", Default" } else { "" }]);
    stored(&mut item, serde, record.has_default);
    if record.members.is_empty() {
        item.line(0, "pub struct $ {}", &[&name]);
    } else {
        item.line(0, "pub struct $ {", &[&name]);
        for member in &record.members {
            item.docs(4, &member.docs);
            member.alias.iter().for_each(|alias| item.alias(4, alias));
            item.line(4, "pub $: $,", &[&Ident(&member.name), &member.ty]);
        }
        item.line(0, "}", &[]);
    }
    let mut descriptor = Text::default();
    let kind = if record.is_group { "sequence" } else { "record" };
    let order = if record.in_order { ".in_order()" } else { "" };
    let equality = match record.equality {
        Equality::Partial => "PartialEq",
        Equality::Total => "Eq",
        Equality::Hash => "Hash",
    };
    let shape =
        Code::new("v1::$!($: $, v1::Shape::new($, &[", &[&kind, &name, &equality, &namespaces.name(record.shape)]);
    // In brackets: all fields have a member.
    let (open, close) = if record.members.len() == record.fields.len() { ("[", "]);") } else { ("{", "});") };
    let member = |field: usize, name| Code::new("$ => $", &[&(field as u64), &Ident(name)]);
    let members: Vec<Code> = record.members.iter().map(|one| member(one.field, &one.name)).collect();
    if record.fields.is_empty() {
        descriptor.list(0, &Code::new("$])$, $", &[&shape, &order, &open]), &members, &Code::of(close));
    } else {
        // One field per line, however long, so that it is easy to read and to compare.
        descriptor.line(0, "$", &[&shape]);
        record.fields.iter().for_each(|field| descriptor.line(4, "$,", &[&namespaces.field(field)]));
        descriptor.list(0, &Code::new("])$, $", &[&order, &open]), &members, &Code::of(close));
    }
    let mut items = vec![item, descriptor];
    items.extend(constructor(record));
    if let ([member], true) = (record.members.as_slice(), record.from_member) {
        let mut text = Text::default();
        text.line(0, "v1::single_member!($, $: $);", &[&name, &Ident(&member.name), &member.ty]);
        items.push(text);
    }
    items.extend(elements("v1::fault_detail!($, [", name, &record.fault_elements, namespaces));
    items.extend(elements("v1::root_element!($, [", name, &record.root_elements, namespaces));
    items.extend(record.methods.iter().map(|one| methods::method(name, one)));
    items
}

/// `new` of a struct that requires something.
fn constructor(record: &Struct<'_>) -> Option<Text> {
    let is_empty = |member: &&Member<'_>| member.initial == Initial::Empty;
    let empty = record.members.iter().filter(is_empty).count();
    if empty == record.members.len() {
        return None;
    }
    let is_rest = empty > 0 && record.has_default;
    let entry = |member: &Member<'_>| match (member.initial, Ident(&member.name)) {
        (Initial::Empty, name) => Code::new("$", &[&name]),
        (Initial::Given, name) => Code::new("$: $", &[&name, &member.ty]),
        (Initial::Into, name) => Code::new("$: impl Into<$>", &[&name, &member.ty]),
    };
    let named = record.members.iter().filter(|member| !(is_rest && is_empty(member)));
    let entries: Vec<Code> = named.map(entry).chain(is_rest.then(|| Code::of(".."))).collect();
    let mut text = Text::default();
    text.list(0, &Code::new("v1::constructor!($ {", &[&Ident(&record.name)]), &entries, &Code::of("});"));
    Some(text)
}

/// An enum over the alternatives of a choice.
pub(super) fn choice(choice: &Choice<'_>, namespaces: &Namespaces<'_>, serde: Serde) -> Vec<Text> {
    let name = Ident(&choice.name);
    let mut item = Text::default();
    item.docs(0, &choice.docs);
    choice.alias.iter().for_each(|alias| item.alias(0, alias));
    item.line(0, "#[derive(Clone, $)]", &[&choice.equality]);
    stored(&mut item, serde, false);
    item.line(0, "pub enum $ {", &[&name]);
    let mut entries = Vec::new();
    for (at, variant) in choice.variants.iter().enumerate() {
        let one = Code::new("$($)", &[&Ident(&variant.name), &variant.ty]);
        item.docs(4, &variant.docs);
        variant.alias.iter().for_each(|alias| item.alias(4, alias));
        item.line(4, "$,", &[&one]);
        entries.push(Code::new("$ => $", &[&(at as u64), &one]));
    }
    item.line(0, "}", &[]);
    let kind = if choice.is_group { "" } else { "content " };
    let mut table = Text::default();
    table.line(0, "v1::choice!($$: v1::Shape::new($, &[", &[&kind, &name, &namespaces.name(choice.shape)]);
    choice.fields.iter().for_each(|field| table.line(4, "$,", &[&namespaces.field(field)]));
    let flag = if choice.is_substitution { ".substitution()" } else { "" };
    table.list(0, &Code::new("])$, $, {", &[&flag, &(choice.finite as u64)]), &entries, &Code::of("});"));
    let mut items = vec![item, table];
    items.extend(elements("v1::fault_detail!($, [", name, &choice.fault_elements, namespaces));
    items.extend(elements("v1::root_element!($, [", name, &choice.root_elements, namespaces));
    items
}

/// A struct around the items of an array.
pub(super) fn array(array: &Array<'_>, namespaces: &Namespaces<'_>, serde: Serde) -> Vec<Text> {
    let name = Ident(&array.name);
    let mut item = Text::default();
    item.docs(0, &array.docs);
    array.alias.iter().for_each(|alias| item.alias(0, alias));
    item.line(0, "#[derive(Clone, Debug, Default, $)]", &[&array.equality]);
    stored(&mut item, serde, false);
    item.line(0, "pub struct $(pub Vec<$>);", &[&name, &array.item]);
    let mut table = Text::default();
    let item_name = namespaces.name(array.item_name);
    table.line(0, "v1::array!($($): v1::Name::new($));", &[&name, &array.item, &item_name]);
    vec![item, table]
}

/// A name for several values in one text.
pub(super) fn list(list: &List<'_>, text: &mut Text) {
    text.docs(0, &list.docs);
    list.alias.iter().for_each(|alias| text.alias(0, alias));
    text.line(0, "pub type $ = v1::List<$>;", &[&Ident(&list.name), &list.item]);
}

/// An enumeration and its texts.
pub(super) fn enumeration(enumeration: &Enumeration<'_>, serde: Serde) -> Vec<Text> {
    let name = Ident(&enumeration.name);
    let mut item = Text::default();
    item.docs(0, &enumeration.docs);
    enumeration.alias.iter().for_each(|alias| item.alias(0, alias));
    item.line(0, "#[derive(Clone, Debug, PartialEq, Eq, Hash)]", &[]);
    item.line(0, "pub enum $ {", &[&name]);
    for variant in &enumeration.variants {
        item.docs(4, &variant.docs);
        variant.alias.iter().for_each(|alias| item.alias(4, alias));
        item.line(4, "$,", &[&Ident(&variant.name)]);
    }
    item.line(4, "/// A value that the contract does not list, as received.", &[]);
    item.line(4, "Unrecognized(String),", &[]);
    item.line(0, "}", &[]);
    let variants = enumeration.variants.iter();
    let texts: Vec<Code> = variants.map(|one| Code::new("$ = $", &[&Ident(&one.name), &Literal(one.value)])).collect();
    let mut table = Text::default();
    table.list(0, &Code::new("v1::enumeration!($ {", &[&name]), &texts, &Code::of("});"));
    let mut items = vec![item, table];
    if serde != Serde::Never {
        let mut text = Text::default();
        if serde == Serde::Feature {
            text.line(0, "#[cfg(feature = \"serde\")]", &[]);
        }
        text.line(0, "v1::enumeration_serde!($);", &[&name]);
        items.push(text);
    }
    items
}

/// An enum over the members of a union.
pub(super) fn union(union: &Union<'_>, serde: Serde) -> Vec<Text> {
    let name = Ident(&union.name);
    let mut item = Text::default();
    item.docs(0, &union.docs);
    union.alias.iter().for_each(|alias| item.alias(0, alias));
    item.line(0, "#[derive(Clone, Debug, $)]", &[&union.equality]);
    stored(&mut item, serde, false);
    item.line(0, "pub enum $ {", &[&name]);
    let mut entries = Vec::new();
    for variant in &union.variants {
        item.docs(4, &variant.docs);
        variant.alias.iter().for_each(|alias| item.alias(4, alias));
        let name = Ident(&variant.name);
        match &variant.member {
            UnionMember::Text(text) => {
                item.line(4, "$,", &[&name]);
                entries.push(Code::new("$($)", &[&name, &Literal(text)]));
            }
            UnionMember::Value(ty) => {
                entries.push(Code::new("$($)", &[&name, ty]));
                item.line(4, "$($),", &[&name, ty]);
            }
        }
    }
    let (rest, start) = match union.is_open {
        true => ("/// Any other text.", "v1::union!(open $ {"),
        false => ("/// A text that the contract does not allow, as received.", "v1::union!($ {"),
    };
    item.line(4, rest, &[]);
    item.line(4, "$(String),", &[&Ident(union.rest)]);
    item.line(0, "}", &[]);
    let mut table = Text::default();
    table.list(0, &Code::new(start, &[&name]), &entries, &Code::of("});"));
    vec![item, table]
}

/// An enum over a type and those derived from it.
pub(super) fn polymorphic(polymorphic: &Polymorphic<'_>, namespaces: &Namespaces<'_>, serde: Serde) -> Vec<Text> {
    let name = Ident(&polymorphic.name);
    let alternatives = polymorphic.alternatives.iter();
    let mut entries: Vec<Code> = alternatives.map(|one| Code::new("$($)", &[&Ident(&one.variant), &one.ty])).collect();
    let mut item = Text::default();
    item.docs(0, &polymorphic.docs);
    item.line(0, "#[derive(Clone, Debug, $)]", &[&polymorphic.equality]);
    stored(&mut item, serde, false);
    item.line(0, "pub enum $ {", &[&name]);
    entries.iter().for_each(|entry| item.line(4, "$,", &[entry]));
    item.line(0, "}", &[]);
    // Sampling takes the first variant where values have to end.
    if polymorphic.finite < entries.len() {
        entries[..=polymorphic.finite].rotate_right(1);
    }
    let mut table = Text::default();
    let declared = namespaces.name(polymorphic.declared);
    let start = Code::new("v1::polymorphic!($: v1::Name::new($), {", &[&name, &declared]);
    table.list(0, &start, &entries, &Code::of("});"));
    let mut items = vec![item, table];
    items.extend(elements("v1::fault_detail!($, [", name, &polymorphic.fault_elements, namespaces));
    items.extend(elements("v1::root_element!($, [", name, &polymorphic.root_elements, namespaces));
    items
}

/// The faults of an operation.
pub(super) fn fault_enum(faults: &FaultEnum<'_>, namespaces: &Namespaces<'_>, serde: Serde) -> Vec<Text> {
    let name = Ident(&faults.name);
    let mut item = Text::default();
    item.docs(0, &faults.docs);
    item.line(0, "#[derive(Clone, Debug, $)]", &[&faults.equality]);
    stored(&mut item, serde, false);
    item.line(0, "pub enum $ {", &[&name]);
    let mut entries = Vec::new();
    for variant in &faults.variants {
        let one = Code::new("$($)", &[&Ident(&variant.name), &variant.ty]);
        item.docs(4, &variant.docs);
        item.line(4, "$,", &[&one]);
        entries.push(Code::new("$ = v1::Name::new($)", &[&one, &namespaces.name(variant.element)]));
    }
    item.line(0, "}", &[]);
    let mut table = Text::default();
    table.list(0, &Code::new("v1::fault_enum!($ {", &[&name]), &entries, &Code::of("});"));
    vec![item, table]
}

/// The elements that hold a type in one way, if there are any.
fn elements(start: &'static str, name: Ident<'_>, list: &[Name<'_>], namespaces: &Namespaces<'_>) -> Option<Text> {
    if list.is_empty() {
        return None;
    }
    let element = |element: &Name<'_>| Code::new("v1::Name::new($)", &[&namespaces.name(*element)]);
    let names: Vec<Code> = list.iter().map(element).collect();
    let mut text = Text::default();
    text.list(0, &Code::new(start, &[&name]), &names, &Code::of("]);"));
    Some(text)
}
