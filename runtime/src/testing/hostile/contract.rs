//! What a generator would have written for the calls that get hostile answers.

use crate::schema::descriptor::{Operation, PortDescriptor, Reply};
use crate::schema::field::{Field, Shape};
use crate::soap::SoapVersion;
use crate::value::{AnyAttributes, Binary, DateTime, Decimal, Duration, Fragment, Integer, QName};

pub(super) const NS: &str = "urn:example:hostile";

#[derive(Clone, PartialEq)]
pub(super) struct Values {
    bytes: Option<Binary>,
    parts: Vec<Binary>,
    text: Option<String>,
    names: Vec<QName>,
    integer: Option<Integer>,
    decimal: Option<Decimal>,
    double: Option<f64>,
    moment: Option<DateTime>,
    span: Option<Duration>,
}

crate::record!(Values: Shape::new(NS, "Values", &[
    Field::optional(NS, "Bytes"),
    Field::many(NS, "Part"),
    Field::optional(NS, "Text").collapse(),
    Field::many(NS, "Name"),
    Field::optional(NS, "Integer"),
    Field::optional(NS, "Decimal"),
    Field::optional(NS, "Double"),
    Field::optional(NS, "Moment"),
    Field::optional(NS, "Span"),
]), { 0 => bytes, 1 => parts, 2 => text, 3 => names, 4 => integer, 5 => decimal, 6 => double, 7 => moment, 8 => span });

#[derive(Clone, PartialEq)]
pub(super) struct Any {
    inside: Vec<Fragment>,
    attributes: AnyAttributes,
}

crate::record!(Any: Shape::new(NS, "Any", &[
    Field::optional(NS, "Attributes").any_attribute(),
    Field::many(NS, "Inside").any(),
]), { 0 => attributes, 1 => inside });

#[derive(Clone, PartialEq)]
pub(super) struct Open {
    all: Vec<Any>,
}

crate::record!(Open: Shape::new(NS, "Open", &[Field::many(NS, "Any")]), { 0 => all });

pub(super) static VALUES: Operation =
    Operation::new("Values", "urn:values").reply(Reply::element(Field::required(NS, "Values")));

pub(super) static OPEN: Operation =
    Operation::new("Open", "urn:open").reply(Reply::element(Field::required(NS, "Open")));

pub(super) static LIST: Operation = Operation::new("List", "urn:list")
    .reply(Reply::unwrapped(Field::required(NS, "ListResponse"), Field::optional(NS, "List").items(NS, "Name")));

pub(super) static PORT: PortDescriptor =
    PortDescriptor::new("Hostile", "Hostile", "https://localhost/hostile", SoapVersion::Soap11)
        .operations(&[&VALUES, &OPEN, &LIST]);
