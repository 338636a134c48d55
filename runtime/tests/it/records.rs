//! Records are written in the order of their descriptor and read as strictly as the crate documents.

#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]

use soap_runtime::generated::v1;
use soap_runtime::testing::ScriptedTransport;
use soap_runtime::{Connection, Delivery, Error, ErrorKind};

const A: &str = "urn:a";
const B: &str = "urn:b&c";
const PASSWORD: v1::Role = v1::Role::password("password");

#[derive(Clone, Default, PartialEq)]
struct Order {
    id: i32,
    note: Option<String>,
    lines: Vec<Line>,
    tags: Vec<String>,
    marks: Vec<Option<i32>>,
    due: Option<i32>,
    choice: v1::Nillable<String>,
}

v1::record!(Order: v1::Shape::new(A, "Order", &[
            v1::Field::required(A, "Id"),
            v1::Field::optional(A, "Password").slot(PASSWORD),
            v1::Field::optional(A, "Note").nillable().sensitive(),
            v1::Field::optional(A, "Lines").nillable().items(B, "Line"),
            v1::Field::many(A, "Tag"),
            v1::Field::optional(A, "Marks").items(A, "Mark").items_nillable(),
            v1::Field::required(A, "Due").nillable(),
            v1::Field::optional(A, "Choice").nillable(),
        ]), { 0 => id, 2 => note, 3 => lines, 4 => tags, 5 => marks, 6 => due, 7 => choice });

#[derive(Clone, Default, PartialEq)]
struct Line {
    unit: Option<String>,
    text: String,
}

v1::record!(Line: v1::Shape::new(B, "Line", &[v1::Field::optional("", "unit").attribute(), v1::Field::required("", "Value").text()]), { 0 => unit, 1 => text });

fn write(order: &Order, style: v1::Style) -> Result<String, Error> {
    let mut slots = v1::Slots::default();
    slots.set(PASSWORD, Some("p<w".into()));
    let mut writer = v1::Encoder::new(style, &slots);
    v1::Slot::write(order, &v1::Field::required(A, "Order"), &mut writer)?;
    Ok(String::from_utf8(writer.finish()).unwrap())
}

fn read(xml: &str) -> Result<Order, Error> {
    let mut reader = v1::Decoder::new(xml.as_bytes(), &v1::XmlLimits::default());
    reader.next()?;
    let order = <Order as v1::Value>::read_value(&mut reader)?;
    reader.finish()?;
    Ok(order)
}

/// The error of an order with this content.
fn error(content: &str) -> String {
    let xml = format!("<Order xmlns='{A}' xmlns:i='http://www.w3.org/2001/XMLSchema-instance'>{content}</Order>");
    let error = read(&xml).expect_err(content);
    assert_eq!(error.kind(), ErrorKind::Malformed);
    assert_eq!(error.delivery(), Delivery::NotSent);
    error.to_string()
}

fn example() -> Order {
    Order {
        id: -1,
        note: Some("a<b\r\n".into()),
        lines: vec![Line { unit: Some("\"x\"\n".into()), text: " æ ".into() }, Line::default()],
        tags: vec!["t1".into(), String::new()],
        marks: vec![Some(1), None],
        due: None,
        choice: v1::Nillable::Nil,
    }
}

#[test]
fn written_in_the_order_of_the_descriptor() {
    let xml = write(&example(), v1::Style::Client).unwrap();
    assert_eq!(
        xml,
        "<a:Order xmlns:a=\"urn:a\"><a:Id>-1</a:Id><a:Password>p&lt;w</a:Password><a:Note>a&lt;b&#xD;\n</a:Note>\
         <a:Lines xmlns:b=\"urn:b&amp;c\"><b:Line unit=\"&quot;x&quot;&#xA;\"> æ </b:Line><b:Line/></a:Lines>\
         <a:Tag>t1</a:Tag><a:Tag/><a:Marks><a:Mark>1</a:Mark><a:Mark i:nil=\"true\"/></a:Marks>\
         <a:Due i:nil=\"true\"/><a:Choice i:nil=\"true\"/></a:Order>"
    );
    let declared = xml.replacen("<a:Order", "<a:Order xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\"", 1);
    assert_eq!(read(&declared).unwrap(), example());
}

#[test]
fn nothing_is_left_out_by_a_client_and_nil_from_a_server() {
    let order = Order::default();
    let xml = write(&order, v1::Style::Client).unwrap();
    assert_eq!(
        xml,
        "<a:Order xmlns:a=\"urn:a\"><a:Id>0</a:Id><a:Password>p&lt;w</a:Password><a:Due i:nil=\"true\"/></a:Order>"
    );
    let xml = write(&order, v1::Style::Server).unwrap();
    assert!(xml.contains("<a:Note i:nil=\"true\"/><a:Lines i:nil=\"true\"/><a:Due"), "{xml}");
}

#[test]
fn read_in_any_order_and_through_any_prefixes() {
    let order = read(
        "<?xml version='1.0' encoding='utf-8'?><!-- c --><x:Order xmlns:x='urn:a' extra='1'><x:New><x:Id>9</x:Id></x:New>\n\
         <x:Due xmlns:n='http://www.w3.org/2001/XMLSchema-instance' n:nil=' true '>7</x:Due><x:Tag><![CDATA[<t>]]>&amp;&#x1;</x:Tag>\
         <Id xmlns='urn:a'> +5 </Id><y:Lines xmlns:y='urn:a' xmlns='urn:b&amp;c'><Line unit='&#10;x'>v</Line><Other/></y:Lines></x:Order>\n",
    )
    .unwrap();
    assert_eq!(order.id, 5);
    assert_eq!(order.tags, ["<t>&\u{1}"]);
    assert_eq!(order.lines, [Line { unit: Some("\nx".into()), text: "v".into() }]);
    assert_eq!(order.due, None);
}

/// Its value may be written with references, and a `nil` of another namespace says nothing.
#[test]
fn nil_is_an_attribute_like_any_other() {
    let other = "o:nil='no' xmlns:o='urn:other'";
    for (nil, due) in [
        ("i:nil='&#x74;rue'".to_owned(), None),
        ("i:nil='&#49;'".to_owned(), None),
        ("i:nil='fals&#101;'".to_owned(), Some(7)),
        (format!("i:nil='true' {other}"), None),
        (format!("{other} i:nil='true'"), None),
        (other.to_owned(), Some(7)),
    ] {
        let due_xml = if due.is_some() { "7" } else { "" };
        let xml = format!(
            "<Order xmlns='{A}' xmlns:i='http://www.w3.org/2001/XMLSchema-instance'><Id>1</Id><Due {nil}>{due_xml}</Due></Order>"
        );
        assert_eq!(read(&xml).unwrap_or_else(|error| panic!("{nil}: {error}")).due, due, "{nil}");
    }
}

#[test]
fn refused() {
    for (content, expected) in [
        ("", "a required element or attribute is missing, in Id"),
        ("<Id>1</Id>", "a required element or attribute is missing, in Due"),
        ("<Id>1</Id><Id>1</Id>", "occurs twice, in Id"),
        ("<Id i:nil='true'/>", "xsi:nil where a value is required, in Id"),
        ("<Id/>", "not an xs:int, in Id"),
        ("<Id>1<x/></Id>", "an element inside a simple value, in Id"),
        ("<Id xmlns='urn:other'>1</Id>", "in another namespace, in Id"),
        ("<Due i:nil='yes'/>", "xsi:nil that is not a boolean"),
        ("text", "text between elements"),
        ("<z:Id/>", "a prefix that is not declared"),
        ("<Id>&nbsp;</Id>", "a reference to an entity"),
        ("<Id>1</Due>", "not well-formed"),
        ("<Id>1", "not well-formed"),
    ] {
        let text = error(content);
        assert!(text.contains(expected), "{content}: {text}");
    }
    let text = error("<Id>1</Id><Lines><Line>1</Line></Lines>");
    assert!(text.contains("in another namespace, in Lines/Line"), "{text}");
}

#[test]
fn a_document_is_one_element_and_no_dtd() {
    for (xml, expected) in [
        ("<!DOCTYPE Order><Order/>", "a document type declaration"),
        ("<Order xmlns='urn:a'><!DOCTYPE x></Order>", "a document type declaration"),
        ("", "the document ends"),
    ] {
        let text = read(xml).unwrap_err().to_string();
        assert!(text.contains(expected), "{xml}: {text}");
    }
    let mut valid =
        "<Order xmlns='urn:a' xmlns:i='http://www.w3.org/2001/XMLSchema-instance'><Id>1</Id><Due i:nil='1'/></Order>"
            .to_owned();
    read(&valid).unwrap();
    // It is text already: what it was encoded in makes no difference.
    read(&format!("<?xml version='1.0' encoding='utf-16'?>{valid}")).unwrap();
    valid.push_str("<More/>");
    assert!(read(&valid).unwrap_err().to_string().contains("after the end"));
}

#[test]
fn limits_hold() {
    let deep = format!("<Order xmlns='urn:a'>{}{}</Order>", "<x>".repeat(200), "</x>".repeat(200));
    assert!(read(&deep).unwrap_err().to_string().contains("XmlLimits::depth"));
    let many = format!("<Order xmlns='urn:a'>{}</Order>", "<Tag>123456789</Tag>".repeat(100));
    let mut reader = v1::Decoder::new(many.as_bytes(), &v1::XmlLimits { memory: 1000, ..Default::default() });
    reader.next().unwrap();
    assert!(<Order as v1::Value>::read_value(&mut reader).unwrap_err().to_string().contains("XmlLimits::memory"));
}

#[test]
fn declarations_and_attributes_are_counted() {
    let order = |attributes: String| {
        let content = "<Id>1</Id><Due i:nil='1'/>";
        read(&format!(
            "<Order xmlns='urn:a' xmlns:i='http://www.w3.org/2001/XMLSchema-instance' {attributes}>{content}</Order>"
        ))
    };
    let attributes = |count: usize| (0..count).map(|at| format!(" a{at}='1'")).collect::<String>();
    let declarations = |count: usize| (0..count).map(|at| format!(" xmlns:n{at}='urn:n'")).collect::<String>();
    assert!(order(attributes(510)).is_ok());
    assert!(order(attributes(511)).unwrap_err().to_string().contains("XmlLimits::attributes"));
    assert!(order(declarations(254)).is_ok());
    assert!(order(declarations(255)).unwrap_err().to_string().contains("XmlLimits::declarations"));
}

#[test]
fn what_cannot_be_sent_is_named() {
    let order = Order { tags: vec!["\u{1}".into()], ..example() };
    let error = write(&order, v1::Style::Client).unwrap_err();
    assert_eq!(error.element().as_deref(), Some("Tag"));
    assert!(error.to_string().contains("a character that XML 1.0 forbids"));
}

/// The limits of a schema are checked where a request is sent, and nowhere else.
#[tokio::test]
async fn what_breaks_a_facet_is_not_sent() {
    #[derive(Clone, PartialEq)]
    struct Limited {
        code: String,
    }
    v1::record!(Limited: v1::Shape::new("urn:a", "Limited", &[
        v1::Field::required("urn:a", "code").facets(&[v1::Facet::max_length(3)]),
    ]), { 0 => code });
    static SEND: v1::Operation =
        v1::Operation::new("Send", "urn:a/Send").request(v1::Field::required("urn:a", "Limited"));
    static PORT: v1::PortDescriptor =
        v1::PortDescriptor::new("P", "S", "https://localhost/", v1::SoapVersion::Soap11).operations(&[&SEND]);

    let limited = Limited { code: "hush".to_owned() };
    let network = ScriptedTransport::new();
    let connection = Connection::builder("https://localhost").transport(network.clone()).build().unwrap();
    let port = v1::Port::new(&connection, &PORT);
    let error = port.request(&SEND, &limited).call::<()>().await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Malformed, Delivery::NotSent));
    assert_eq!(error.element().as_deref(), Some("Limited/code"));
    assert!(error.to_string().contains("maxLength 3") && !error.to_string().contains("hush"), "{error}");
    assert_eq!(network.requests().len(), 0);

    let slots = v1::Slots::default();
    let mut encoder = v1::Encoder::new(v1::Style::Server, &slots);
    v1::Value::write_value(&limited, &mut encoder).unwrap();
}

#[test]
fn sensitive_fields_do_not_print() {
    let text = format!("{:?}", example());
    assert!(text.contains("note: [redacted]") && text.contains("id: -1"), "{text}");
    assert!(!text.contains("a<b"), "{text}");
}

#[test]
fn truncated_anywhere_is_an_error() {
    let xml = write(&example(), v1::Style::Client).unwrap().replacen(
        "<a:Order",
        "<a:Order xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\"",
        1,
    );
    for end in 0..xml.len() {
        if let Some(head) = xml.get(..end) {
            assert!(read(head).is_err(), "{head}");
        }
    }
}

#[derive(Clone, PartialEq)]
struct Envelope {
    payload: v1::Fragment,
    others: Vec<v1::Fragment>,
}

v1::record!(Envelope: v1::Shape::new(A, "Envelope", &[v1::Field::required(A, "Payload"), v1::Field::many("", "Any").any()]), { 0 => payload, 1 => others });

#[test]
fn what_the_contract_leaves_open_is_kept() {
    let xml = "<x:Envelope xmlns:x='urn:a' xmlns:y='urn:y'><x:Payload y:q='1'>t<y:in/></x:Payload><y:one/>\
               <x:two xmlns='urn:z'><in>&lt;</in></x:two></x:Envelope>";
    let read = |xml: &str| {
        let mut reader = v1::Decoder::new(xml.as_bytes(), &v1::XmlLimits::default());
        reader.next().unwrap();
        <Envelope as v1::Value>::read_value(&mut reader).unwrap()
    };
    let envelope = read(xml);
    assert_eq!(envelope.others.len(), 2);
    assert!(envelope.others[0].as_xml().starts_with("<y:one xmlns:"), "{}", envelope.others[0].as_xml());
    // An element of any name is written as the payload that the contract wants.
    let other = v1::Fragment::from_xml("<?xml version='1.0'?><!-- c --><other a='q'>text</other>").unwrap();
    for payload in [envelope.payload.clone(), other, v1::Fragment::from_xml("<empty/>").unwrap()] {
        let slots = v1::Slots::default();
        let mut writer = v1::Encoder::new(v1::Style::Client, &slots);
        let envelope = Envelope { payload: payload.clone(), others: envelope.others.clone() };
        v1::Slot::write(&envelope, &v1::Field::required(A, "Envelope"), &mut writer).unwrap();
        let again = read(&String::from_utf8(writer.finish()).unwrap());
        assert_eq!(again.others.len(), 2);
        let content =
            |xml: &str| xml[xml.find('>').unwrap()..].rsplit_once("</").map(|(content, _)| content.to_owned());
        assert_eq!(content(again.payload.as_xml()), content(payload.as_xml()));
    }
    assert!(v1::Fragment::from_xml("<a/><b/>").is_err());
}
