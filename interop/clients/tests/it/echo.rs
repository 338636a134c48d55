//! Random values of each message that come back as they were sent.

use std::fs;

use soap_runtime::generated::v1;
use soap_runtime::{Connection, ConnectionBuilder};

/// Messages of each operation.
const SEEDS: u64 = 40;

const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// A connection to where a port is served.
pub(crate) fn connection(port: &'static v1::PortDescriptor) -> Connection {
    builder(port).build().unwrap()
}

/// Settings of a connection to where a port is served, with the root of its certificate.
///
/// # Panics
/// If nothing serves it: these tests are of no use alone.
pub(crate) fn builder(port: &'static v1::PortDescriptor) -> ConnectionBuilder {
    let list = std::env::var_os("INTEROP_CONTRACTS").expect("`cargo xtask interop` sets INTEROP_CONTRACTS");
    let list = fs::read_to_string(list).unwrap();
    let place = list.lines().find_map(|line| line.strip_prefix(port.name)?.strip_prefix(' '));
    let place = place.unwrap_or_else(|| panic!("{} is not served", port.name));
    let (url, root) = place.split_once(' ').unwrap_or((place, ""));
    let builder = Connection::builder("https://localhost").port_address(port, url).allow_http_to_loopback(true);
    if root.is_empty() { builder } else { builder.root_certificates_pem(fs::read(root).unwrap()) }
}

/// Calls these operations with random values, and compares what comes back. `plain` keeps texts to short names.
pub(crate) async fn values_come_back(exchanges: &'static [v1::Exchange], operations: &[&str], plain: bool) {
    let port = exchanges[0].port();
    let client = v1::Port::new(&connection(port), port);
    let mut calls = 0;
    for exchange in exchanges.iter().filter(|exchange| operations.contains(&exchange.operation().name)) {
        let operation = exchange.operation();
        for seed in 0..SEEDS {
            let sampler = v1::Sampler::new(seed).known_only();
            let mut sampler = if plain { sampler.plain() } else { sampler };
            let request = v1::Direction::Request(operation).sample(exchange.request(), &mut sampler);
            let reply = client.request(operation, &*request).call_any(exchange.reply()).await;
            let reply = reply.unwrap_or_else(|error| {
                let reason = error.fault().map(|fault| fault.reason().to_owned());
                panic!("{} {seed}: {error} {reason:?} for {request:?}", operation.name)
            });
            let sent = content(port, v1::Direction::Request(operation), &*request);
            let came_back = content(port, v1::Direction::Reply(operation), &*reply);
            assert_eq!(came_back, sent, "{} {seed}", operation.name);
            calls += 1;
        }
    }
    assert!(calls >= operations.len() as u64 * SEEDS, "an operation was not called");
    println!("{}: {calls} messages of {} came back equal", port.name, operations.join(", "));
}

/// What a message holds, whatever its elements in the body are called: headers, and the inside of the body.
fn content(port: &v1::PortDescriptor, direction: v1::Direction, message: &dyn v1::Slot) -> String {
    let slots = v1::Slots::of_client("user".into(), "password".into());
    let xml = v1::write_message(port.soap, direction, message, v1::Style::Client, &slots, None).unwrap();
    let document = roxmltree::Document::parse(std::str::from_utf8(&xml).unwrap()).unwrap();
    let mut text = String::new();
    for part in document.root_element().children() {
        match part.tag_name().name() {
            "Body" => part.children().for_each(|element| inside(element, &mut text)),
            _ => part.children().for_each(|header| infoset(header, &mut text)),
        }
    }
    text
}

/// A document without the choice of its prefixes.
pub(crate) fn infoset_of(xml: &str) -> String {
    let mut text = String::new();
    infoset(roxmltree::Document::parse(xml).unwrap().root_element(), &mut text);
    text
}

/// An element without the choice of its prefixes.
fn infoset(node: roxmltree::Node<'_, '_>, text: &mut String) {
    if node.is_element() {
        text.push_str(&format!("<{:?}", node.tag_name()));
        inside(node, text);
        text.push('>');
    } else {
        text.push_str(node.text().unwrap_or_default());
    }
}

fn inside(node: roxmltree::Node<'_, '_>, text: &mut String) {
    let mut attributes: Vec<String> = node
        .attributes()
        .map(|attribute| {
            let value = match attribute.value().split_once(':') {
                Some((prefix, local)) if (attribute.namespace(), attribute.name()) == (Some(XSI), "type") => {
                    format!("{{{}}}{local}", node.lookup_namespace_uri(Some(prefix)).unwrap())
                }
                _ => attribute.value().to_owned(),
            };
            format!(" {:?}{}={value:?}", attribute.namespace(), attribute.name())
        })
        .collect();
    attributes.sort();
    text.extend(attributes);
    text.push(':');
    node.children().for_each(|child| infoset(child, text));
}
