//! Refuses, by name, content that has no typed form in generated code yet.

use std::collections::BTreeSet;

use crate::contract::{
    content::leaves,
    model::{Contract, Particle, Term, Type, TypeDef, TypeId},
    print::local_name,
};
use crate::diagnostic::{Diagnostic, Position, Severity};

const NAMES: &str = "give the elements different names, or repeat one element";

type Finding = (Position, String, &'static str);

/// Everything of this kind in a contract, with the type it is found in.
pub(super) fn find(contract: &Contract) -> Vec<(TypeId, Diagnostic)> {
    let mut all = Vec::new();
    for (index, def) in contract.types.iter().enumerate() {
        let id = TypeId(index);
        let mut found = Vec::new();
        let own = contract.content(id).particles.into_iter().filter(|(owner, _)| *owner == id);
        own.for_each(|(_, particle)| nested(particle, def, &mut found));
        names(contract, id, def, &mut found);
        for (position, message, help) in found {
            all.push((id, Diagnostic::at(Severity::Error, &position, message, help)));
        }
    }
    all
}

/// Choices, and groups of several elements that repeat as a whole.
fn nested(particle: &Particle, def: &TypeDef, found: &mut Vec<Finding>) {
    let members = match &particle.term {
        Term::Element(_) | Term::Wildcard => return,
        Term::Choice(members) => {
            found.push((
                particle.position.clone(),
                format!("`xs:choice` is not supported (in `{}`)", local_name(def)),
                "write a sequence of optional elements, if the service accepts one",
            ));
            members
        }
        Term::Sequence(members) | Term::All(members) => members,
    };
    if particle.max != Some(1) && leaves(TypeId(0), particle).len() > 1 {
        found.push((
            particle.position.clone(),
            "a repeated sequence of several elements is not supported".to_owned(),
            "put the elements into an element of their own, and repeat that",
        ));
    }
    members.iter().for_each(|member| nested(member, def, found));
}

/// A reader distinguishes the members of a type by their names alone, and attributes and text hold no elements.
fn names(contract: &Contract, id: TypeId, def: &TypeDef, found: &mut Vec<Finding>) {
    let mut add = |message: String, help| {
        found.push((def.position.clone(), format!("{message} (type `{}`)", def.name.local), help));
    };
    let is_complex = |ty: Type| matches!(ty, Type::Named(id) if contract.complex(id).is_some());
    let whole = contract.content(id);
    if whole.text.is_some_and(|(_, text)| is_complex(text.ty)) {
        add("simple content is derived from a type without simple content".to_owned(), "use xs:complexContent");
    }
    let mut elements = BTreeSet::new();
    for leaf in contract.leaves(id) {
        let name = leaf.element().map(|element| &element.name);
        // What two members of a base share is reported for that base.
        if !elements.insert(name) && leaf.owner == id {
            let message = name
                .map_or("there are two wildcards".to_owned(), |name| format!("`{}` occurs at two places", name.local));
            add(message, NAMES);
        }
    }
    let mut attributes = BTreeSet::new();
    for (owner, attribute) in whole.attributes {
        let name = &attribute.name.local;
        if is_complex(attribute.ty) {
            add(format!("attribute `{name}` has a complex type"), "give it a simple type");
        }
        if !attributes.insert(&attribute.name) && owner == id {
            add(format!("`{name}` occurs at two places"), NAMES);
        }
    }
}
