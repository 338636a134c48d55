//! Records: a struct, its descriptor, and what the runtime's macros make of the two.

use std::collections::BTreeMap;

use quote::quote;

use crate::contract::model::{Field, FieldKind, TypeId};
use crate::name::QName;
use crate::render::context::{Context, File, compact, ident, unparse, wrapped};
use crate::render::docs;
use crate::rust;
use crate::rust::view::{self, Place};

/// A struct to render.
#[derive(Debug)]
pub struct Struct<'a> {
    /// Its Rust name.
    pub name: String,
    /// The name of its type or element.
    pub shape: QName,
    /// Lines of documentation.
    pub docs: Vec<String>,
    /// All fields.
    pub places: Vec<Place<'a>>,
    /// The type it is, for what must be boxed; a struct beside a client is none.
    pub id: Option<TypeId>,
    /// Text on fields that say nothing themselves, by wire name.
    pub field_docs: BTreeMap<&'a str, &'a str>,
    /// Every required field has a harmless zero.
    pub has_default: bool,
    /// A value can be made of its only member.
    pub from_member: bool,
}

/// The names that the descriptor of a record writes out.
pub fn names(cx: Context<'_>, shape: &QName, places: &[Place<'_>]) -> Vec<QName> {
    let items = places.iter().filter_map(|place| view::hold(cx.contract, cx.config, *place).items);
    let fields = places.iter().map(|place| place.field).chain(items);
    fields.map(|field| field.name.clone()).chain([shape.clone()]).collect()
}

/// The items of a record, each as text.
pub fn record(file: &File<'_>, record: &Struct<'_>) -> Vec<String> {
    let name = ident(&record.name);
    let members = rust::members::members(&record.places);
    let docs = docs::attributes(&record.docs);
    let alias = docs::alias(&record.shape.local, &record.name);
    let default = record.has_default.then(|| quote!(Default,));
    let fields = members.iter().map(|(at, member)| {
        let place = record.places[*at];
        let docs = docs::attributes(&field_docs(record, place));
        let named = matches!(place.field.kind, FieldKind::Element | FieldKind::Attribute);
        let alias = named.then(|| docs::alias(&place.field.name.local, member));
        let ty = file.member(record.id, place);
        let member = ident(member);
        quote!(#docs #alias pub #member: #ty)
    });
    let item = unparse(quote! {
        #docs
        #alias
        #[derive(Clone, #default PartialEq)]
        pub struct #name { #(#fields),* }
    });
    // A table with a line per field, however long: that is how it is read, and compared.
    let fields: String = record.places.iter().map(|place| format!("        {},\n", file.field(*place))).collect();
    let fields = if fields.is_empty() { fields } else { format!("\n{fields}    ") };
    let members_by_field: Vec<String> = members.iter().map(|(at, name)| format!("{at} => {name}")).collect();
    let descriptor = format!(
        "impl v1::Record for {name} {{\n    \
         const SHAPE: &'static v1::Shape = &v1::Shape {{ name: v1::Name::new({}, {:?}), fields: &[{fields}] }};\n{}}}\n",
        file.namespace(&record.shape.namespace),
        record.shape.local,
        wrapped("    ", "v1::members!(", &members_by_field, ");"),
    );
    let mut items = vec![item, descriptor, format!("v1::record!({name});\n")];
    if let (true, Some((at, member))) = (record.from_member, members.first_key_value().filter(|_| members.len() == 1)) {
        let ty = file.member(record.id, record.places[*at]);
        items.push(format!("v1::single_member!({name}, {member}: {});\n", compact(&ty.to_string())));
    }
    items
}

fn field_docs(record: &Struct<'_>, place: Place<'_>) -> Vec<String> {
    let field = place.field;
    let lines = docs::paragraphs(&field.documentation.paragraphs);
    if !lines.is_empty() {
        return lines;
    }
    if let Some(text) = record.field_docs.get(field.name.local.as_str()).filter(|text| !text.trim().is_empty()) {
        return docs::wrap(text);
    }
    vec![wire_facts(place)]
}

/// What can be said of a field whose author says nothing.
fn wire_facts(place: Place<'_>) -> String {
    let field: &Field = place.field;
    let name = docs::code(&field.name.local);
    match (place.header, field.kind) {
        (true, _) => format!("Header {name}."),
        (false, FieldKind::Element) => match (view::is_many(field), field.min > 0, field.nillable) {
            (true, _, _) => format!("Each {name}."),
            (false, true, true) => format!("{name}, may be nil."),
            (false, true, false) => format!("{name}."),
            (false, false, _) => format!("{name}, optional."),
        },
        (false, FieldKind::Attribute) if field.min > 0 => format!("Attribute {name}."),
        (false, FieldKind::Attribute) => format!("Attribute {name}, optional."),
        (false, FieldKind::Text) => "The text.".to_owned(),
        (false, FieldKind::AnyElement) => "Elements that the contract does not name.".to_owned(),
        (false, FieldKind::AnyAttribute) => "Attributes that the contract does not name.".to_owned(),
    }
}
