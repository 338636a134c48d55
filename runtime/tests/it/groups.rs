//! Choices, repeated sequences, lists and mixed content are read as the contract groups them, and written in its order.

#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]

use soap_runtime::generated::v1;
use soap_runtime::{Error, Fragment, List, Mixed, MixedNode};

const A: &str = "urn:a";

/// Stands among the children of an order.
#[derive(Clone, PartialEq)]
enum Payment {
    Card(String),
    Transfer(Transfer),
    Coins(Vec<i32>),
}

v1::choice!(Payment: v1::Shape::new(A, "Payment", &[
    v1::Field::required(A, "Card").sensitive(),
    v1::Field::required(A, "transfer").sequence(<Transfer as v1::Record>::SHAPE),
    v1::Field::many1(A, "Coin"),
]), 0, { 0 => Card(String), 1 => Transfer(Transfer), 2 => Coins(Vec<i32>) });

#[derive(Clone, Default, PartialEq)]
struct Transfer {
    bank: String,
    account: Option<i32>,
}

v1::sequence!(Transfer: v1::Shape::new(A, "Transfer", &[
    v1::Field::required(A, "Bank"),
    v1::Field::optional(A, "Account"),
]), { 0 => bank, 1 => account });

#[derive(Clone, Default, PartialEq)]
struct Order {
    id: i32,
    payment: Option<Payment>,
    pairs: Vec<Pair>,
    sizes: List<i32>,
}

v1::record!(Order: v1::Shape::new(A, "Order", &[
    v1::Field::required(A, "Id"),
    v1::Field::optional(A, "payment").choice(<Payment as v1::Choice>::SHAPE),
    v1::Field::many(A, "pairs").sequence(<Pair as v1::Record>::SHAPE),
    v1::Field::required("", "sizes").attribute(),
]), { 0 => id, 1 => payment, 2 => pairs, 3 => sizes });

#[derive(Clone, Default, PartialEq)]
struct Pair {
    key: String,
    value: Option<i32>,
}

v1::sequence!(Pair: v1::Shape::new(A, "Pair", &[
    v1::Field::required(A, "Key"),
    v1::Field::optional(A, "Value"),
]).in_order(), { 0 => key, 1 => value });

/// The whole content of an element.
#[derive(Clone, PartialEq)]
enum Shape {
    Circle(i32),
    Other(Fragment),
}

v1::choice!(content Shape: v1::Shape::new(A, "Shape", &[
    v1::Field::required(A, "Circle"),
    v1::Field::required("", "Other").any(),
]), 0, { 0 => Circle(i32), 1 => Other(Fragment) });

#[derive(Clone, Default, PartialEq)]
struct Twice {
    a: Option<i32>,
    b: i32,
    a_after_b: Vec<i32>,
}

v1::record!(Twice: v1::Shape::new(A, "Twice", &[
    v1::Field::optional(A, "A"),
    v1::Field::required(A, "B"),
    v1::Field::many(A, "A"),
]).in_order(), { 0 => a, 1 => b, 2 => a_after_b });

#[derive(Clone, Default, PartialEq)]
struct Note {
    lang: Option<String>,
    content: Mixed,
}

v1::record!(Note: v1::Shape::new(A, "Note", &[
    v1::Field::optional("", "lang").attribute(),
    v1::Field::required("", "content").mixed(),
]), { 0 => lang, 1 => content });

fn read<T: v1::Value>(attributes: &str, content: &str) -> Result<T, Error> {
    let xml = format!("<x xmlns='{A}' {attributes}>{content}</x>");
    let mut decoder = v1::Decoder::new(xml.as_bytes(), &v1::XmlLimits::default());
    decoder.next()?;
    let value = T::read_value(&mut decoder)?;
    decoder.finish()?;
    Ok(value)
}

fn write<T: v1::Value>(value: &T) -> Result<String, Error> {
    let slots = v1::Slots::default();
    let mut encoder = v1::Encoder::new(v1::Style::Client, &slots);
    v1::Slot::write(value, &v1::Field::required(A, "x"), &mut encoder)?;
    Ok(String::from_utf8(encoder.finish()).unwrap())
}

/// What is read of this content, and how it is written again.
fn order(content: &str) -> Result<Order, Error> {
    let order: Order = read("sizes=' 1 2 '", content)?;
    let written = write(&order)?;
    let mut decoder = v1::Decoder::new(written.as_bytes(), &v1::XmlLimits::default());
    decoder.next()?;
    assert_eq!(<Order as v1::Value>::read_value(&mut decoder)?, order, "{written}");
    Ok(order)
}

#[test]
fn a_choice_is_the_alternative_that_is_there() {
    let payment = |content: &str| order(&format!("<Id>1</Id>{content}")).unwrap().payment;
    let transfer = |account| Some(Payment::Transfer(Transfer { bank: "b".into(), account }));
    assert_eq!(payment(""), None);
    assert_eq!(payment("<Card>c</Card>"), Some(Payment::Card("c".into())));
    assert_eq!(payment("<Bank>b</Bank>"), transfer(None));
    assert_eq!(payment("<Bank>b</Bank><Account>2</Account>"), transfer(Some(2)));
    assert_eq!(payment("<Coin>1</Coin><Coin>2</Coin>"), Some(Payment::Coins(vec![1, 2])));
}

/// As elsewhere: what comes in another order, or between, changes nothing where a name says where it belongs.
#[test]
fn order_is_free_and_unknown_elements_are_skipped_where_nothing_repeats() {
    let content = "<Account>2</Account><New><Bank/></New><Bank>b</Bank><New/><Id>1</Id>";
    assert_eq!(order(content).unwrap(), order("<Id>1</Id><Bank>b</Bank><Account>2</Account>").unwrap());
}

#[test]
fn two_alternatives_or_half_of_one_are_errors() {
    for (content, error) in [
        ("<Card>c</Card><Bank>b</Bank>", "two alternatives of a choice"),
        ("<Card>c</Card><Card>c</Card>", "two alternatives of a choice"),
        ("<Coin>1</Coin><New/><Card>c</Card>", "two alternatives of a choice"),
        ("<Account>1</Account>", "missing"),
        ("<Value>1</Value>", "missing"),
        ("<Card xmlns='urn:b'>c</Card><Bank>b</Bank><Bank>b</Bank>", "twice"),
    ] {
        let found = order(&format!("<Id>1</Id>{content}")).expect_err(content).to_string();
        assert!(found.contains(error), "{content}: {found}");
    }
}

#[test]
fn position_tells_the_items_of_a_repeated_sequence_apart() {
    let pair = |key: &str, value| Pair { key: key.into(), value };
    let content = "<Id>1</Id><Key>a</Key><Key>b</Key><New/><Value>2</Value><Key>c</Key><Value>3</Value>";
    let found = order(content).unwrap();
    assert_eq!(found.pairs, [pair("a", None), pair("b", Some(2)), pair("c", Some(3))]);
    assert_eq!(found.sizes, List(vec![1, 2]));
    assert_eq!(
        write(&found).unwrap(),
        "<a:x xmlns:a=\"urn:a\" sizes=\"1 2\"><a:Id>1</a:Id><a:Key>a</a:Key><a:Key>b</a:Key><a:Value>2</a:Value><a:Key>c</a:Key>\
         <a:Value>3</a:Value></a:x>"
    );
}

#[test]
fn a_choice_can_be_all_of_an_element() {
    assert_eq!(
        read::<Shape>("", "<New xmlns=\"\"/>").unwrap(),
        Shape::Other(Fragment::from_xml("<New xmlns=\"\"/>").unwrap())
    );
    assert_eq!(read::<Shape>("", " <Circle>7</Circle> ").unwrap(), Shape::Circle(7));
    assert!(read::<Shape>("", "").is_err());
    assert!(read::<Shape>("", "<Circle>7</Circle><Circle>7</Circle>").is_err());
    assert_eq!(write(&Shape::Circle(7)).unwrap(), "<a:x xmlns:a=\"urn:a\"><a:Circle>7</a:Circle></a:x>");
}

#[test]
fn a_name_at_two_places_is_told_apart_by_its_position() {
    let both = Twice { a: Some(1), b: 2, a_after_b: vec![3, 4] };
    assert_eq!(read::<Twice>("", "<A>1</A><New/><B>2</B><A>3</A><A>4</A>").unwrap(), both);
    assert_eq!(read::<Twice>("", "<B>2</B><A>3</A><A>4</A>").unwrap(), Twice { a: None, ..both });
    for wrong in ["<A>1</A><B>2</B><B>3</B>", "<A>1</A><A>1</A><B>2</B>", "<A>1</A>"] {
        assert!(read::<Twice>("", wrong).is_err(), "{wrong}");
    }
}

#[test]
fn mixed_content_keeps_its_order() {
    let note: Note = read("lang='nb'", "a &amp; <![CDATA[b]]><i>c</i><!-- d --> e<br/>").unwrap();
    let element = |xml: &str| MixedNode::Element(Fragment::from_xml(xml).unwrap());
    let nodes = vec![
        MixedNode::Text("a & b".into()),
        element("<i xmlns=\"urn:a\">c</i>"),
        MixedNode::Text(" e".into()),
        element("<br xmlns=\"urn:a\"/>"),
    ];
    assert_eq!(note, Note { lang: Some("nb".into()), content: Mixed(nodes) });
    let written = "<a:x xmlns:a=\"urn:a\" lang=\"nb\">a &amp; b<i xmlns=\"urn:a\">c</i> e<br xmlns=\"urn:a\"/></a:x>";
    assert_eq!(write(&note).unwrap(), written);
    assert_eq!(
        format!("{note:?}"),
        "Note { lang: Some(\"nb\"), content: Mixed([[5 characters], [22 characters], [2 characters], [19 characters]]) }"
    );
}

/// Each item is a value of its own type, and one that would be read as others is not sent.
#[test]
fn a_list_is_read_item_by_item() {
    assert_eq!(read::<List<bool>>("", " true\n0 ").unwrap(), List::from([true, false]));
    assert_eq!(read::<List<String>>("", "").unwrap(), List::default());
    assert!(read::<List<i32>>("", "1 x").is_err());
    assert!(write(&List::from(["a b".to_owned()])).is_err());
    assert!(write(&List::from([String::new()])).is_err());
    assert_eq!(write(&List::from([1, 2])).unwrap(), "<a:x xmlns:a=\"urn:a\">1 2</a:x>");
}

#[test]
fn a_sensitive_alternative_is_not_printed() {
    assert_eq!(format!("{:?}", Payment::Card("4242".into())), "Card([redacted])");
    assert_eq!(format!("{:?}", Payment::Coins(vec![1])), "Coins([1])");
}
