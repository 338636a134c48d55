//! Complex types: derivation, content model, attributes.

use std::collections::BTreeSet;

use crate::contract::{
    model::{
        Attribute, Builtin, Complex, ContentModel, Derivation, DerivationMethod, Particle, Term, Text, Type, TypeId,
        WhiteSpace,
    },
    simple,
    types::{DeclarationPath, Types, Value},
};
use crate::diagnostic::At;
use crate::document::xml;
use crate::document::xsd::builtin::ENCODING;
use crate::document::xsd::model::{self as xsd, AttributeUse, ComplexType, Facet, Occurs, Preset, SimpleType, Use};
use crate::name::QName;

/// Attribute groups inside one another, bases of bases; a deeper nesting is taken for a circle.
const MAX_CHAIN: usize = 100;
/// Levels of a content model with its groups written out. A document alone has at most 200.
const MAX_LEVELS: usize = 300;

impl<'s> Types<'_, 's, '_> {
    pub(super) fn complex_type(&mut self, ty: &'s ComplexType, place: &DeclarationPath) -> Complex {
        let mut complex = Complex { is_abstract: ty.is_abstract, mixed: ty.mixed, ..Complex::default() };
        let derived = |base: Option<TypeId>, by| base.map(|base| Derivation { base, by });
        match &ty.derivation {
            xsd::Derivation::None => {}
            xsd::Derivation::Extension(base) => {
                complex.derivation = derived(self.base(base, ty.at), DerivationMethod::Extension);
            }
            xsd::Derivation::Restriction(base) => {
                complex.derivation = derived(self.base(base, ty.at), DerivationMethod::Restriction);
            }
            xsd::Derivation::SimpleExtension(base) => {
                if self.scope.complex_types.contains(base) {
                    complex.derivation = derived(self.base(base, ty.at), DerivationMethod::Extension);
                } else {
                    complex.content = text_content(self.named_value(base, ty.at));
                }
            }
            xsd::Derivation::SimpleRestriction { base, inline, facets } => {
                // Some schemas restrict a simple type here.
                if self.scope.complex_types.contains(base) {
                    complex.derivation = derived(self.base(base, ty.at), DerivationMethod::Restriction);
                }
                complex.content = text_content(self.restricted_text(base, inline.as_deref(), facets, ty, place));
            }
        }
        // The elements of mixed content are kept as XML.
        let particle = ty.particle.as_ref().filter(|_| !ty.mixed);
        if let Some(particle) = particle.and_then(|particle| self.particle(particle, place, 0)) {
            complex.content = ContentModel::Elements(particle);
        }
        self.attributes(ty, place, &mut complex);
        complex
    }

    /// The type that is derived from. Being derived from `xs:anyType` adds nothing.
    fn base(&mut self, name: &QName, at: At) -> Option<TypeId> {
        if name.namespace == xml::XS && name.local == "anyType" {
            return None;
        }
        let base = self.named_complex(name);
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
        place: &DeclarationPath,
    ) -> Value {
        let mut value = match inline {
            Some(inline) => self.simple(inline, place),
            None => self.inherited_text(base, ty.at),
        };
        let mut notes: Vec<String> = facets.iter().filter_map(|facet| simple::note(facet, value.ty)).collect();
        notes.append(&mut value.notes);
        value.notes = notes;
        value.white_space = facets.iter().fold(value.white_space, simple::white_space);
        simple::narrow(&mut value.facets, facets);
        value
    }

    /// The text of a complex type with simple content, from the nearest type in its bases that states one.
    fn inherited_text(&mut self, base: &'s QName, at: At) -> Value {
        let mut base = base;
        for _ in 0..MAX_CHAIN {
            match self.scope.complex_types.get(base).map(|ty| &ty.derivation) {
                Some(xsd::Derivation::SimpleRestriction { inline: Some(inline), .. }) => {
                    return self.simple(inline, &DeclarationPath::global(base));
                }
                Some(
                    xsd::Derivation::SimpleExtension(next) | xsd::Derivation::SimpleRestriction { base: next, .. },
                ) => base = next,
                _ => break,
            }
        }
        self.named_value(base, at)
    }

    /// A particle with its groups written out; `None` if it may not occur. `depth` counts levels, groups included.
    fn particle(&mut self, particle: &'s xsd::Particle, place: &DeclarationPath, depth: usize) -> Option<Particle> {
        let Occurs { min, max } = particle.occurs;
        if max == Some(0) || (self.groups_around > 0 && !self.may_expand(1, particle.at)) {
            return None;
        }
        let mut name = None;
        let term = match &particle.term {
            xsd::Term::Element(element) => Term::Element(self.element(element, &place.inside(&element.name.local))),
            // `ref="xs:schema"` is how .NET data sets announce a schema inside the message.
            xsd::Term::Reference(name) if name.namespace == xml::XS && !self.scope.elements.contains(name) => {
                Term::Wildcard
            }
            xsd::Term::Reference(head) => {
                name = Some(head.local.clone());
                self.referenced(head, particle.at)?
            }
            xsd::Term::Wildcard => Term::Wildcard,
            xsd::Term::Sequence(members) => Term::Sequence(self.members(members, place, depth)),
            xsd::Term::All(members) => Term::All(self.members(members, place, depth)),
            xsd::Term::Choice(members) => Term::Choice(self.members(members, place, depth)),
            xsd::Term::Group(referred) => {
                name = Some(referred.local.clone());
                let Some(group) = self.scope.groups.get(referred) else {
                    self.scope.unknown("group", referred, particle.at, self.report);
                    return None;
                };
                if depth > MAX_LEVELS {
                    let message =
                        format!("group `{}` contains itself, or is nested more than {MAX_LEVELS} deep", referred.local);
                    self.report.error(particle.at, message, "remove the circle");
                    return None;
                }
                if !self.may_expand(1, particle.at) {
                    return None;
                }
                self.groups_around += 1;
                let inside = group.particle.as_ref();
                let content =
                    inside.and_then(|inside| self.particle(inside, &DeclarationPath::global(&group.name), depth + 1));
                self.groups_around -= 1;
                let content = content?;
                match (content.min, content.max) {
                    (1, Some(1)) => content.term,
                    _ => Term::Sequence(vec![content]),
                }
            }
        };
        Some(Particle { min, max, position: self.report.position(particle.at), name, term })
    }

    fn members(&mut self, members: &'s [xsd::Particle], place: &DeclarationPath, depth: usize) -> Vec<Particle> {
        members.iter().filter_map(|member| self.particle(member, place, depth + 1)).collect()
    }

    /// A restriction has the attributes of its base too, unless it prohibits them.
    fn attributes(&mut self, ty: &'s ComplexType, place: &DeclarationPath, complex: &mut Complex) {
        let mut prohibited = BTreeSet::new();
        let mut known = BTreeSet::new();
        let mut current = ty;
        for _ in 0..MAX_CHAIN {
            let mut level = Uses::default();
            let level_place = current.name.as_ref().map_or_else(|| place.clone(), DeclarationPath::global);
            self.attribute_uses(&current.attributes, &level_place, 0, &mut level);
            prohibited.extend(level.prohibited);
            for attribute in level.found {
                if !prohibited.contains(&attribute.name) && known.insert(attribute.name.clone()) {
                    complex.attributes.push(attribute);
                }
            }
            complex.any_attribute |= level.wildcard;
            let base = match &current.derivation {
                xsd::Derivation::Restriction(base) | xsd::Derivation::SimpleRestriction { base, .. } => base,
                // The base of an extension keeps its own attributes; those below a restriction are the restriction's.
                xsd::Derivation::Extension(base) | xsd::Derivation::SimpleExtension(base)
                    if !std::ptr::eq(current, ty) =>
                {
                    base
                }
                _ => break,
            };
            match self.scope.complex_types.get(base) {
                Some(next) => current = next,
                None => break,
            }
        }
    }

    fn attribute_uses(&mut self, uses: &'s [AttributeUse], place: &DeclarationPath, depth: usize, level: &mut Uses) {
        for one in uses {
            match one {
                AttributeUse::Local(attribute, Use::Prohibited) => level.prohibited.push(attribute.name.clone()),
                AttributeUse::Reference { name, usage: Use::Prohibited, .. } => level.prohibited.push(name.clone()),
                AttributeUse::Local(one, usage) => {
                    let value = self.value(&one.content, one.at, &place.inside(&one.name.local));
                    level.found.push(attribute(&one.name, *usage, &one.annotation.texts, value, &one.preset));
                }
                AttributeUse::Reference { at, name, usage, preset, .. } => match self.scope.attributes.get(name) {
                    Some(global) => {
                        let value = self.value(&global.content, global.at, &DeclarationPath::global(&global.name));
                        let stated = preset.fixed.is_some() || preset.default.is_some();
                        let preset = if stated { preset } else { &global.preset };
                        level.found.push(attribute(&global.name, *usage, &global.annotation.texts, value, preset));
                    }
                    None if name.namespace == xml::XML => {
                        level.found.push(attribute(name, *usage, &[], Value::of(Builtin::String), preset));
                    }
                    // Attributes of the encoding itself: `id`, `href`, `arrayType` and the like.
                    None if ENCODING.contains(&name.namespace.as_str()) => {}
                    None => self.scope.unknown("attribute", name, *at, self.report),
                },
                AttributeUse::Group(name, at) => match self.scope.attribute_groups.get(name) {
                    Some(_) if depth > MAX_CHAIN => {
                        let message = format!(
                            "attribute group `{}` contains itself, or is nested more than {MAX_CHAIN} deep",
                            name.local
                        );
                        self.report.error(*at, message, "remove the circle");
                    }
                    Some(group) if self.may_expand(1 + group.attributes.len(), *at) => {
                        self.attribute_uses(&group.attributes, &DeclarationPath::global(&group.name), depth + 1, level);
                    }
                    Some(_) => {}
                    None => self.scope.unknown("attribute group", name, *at, self.report),
                },
                AttributeUse::Wildcard => level.wildcard = true,
            }
        }
    }
}

/// The attribute uses of one type, groups written out.
#[derive(Default)]
struct Uses {
    found: Vec<Attribute>,
    prohibited: Vec<QName>,
    wildcard: bool,
}

fn text_content(value: Value) -> ContentModel {
    ContentModel::Text(Text {
        ty: value.ty,
        white_space: value.white_space,
        stream: value.stream,
        documentation: simple::documented(&[], &value, None),
        facets: value.facets,
    })
}

fn attribute(name: &QName, usage: Use, texts: &[String], value: Value, preset: &Preset) -> Attribute {
    // An attribute without type is text; only an element can hold anything.
    let untyped = value.ty == Type::Builtin(Builtin::Any);
    let preset = simple::preset(preset, &value);
    Attribute {
        name: name.clone(),
        ty: if untyped { Type::Builtin(Builtin::String) } else { value.ty },
        white_space: if untyped { WhiteSpace::Preserve } else { value.white_space },
        required: usage == Use::Required,
        documentation: simple::documented(texts, &value, preset.as_ref()),
        facets: value.facets,
        preset,
    }
}
