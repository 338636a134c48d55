//! The limits to a field that the runtime checks before it sends a request.

use std::collections::BTreeSet;

use crate::config::Config;
use crate::contract::content::Leaf;
use crate::contract::model::{Builtin, ContentModel, Contract, Facet, Type, TypeId, TypeKind};
use crate::rust::analysis::Analysis;
use crate::rust::model::{self, FieldSetting};
use crate::rust::{Finding, pattern};

/// The facets of a field, unless the configuration says that none are checked.
pub(super) fn checked<'a>(analysis: &Analysis<'a>, ty: Type, facets: &'a [Facet]) -> Option<FieldSetting<'a>> {
    let checked = if analysis.config.check_facets { of(analysis, ty, facets) } else { Vec::new() };
    (!checked.is_empty()).then_some(FieldSetting::Facets(checked))
}

fn of<'a>(analysis: &Analysis<'a>, ty: Type, facets: &'a [Facet]) -> Vec<model::Facet<'a>> {
    let mut all: Vec<model::Facet<'a>> = facets.iter().filter_map(|facet| one(analysis, ty, facet)).collect();
    let items = match ty.named().map(|id| &analysis.contract.type_def(id).kind) {
        Some(TypeKind::List(list)) => of(analysis, list.item, &list.facets),
        Some(TypeKind::Array(array)) => of(analysis, array.item, &array.facets),
        _ => Vec::new(),
    };
    all.extend((!items.is_empty()).then_some(model::Facet::Items(items)));
    all
}

/// Says of which patterns the documentation is all there is.
pub(super) fn report(contract: &Contract, config: &Config, findings: &mut Vec<Finding>) {
    if !config.check_facets {
        return;
    }
    let mut unchecked = BTreeSet::new();
    let mut look = |ty: Type, facets: &[Facet]| {
        for facet in facets {
            if let Facet::Patterns(patterns) = facet
                && has_text(ty)
                && pattern::translate(patterns).is_none()
            {
                unchecked.insert(patterns.join(" | "));
            }
        }
    };
    for (index, def) in contract.types.iter().enumerate() {
        contract.leaves(TypeId(index)).iter().filter_map(Leaf::element).for_each(|one| look(one.ty, &one.facets));
        match &def.kind {
            TypeKind::List(list) => look(list.item, &list.facets),
            TypeKind::Array(array) => look(array.item, &array.facets),
            TypeKind::Complex(complex) => {
                if let ContentModel::Text(text) = &complex.content {
                    look(text.ty, &text.facets);
                }
                complex.attributes.iter().for_each(|one| look(one.ty, &one.facets));
            }
            TypeKind::Choice(_) | TypeKind::Enumeration(_) | TypeKind::Union(_) => {}
        }
    }
    for pattern in unchecked {
        findings.push(Finding::warning(
            format!("requests are not checked against the pattern {pattern}: it has no exact equivalent in Rust"),
            "nothing to do: the pattern is in the documentation of its fields",
        ));
    }
}

/// Whether the text that is written for a value follows from it alone, so that a pattern can be held against it.
fn has_text(ty: Type) -> bool {
    use Builtin as B;
    let has_none =
        [B::Boolean, B::Float, B::Double, B::Base64Binary, B::HexBinary, B::QName, B::Nmtokens, B::Guid, B::Any];
    matches!(ty, Type::Builtin(builtin) if !has_none.contains(&builtin))
}

/// A facet that means something for the Rust type of the values.
fn one<'a>(analysis: &Analysis<'a>, ty: Type, facet: &'a Facet) -> Option<model::Facet<'a>> {
    use Builtin as B;
    let is_list = |id| matches!(analysis.contract.type_def(id).kind, TypeKind::List(_));
    let has_length = match ty {
        Type::Builtin(builtin) => matches!(builtin, B::String | B::Base64Binary | B::HexBinary | B::Nmtokens),
        Type::Named(id) => is_list(id),
    };
    let is_whole = matches!(
        ty,
        Type::Builtin(
            B::Byte
                | B::Short
                | B::Int
                | B::Long
                | B::UnsignedByte
                | B::UnsignedShort
                | B::UnsignedInt
                | B::UnsignedLong
                | B::Integer
        )
    );
    let is_decimal = ty == Type::Builtin(B::Decimal);
    let is_ordered = is_whole
        || is_decimal
        || matches!(ty, Type::Builtin(B::Float | B::Double | B::DateTime | B::Date | B::Time | B::Duration));
    let method = match facet {
        Facet::Count("minLength", 0) => return None,
        Facet::Count("length", _) if has_length => "length",
        Facet::Count("minLength", _) if has_length => "min_length",
        Facet::Count("maxLength", _) if has_length => "max_length",
        Facet::Count("totalDigits", _) if is_whole || is_decimal => "total_digits",
        Facet::Count("fractionDigits", _) if is_decimal => "fraction_digits",
        Facet::Bound("minInclusive", _) if is_ordered => "min_inclusive",
        Facet::Bound("maxInclusive", _) if is_ordered => "max_inclusive",
        Facet::Bound("minExclusive", _) if is_ordered => "min_exclusive",
        Facet::Bound("maxExclusive", _) if is_ordered => "max_exclusive",
        Facet::Patterns(patterns) if has_text(ty) => return pattern::translate(patterns).map(model::Facet::Pattern),
        _ => return None,
    };
    Some(match facet {
        Facet::Count(_, count) => model::Facet::Count(method, *count),
        Facet::Bound(_, bound) => model::Facet::Bound(method, bound),
        Facet::Patterns(_) => return None,
    })
}
