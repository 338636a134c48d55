//! Limits of derivation: no circles, no endless chains, and no more inherited members than can be written out.

use std::collections::BTreeSet;

use crate::contract::model::{DerivationMethod, TypeDef, TypeId, TypeKind};
use crate::contract::types::complex;
use crate::diagnostic::{Diagnostic, Severity};

/// Types that are derived from one another, one below the other. A struct repeats the members of its bases, so that
/// the output grows with the square of this. Real contracts stay below 20.
pub(super) const MAX_DERIVATIONS: usize = 100;

/// Members of all types of one root, those of bases counted for each type that inherits them. The largest public schemas
/// stay below a hundred thousand.
const MAX_MEMBERS: usize = 1_000_000;

/// What is said of a type that is derived over too many others.
pub(super) fn too_deep(local: &str) -> (String, &'static str) {
    let message = format!("type `{local}` is derived over more than {MAX_DERIVATIONS} others");
    (message, "put the members into fewer types")
}

/// Marks what goes beyond the limits, and cuts the derivations that do, so that nothing that comes later is endless.
pub(super) fn check(defs: &mut [TypeDef]) {
    // Of each type that is settled, how many types are above it, and how many members it has in all.
    let mut settled: Vec<Option<(usize, usize)>> = vec![None; defs.len()];
    let mut total = 0_usize;
    for start in 0..defs.len() {
        let mut path = Vec::new();
        let mut on_path = BTreeSet::new();
        let mut current = Some(TypeId(start));
        while let Some(id) = current.filter(|id| settled[id.0].is_none()) {
            if !on_path.insert(id) {
                let message = format!("type `{}` is derived from itself", defs[id.0].name.local);
                refuse(defs, id, message, "remove the circle");
                break;
            }
            path.push(id);
            current = complex(defs, id).and_then(|complex| complex.derivation).map(|derivation| derivation.base);
        }
        let mut above = current.and_then(|id| settled[id.0]);
        for id in path.into_iter().rev() {
            let Some(complex) = complex(defs, id) else {
                settled[id.0] = Some((0, 0));
                continue;
            };
            let own = complex.elements().len() + complex.attributes.len();
            let by_extension = complex.derivation.filter(|derivation| derivation.by == DerivationMethod::Extension);
            let inherited = above.filter(|_| by_extension.is_some()).map_or(0, |(_, members)| members);
            let depth = above.map_or(0, |(depth, _)| depth + 1);
            let is_too_large = inherited > 0 && total.saturating_add(own + inherited) > MAX_MEMBERS;
            if depth > MAX_DERIVATIONS {
                let (message, help) = too_deep(&defs[id.0].name.local);
                refuse(defs, id, message, help);
            } else if is_too_large {
                let local = &defs[id.0].name.local;
                let message = format!("inherited members, written out, become too many (type `{local}`)");
                refuse(defs, id, message, "hold the base in an element, instead of extending it");
            }
            let cut = depth > MAX_DERIVATIONS || is_too_large;
            let now = if cut { (0, own) } else { (depth, own + inherited) };
            total = total.saturating_add(now.1);
            settled[id.0] = Some(now);
            above = Some(now);
        }
    }
}

fn refuse(defs: &mut [TypeDef], id: TypeId, message: String, help: &str) {
    let def = &mut defs[id.0];
    if let TypeKind::Complex(complex) = &mut def.kind {
        complex.derivation = None;
    }
    def.problems.push(Diagnostic::at(Severity::Error, &def.position, message, help));
}
