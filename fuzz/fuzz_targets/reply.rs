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
    let mut reply = (exchange.reply)();
    let mut reader = v1::Reader::new(document, &limits);
    let content = v1::Content::Reply(exchange.operation);
    if v1::read_message(exchange.port.soap, content, &mut *reply, &mut reader).is_ok() {
        // What was read can be written, but for control characters, which only reading tolerates.
        let slots = reader.slots().clone();
        let _ = v1::write_message(exchange.port.soap, content, &*reply, v1::Style::Server, &slots, None);
    }
});
