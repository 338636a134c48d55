//! Reading takes steps in proportion to what is read.

use crate::testing::hostile::{HostileAnswer, HostileShape};
use crate::xml::steps;

/// Steps for twice as much; 2 is linear, 4 is quadratic.
const GROWTH: f64 = 2.3;

/// Steps that it takes to read an answer, and what is said against it.
fn steps_of(answer: &HostileAnswer) -> (f64, String) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let before = steps::counted();
    let read = runtime.block_on(answer.read());
    ((steps::counted() - before) as f64, read.err().map(|error| error.to_string()).unwrap_or_default())
}

#[test]
fn twice_as_much_takes_twice_the_steps() {
    let mut offences = Vec::new();
    for shape in HostileShape::all() {
        let largest = shape.most.min(64 << 10);
        let answers = [largest / 4, largest / 2, largest].map(|bytes| shape.of(bytes));
        let counted = answers.each_ref().map(steps_of);
        let growth = (counted[1].0 / counted[0].0).max(counted[2].0 / counted[1].0);
        let each = counted[2].0 / answers[2].len() as f64;
        let line = format!("{}: {growth:.2} times, {each:.1} a byte; {:?}", shape.name, counted[2].1);
        println!("{line}");
        let as_expected = counted
            .iter()
            .all(|(_, refusal)| refusal.contains(shape.refusal) && refusal.is_empty() == shape.refusal.is_empty());
        if growth > GROWTH || each > shape.steps || !as_expected {
            offences.push(line);
        }
    }
    assert!(offences.is_empty(), "{}", offences.join("\n"));
}

/// What is counted is what is done: a reader that goes through everything again for every byte is found.
#[test]
fn a_square_is_seen() {
    let again = |bytes: usize| {
        let before = steps::counted();
        let document = format!("<x>{}</x>", "<y/>".repeat(bytes / 4));
        for _ in 0..bytes / 4 {
            let mut reader = crate::xml::Reader::new(document.as_bytes(), &crate::limits::XmlLimits::default());
            reader.next().unwrap();
        }
        (steps::counted() - before) as f64
    };
    assert!(again(2048) / again(1024) > GROWTH);
}
