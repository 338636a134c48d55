//! Each case: what it becomes in Rust, and that its documents are read, written again and refused.

#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]

use std::path::PathBuf;
use std::{env, fs};

use altinn_soap_constructs::{CASES, Case, RANDOM};
use soap_runtime::generated::v1;

const ELEMENT: v1::Field = v1::Field::required("urn:t", "E");

fn folder(case: &Case) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "cases", case.name].iter().collect()
}

/// The documents in a file, each the child of an element, and what comes of it: what that element says in `error`, or a second
/// child, which is what is written for the first.
fn documents(case: &Case, file: &str) -> Vec<(String, Option<String>)> {
    let Ok(text) = fs::read_to_string(folder(case).join(file)) else { return Vec::new() };
    let tree = roxmltree::Document::parse(&text).unwrap_or_else(|error| panic!("{}/{file}: {error}", case.name));
    let documents = tree.root_element().children().filter(roxmltree::Node::is_element);
    documents
        .map(|document| {
            let mut inner = document.children().filter(roxmltree::Node::is_element).map(|inner| whole(inner, &text));
            let xml = inner.next().unwrap();
            (xml, document.attribute("error").map(str::to_owned).or_else(|| inner.next()))
        })
        .collect()
}

/// An element with the declarations that are in force around it.
fn whole(inner: roxmltree::Node<'_, '_>, text: &str) -> String {
    let declared = inner.namespaces().map(|namespace| match namespace.name() {
        Some(prefix) => format!(" xmlns:{prefix}=\"{}\"", namespace.uri()),
        None => format!(" xmlns=\"{}\"", namespace.uri()),
    });
    let (name, rest) = text[inner.range()].split_at(inner.tag_name().name().len() + 1);
    format!("{name}{}{rest}", declared.filter(|one| !rest.contains(one.as_str())).collect::<String>())
}

fn read(case: &Case, xml: &str) -> Result<Box<dyn v1::Slot>, soap_runtime::Error> {
    let mut decoder = v1::Decoder::new(xml.as_bytes(), &v1::XmlLimits::default());
    decoder.next()?;
    let value = case.exchange.request().read_element(&ELEMENT, &mut decoder)?;
    decoder.finish()?;
    Ok(value)
}

fn write(value: &dyn v1::Slot) -> String {
    let slots = v1::Slots::default();
    written(value, v1::Encoder::new(v1::Style::Client, &slots)).unwrap()
}

fn written(value: &dyn v1::Slot, mut encoder: v1::Encoder<'_>) -> Result<String, soap_runtime::Error> {
    value.write(&ELEMENT, &mut encoder)?;
    let xml = String::from_utf8(encoder.finish()).unwrap();
    // The envelope declares this prefix.
    Ok(xml.replacen("<a:E", "<a:E xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\"", 1))
}

/// Names, attributes and texts of a document, however it is written.
fn infoset(xml: &str) -> String {
    let tree = roxmltree::Document::parse(xml).unwrap_or_else(|error| panic!("{error}: {xml}"));
    let mut text = String::new();
    describe(tree.root_element(), &mut text);
    text
}

fn describe(node: roxmltree::Node<'_, '_>, text: &mut String) {
    let name = |namespace: Option<&str>, local: &str| format!("{{{}}}{local}", namespace.unwrap_or(""));
    text.push_str(&format!("<{}", name(node.tag_name().namespace(), node.tag_name().name())));
    let mut attributes: Vec<String> = node
        .attributes()
        .map(|one| {
            // A value of `xsi:type` and of a QName has a prefix of the writer's choice.
            let local =
                one.value().split_once(':').filter(|_| one.name() == "type").map_or(one.value(), |(_, local)| local);
            format!(" {}={local:?}", name(one.namespace(), one.name()))
        })
        .collect();
    attributes.sort();
    text.push_str(&attributes.concat());
    text.push('>');
    for child in node.children() {
        match child.text().filter(|_| child.is_text()) {
            Some(content) if content.trim().is_empty() && node.first_element_child().is_some() => {}
            Some(content) => text.push_str(content),
            None if child.is_element() => describe(child, text),
            None => {}
        }
    }
    text.push_str("</>");
}

#[test]
fn each_case_becomes_the_expected_rust() {
    for case in CASES {
        let file = folder(case).join("expected.rs");
        if env::var_os("UPDATE").is_some() {
            fs::write(&file, case.text).unwrap();
        }
        let expected = fs::read_to_string(&file).unwrap_or_default();
        assert!(expected == case.text, "{} differs; UPDATE=1 rewrites it. Now:\n{}", file.display(), case.text);
    }
}

#[test]
fn accepted_documents_are_written_as_they_were_read() {
    for case in CASES {
        let documents = documents(case, "accepted.xml");
        assert!(!documents.is_empty(), "{} has no documents", case.name);
        for (xml, other) in documents {
            let value = read(case, &xml).unwrap_or_else(|error| panic!("{}: {error}\n{xml}", case.name));
            let written = write(&*value);
            let xml = other.unwrap_or(xml);
            assert_eq!(infoset(&written), infoset(&xml), "{}: {written}", case.name);
            // XML that the contract leaves open takes in the declarations around it, so documents are compared.
            let again = read(case, &written).unwrap_or_else(|error| panic!("{}: {error}\n{written}", case.name));
            assert_eq!(infoset(&write(&*again)), infoset(&xml), "{}: {written}", case.name);
        }
    }
}

#[test]
fn refused_documents_say_why() {
    let mut count = 0;
    for case in CASES {
        for (xml, wanted) in documents(case, "refused.xml") {
            let Err(error) = read(case, &xml) else { panic!("{}: accepted {xml}", case.name) };
            let wanted = wanted.unwrap_or_else(|| panic!("{}: no error is stated", case.name));
            assert!(error.to_string().contains(&wanted), "{}: {error}\n{xml}", case.name);
            count += 1;
        }
    }
    assert!(count > 20, "only {count} documents are refused");
}

/// What breaks a facet is read like everything else, and not sent.
#[test]
fn values_that_break_a_facet_are_not_sent() {
    let (slots, mut count) = (v1::Slots::default(), 0);
    let request = || v1::Encoder::new(v1::Style::Client, &slots).checking_facets();
    for case in CASES {
        let unsent = documents(case, "unsent.xml");
        for (xml, _) in documents(case, "accepted.xml").into_iter().filter(|_| !unsent.is_empty()) {
            written(&*read(case, &xml).unwrap(), request()).unwrap_or_else(|error| panic!("{error}\n{xml}"));
        }
        for (xml, wanted) in unsent {
            let value = read(case, &xml).unwrap_or_else(|error| panic!("{error}\n{xml}"));
            let Err(error) = written(&*value, request()) else { panic!("{}: sent {xml}", case.name) };
            let wanted = wanted.unwrap_or_else(|| panic!("{}: no error is stated", case.name));
            assert!(wanted.split("; ").all(|part| error.to_string().contains(part)), "{}: {error}\n{xml}", case.name);
            count += 1;
        }
    }
    assert!(count > 20, "only {count} documents are not sent");
}

/// A value that is written, read and written again is the same text. (The values may differ: a group of nothing is no group.)
#[test]
fn whatever_a_schema_nests_is_read_as_it_was_written() {
    let mut longest = 0;
    for case in RANDOM {
        for seed in 0..100 {
            let value = case.exchange.request().sample(&ELEMENT, &mut v1::Sampler::new(seed));
            let written = write(&*value);
            let again =
                read(case, &written).unwrap_or_else(|error| panic!("{error}\n{written}\n{value:?}\n{}", case.text));
            let second = infoset(&write(&*again));
            assert_eq!(second, infoset(&written), "{written}\n{value:?}\n{again:?}\n{}", case.text);
            longest = longest.max(written.len());
        }
    }
    assert!(longest > 500, "the longest message has {longest} octets");
}

#[test]
fn samples_are_read_as_they_were_written() {
    for case in CASES {
        for seed in 0..200 {
            let value = case.exchange.request().sample(&ELEMENT, &mut v1::Sampler::new(seed));
            let written = write(&*value);
            let again = read(case, &written).unwrap_or_else(|error| panic!("{}: {error}\n{written}", case.name));
            // XML that the contract leaves open takes in the declarations around it.
            let open = written.contains("urn:example:any");
            assert!(open || value.same(&*again), "{}: {written}\n{value:?}\n{again:?}", case.name);
        }
    }
}
