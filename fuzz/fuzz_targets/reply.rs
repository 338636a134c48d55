//! Bytes from a service, read as the reply of an operation that the first byte chooses.

#![no_main]

use altinn_soap::generated::v1;
use altinn_soap::registry;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((choice, document)) = data.split_first() else { return };
    let exchanges = registry::exchanges();
    let exchange = exchanges[usize::from(*choice) % exchanges.len()];
    let limits = v1::XmlLimits { memory: 1 << 24, ..Default::default() };
    let mut decoder = v1::Decoder::new(document, &limits);
    let direction = v1::Direction::Reply(exchange.operation());
    if let Ok(reply) = v1::read_any_message(exchange.port().soap, direction, exchange.reply(), &mut decoder) {
        // What was read can be written, but for control characters, which only reading tolerates.
        let slots = decoder.slots().clone();
        let _ = v1::write_message(exchange.port().soap, direction, &*reply, v1::Style::Server, &slots, None);
    }
});
