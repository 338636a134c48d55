//! Every type that was generated is written and read again, equal, with values of all sorts.

use altinn_soap::generated::v1;
use altinn_soap::registry;
use proptest::prelude::*;

/// Writes a message and reads it into a blank one.
fn round_trip(
    port: &v1::PortDescriptor,
    content: v1::Content,
    blank: fn() -> Box<dyn v1::Slot>,
    seed: u64,
    style: v1::Style,
) {
    let mut sampler = v1::Sampler::new(seed);
    let mut message = blank();
    let (operation, field) = match content {
        v1::Content::Request(operation) => (operation, operation.request),
        v1::Content::Reply(operation) => match operation.reply {
            v1::Reply::Empty => (operation, None),
            v1::Reply::Void(field) | v1::Reply::Unwrapped(_, field) | v1::Reply::Element(field) => {
                (operation, Some(field))
            }
        },
    };
    if let Some(field) = field {
        message.sample(&field, &mut sampler);
    }
    let credentials = v1::Credentials::new("user<&", " p\"w ");
    let person = v1::EndUser::new("01017012345", "æ").pin_code("SMSPin", "1234");
    let slots = v1::Slots::fill(Some(&credentials), Some(&person));
    let stream = v1::Binary::from(&b"stream"[..]);
    let xml = v1::write_message(port.soap, content, &*message, style, &slots, Some(&stream));
    let xml = xml.unwrap_or_else(|error| panic!("{}: {error}", operation.name));
    let mut reader = v1::Reader::new(&xml, &v1::XmlLimits::default());
    let mut again = blank();
    v1::read_message(port.soap, content, &mut *again, &mut reader)
        .unwrap_or_else(|error| panic!("{}: {error}", operation.name));
    assert!(message.same(&*again), "{} {content:?}\n{}", operation.name, String::from_utf8_lossy(&xml));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_message_is_read_as_it_was_written(seed: u64) {
        for exchange in registry::exchanges() {
            for style in [v1::Style::Client, v1::Style::Server] {
                round_trip(exchange.port, v1::Content::Request(exchange.operation), exchange.request, seed, style);
                round_trip(exchange.port, v1::Content::Reply(exchange.operation), exchange.reply, seed, style);
            }
        }
    }

    #[test]
    fn every_type_is_read_as_it_was_written(seed: u64) {
        let field = v1::Field::required("urn:test", "value");
        let slots = v1::Slots::default();
        for blank in registry::types() {
            let (mut value, mut again) = (blank(), blank());
            value.sample(&field, &mut v1::Sampler::new(seed));
            let mut writer = v1::Writer::new(v1::Style::Client, &slots);
            // A type with slots of its own is written with credentials, as part of a message.
            if let Err(error) = value.write(&field, &mut writer) {
                prop_assert!(error.to_string().contains("credential"), "{error}");
                continue;
            }
            let xml = String::from_utf8(writer.finish()).unwrap();
            let xml = xml.replacen("<a:value", "<a:value xmlns:i='http://www.w3.org/2001/XMLSchema-instance'", 1);
            let mut reader = v1::Reader::new(xml.as_bytes(), &v1::XmlLimits::default());
            reader.next().unwrap();
            again.read(&field, &mut reader).unwrap_or_else(|error| panic!("{error}\n{xml}"));
            prop_assert!(value.same(&*again), "{xml}");
        }
    }
}

#[test]
fn the_registry_is_complete() {
    assert_eq!(registry::exchanges().len(), 195);
    assert!(registry::types().len() > 100);
}
