//! Refuses, by name, content that has no typed form in generated code yet.

use std::collections::BTreeSet;

use crate::contract::model::{Contract, Type, TypeDef, TypeId};
use crate::diagnostic::{Position, Report, Severity};

type Finding = (Position, String, &'static str);

/// Reports everything of this kind in a contract.
pub(super) fn report(contract: &Contract, report: &mut Report<'_>) {
    for (index, def) in contract.types.iter().enumerate() {
        let id = TypeId(index);
        let mut found = Vec::new();
        names(contract, id, def, &mut found);
        for (position, message, help) in found {
            report.at_position(Severity::Error, &position, message, help);
        }
    }
}

/// Attributes and text hold no elements, and an attribute is there once.
fn names(contract: &Contract, id: TypeId, def: &TypeDef, found: &mut Vec<Finding>) {
    let mut add = |message: String, help| {
        found.push((def.position.clone(), format!("{message} (type `{}`)", def.name.local), help));
    };
    let is_complex = |ty: Type| matches!(ty, Type::Named(id) if contract.complex(id).is_some());
    let whole = contract.content(id);
    if whole.text.is_some_and(|(_, text)| is_complex(text.ty)) {
        add("simple content is derived from a type without simple content".to_owned(), "use xs:complexContent");
    }
    let mut attributes = BTreeSet::new();
    for (owner, attribute) in whole.attributes {
        let name = &attribute.name.local;
        if is_complex(attribute.ty) {
            add(format!("attribute `{name}` has a complex type"), "give it a simple type");
        }
        if !attributes.insert(&attribute.name) && owner == id {
            add(format!("attribute `{name}` is declared twice"), "leave the operations out that need it");
        }
    }
}
