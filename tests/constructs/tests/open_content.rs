//! What a contract leaves open (`xs:any`, `xs:anyType`) as values of its types.

#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]

use altinn_soap_constructs::derived::s::types::{AnyParty, Party, Person, PersonBornOrAge};
use altinn_soap_constructs::wildcards::s::p::E;
use soap_runtime::{Fragment, Name};

fn person() -> Person {
    Person { name: "A & <B>".to_owned(), born_or_age: PersonBornOrAge::Age(3), id: Some(1), title: None }
}

#[test]
fn a_record_is_written_and_read() {
    let fragment = Fragment::of(Name::new("urn:x", "somebody"), &person()).unwrap();
    assert_eq!(fragment.name().to_string(), "{urn:x}somebody");
    assert_eq!(fragment.xsi_type(), None);
    assert_eq!(fragment.read::<Person>().unwrap(), person());
    // Of an extended type the base is there too, but not the other way round.
    assert_eq!(fragment.read::<Party>().unwrap().name, "A & <B>");
    let party = Party { name: "C".to_owned(), id: None };
    let error = Fragment::of(Name::new("urn:x", "somebody"), &party).unwrap().read::<Person>().unwrap_err();
    assert!(error.to_string().contains("none of the alternatives") || error.to_string().contains("missing"), "{error}");
}

#[test]
fn the_type_is_stated_where_the_field_says_nothing() {
    let fragment = Fragment::of_type(Name::new("urn:t", "Person"), &person()).unwrap();
    assert_eq!(fragment.xsi_type().unwrap().to_string(), "{urn:t}Person");
    assert_eq!(fragment.read::<AnyParty>().unwrap(), AnyParty::Person(person()));
    assert_eq!(fragment.read::<Person>().unwrap(), person());
    // A value that may be of several types states its own.
    let fragment = Fragment::of(Name::new("", "who"), &AnyParty::Person(person())).unwrap();
    assert_eq!(fragment.xsi_type().unwrap().to_string(), "{urn:t}Person");
    let other = Fragment::of_type(Name::new("urn:t", "Other"), &person()).unwrap();
    assert!(other.read::<AnyParty>().is_err());
}

#[test]
fn in_a_message_it_is_the_content_of_the_field() {
    let content = Fragment::of_type(Name::new("http://www.w3.org/2001/XMLSchema", "int"), &7).unwrap();
    let message =
        E { any: None, a: 1, any_after_a: Vec::new(), anything: Some(content), any_attribute: Default::default() };
    let xml = Fragment::of(Name::new("urn:t", "E"), &message).unwrap();
    let tree = roxmltree::Document::parse(xml.as_xml()).unwrap();
    let anything = tree.descendants().find(|node| node.has_tag_name(("urn:t", "anything"))).unwrap();
    assert_eq!(anything.text(), Some("7"));
    let read = xml.read::<E>().unwrap().anything.unwrap();
    assert_eq!((read.xsi_type().unwrap().local.as_str(), read.read::<i32>().unwrap()), ("int", 7));
}
