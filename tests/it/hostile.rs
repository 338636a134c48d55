//! Replies that are broken in any way neither panic nor quote themselves.

use std::cell::Cell;
use std::fs;
use std::sync::OnceLock;

use altinn_soap::generated::v1;
use altinn_soap::registry;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::TestRunner;

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

/// What came of the messages of a run.
#[derive(Debug, Default)]
struct Seen {
    /// Messages that were given to a reader at all: they still hold the name of an operation.
    read: Cell<usize>,
    values: Cell<usize>,
    errors: Cell<usize>,
}

impl Seen {
    /// Reads a message as every operation's reply and request whose name it holds; gives what the errors print.
    fn read(&self, message: &[u8]) -> Vec<String> {
        let add = |counter: &Cell<usize>, more| counter.set(counter.get() + more);
        let mut errors = Vec::new();
        let mut tries = 0;
        let limits = v1::XmlLimits { memory: 1 << 20, ..Default::default() };
        for exchange in registry::exchanges() {
            let name = exchange.operation().name.as_bytes();
            if !message.windows(name.len()).any(|window| window == name) {
                continue;
            }
            for (direction, of) in [
                (v1::Direction::Request(exchange.operation()), exchange.request()),
                (v1::Direction::Reply(exchange.operation()), exchange.reply()),
            ] {
                let mut decoder = v1::Decoder::new(message, &limits);
                tries += 1;
                if let Err(error) = v1::read_any_message(exchange.port().soap, direction, of, &mut decoder) {
                    errors.push(format!("{error} {error:?} {:?}", error.fault()));
                }
            }
        }
        add(&self.read, usize::from(tries > 0));
        add(&self.values, tries - errors.len());
        add(&self.errors, errors.len());
        errors
    }

    /// A run that read none of its messages proves nothing, and so does one whose damage is never or always noticed.
    fn assert_some(&self, what: &str) {
        println!("{} {what} read: {} values, {} errors", self.read.get(), self.values.get(), self.errors.get());
        assert!(self.read.get() > CASES as usize / 2, "{self:?}");
        assert!(self.values.get() > 0 && self.errors.get() > 0, "{self:?}");
    }
}

const CASES: u32 = 400;

/// Runs a property, as `proptest!` does, in a function that can look at all of its cases afterwards.
fn check<S: Strategy>(strategy: S, test: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let config = ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() };
    TestRunner::new(config).run(&strategy, test).unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn damaged_messages_are_errors_or_values() {
    let seen = Seen::default();
    let edit = (any::<Index>(), any::<u8>(), 0..4_usize);
    check((any::<Index>(), prop::collection::vec(edit, 1..6)), |(which, edits)| {
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
        seen.read(&message);
        Ok(())
    });
    seen.assert_some("damaged messages");
}

#[test]
fn content_is_never_quoted() {
    let seen = Seen::default();
    check((any::<Index>(), any::<Index>()), |(which, at)| {
        let text = String::from_utf8(which.get(messages()).clone()).unwrap();
        let places: Vec<_> = text.match_indices('>').map(|(place, _)| place + 1).collect();
        let place = places[at.index(places.len())];
        let message = format!("{}QUOTED-01017012345{}", &text[..place], &text[place..]);
        for error in seen.read(message.as_bytes()) {
            prop_assert!(!error.contains("01017012345"), "{}", error);
        }
        Ok(())
    });
    seen.assert_some("messages with planted text");
}
