//! The whole content of a type: what it declares and what it inherits.

use std::collections::BTreeSet;

use crate::contract::model::{
    Attribute, Choice, ChoicePlace, Complex, ContentModel, Contract, DerivationMethod, Element, Particle, Term, Text,
    Type, TypeDef, TypeId, TypeKind,
};

/// The whole content of a complex type, in wire order. Each part names the type that declares it.
#[derive(Clone, Debug, Default)]
pub struct WholeContent<'c> {
    /// The text of a type with simple content.
    pub text: Option<(TypeId, &'c Text)>,
    /// The particles of its bases by extension and of the type itself, bases first.
    pub particles: Vec<(TypeId, &'c Particle)>,
    /// Likewise.
    pub attributes: Vec<(TypeId, &'c Attribute)>,
    /// It takes further attributes.
    pub any_attribute: bool,
}

/// An element, wildcard or group of a type.
#[derive(Clone, Copy, Debug)]
pub struct Leaf<'c> {
    /// The type that declares it.
    pub owner: TypeId,
    /// Its own particle; the term is an element, a wildcard or a group.
    pub particle: &'c Particle,
}

impl<'c> Leaf<'c> {
    /// The element, if it is one.
    pub fn element(&self) -> Option<&'c Element> {
        match &self.particle.term {
            Term::Element(element) => Some(element),
            _ => None,
        }
    }
}

impl Contract {
    /// The complex type behind an id, if it is one.
    pub fn complex(&self, id: TypeId) -> Option<&Complex> {
        match &self.types.get(id.0)?.kind {
            TypeKind::Complex(complex) => Some(complex),
            _ => None,
        }
    }

    /// The base whose content comes before that of the type.
    pub(crate) fn extended(&self, id: TypeId) -> Option<TypeId> {
        let derivation = self.complex(id)?.derivation?;
        (derivation.by == DerivationMethod::Extension).then_some(derivation.base)
    }

    /// The type and its bases as far as they contribute content: the type itself last.
    pub fn lineage(&self, id: TypeId) -> Vec<TypeId> {
        let mut lineage = vec![id];
        let mut current = id;
        while let Some(base) = self.extended(current).filter(|_| lineage.len() <= self.types.len()) {
            current = base;
            lineage.push(current);
        }
        lineage.reverse();
        lineage
    }

    /// The whole content of a type; nothing for an enumeration.
    pub fn content(&self, id: TypeId) -> WholeContent<'_> {
        let mut whole = WholeContent::default();
        let mut known = BTreeSet::new();
        for id in self.lineage(id) {
            let Some(complex) = self.complex(id) else { continue };
            match &complex.content {
                ContentModel::Empty => {}
                ContentModel::Text(text) => whole.text = Some((id, text)),
                ContentModel::Elements(particle) => whole.particles.push((id, particle)),
            }
            for attribute in &complex.attributes {
                // Declared again, it is still there once.
                if known.insert(&attribute.name) {
                    whole.attributes.push((id, attribute));
                }
            }
            whole.any_attribute |= complex.any_attribute;
        }
        whole
    }

    /// Elements, wildcards and groups of a type in wire order, bases first; for a choice the alternatives.
    pub fn leaves(&self, id: TypeId) -> Vec<Leaf<'_>> {
        let leaf = |owner| move |particle| Leaf { owner, particle };
        match self.types.get(id.0).map(|def| &def.kind) {
            Some(TypeKind::Choice(choice)) => choice.alternatives.iter().map(leaf(id)).collect(),
            _ => {
                let particles = self.content(id).particles.into_iter();
                particles.flat_map(|(owner, particle)| particle.leaves().iter().map(leaf(owner))).collect()
            }
        }
    }

    /// Whether something declared to be of this type can have a value: a complete one of the type itself, unless
    /// that is abstract, or of a type derived from it.
    pub fn has_value(&self, ty: Type) -> bool {
        let Type::Named(id) = ty else { return true };
        let finite = |id: &TypeId| self.types.get(id.0).is_some_and(|def| def.finite);
        match self.complex(id) {
            Some(complex) if !complex.derived.is_empty() => {
                let derived = complex.derived.iter().filter(|id| self.complex(**id).is_none_or(|one| !one.is_abstract));
                (!complex.is_abstract && finite(&id)) || derived.into_iter().any(finite)
            }
            _ => finite(&id),
        }
    }
}

impl Particle {
    /// The elements of a content model, wherever they are nested.
    pub fn elements(&self) -> Vec<&Element> {
        let mut found = Vec::new();
        let mut open = vec![self];
        while let Some(particle) = open.pop() {
            match &particle.term {
                Term::Element(element) => found.push(element),
                Term::Sequence(members) | Term::All(members) | Term::Choice(members) => {
                    open.extend(members.iter().rev());
                }
                Term::Wildcard | Term::Group(_) => {}
            }
        }
        found
    }

    /// The types that it refers to: of its elements, and its groups.
    pub(crate) fn types(&self) -> Vec<TypeId> {
        let mut found = Vec::new();
        let mut open = vec![self];
        while let Some(particle) = open.pop() {
            match &particle.term {
                Term::Element(Element { ty: Type::Named(id), .. }) | Term::Group(id) => found.push(*id),
                Term::Sequence(members) | Term::All(members) | Term::Choice(members) => {
                    open.extend(members.iter().rev());
                }
                Term::Element(_) | Term::Wildcard => {}
            }
        }
        found
    }

    /// The members of the one sequence that the content of a finished type is.
    pub fn leaves(&self) -> &[Self] {
        match &self.term {
            Term::Sequence(members) => members,
            _ => std::slice::from_ref(self),
        }
    }

    /// Applies a change to this particle and to those inside it.
    pub(crate) fn change_each(&mut self, change: &mut impl FnMut(&mut Self)) {
        change(self);
        if let Term::Sequence(members) | Term::All(members) | Term::Choice(members) = &mut self.term {
            members.iter_mut().for_each(|member| member.change_each(change));
        }
    }
}

impl TypeDef {
    /// Applies a change to each element of its own content.
    pub(crate) fn change_elements(&mut self, mut change: impl FnMut(&mut Element)) {
        self.change_particles(&mut |particle| {
            if let Term::Element(element) = &mut particle.term {
                change(element);
            }
        });
    }

    /// Applies a change to each particle of its own content.
    pub(crate) fn change_particles(&mut self, change: &mut impl FnMut(&mut Particle)) {
        match &mut self.kind {
            TypeKind::Complex(Complex { content: ContentModel::Elements(particle), .. }) => {
                particle.change_each(change)
            }
            TypeKind::Choice(choice) => choice.alternatives.iter_mut().for_each(|one| one.change_each(change)),
            _ => {}
        }
    }
}

impl Choice {
    /// The alternatives, without the elements beyond the contract that a substitution group is open to.
    pub fn members(&self) -> &[Particle] {
        match (self.place, self.alternatives.as_slice()) {
            (ChoicePlace::Substitution, [members @ .., _]) => members,
            (_, all) => all,
        }
    }
}

impl Complex {
    /// The elements of its own content, wherever they are nested.
    pub fn elements(&self) -> Vec<&Element> {
        match &self.content {
            ContentModel::Elements(particle) => particle.elements(),
            ContentModel::Empty | ContentModel::Text(_) => Vec::new(),
        }
    }
}
