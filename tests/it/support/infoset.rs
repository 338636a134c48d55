//! Messages compared as information, not as text: prefixes and the place of declarations do not count.
//!
//! The comparison follows the contract. Beyond equal texts it knows the equalities that the design allows, and counts how often each was used.

use std::collections::BTreeMap;
use std::str::FromStr;

use roxmltree::Node;
use serde_json::Value;
use wsdl_codegen::contract::model::{Builtin, Contract, Element, Type, TypeId};

pub(crate) const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// An element where it stands, and how often it occurs there.
#[derive(Clone, Copy)]
pub(crate) struct Field<'a> {
    pub(crate) element: &'a Element,
    pub(crate) min: u32,
    pub(crate) max: Option<u32>,
}

impl<'a> Field<'a> {
    pub(crate) fn once(element: &'a Element) -> Self {
        Self { element, min: 1, max: Some(1) }
    }
}

/// The elements of a type in wire order; none for one that is no complex type.
pub(crate) fn fields(contract: &Contract, id: TypeId) -> Vec<Field<'_>> {
    let leaves = contract.leaves(id).into_iter();
    leaves
        .filter_map(|leaf| Some(Field { element: leaf.element()?, min: leaf.particle.min, max: leaf.particle.max }))
        .collect()
}

/// Two differing writings of the same information.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Equality {
    AbsentIsNil,
    NoListIsEmptyList,
    NilItemIsNoItem,
    UtcOffsetIsZ,
    /// `1.5E+300` and `1.5E300`, of `xs:double` and `xs:float`.
    SameNumber,
}

/// Compares by the types of a contract.
pub(crate) struct Comparison<'a> {
    pub(crate) contract: &'a Contract,
    pub(crate) used: BTreeMap<Equality, usize>,
    pub(crate) differences: Vec<String>,
}

impl<'a> Comparison<'a> {
    pub(crate) fn new(contract: &'a Contract) -> Self {
        Self { contract, used: BTreeMap::new(), differences: Vec::new() }
    }

    fn using(&mut self, equality: Equality) {
        *self.used.entry(equality).or_default() += 1;
    }

    fn differ(&mut self, place: &str, what: &str) {
        self.differences.push(format!("{place}: {what}"));
    }

    /// Two occurrences of the elements of one field; `None` is absent.
    pub(crate) fn element(
        &mut self,
        place: &str,
        field: Field<'_>,
        one: Option<Node<'_, '_>>,
        other: Option<Node<'_, '_>>,
    ) {
        let place = &format!("{place}/{}", field.element.name.local);
        let (one, other) = (one.map(Written::of), other.map(Written::of));
        if let Some(item) = self.items(field) {
            return self.list(place, field, item, one, other);
        }
        match (one, other) {
            (Some(Written::Element(one)), Some(Written::Element(other))) => {
                self.content(place, field.element.ty, one, other)
            }
            (Some(Written::Nil), Some(Written::Nil)) | (None, None) => {}
            (Some(Written::Nil), None) | (None, Some(Written::Nil)) if field.min == 0 => {
                self.using(Equality::AbsentIsNil)
            }
            _ => self.differ(place, "absent, nil or present in one only"),
        }
    }

    fn list(
        &mut self,
        place: &str,
        field: Field<'_>,
        item: Field<'_>,
        one: Option<Written<'_, '_>>,
        other: Option<Written<'_, '_>>,
    ) {
        let ranks = [one, other].map(|written| match written {
            None => 0,
            Some(Written::Nil) => 1,
            Some(Written::Element(node)) if node.children().all(|child| !child.is_element()) => 2,
            Some(Written::Element(_)) => 3,
        });
        let all_nil = |written: Option<Written<'_, '_>>| matches!(written, Some(Written::Element(node)) if self.real_items(node).is_empty());
        match (ranks, one, other) {
            ([3, 3], Some(Written::Element(one)), Some(Written::Element(other))) => {
                let (ones, others) = (self.real_items(one), self.real_items(other));
                let skipped = elements(one).len() - ones.len() + elements(other).len() - others.len();
                (0..skipped).for_each(|_| self.using(Equality::NilItemIsNoItem));
                if ones.len() != others.len() {
                    self.differ(place, "another number of items");
                }
                for (one, other) in ones.into_iter().zip(others) {
                    self.name(place, item, one);
                    self.name(place, item, other);
                    self.content(place, item.element.ty, one, other);
                }
            }
            ([one, other], _, _) if one == other => {}
            ([a, b], _, _) if a < 3 && b < 3 && (field.min == 0 || (a > 0 && b > 0)) => {
                self.using(Equality::NoListIsEmptyList)
            }
            ([3, b], _, _) if b < 3 && all_nil(one) => self.using(Equality::NilItemIsNoItem),
            ([a, 3], _, _) if a < 3 && all_nil(other) => self.using(Equality::NilItemIsNoItem),
            _ => self.differ(place, "absent, nil, empty or filled in one only"),
        }
    }

    fn real_items<'n, 'x>(&self, list: Node<'n, 'x>) -> Vec<Node<'n, 'x>> {
        elements(list).into_iter().filter(|item| !matches!(Written::of(*item), Written::Nil)).collect()
    }

    /// The item of a field whose type is nothing but a list.
    fn items(&self, field: Field<'_>) -> Option<Field<'a>> {
        let Type::Named(id) = field.element.ty else { return None };
        let complex = self.contract.complex(id)?;
        match &fields(self.contract, id)[..] {
            [item] if item.max.is_none() && complex.derivation.is_none() && complex.attributes.is_empty() => {
                Some(*item)
            }
            _ => None,
        }
    }

    fn name(&mut self, place: &str, field: Field<'_>, node: Node<'_, '_>) {
        let name = node.tag_name();
        if name.name() != field.element.name.local
            || name.namespace().unwrap_or_default() != field.element.name.namespace
        {
            self.differ(place, &format!("an element {} that is not in the contract here", name.name()));
        }
    }

    pub(crate) fn content(&mut self, place: &str, ty: Type, one: Node<'_, '_>, other: Node<'_, '_>) {
        match ty {
            Type::Named(id) if self.contract.complex(id).is_some() => self.record(place, id, one, other),
            Type::Named(_) => self.text(place, Builtin::String, one, other),
            Type::Builtin(builtin) => self.text(place, builtin, one, other),
        }
    }

    fn record(&mut self, place: &str, id: TypeId, one: Node<'_, '_>, other: Node<'_, '_>) {
        for field in fields(self.contract, id) {
            let find = |parent: Node<'_, '_>| -> Option<usize> {
                elements(parent).iter().position(|child| {
                    child.tag_name().name() == field.element.name.local
                        && child.tag_name().namespace().unwrap_or_default() == field.element.name.namespace
                })
            };
            let (at, other_at) = (find(one), find(other));
            let (child, other_child) = (at.map(|at| elements(one)[at]), other_at.map(|at| elements(other)[at]));
            self.element(place, field, child, other_child);
        }
        for parent in [one, other] {
            self.order(place, id, parent);
        }
    }

    /// All children are in the contract, each once, in its order.
    fn order(&mut self, place: &str, id: TypeId, parent: Node<'_, '_>) {
        let fields = fields(self.contract, id);
        let mut last = None;
        for child in elements(parent) {
            let name = child.tag_name();
            let at = fields.iter().position(|field| {
                field.element.name.local == name.name()
                    && field.element.name.namespace == name.namespace().unwrap_or_default()
            });
            if at.is_none() || at <= last {
                self.differ(place, &format!("{} is not in the contract at this place", name.name()));
            }
            last = at;
        }
    }

    fn text(&mut self, place: &str, builtin: Builtin, one: Node<'_, '_>, other: Node<'_, '_>) {
        let (one, other) = (text(one), text(other));
        if one == other {
            return;
        }
        match same_value(builtin, &one, &other) {
            Some(equality) => self.using(equality),
            None => self.differ(place, "another text"),
        }
    }

    /// An element beside the JSON value that it was written from: `null` is nil, `Value::Null` for a missing key is told apart by `None`.
    pub(crate) fn json(&mut self, place: &str, field: Field<'_>, node: Option<Node<'_, '_>>, value: Option<&Value>) {
        let place = &format!("{place}/{}", field.element.name.local);
        let written = node.map(Written::of);
        if let Some(item) = self.items(field) {
            let empty = Vec::new();
            let values = value.and_then(Value::as_array).unwrap_or(&empty).iter().filter(|value| !value.is_null());
            let nodes = match written {
                Some(Written::Element(node)) => self.real_items(node),
                _ => Vec::new(),
            };
            let values: Vec<_> = values.collect();
            if values.len() != nodes.len() {
                self.differ(place, "another number of items than in the JSON");
            }
            for (node, value) in nodes.into_iter().zip(values) {
                self.json_content(place, item.element.ty, node, value);
            }
            return;
        }
        match (written, value) {
            (Some(Written::Element(node)), Some(value)) if !value.is_null() => {
                self.json_content(place, field.element.ty, node, value)
            }
            (None | Some(Written::Nil), None | Some(Value::Null)) => {}
            _ => self.differ(place, "a value in the message or in the JSON only"),
        }
    }

    fn json_content(&mut self, place: &str, ty: Type, node: Node<'_, '_>, value: &Value) {
        if let Type::Named(id) = ty
            && self.contract.complex(id).is_some()
        {
            let fields = fields(self.contract, id);
            for field in &fields {
                let child =
                    elements(node).into_iter().find(|child| child.tag_name().name() == field.element.name.local);
                self.json(place, *field, child, value.get(&field.element.name.local));
            }
            let keys = value.as_object().map(|object| object.len()).unwrap_or_default();
            let known = fields.iter().filter(|field| value.get(&field.element.name.local).is_some()).count();
            if keys != known {
                self.differ(place, "a key in the JSON that the contract lacks");
            }
            return;
        }
        let expected = match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let actual = text(node);
        let same = actual == expected
            || matches!(ty, Type::Builtin(builtin) if same_value(builtin, &actual, &expected).is_some());
        if !same {
            self.differ(place, "another text than in the JSON");
        }
    }
}

/// By which equality two differing texts are one value of a type, if they are.
fn same_value(builtin: Builtin, one: &str, other: &str) -> Option<Equality> {
    match builtin {
        Builtin::DateTime => {
            let utc =
                |text: &str| text.strip_suffix("+00:00").map_or_else(|| text.to_owned(), |rest| format!("{rest}Z"));
            (utc(one) == utc(other)).then_some(Equality::UtcOffsetIsZ)
        }
        Builtin::Double => same_number::<f64>(one, other),
        Builtin::Float => same_number::<f32>(one, other),
        _ => None,
    }
}

/// `NaN` equals itself here, and zero does not equal its negative: both are told apart by their digits in Rust.
fn same_number<T: FromStr + ToString>(one: &str, other: &str) -> Option<Equality> {
    let digits = |text: &str| text.parse::<T>().ok().map(|number| number.to_string());
    (digits(one)? == digits(other)?).then_some(Equality::SameNumber)
}

/// An element that is there.
#[derive(Clone, Copy)]
enum Written<'n, 'x> {
    Nil,
    Element(Node<'n, 'x>),
}

impl<'n, 'x> Written<'n, 'x> {
    fn of(node: Node<'n, 'x>) -> Self {
        match node.attribute((XSI, "nil")) {
            Some("true" | "1") => Self::Nil,
            _ => Self::Element(node),
        }
    }
}

pub(crate) fn elements<'n, 'x>(parent: Node<'n, 'x>) -> Vec<Node<'n, 'x>> {
    parent.children().filter(Node::is_element).collect()
}

pub(crate) fn text(node: Node<'_, '_>) -> String {
    node.descendants().filter(Node::is_text).filter_map(|text| text.text()).collect()
}

/// The child of this local name.
pub(crate) fn child<'n, 'x>(parent: Node<'n, 'x>, local: &str) -> Option<Node<'n, 'x>> {
    parent.children().find(|child| child.is_element() && child.tag_name().name() == local)
}

#[test]
fn doubles_are_compared_as_numbers_and_nothing_else_is() {
    let number = |builtin, one, other| same_value(builtin, one, other) == Some(Equality::SameNumber);
    assert!(number(Builtin::Double, "1.5E+300", "1.5E300") && number(Builtin::Double, "0.1", "1.0E-1"));
    assert!(number(Builtin::Float, "1.5E+30", "1.5E30") && number(Builtin::Float, "INF", "INF"));
    assert!(!number(Builtin::Double, "1.5E+300", "1.5E301") && !number(Builtin::Double, "0", "-0"));
    assert!(!number(Builtin::Double, "1.5", "x") && !number(Builtin::String, "1.5E+300", "1.5E300"));
    assert!(!number(Builtin::Decimal, "1.50", "1.5"));
}
