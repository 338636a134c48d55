//! The whole content of a type: what it declares and what it inherits.

use crate::contract::model::{
    Attribute, Complex, ContentModel, Contract, DerivationMethod, Element, Particle, Term, Text, Type, TypeId, TypeKind,
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

/// An element or wildcard of a content model, wherever it is nested.
#[derive(Clone, Copy, Debug)]
pub struct Leaf<'c> {
    /// The type that declares it.
    pub owner: TypeId,
    /// Its own particle; the term is an element or a wildcard.
    pub particle: &'c Particle,
    /// Least number of occurrences in one value of the type.
    pub min: u32,
    /// Most occurrences in one value of the type; `None` is unbounded.
    pub max: Option<u32>,
}

impl<'c> Leaf<'c> {
    /// The element, if it is no wildcard.
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
            TypeKind::Enumeration(_) => None,
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
        for id in self.lineage(id) {
            let Some(complex) = self.complex(id) else { continue };
            match &complex.content {
                ContentModel::Empty => {}
                ContentModel::Text(text) => whole.text = Some((id, text)),
                ContentModel::Elements(particle) => whole.particles.push((id, particle)),
            }
            whole.attributes.extend(complex.attributes.iter().map(|attribute| (id, attribute)));
            whole.any_attribute |= complex.any_attribute;
        }
        whole
    }

    /// Elements and wildcards of a type in wire order, bases first.
    pub fn leaves(&self, id: TypeId) -> Vec<Leaf<'_>> {
        self.content(id).particles.into_iter().flat_map(|(owner, particle)| leaves(owner, particle)).collect()
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
                Term::Wildcard => {}
            }
        }
        found
    }

    /// Applies a change to this particle and to those inside it.
    pub(crate) fn change_each(&mut self, change: &mut impl FnMut(&mut Self)) {
        change(self);
        if let Term::Sequence(members) | Term::All(members) | Term::Choice(members) = &mut self.term {
            members.iter_mut().for_each(|member| member.change_each(change));
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

    /// Applies a change to each element of its own content.
    pub(crate) fn change_elements(&mut self, mut change: impl FnMut(&mut Element)) {
        if let ContentModel::Elements(particle) = &mut self.content {
            particle.change_each(&mut |particle| {
                if let Term::Element(element) = &mut particle.term {
                    change(element);
                }
            });
        }
    }
}

/// Elements and wildcards of a content model, in wire order. Neighbouring wildcards are one.
pub fn leaves(owner: TypeId, particle: &Particle) -> Vec<Leaf<'_>> {
    let mut found = Vec::new();
    collect(owner, particle, (1, Some(1)), &mut found);
    found
}

fn collect<'c>(owner: TypeId, particle: &'c Particle, around: (u32, Option<u32>), found: &mut Vec<Leaf<'c>>) {
    let min = particle.min.saturating_mul(around.0);
    let max = particle.max.zip(around.1).map(|(inner, outer)| inner.saturating_mul(outer));
    match &particle.term {
        Term::Element(_) => found.push(Leaf { owner, particle, min, max }),
        Term::Wildcard => match found.last_mut().filter(|last| last.element().is_none()) {
            Some(last) => {
                last.min = last.min.saturating_add(min);
                last.max = last.max.zip(max).map(|(a, b)| a.saturating_add(b));
            }
            None => found.push(Leaf { owner, particle, min, max }),
        },
        Term::Sequence(members) | Term::All(members) => {
            members.iter().for_each(|member| collect(owner, member, (min, max), found));
        }
        // Each alternative may be one that is not chosen.
        Term::Choice(members) => members.iter().for_each(|member| collect(owner, member, (0, max), found)),
    }
}
