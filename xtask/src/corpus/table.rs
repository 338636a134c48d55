//! The table for people.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::root::{Outcome, Row};

/// A message without what is particular to one contract, so that equal ones can be counted: what stands in backticks
/// becomes `X`, and so do namespaces and places; constructs of XML Schema stay.
pub(super) fn reason(message: &str) -> String {
    let line = message.lines().next().unwrap_or_default();
    let mut text = String::new();
    for (at, piece) in line.split('`').enumerate() {
        // Constructs of XML Schema are no names of the contract.
        match at % 2 == 0 {
            true => text.push_str(piece),
            false if piece.starts_with("xs:") => text.push_str(&format!("`{piece}`")),
            false => text.push_str("`X`"),
        }
    }
    let word = |word: &str| {
        let parts: Vec<&str> = word.trim_end_matches([',', ';']).split(':').collect();
        let is_place = matches!(parts.as_slice(), [.., _, line, column] if [line, column].iter().all(|at| at.parse::<u32>().is_ok()));
        if is_place || word.contains("://") || word.starts_with("urn:") { "X" } else { word }.to_owned()
    };
    let words: Vec<String> = text.split(' ').map(word).collect();
    words.join(" ")
}

/// Counts of the rows that match.
fn count(rows: &[Row], is_counted: impl Fn(&Row) -> bool) -> usize {
    rows.iter().filter(|row| is_counted(row)).count()
}

/// Everything in one table.
pub(super) fn table(rows: &[Row]) -> String {
    let mut text = String::new();
    let share = |part: usize, whole: usize| 100.0 * part as f64 / whole.max(1) as f64;
    let mut line = |name: &str, value: usize, of: usize, note: &str| {
        let _ = writeln!(text, "{name:<22}{value:>7}{:>7.1} %{note}", share(value, of));
    };
    let all = rows.len();
    let generated = count(rows, |row| row.outcome.is_generated());
    line("roots", all, all, "");
    line("generated whole", count(rows, |row| row.outcome == Outcome::Whole), all, "");
    line("generated partial", count(rows, |row| row.outcome == Outcome::Partial), all, "");
    if rows.iter().any(|row| row.compiled.is_some()) {
        line("compiled", count(rows, |row| row.compiled == Some(true)), generated, " of what is generated");
    }
    for (name, outcome) in [
        ("refused", Outcome::Refused),
        ("panicked or crashed", Outcome::Panicked),
        ("too slow", Outcome::TooSlow),
        ("too large", Outcome::TooLarge),
    ] {
        line(name, count(rows, |row| row.outcome == outcome), all, "");
    }
    let sum = |number: fn(&Row) -> usize| rows.iter().map(number).sum::<usize>();
    let (operations, types, lines) = (sum(|row| row.operations), sum(|row| row.types), sum(|row| row.lines));
    let each = lines / (operations + types).max(1);
    let _ = writeln!(text, "{operations} operations, {types} types, {lines} lines ({each} per operation and type)");
    if let Some(slowest) = rows.iter().max_by(|a, b| a.seconds.total_cmp(&b.seconds)) {
        let total: f64 = rows.iter().map(|row| row.seconds).sum();
        let _ = writeln!(text, "{total:.1} s in all; the slowest {:.2} s, {}", slowest.seconds, slowest.root);
    }
    if let Some(largest) = rows.iter().max_by(|a, b| a.megabytes.total_cmp(&b.megabytes)) {
        let _ = writeln!(text, "the largest {:.0} MiB, {}", largest.megabytes, largest.root);
    }
    if let Some(messages) = super::round_trip::total(rows) {
        let _ = writeln!(text, "\n{messages}");
    }
    reasons(rows, &mut text);
    text
}

/// How many roots each reason stops: all that it is among, and those that it stops alone.
fn reasons(rows: &[Row], text: &mut String) {
    let mut found: BTreeMap<String, (usize, usize, &str)> = BTreeMap::new();
    for row in rows.iter().filter(|row| !row.outcome.is_generated()) {
        let mut reasons: Vec<String> = row.reasons.iter().map(|message| reason(message)).collect();
        reasons.sort();
        reasons.dedup();
        let is_alone = usize::from(reasons.len() == 1);
        for reason in reasons {
            let entry = found.entry(reason).or_insert((0, 0, &row.root));
            entry.0 += 1;
            entry.1 += is_alone;
        }
    }
    if found.is_empty() {
        return;
    }
    let _ = writeln!(text, "\nroots  alone  reason (and the first root)");
    let mut sorted: Vec<_> = found.into_iter().collect();
    sorted.sort_by(|(a, one), (b, other)| other.cmp(one).then(a.cmp(b)));
    for (reason, (roots, alone, example)) in sorted {
        let _ = writeln!(text, "{roots:>5}  {alone:>5}  {reason} ({example})");
    }
}

/// A line for each root.
pub(super) fn list(rows: &[Row]) -> String {
    let mut text = String::new();
    for row in rows {
        let outcome = serde_json::to_string(&row.outcome).unwrap_or_default();
        let compiled = match row.compiled {
            Some(true) => ", compiles",
            Some(false) => ", DOES NOT COMPILE",
            None => "",
        };
        let _ = write!(text, "{}: {}{compiled}", row.root, outcome.trim_matches('"'));
        let _ = write!(text, ", {} files, {:.2} s, {:.0} MiB", row.files, row.seconds, row.megabytes);
        let messages = row.round_trip.iter().flat_map(|messages| &messages.said);
        for reason in row.compiler.iter().chain(&row.reasons).chain(messages) {
            let _ = write!(text, "\n    {}", reason.lines().next().unwrap_or_default());
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_reasons_are_one() {
        assert_eq!(reason("type `A` is used in `b`"), "type `X` is used in `X`");
        assert_eq!(reason("`xs:list` in `b`"), "`xs:list` in `X`");
        assert_eq!(
            reason("type `A` is not defined in namespace http://a.b/c"),
            "type `X` is not defined in namespace X"
        );
        assert_eq!(reason("again, and differently, at a/b c.xsd:12:3"), "again, and differently, at a/b X");
        assert_eq!(reason("a number: 1, a time 1:2"), "a number: 1, a time 1:2");
        assert_eq!(reason("first\nsecond"), "first");
    }

    #[test]
    fn reasons_are_counted_by_root() {
        let row = |root: &str, outcome, reasons: &[&str]| Row {
            root: root.to_owned(),
            outcome,
            reasons: reasons.iter().map(|reason| (*reason).to_owned()).collect(),
            ..Row::default()
        };
        let rows = [
            row("a", Outcome::Refused, &["list `a`", "list `b`"]),
            row("b", Outcome::Refused, &["list `a`", "mixed"]),
            row("c", Outcome::Whole, &[]),
            row("d", Outcome::TooSlow, &["beyond the limit of time"]),
        ];
        let table = table(&rows);
        assert!(
            table.contains(
                "    2      1  list `X` (a)\n    1      1  beyond the limit of time (d)\n    1      0  mixed (b)"
            ),
            "{table}"
        );
        assert!(table.contains("generated whole             1   25.0 %"), "{table}");
    }
}
