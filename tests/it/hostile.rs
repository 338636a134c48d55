//! Replies that are broken in any way neither panic nor quote themselves.

use std::fs;
use std::sync::OnceLock;

use altinn_soap::generated::v1;
use altinn_soap::registry;
use proptest::prelude::*;

use crate::support::root;

/// Messages that .NET wrote, as they came.
fn messages() -> &'static Vec<Vec<u8>> {
    static MESSAGES: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    MESSAGES.get_or_init(|| {
        let folders = fs::read_dir(root().join("tests/fixtures/dotnet")).unwrap().map(|entry| entry.unwrap().path());
        let files = folders.flat_map(|folder| fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()));
        let mut files: Vec<_> =
            files.filter(|path| path.extension().is_some_and(|extension| extension == "xml")).collect();
        files.sort();
        files.into_iter().map(|path| fs::read(path).unwrap()).collect()
    })
}

/// Reads a message as every operation's reply and request whose name it holds; says what errors say.
fn read_as_everything(message: &[u8]) -> Vec<String> {
    let mut errors = Vec::new();
    let limits = v1::XmlLimits { memory: 1 << 20, ..Default::default() };
    for exchange in registry::exchanges() {
        if !message.windows(exchange.operation.name.len()).any(|window| window == exchange.operation.name.as_bytes()) {
            continue;
        }
        for (content, blank) in [
            (v1::Content::Request(exchange.operation), exchange.request),
            (v1::Content::Reply(exchange.operation), exchange.reply),
        ] {
            let mut reader = v1::Reader::new(message, &limits);
            if let Err(error) = v1::read_message(exchange.port.soap, content, &mut *blank(), &mut reader) {
                errors.push(format!("{error} {error:?} {:?}", error.fault()));
            }
        }
    }
    errors
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_messages_are_errors_or_values(
        which: prop::sample::Index,
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4_usize), 1..6),
    ) {
        let mut message = which.get(messages()).clone();
        for (at, byte, kind) in edits {
            if message.is_empty() {
                break;
            }
            let at = at.index(message.len());
            match kind {
                0 => message[at] = byte,
                1 => message.insert(at, byte),
                2 => drop(message.remove(at)),
                _ => message.truncate(at.max(1)),
            }
        }
        read_as_everything(&message);
    }

    #[test]
    fn content_is_never_quoted(which: prop::sample::Index, at: prop::sample::Index) {
        let text = String::from_utf8(which.get(messages()).clone()).unwrap();
        let places: Vec<_> = text.match_indices('>').map(|(place, _)| place + 1).collect();
        let place = places[at.index(places.len())];
        let message = format!("{}QUOTED-01017012345{}", &text[..place], &text[place..]);
        for error in read_as_everything(message.as_bytes()) {
            prop_assert!(!error.contains("01017012345"), "{}", error);
        }
    }
}
