//! The program that `cargo xtask corpus --round-trip` compiles with the modules of many roots: it writes samples of each
//! message, reads them, and says what came of that. Messages that others wrote it reads and writes again. The list of the
//! roots follows after this text.

use std::fs;
use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use soap_runtime::generated::v1;

/// The number of a root, and its operations.
type Root = (usize, fn() -> Vec<&'static v1::Exchange>);

/// Samples of a message.
const SEEDS: u64 = 3;

/// What stands in an element that the contract leaves open.
const OPEN: &str = "urn:example:any";

fn main() {
    let out = std::env::args().nth(1).unwrap();
    if std::env::args().nth(2).is_some() {
        return ROOTS.iter().for_each(|root| of_others(Path::new(&out), root));
    }
    let mut results = fs::File::create(Path::new(&out).join("results")).unwrap();
    for (root, exchanges) in ROOTS {
        let folder = Path::new(&out).join(format!("r{root}"));
        fs::create_dir_all(&folder).unwrap();
        let mut number = 0;
        for exchange in exchanges() {
            let (port, operation) = (exchange.port(), exchange.operation());
            for (direction, of, style) in both(exchange) {
                for seed in 0..SEEDS {
                    let file = folder.join(format!("{number}.xml"));
                    number += 1;
                    let tried = catch_unwind(AssertUnwindSafe(|| trip(port, direction, of, style, seed, &file)));
                    let said = tried.unwrap_or_else(|_| Err("a panic".to_owned())).err().unwrap_or_default();
                    let said = said.replace(['\n', '\t'], " ");
                    let way = way(direction);
                    writeln!(results, "{root}\t{}\t{}\t{said}\t{}\t{way}", file.display(), operation.name, port.name).unwrap();
                }
            }
        }
    }
}

/// The messages of an operation.
fn both(exchange: &v1::Exchange) -> [(v1::Direction, v1::MessageType, v1::Style); 2] {
    let operation = exchange.operation();
    [
        (v1::Direction::Request(operation), exchange.request(), v1::Style::Client),
        (v1::Direction::Reply(operation), exchange.reply(), v1::Style::Server),
    ]
}

fn way(direction: v1::Direction) -> &'static str {
    match direction {
        v1::Direction::Request(_) => "request",
        v1::Direction::Reply(_) => "reply",
    }
}

/// Reads the messages that `others` lists (file, port, operation, direction) and writes each into a file beside it, or why
/// that does not go.
fn of_others(out: &Path, (root, exchanges): &Root) {
    let folder = out.join(format!("r{root}"));
    for line in fs::read_to_string(folder.join("others")).unwrap_or_default().lines() {
        let [file, port, operation, wanted] = line.split('\t').collect::<Vec<_>>().try_into().unwrap();
        let file = folder.join(file);
        let is_it = |exchange: &&&v1::Exchange| exchange.port().name == port && exchange.operation().name == operation;
        let exchange = exchanges();
        let exchange = exchange.iter().find(is_it).unwrap();
        let (direction, of, style) = both(exchange).into_iter().find(|(one, ..)| way(*one) == wanted).unwrap();
        let soap = exchange.port().soap;
        let xml = fs::read(&file).unwrap();
        let mut decoder = v1::Decoder::new(&xml, &v1::XmlLimits::default());
        let slots = v1::Slots::of_client("user".into(), "password".into());
        let read = v1::read_any_message(soap, direction, of, &mut decoder);
        match read.and_then(|message| v1::write_message(soap, direction, &*message, style, &slots, None)) {
            Ok(xml) => fs::write(file.with_extension("again"), xml).unwrap(),
            Err(error) => fs::write(file.with_extension("refused"), error.to_string()).unwrap(),
        }
    }
}

/// Writes a sample, keeps it in a file, and reads it.
fn trip(
    port: &v1::PortDescriptor,
    direction: v1::Direction,
    of: v1::MessageType,
    style: v1::Style,
    seed: u64,
    file: &Path,
) -> Result<(), String> {
    let slots = v1::Slots::of_client("user".into(), "password".into());
    let stream = v1::Binary::from(&b"stream"[..]);
    let write = |message: &dyn v1::Slot| {
        let xml = v1::write_message(port.soap, direction, message, style, &slots, Some(&stream));
        xml.map_err(|error| format!("not written: {error}"))
    };
    let read = |xml: &[u8], message: &dyn v1::Slot| {
        let mut beside = v1::Beside::of(message).map_err(|error| format!("not written: {error}"))?;
        let mut decoder = v1::Decoder::new(xml, &v1::XmlLimits::default()).with_attachments(&mut beside);
        v1::read_any_message(port.soap, direction, of, &mut decoder).map_err(|error| format!("not read: {error}"))
    };
    let sample = direction.sample(of, &mut v1::Sampler::new(seed).known_only().plain());
    let first = write(&*sample)?;
    fs::write(file, &first).unwrap();
    let again = read(&first, &*sample)?;
    if sample.same(&*again) {
        return Ok(());
    }
    // An element that the contract leaves open takes in the declarations around it, and must stay what it then is.
    let second = write(&*again)?;
    let last = read(&second, &*again)?;
    let third = write(&*last)?;
    let is_open = String::from_utf8_lossy(&first).contains(OPEN);
    let is_same = without_chosen_prefixes(&second) == without_chosen_prefixes(&third);
    if is_open && is_same { Ok(()) } else { Err("read otherwise than written".to_owned()) }
}

/// `xs:anyType` is written under the name of its field with a prefix that its content does not hold: `q`, then `qq`.
fn without_chosen_prefixes(xml: &[u8]) -> String {
    let xml = String::from_utf8_lossy(xml);
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
