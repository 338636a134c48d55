//! SOAP encoding (section 5 of SOAP 1.1, section 3 of part 2 of SOAP 1.2), as the rpc/encoded style uses it: arrays, and what is different about elements.

use std::collections::BTreeSet;

use crate::contract::intern;
use crate::contract::model::{self, Array, Builtin, Message, Operation, Service, Type, TypeDef, TypeId, TypeKind};
use crate::contract::types::{DeclarationPath, Types, Value};
use crate::document::xml;
use crate::document::xsd::builtin::ENCODING;
use crate::document::xsd::model::{AttributeUse, ComplexType, Derivation, Element, ElementType, Particle, Term};
use crate::name::QName;

impl<'s> Types<'_, 's, '_> {
    /// The items, if a type is an array of SOAP encoding.
    pub(super) fn array(&mut self, ty: &'s ComplexType, place: &DeclarationPath) -> Option<Array> {
        let (Derivation::Restriction(base) | Derivation::Extension(base)) = &ty.derivation else { return None };
        if base.local != "Array" || !ENCODING.contains(&base.namespace.as_str()) {
            return None;
        }
        let stated = ty.attributes.iter().find_map(|one| match one {
            AttributeUse::Reference { array_type: Some(array), at, .. } => Some((array, *at)),
            _ => None,
        });
        if let Some(((item, brackets), at)) = stated {
            // Arrays of arrays have all brackets of an item first. A size is that of the messages which the author had in
            // mind: each states its own.
            let (outer, last) = brackets.rsplit_once('[').unwrap_or((brackets, ""));
            let is_list = last.strip_suffix(']').is_some_and(|size| size.bytes().all(|byte| byte.is_ascii_digit()));
            let inner = Some(outer).filter(|outer| is_list && !outer.contains(|letter: char| letter.is_ascii_digit()));
            return Some(match inner {
                Some("") => array_of(self.named_value(item, at), item.clone()),
                // An item that is an array is kept as XML: nothing in the contract names its type.
                Some(inner) => {
                    let item_name =
                        QName { namespace: item.namespace.clone(), local: format!("{}{inner}", item.local) };
                    array_of(Value::of(Builtin::Any), item_name)
                }
                None => {
                    let message = format!("an array of several dimensions, `{brackets}`, is not supported");
                    self.report.error(at, message, "");
                    array_of(Value::of(Builtin::Any), any_type())
                }
            });
        }
        let element = ty.particle.as_ref().and_then(only_element);
        Some(match element.map(|element| (&element.content, element.at)) {
            Some((ElementType::Named(name), at)) => array_of(self.named_value(name, at), name.clone()),
            Some((content, at)) => array_of(self.value(content, at, &place.inside("item")), any_type()),
            None => array_of(Value::of(Builtin::Any), any_type()),
        })
    }
}

fn array_of(item: Value, item_name: QName) -> Array {
    Array { item: item.ty, facets: item.facets, item_name }
}

fn any_type() -> QName {
    QName { namespace: xml::XS.to_owned(), local: "anyType".to_owned() }
}

fn only_element(particle: &Particle) -> Option<&Element> {
    match &particle.term {
        Term::Element(element) => Some(element),
        Term::Sequence(members) | Term::All(members) => match members.as_slice() {
            [one] => only_element(one),
            _ => None,
        },
        _ => None,
    }
}

/// Marks what messages in SOAP encoding need: their elements state their types, and may be absent or nil, which is the same
/// there. Only the parts of a request are as the contract says, which is that they are there.
pub(super) fn mark(services: &mut [Service], defs: &mut [TypeDef]) {
    let operations = || services.iter().flat_map(|service| &service.ports).flat_map(|port| &port.operations);
    let encoded: Vec<&Operation> = operations().filter(|operation| operation.encoded).collect();
    let body = |message: Option<&Message>| message?.body.as_ref()?.ty.named();
    let requests: BTreeSet<TypeId> = encoded.iter().filter_map(|operation| body(Some(&operation.input))).collect();
    let replies = encoded.iter().filter_map(|operation| body(operation.output.as_ref()));
    let faults = encoded.iter().flat_map(|operation| &operation.faults).filter_map(|fault| fault.detail.ty.named());
    let reached = intern::reached(defs, requests.iter().copied().chain(replies).chain(faults));
    let arrays: Vec<bool> = defs.iter().map(|def| matches!(def.kind, TypeKind::Array(_))).collect();
    let operations = services.iter_mut().flat_map(|service| &mut service.ports).flat_map(|port| &mut port.operations);
    for operation in operations.filter(|operation| !operation.encoded) {
        for message in std::iter::once(&mut operation.input).chain(&mut operation.output) {
            let headers = message.headers.iter_mut().map(|header| &mut header.element);
            headers.chain(&mut message.body).for_each(|element| element.xsi_type = None);
        }
    }
    for (index, def) in defs.iter_mut().enumerate() {
        let is_encoded = reached.contains(&TypeId(index));
        let is_request = requests.contains(&TypeId(index));
        def.change_particles(&mut |particle| {
            let model::Term::Element(element) = &mut particle.term else { return };
            let is_array = matches!(element.ty, Type::Named(id) if arrays.get(id.0) == Some(&true));
            // An array states that it is one.
            element.xsi_type = element.xsi_type.take().filter(|_| is_encoded && !is_array);
            if is_encoded && !is_request {
                particle.min = 0;
                element.nillable = true;
            }
        });
    }
}
