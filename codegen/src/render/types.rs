//! Structs, and the three kinds of enums.

use crate::render::descriptors::Namespaces;
use crate::render::text::{Text, literal};
use crate::rust::model::{Enumeration, FaultEnum, Name, Polymorphic, Struct};

/// A struct, its descriptor and its conversions.
pub(super) fn record(record: &Struct<'_>, namespaces: &Namespaces<'_>) -> Vec<Text> {
    let name = &record.name;
    let mut item = Text::default();
    item.docs(0, &record.docs);
    record.alias.iter().for_each(|alias| item.alias(0, alias));
    item.line(0, &format!("#[derive(Clone, {}PartialEq)]", if record.has_default { "Default, " } else { "" }));
    if record.members.is_empty() {
        item.line(0, &format!("pub struct {name} {{}}"));
    } else {
        item.line(0, &format!("pub struct {name} {{"));
        for member in &record.members {
            item.docs(4, &member.docs);
            member.alias.iter().for_each(|alias| item.alias(4, alias));
            item.line(4, &format!("pub {}: {},", member.name, member.ty));
        }
        item.line(0, "}");
    }
    let mut descriptor = Text::default();
    let shape = format!("v1::record!({name}: v1::Shape::new({}, &[", namespaces.name(record.shape));
    let members: Vec<String> =
        record.members.iter().map(|member| format!("{} => {}", member.field, member.name)).collect();
    if record.fields.is_empty() {
        descriptor.list(0, &format!("{shape}]), {{"), &members, "});");
    } else {
        // One field per line, however long, so that it is easy to read and to compare.
        descriptor.line(0, &shape);
        record.fields.iter().for_each(|field| descriptor.line(4, &format!("{},", namespaces.field(field))));
        descriptor.list(0, "]), {", &members, "});");
    }
    let mut items = vec![item, descriptor];
    if let ([member], true) = (record.members.as_slice(), record.from_member) {
        items.push(one_line(format!("v1::single_member!({name}, {}: {});", member.name, member.ty)));
    }
    items.extend(fault_detail(name, &record.fault_elements, namespaces));
    items
}

/// An enumeration and its texts.
pub(super) fn enumeration(enumeration: &Enumeration<'_>) -> Vec<Text> {
    let mut item = Text::default();
    item.docs(0, &enumeration.docs);
    enumeration.alias.iter().for_each(|alias| item.alias(0, alias));
    item.line(0, "#[derive(Clone, Debug, PartialEq, Eq, Hash)]");
    item.line(0, &format!("pub enum {} {{", enumeration.name));
    for variant in &enumeration.variants {
        item.docs(4, &variant.docs);
        variant.alias.iter().for_each(|alias| item.alias(4, alias));
        item.line(4, &format!("{},", variant.name));
    }
    item.line(4, "/// A value that the contract does not list, as received.");
    item.line(4, "Unrecognized(String),");
    item.line(0, "}");
    let texts: Vec<String> =
        enumeration.variants.iter().map(|variant| format!("{} = {}", variant.name, literal(variant.value))).collect();
    let mut table = Text::default();
    table.list(0, &format!("v1::enumeration!({} {{", enumeration.name), &texts, "});");
    vec![item, table]
}

/// An enum over a type and those derived from it.
pub(super) fn polymorphic(polymorphic: &Polymorphic<'_>, namespaces: &Namespaces<'_>) -> Vec<Text> {
    let name = &polymorphic.name;
    let mut entries: Vec<String> =
        polymorphic.alternatives.iter().map(|one| format!("{}({})", one.variant, one.ty)).collect();
    let mut item = Text::default();
    item.docs(0, &polymorphic.docs);
    item.line(0, "#[derive(Clone, Debug, PartialEq)]");
    item.line(0, &format!("pub enum {name} {{"));
    entries.iter().for_each(|entry| item.line(4, &format!("{entry},")));
    item.line(0, "}");
    // Sampling takes the first variant where values have to end.
    if polymorphic.finite < entries.len() {
        entries[..=polymorphic.finite].rotate_right(1);
    }
    let mut table = Text::default();
    let declared = namespaces.name(polymorphic.declared);
    table.list(0, &format!("v1::polymorphic!({name}: v1::Name::new({declared}), {{"), &entries, "});");
    let mut items = vec![item, table];
    items.extend(fault_detail(name, &polymorphic.fault_elements, namespaces));
    items
}

/// The faults of an operation.
pub(super) fn fault_enum(faults: &FaultEnum<'_>, namespaces: &Namespaces<'_>) -> Vec<Text> {
    let mut item = Text::default();
    item.docs(0, &faults.docs);
    item.line(0, "#[derive(Clone, Debug, PartialEq)]");
    item.line(0, &format!("pub enum {} {{", faults.name));
    for variant in &faults.variants {
        item.docs(4, &variant.docs);
        item.line(4, &format!("{}({}),", variant.name, variant.ty));
    }
    item.line(0, "}");
    let entry = |name: &str, ty: String, element| format!("{name}({ty}) = v1::Name::new({})", namespaces.name(element));
    let entries: Vec<String> =
        faults.variants.iter().map(|one| entry(&one.name, one.ty.to_string(), one.element)).collect();
    let mut table = Text::default();
    table.list(0, &format!("v1::fault_enum!({} {{", faults.name), &entries, "});");
    vec![item, table]
}

fn fault_detail(name: &str, elements: &[Name<'_>], namespaces: &Namespaces<'_>) -> Option<Text> {
    if elements.is_empty() {
        return None;
    }
    let names: Vec<String> =
        elements.iter().map(|element| format!("v1::Name::new({})", namespaces.name(*element))).collect();
    let mut text = Text::default();
    text.list(0, &format!("v1::fault_detail!({name}, ["), &names, "]);");
    Some(text)
}

fn one_line(line: String) -> Text {
    let mut text = Text::default();
    text.line(0, &line);
    text
}
