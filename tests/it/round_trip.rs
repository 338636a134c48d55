//! Every type that was generated is written and read again, equal, with values of all sorts.

use altinn_soap::generated::v1;
use altinn_soap::{EndUser, registry};
use proptest::prelude::*;

use crate::support::root;

/// What is written is read again, equal. An element that the contract leaves open takes in the declarations around it
/// when it is read; from then on it must stay what it is.
fn assert_same(value: &dyn v1::Slot, again: impl Fn(&dyn v1::Slot) -> (String, Box<dyn v1::Slot>)) {
    let (xml, read) = again(value);
    if !xml.contains("urn:example:any") {
        assert!(value.same(&*read), "{xml}");
        return;
    }
    let (second, read) = again(&*read);
    let (third, _) = again(&*read);
    let open = |xml: &str| xml.matches("urn:example:any").count();
    assert_eq!(open(&xml), open(&second), "{second}");
    assert_eq!(without_chosen_prefixes(&second), without_chosen_prefixes(&third));
}

/// `xs:anyType` is written under the name of its field with a prefix that its content does not hold: `q`, then `qq`.
fn without_chosen_prefixes(xml: &str) -> String {
    let mut pieces = xml.split(" xmlns:q");
    let mut text = pieces.next().unwrap().to_owned();
    for piece in pieces {
        text.push_str(piece.splitn(3, '"').nth(2).unwrap());
    }
    while text.contains("qq") {
        text = text.replace("qq", "q");
    }
    text
}

/// Writes a message and reads it again.
fn message(port: &v1::PortDescriptor, direction: v1::Direction, of: v1::MessageType, seed: u64, style: v1::Style) {
    let mut slots = v1::Slots::of_client("user<&".into(), " p\"w ".into());
    v1::Principal::fill(&EndUser::new("01017012345", "æ").pin_code("SMSPin", "1234"), &mut slots);
    let stream = v1::Binary::from(&b"stream"[..]);
    assert_same(&*direction.sample(of, &mut v1::Sampler::new(seed)), |message| {
        let xml = v1::write_message(port.soap, direction, message, style, &slots, Some(&stream));
        let xml = xml.unwrap_or_else(|error| panic!("{direction:?}: {error}"));
        let mut beside = v1::Beside::of(message).unwrap();
        let mut decoder = v1::Decoder::new(&xml, &v1::XmlLimits::default()).with_attachments(&mut beside);
        let again = v1::read_any_message(port.soap, direction, of, &mut decoder);
        let text = String::from_utf8_lossy(&xml).into_owned();
        let again = again.unwrap_or_else(|error| panic!("{direction:?}: {error}\n{text}"));
        (text, again)
    });
}

/// Writes the request and the reply of an operation, in either style, and reads them again.
pub(crate) fn exchange(exchange: &v1::Exchange, seed: u64) {
    let (port, operation) = (exchange.port(), exchange.operation());
    for style in [v1::Style::Client, v1::Style::Server] {
        message(port, v1::Direction::Request(operation), exchange.request(), seed, style);
        message(port, v1::Direction::Reply(operation), exchange.reply(), seed, style);
    }
}

/// Writes a value of a type and reads it again.
pub(crate) fn value(of: v1::MessageType, seed: u64) {
    let field = v1::Field::required("urn:test", "value");
    let slots = v1::Slots::default();
    let write = |value: &dyn v1::Slot| {
        let mut encoder = v1::Encoder::new(v1::Style::Client, &slots);
        value.write(&field, &mut encoder).map(|()| String::from_utf8(encoder.finish()).unwrap())
    };
    let value = of.sample(&field, &mut v1::Sampler::new(seed));
    // A type with slots of its own is written with credentials, as part of a message.
    if let Err(error) = write(&*value) {
        assert!(error.to_string().contains("credential"), "{error}");
        return;
    }
    assert_same(&*value, |value| {
        let xml = write(value).unwrap();
        let xml = xml.replacen("<a:value", "<a:value xmlns:i='http://www.w3.org/2001/XMLSchema-instance'", 1);
        let mut decoder = v1::Decoder::new(xml.as_bytes(), &v1::XmlLimits::default());
        decoder.next().unwrap();
        let again = of.read_element(&field, &mut decoder).unwrap_or_else(|error| panic!("{error}\n{xml}"));
        (xml, again)
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_message_is_read_as_it_was_written(seed: u64) {
        registry::exchanges().into_iter().for_each(|of| exchange(of, seed));
    }

    #[test]
    fn every_type_is_read_as_it_was_written(seed: u64) {
        registry::types().into_iter().for_each(|of| value(of, seed));
    }
}

#[test]
fn the_registry_is_complete() {
    let manifest = std::fs::read_to_string(root().join("wsdl-cache/MANIFEST.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    assert_eq!(registry::exchanges().len(), manifest["operation"].as_array().unwrap().len());
    assert!(registry::types().len() > 100);
}
