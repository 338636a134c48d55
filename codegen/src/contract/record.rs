//! Complex types: content models flattened into fields in wire order.

use crate::contract::{
    model::{Builtin, Documentation, Field, FieldKind, Record, Type, TypeId},
    simple::{self, named},
    types::{ENCODING, Place, Types, Value},
};
use crate::diagnostic::At;
use crate::document::xml;
use crate::document::xsd::model::{
    AttributeUse, ComplexType, Derivation, Facet, Occurs, Particle, Preset, SimpleType, Term, Use,
};
use crate::name::QName;

/// Attribute groups inside one another, bases of bases; beyond that it is a circle.
const MAX_CHAIN: usize = 100;
/// Levels of a content model with its groups written out. A document alone has at most 200.
const MAX_LEVELS: usize = 300;

impl<'s> Types<'_, 's, '_> {
    pub(super) fn record(&mut self, ty: &'s ComplexType, place: &Place) -> Record {
        let mut record = Record { is_abstract: ty.is_abstract, ..Record::default() };
        if ty.mixed {
            self.report.error(
                ty.at,
                format!("mixed content is not supported{}", named(ty.name.as_ref())),
                "use xs:any for free XML, or xs:string for text",
            );
        }
        match &ty.derivation {
            Derivation::None => {}
            Derivation::Extension(base) => record.base = self.base(base, ty.at),
            Derivation::Restriction(base) => {
                if ENCODING.contains(&base.namespace.as_str()) {
                    self.unknown_type(base, ty.at);
                }
            }
            Derivation::SimpleExtension(base) => {
                if self.scope.complex_types.contains_key(base) {
                    record.base = self.base(base, ty.at);
                } else {
                    let value = self.named_value(base, ty.at);
                    record.fields.push(text_field(&value));
                }
            }
            Derivation::SimpleRestriction { base, inline, facets } => {
                let value = self.restricted_text(base, inline.as_deref(), facets, ty, place);
                record.fields.push(text_field(&value));
            }
        }
        if let Some(particle) = &ty.particle {
            self.particle(particle, place, 0, &mut record.fields);
        }
        self.attributes(ty, place, &mut record.fields);
        record
    }

    /// The type that is extended; extending anything at all adds nothing.
    fn base(&mut self, name: &QName, at: At) -> Option<TypeId> {
        if name.namespace == xml::XS && name.local == "anyType" {
            return None;
        }
        let base = self.named_record(name);
        if base.is_none() {
            self.unknown_type(name, at);
        }
        base
    }

    /// Text of a restricted simple content: its own simple type, or that of the type it restricts.
    fn restricted_text(
        &mut self,
        base: &'s QName,
        inline: Option<&'s SimpleType>,
        facets: &'s [Facet],
        ty: &'s ComplexType,
        place: &Place,
    ) -> Value {
        let mut value = match inline {
            Some(inline) => self.simple(inline, place),
            None => {
                let mut base = base;
                let mut steps = 0;
                while let Some(next) = self.scope.complex_types.get(base).map(|ty| &ty.derivation) {
                    match next {
                        Derivation::SimpleExtension(next) | Derivation::SimpleRestriction { base: next, .. }
                            if steps < MAX_CHAIN =>
                        {
                            base = next;
                            steps += 1;
                        }
                        _ => break,
                    }
                }
                self.named_value(base, ty.at)
            }
        };
        let mut notes: Vec<String> = facets.iter().filter_map(|facet| simple::note(facet, value.ty)).collect();
        notes.append(&mut value.notes);
        value.notes = notes;
        value
    }

    /// Appends the fields of a particle. `depth` counts levels, groups included.
    fn particle(&mut self, particle: &'s Particle, place: &Place, depth: usize, fields: &mut Vec<Field>) {
        let occurs = particle.occurs;
        if occurs.max == Some(0) {
            return;
        }
        match &particle.term {
            Term::Element(element) => {
                let place = place.inside(&element.name.local);
                fields.push(self.element(element, occurs, &place));
            }
            Term::Reference(name) if name.namespace == xml::XS => {
                // `ref="xs:schema"` is how .NET data sets announce a schema inside the message.
                add_wildcard(occurs, fields);
            }
            Term::Reference(name) => fields.extend(self.reference(name, particle.at, occurs)),
            Term::Wildcard => add_wildcard(occurs, fields),
            Term::Sequence(members) | Term::All(members) => self.members(members, particle, place, depth, fields),
            Term::Choice(members) => {
                if members.len() > 1 {
                    self.report.error(
                        particle.at,
                        format!("`xs:choice` is not supported (in `{}`)", place.path.join("/")),
                        "write a sequence of optional elements, if the service accepts one",
                    );
                }
                self.members(members, particle, place, depth, fields);
            }
            Term::Group(name) => {
                let group = self.scope.groups.get(name).copied();
                match group {
                    Some(_) if depth > MAX_LEVELS => {
                        self.report.error(
                            particle.at,
                            format!("group `{}` contains itself", name.local),
                            "remove the circle",
                        );
                    }
                    Some(group) if self.may_expand(particle.at) => {
                        let mut inner = Vec::new();
                        if let Some(content) = &group.particle {
                            self.particle(content, &Place::global(name), depth + 1, &mut inner);
                        }
                        self.repeat(inner, particle, fields);
                    }
                    Some(_) => {}
                    None => self.scope.unknown("group", name, particle.at, self.report),
                }
            }
        }
    }

    fn members(
        &mut self,
        members: &'s [Particle],
        around: &Particle,
        place: &Place,
        depth: usize,
        fields: &mut Vec<Field>,
    ) {
        let mut inner = Vec::new();
        for member in members {
            self.particle(member, place, depth + 1, &mut inner);
        }
        self.repeat(inner, around, fields);
    }

    /// Adds the fields of a compositor, which may itself be optional or repeated.
    fn repeat(&mut self, inner: Vec<Field>, around: &Particle, fields: &mut Vec<Field>) {
        let alone = inner.len() == 1;
        let repeated = around.occurs.max != Some(1);
        if repeated && inner.len() > 1 {
            self.report.error(
                around.at,
                "a repeated sequence of several elements is not supported",
                "put the elements into an element of their own, and repeat that",
            );
        }
        for mut field in inner {
            let occurs = Occurs { min: field.min, max: field.max };
            let occurs = if alone {
                occurs.within(around.occurs)
            } else {
                occurs.within(Occurs { max: Some(1), ..around.occurs })
            };
            (field.min, field.max) = (occurs.min, occurs.max);
            if field.kind == FieldKind::AnyElement {
                add_wildcard(occurs, fields);
            } else {
                fields.push(field);
            }
        }
    }

    /// A restriction has the attributes of its base too, unless it says otherwise.
    fn attributes(&mut self, ty: &'s ComplexType, place: &Place, fields: &mut Vec<Field>) {
        let mut found = Vec::new();
        let mut prohibited = Vec::new();
        let mut current = ty;
        for _ in 0..MAX_CHAIN {
            let mut level = Vec::new();
            let level_place = current.name.as_ref().map_or_else(|| place.clone(), Place::global);
            self.attribute_uses(&current.attributes, &level_place, 0, &mut level, &mut prohibited);
            for field in level {
                let known = |other: &Field| other.kind == field.kind && other.name == field.name;
                if !found.iter().any(known) && !prohibited.contains(&field.name) {
                    found.push(field);
                }
            }
            let base = match &current.derivation {
                Derivation::Restriction(base) | Derivation::SimpleRestriction { base, .. } => base,
                // The base of an extension keeps its own attributes; below a restriction there is
                // no record for them.
                Derivation::Extension(base) | Derivation::SimpleExtension(base) if !std::ptr::eq(current, ty) => base,
                _ => break,
            };
            match self.scope.complex_types.get(base) {
                Some(next) => current = next,
                None => break,
            }
        }
        fields.extend(found);
    }

    fn attribute_uses(
        &mut self,
        uses: &'s [AttributeUse],
        place: &Place,
        depth: usize,
        fields: &mut Vec<Field>,
        prohibited: &mut Vec<QName>,
    ) {
        for one in uses {
            match one {
                AttributeUse::Local(attribute, Use::Prohibited) => prohibited.push(attribute.name.clone()),
                AttributeUse::Reference { name, usage: Use::Prohibited, .. } => prohibited.push(name.clone()),
                AttributeUse::Local(attribute, usage) => {
                    let value = self.value(&attribute.content, attribute.at, &place.inside(&attribute.name.local));
                    let texts = &attribute.annotation.texts;
                    fields.push(attribute_field(&attribute.name, *usage, texts, value, &attribute.preset));
                }
                AttributeUse::Reference { at, name, usage, preset } => match self.scope.attributes.get(name).copied() {
                    Some(attribute) => {
                        let value = self.value(&attribute.content, attribute.at, &Place::global(name));
                        let preset =
                            if preset.fixed.is_some() || preset.default.is_some() { preset } else { &attribute.preset };
                        fields.push(attribute_field(name, *usage, &attribute.annotation.texts, value, preset));
                    }
                    None if name.namespace == xml::XML => {
                        let value = Value::of(Builtin::String);
                        fields.push(attribute_field(name, *usage, &[], value, preset));
                    }
                    None if ENCODING.contains(&name.namespace.as_str()) => self.unknown_type(name, *at),
                    None => self.scope.unknown("attribute", name, *at, self.report),
                },
                AttributeUse::Group(name, at) => match self.scope.attribute_groups.get(name).copied() {
                    Some(_) if depth > MAX_CHAIN => {
                        self.report.error(
                            *at,
                            format!("attribute group `{}` contains itself", name.local),
                            "remove the circle",
                        );
                    }
                    Some(group) if self.may_expand(*at) => {
                        self.attribute_uses(&group.attributes, &Place::global(name), depth + 1, fields, prohibited);
                    }
                    Some(_) => {}
                    None => self.scope.unknown("attribute group", name, *at, self.report),
                },
                AttributeUse::Wildcard => {
                    if !fields.iter().any(|field| field.kind == FieldKind::AnyAttribute) {
                        let name = QName { namespace: String::new(), local: "AnyAttribute".to_owned() };
                        let mut field =
                            attribute_field(&name, Use::Optional, &[], Value::of(Builtin::Any), &Preset::default());
                        field.kind = FieldKind::AnyAttribute;
                        field.ty = Type::Builtin(Builtin::Any);
                        field.max = None;
                        fields.push(field);
                    }
                }
            }
        }
    }
}

/// Neighbouring wildcards are one.
fn add_wildcard(occurs: Occurs, fields: &mut Vec<Field>) {
    if let Some(last) = fields.last_mut().filter(|last| last.kind == FieldKind::AnyElement) {
        last.min = last.min.saturating_add(occurs.min);
        last.max = last.max.zip(occurs.max).map(|(a, b)| a.saturating_add(b));
        return;
    }
    fields.push(Field {
        kind: FieldKind::AnyElement,
        name: QName { namespace: String::new(), local: "Any".to_owned() },
        ty: Type::Builtin(Builtin::Any),
        min: occurs.min,
        max: occurs.max,
        nillable: false,
        documentation: Documentation::default(),
        slot: None,
        stream: false,
    });
}

/// The character content of a record with simple content.
fn text_field(value: &Value) -> Field {
    Field {
        kind: FieldKind::Text,
        name: QName { namespace: String::new(), local: "Value".to_owned() },
        ty: value.ty,
        min: 1,
        max: Some(1),
        nillable: false,
        documentation: simple::documented(&[], value, &Preset::default()),
        slot: None,
        stream: value.stream,
    }
}

fn attribute_field(name: &QName, usage: Use, texts: &[String], value: Value, preset: &Preset) -> Field {
    Field {
        kind: FieldKind::Attribute,
        name: name.clone(),
        // An attribute without type is text; only an element can hold anything.
        ty: if value.ty == Type::Builtin(Builtin::Any) { Type::Builtin(Builtin::String) } else { value.ty },
        min: u32::from(usage == Use::Required),
        max: Some(1),
        nillable: false,
        documentation: simple::documented(texts, &value, preset),
        slot: None,
        stream: false,
    }
}
