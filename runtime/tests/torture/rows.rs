//! The table of a report: for each kind of trouble, how its calls ended and what is wrong with them.

use std::collections::BTreeMap;
use std::fmt;

pub struct Rows<V> {
    rows: BTreeMap<&'static str, Row<V>>,
    /// The first call with a violation of each kind of trouble, in full.
    examples: BTreeMap<&'static str, String>,
}

struct Row<V> {
    calls: usize,
    messages: usize,
    endings: BTreeMap<String, usize>,
    violations: BTreeMap<V, usize>,
}

impl<V> Default for Rows<V> {
    fn default() -> Self {
        Self { rows: BTreeMap::new(), examples: BTreeMap::new() }
    }
}

impl<V: Copy + Ord + fmt::Debug> Rows<V> {
    /// Adds a call. `example` is printed if there is anything wrong with it.
    pub fn add(
        &mut self,
        trouble: &'static str,
        messages: usize,
        ending: String,
        violations: &[V],
        example: impl FnOnce() -> String,
    ) {
        let new = || Row { calls: 0, messages: 0, endings: BTreeMap::new(), violations: BTreeMap::new() };
        let row = self.rows.entry(trouble).or_insert_with(new);
        row.calls += 1;
        row.messages += messages;
        *row.endings.entry(ending).or_default() += 1;
        for violation in violations {
            *row.violations.entry(*violation).or_default() += 1;
        }
        if !violations.is_empty() {
            self.examples.entry(trouble).or_insert_with(example);
        }
    }

    /// Kinds of trouble.
    pub fn kinds(&self) -> usize {
        self.rows.len()
    }

    /// Calls with a violation.
    pub fn count(&self, violation: V) -> usize {
        self.rows.values().filter_map(|row| row.violations.get(&violation)).sum()
    }

    /// Calls of a kind of trouble, and how many of them ended so.
    pub fn ended(&self, trouble: &str, ending: &str) -> (usize, usize) {
        let row = &self.rows[trouble];
        (row.calls, row.endings.get(ending).copied().unwrap_or_default())
    }
}

impl<V: fmt::Debug> fmt::Display for Rows<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<32} {:>6} {:>8}  ended with", "trouble", "calls", "messages")?;
        for (trouble, row) in &self.rows {
            let endings: Vec<_> = row.endings.iter().map(|(ending, count)| format!("{ending} {count}")).collect();
            write!(f, "{trouble:<32} {:>6} {:>8}  {}", row.calls, row.messages, endings.join(", "))?;
            for (violation, count) in &row.violations {
                write!(f, "  !! {violation:?} {count}")?;
            }
            writeln!(f)?;
        }
        for (trouble, example) in &self.examples {
            writeln!(f, "{trouble}: {example}")?;
        }
        Ok(())
    }
}
