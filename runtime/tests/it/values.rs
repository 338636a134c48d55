//! What a contract says of values: recursion, names, defaults, white space, and what stands for nothing.

#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]
#![allow(unreachable_pub, reason = "written as the generator writes it")]

use soap_runtime::generated::v1;

const NS: &str = "urn:values";
const XML: &str = "http://www.w3.org/XML/1998/namespace";
const XSI: &str = "xmlns:i='http://www.w3.org/2001/XMLSchema-instance'";

fn read<T: v1::Value>(xml: &str) -> Result<T, String> {
    let mut decoder = v1::Decoder::new(xml.as_bytes(), &v1::XmlLimits::default());
    decoder.next().unwrap();
    T::read_value(&mut decoder).map_err(|error| error.to_string())
}

fn write<T: v1::Slot>(value: &T) -> Result<String, String> {
    let slots = v1::Slots::default();
    let mut encoder = v1::Encoder::new(v1::Style::Client, &slots);
    let written = v1::Slot::write(value, &v1::Field::required(NS, "x"), &mut encoder);
    written.map(|()| String::from_utf8(encoder.finish()).unwrap()).map_err(|error| error.to_string())
}

/// What was written can be read by a parser that nobody here wrote.
fn attribute<'d>(document: &'d roxmltree::Document<'d>, namespace: &str, name: &str) -> Option<&'d str> {
    document.root_element().attribute((namespace, name))
}

mod expressions {
    //! `Expr` is abstract; `Not` and `And` lead back to it, `Lit` ends.

    use super::{NS, v1};

    #[derive(Clone, PartialEq)]
    pub struct Not {
        pub operand: Box<AnyExpr>,
    }
    v1::record!(Not: v1::Shape::new(NS, "Not", &[v1::Field::required(NS, "Operand")]), { 0 => operand });

    #[derive(Clone, PartialEq)]
    pub struct And {
        pub left: Box<AnyExpr>,
        pub right: Box<AnyExpr>,
        pub more: Vec<AnyExpr>,
    }
    v1::record!(And: v1::Shape::new(NS, "And", &[
        v1::Field::required(NS, "Left"), v1::Field::required(NS, "Right"), v1::Field::many(NS, "More"),
    ]), { 0 => left, 1 => right, 2 => more });

    #[derive(Clone, Default, PartialEq)]
    pub struct Lit {
        pub value: i32,
    }
    v1::record!(Lit: v1::Shape::new(NS, "Lit", &[v1::Field::required(NS, "V")]), { 0 => value });

    #[derive(Clone, Debug, PartialEq)]
    pub enum AnyExpr {
        Not(Not),
        And(And),
        Lit(Lit),
    }
    v1::polymorphic!(AnyExpr: v1::Name::new(NS, "Expr"), { Lit(Lit), Not(Not), And(And) });
}

#[test]
fn a_recursive_type_is_read_written_and_sampled() {
    use expressions::{And, AnyExpr, Lit, Not};
    let lit = |value| Box::new(AnyExpr::Lit(Lit { value }));
    let not = AnyExpr::Not(Not { operand: lit(1) });
    let expression =
        AnyExpr::And(And { left: Box::new(not.clone()), right: lit(2), more: vec![not, AnyExpr::Lit(Lit::default())] });
    let xml = write(&expression).unwrap().replacen("<a:x", &format!("<a:x {XSI}"), 1);
    assert_eq!(read::<AnyExpr>(&xml).unwrap(), expression);
    // The abstract base itself has no values.
    assert!(read::<AnyExpr>(&format!("<x xmlns='{NS}'/>")).unwrap_err().contains("none is given for an abstract type"));
    for seed in 0..200 {
        let sampled: AnyExpr = v1::Value::sample(&mut v1::Sampler::new(seed));
        let xml = write(&sampled).unwrap().replacen("<a:x", &format!("<a:x {XSI}"), 1);
        assert_eq!(read::<AnyExpr>(&xml).unwrap(), sampled, "{seed}");
    }
}

#[test]
fn what_is_missing_is_told_whatever_the_type() {
    let text = read::<expressions::Not>(&format!("<x xmlns='{NS}'/>")).unwrap_err();
    assert!(text.contains("a required element or attribute is missing, in Operand"), "{text}");
}

mod prelude {
    //! Types may be named as anything that generated code could be taken to mean.
    #![allow(dead_code, reason = "they are there to be in the way")]

    use super::{NS, v1};

    pub struct Some;
    pub struct None;
    pub struct Ok;
    pub struct Err;
    pub struct Vec;
    pub struct Box;
    pub struct FnMut;
    pub trait Into {}
    pub trait Default {}
    pub trait Clone {}
    pub struct Self_;

    #[derive(::core::clone::Clone, PartialEq)]
    pub struct From {
        pub id: i32,
    }
    v1::record!(From: v1::Shape::new(NS, "From", &[v1::Field::required(NS, "Id")]), { 0 => id });

    #[derive(::core::clone::Clone, PartialEq)]
    pub struct Option {
        pub from: From,
    }
    v1::record!(Option: v1::Shape::new(NS, "Option", &[v1::Field::required(NS, "From")]), { 0 => from });

    #[derive(::core::clone::Clone, Debug, PartialEq, Eq, Hash)]
    pub enum String {
        Result,
        Unrecognized(::std::string::String),
    }
    v1::enumeration!(String { Result = "Result" });

    #[derive(::core::clone::Clone, Debug, PartialEq)]
    pub enum Result {
        From(From),
        Option(Option),
    }
    v1::polymorphic!(Result: v1::Name::new(NS, "From"), { From(From), Option(Option) });
    v1::fault_detail!(Option, [v1::Name::new(NS, "Fault")]);

    #[derive(::core::clone::Clone, Debug, PartialEq)]
    pub enum Fault {
        From(From),
        Text(::std::string::String),
    }
    v1::fault_enum!(Fault { From(From) = v1::Name::new(NS, "A"), Text(::std::string::String) = v1::Name::new(NS, "B") });
}

#[test]
fn types_may_have_the_names_of_the_prelude() {
    let xml = format!("<x xmlns='{NS}'><From><Id>1</Id></From></x>");
    assert_eq!(read::<prelude::Option>(&xml).unwrap().from.id, 1);
    assert_eq!(read::<prelude::String>("<x>Result</x>").unwrap(), prelude::String::Result);
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Colour {
    Red,
    LightBlue,
    Unrecognized(String),
}
v1::enumeration!(Colour { Red = "red", LightBlue = "light blue" });

#[test]
fn an_enumeration_lists_and_parses_its_values() {
    assert_eq!(Colour::KNOWN, [Colour::Red, Colour::LightBlue]);
    for known in Colour::KNOWN {
        assert_eq!(known.as_str().parse().as_ref(), Ok(known));
    }
    assert_eq!("Red".parse(), Ok(Colour::Unrecognized("Red".to_owned())));
}

#[derive(Clone, Default, PartialEq)]
struct Title {
    lang: Option<String>,
    others: v1::AnyAttributes,
    text: String,
}
v1::record!(Title: v1::Shape::new(NS, "Title", &[
    v1::Field::optional(XML, "lang").attribute(),
    v1::Field::optional("", "AnyAttribute").any_attribute(),
    v1::Field::required("", "Value").text(),
]), { 0 => lang, 1 => others, 2 => text });

#[test]
fn attributes_of_the_xml_namespace_keep_its_prefix() {
    let xml = "<x xml:lang='nb' xml:space='preserve' xml:id='i' xml:base='urn:b' q:other='1' xmlns:q='urn:q'>t</x>";
    let title: Title = read(xml).unwrap();
    assert_eq!(title.lang.as_deref(), Some("nb"));
    let written = write(&title).unwrap();
    assert!(!written.contains(XML), "no prefix may be declared for it: {written}");
    let document = roxmltree::Document::parse(&written).unwrap();
    for (namespace, name, value) in [
        (XML, "lang", "nb"),
        (XML, "space", "preserve"),
        (XML, "id", "i"),
        (XML, "base", "urn:b"),
        ("urn:q", "other", "1"),
    ] {
        assert_eq!(attribute(&document, namespace, name), Some(value), "{written}");
    }
}

#[derive(Clone, Default, PartialEq)]
struct Settings {
    retries: i32,
    mode: Option<String>,
    level: Option<u8>,
    unit: Option<String>,
    limit: Option<i32>,
    codes: Vec<String>,
}
v1::record!(Settings: v1::Shape::new(NS, "Settings", &[
    v1::Field::required(NS, "Retries").default("5"),
    v1::Field::optional(NS, "Mode").default("fast"),
    v1::Field::optional(NS, "Level").nillable().fixed("3"),
    v1::Field::optional("", "unit").attribute().default("kg"),
    v1::Field::optional("", "limit").attribute(),
    v1::Field::many(NS, "Code").collapse(),
]), { 0 => retries, 1 => mode, 2 => level, 3 => unit, 4 => limit, 5 => codes });

#[test]
fn an_empty_element_has_the_default_and_an_absent_one_is_absent() {
    let settings = |content: &str| read::<Settings>(&format!("<x xmlns='{NS}' {XSI}>{content}</x>"));
    let empty = settings("<Retries/><Mode></Mode><Level/>").unwrap();
    assert_eq!((empty.retries, empty.mode.as_deref(), empty.level), (5, Some("fast"), Some(3)));
    let absent = settings("<Retries>1</Retries>").unwrap();
    assert_eq!((absent.retries, absent.mode, absent.level), (1, None, None));
    let nil = settings("<Retries>1</Retries><Level i:nil='true'/>").unwrap();
    assert_eq!(nil.level, None, "nil wins");
    assert!(settings("").unwrap_err().contains("missing, in Retries"), "the default is for an element that is there");
    assert!(settings("<Retries> </Retries>").is_err(), "white space is no empty element");
    assert_eq!(settings("<Retries/><Mode> </Mode>").unwrap().mode.as_deref(), Some(" "));
}

#[test]
fn an_absent_attribute_has_its_default() {
    let unit = |attributes: &str| {
        let settings = read::<Settings>(&format!("<x xmlns='{NS}' {attributes}><Retries/></x>")).unwrap();
        (settings.unit, settings.limit)
    };
    assert_eq!(unit(""), (Some("kg".to_owned()), None));
    assert_eq!(unit("unit='g'"), (Some("g".to_owned()), None));
    assert_eq!(unit("unit='' limit='2'"), (Some("kg".to_owned()), Some(2)));
}

#[test]
fn an_empty_text_that_would_be_read_as_the_default_is_not_sent() {
    let settings = Settings { mode: Some(String::new()), ..Settings::default() };
    let text = write(&settings).unwrap_err();
    assert!(text.contains("the default of the schema, in Mode"), "{text}");
    // Nothing is written for nothing: the other side has the same schema.
    let written = write(&Settings::default()).unwrap();
    assert!(!written.contains("Mode") && !written.contains("unit"), "{written}");
}

#[test]
fn white_space_is_what_the_type_makes_of_it() {
    let read =
        read::<Settings>(&format!("<x xmlns='{NS}'><Retries/><Code> a\n  b\t</Code><Code>&#10;</Code></x>")).unwrap();
    assert_eq!(read.codes, ["a b", ""]);
}

#[derive(Clone, PartialEq)]
struct Holder {
    any: v1::Fragment,
}
v1::record!(Holder: v1::Shape::new("urn:a", "H", &[v1::Field::required("urn:a", "Any")]), { 0 => any });

#[test]
fn a_required_fragment_is_always_an_element() {
    // There is no fragment without an element, so nothing that is not well-formed can be written.
    assert!(v1::Fragment::from_xml("").is_err());
    let holder = Holder { any: v1::Fragment::from_xml("<e p:a='1' xmlns:p='urn:p'>t</e>").unwrap() };
    let written = write(&holder).unwrap();
    let document = roxmltree::Document::parse(&written).unwrap();
    let any = document.root_element().first_element_child().unwrap();
    assert_eq!((any.tag_name().namespace(), any.tag_name().name(), any.text()), (Some("urn:a"), "Any", Some("t")));
}

#[derive(Clone, Default, PartialEq)]
struct Wrapped {
    lines: Vec<String>,
    marks: Vec<Option<i32>>,
}
v1::record!(Wrapped: v1::Shape::new(NS, "Wrapped", &[
    v1::Field::required(NS, "Lines").items(NS, "Line").items_required(),
    v1::Field::optional(NS, "Marks").items(NS, "Mark"),
]), { 0 => lines, 1 => marks });

#[test]
fn a_wrapped_list_keeps_what_is_said_of_its_items() {
    let text = write(&Wrapped::default()).unwrap_err();
    assert!(text.contains("at least one item is required, in Lines"), "{text}");
    let wrapped = Wrapped { lines: vec!["a".into()], marks: vec![Some(1), None] };
    let text = write(&wrapped).unwrap_err();
    assert!(text.contains("a nil item in a list whose items can't be nil"), "{text}");
}
