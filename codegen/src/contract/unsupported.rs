//! Refuses text and attributes whose type has elements.

use crate::contract::model::{Contract, Type, TypeId, TypeKind};
use crate::diagnostic::{Diagnostic, Severity};

const HELP: &str = "check the schema: another tool would refuse it too";

/// Everything of this kind in a contract, with the type it is found in.
pub(super) fn find(contract: &Contract) -> Vec<(TypeId, Diagnostic)> {
    let has_elements = |ty: Type| match ty {
        Type::Named(id) => matches!(contract.type_def(id).kind, TypeKind::Complex(_) | TypeKind::Choice(_)),
        Type::Builtin(_) => false,
    };
    let mut all = Vec::new();
    for (index, def) in contract.types.iter().enumerate() {
        let id = TypeId(index);
        let whole = contract.content(id);
        let mut add = |message: String| {
            let message = format!("{message} (type `{}`)", def.name.local);
            all.push((id, Diagnostic::at(Severity::Error, &def.position, message, HELP)));
        };
        if whole.text.is_some_and(|(_, text)| has_elements(text.ty)) {
            add("simple content is derived from a type without simple content".to_owned());
        }
        for (_, attribute) in whole.attributes.into_iter().filter(|(_, attribute)| has_elements(attribute.ty)) {
            add(format!("attribute `{}` has a complex type", attribute.name.local));
        }
    }
    all
}
