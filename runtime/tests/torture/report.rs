//! The report of a run: how the calls ended, by kind of trouble, and what is wrong with it.

use std::collections::BTreeMap;
use std::fmt;

use super::callers::{AFTERWARDS, Submission};
use super::journal::Journal;
use super::oracle::{Case, Exchanges, Outcome, Violation, judge};
use super::trouble;
use super::variant::Variant;
use super::verdict::verdict;

/// The least number of kinds of trouble that a run has to have met.
const KINDS: usize = 40;

#[derive(Default)]
pub struct Report {
    rows: BTreeMap<&'static str, Row>,
    /// The first call with a violation of each kind of trouble, in full.
    examples: BTreeMap<&'static str, String>,
    calls: usize,
    /// Messages that reached the server, at least in part.
    received: usize,
    /// Messages that did not, because their connection had ended.
    lost: usize,
    /// Connections that the server ended although the client had reason to keep them.
    closed: usize,
    strange: Vec<String>,
    /// Calls at the end, when all trouble is over, that did not succeed.
    failed_afterwards: usize,
}

#[derive(Default)]
struct Row {
    calls: usize,
    messages: usize,
    endings: BTreeMap<String, usize>,
    violations: BTreeMap<Violation, usize>,
}

const REPLY: &str = "reply";

impl Report {
    /// Judges every call of a run, which is over.
    pub fn of(variant: Variant, made: &[Submission], journal: &Journal) -> Self {
        let (calls, strange) = journal.take();
        let mut report = Self { calls: made.len(), closed: journal.closings(), strange, ..Self::default() };
        let mut exchanges = Exchanges::default();
        calls.iter().for_each(|(id, call)| exchanges.add(*id, &call.sends));
        for Submission { id, trouble, outcome, took } in made {
            let (id, hasty, took, exchanges) = (*id, trouble.hasty, *took, &exchanges);
            let sends = &calls[&id].sends;
            let violations = judge(&Case { variant, id, hasty, sends, outcome, took, exchanges });
            report.received += sends.iter().map(|send| send.receipts.len()).sum::<usize>();
            // Where neither a caller's leaving nor a short time-out explains it.
            if *outcome != Outcome::Dropped && !hasty {
                report.lost += sends.iter().filter(|send| verdict(variant, false, send).lost).count();
            }
            report.add(trouble.name, sends.len(), outcome, &violations);
            if !violations.is_empty() {
                let example = || format!("{violations:?} {outcome:?}\n    {sends:?}");
                report.examples.entry(trouble.name).or_insert_with(example);
            }
        }
        let afterwards = &made[made.len() - AFTERWARDS as usize..];
        let succeeded = Outcome::Reply { right: true };
        report.failed_afterwards = afterwards.iter().filter(|call| call.outcome != succeeded).count();
        report
    }

    fn add(&mut self, trouble: &'static str, messages: usize, outcome: &Outcome, violations: &[Violation]) {
        let row = self.rows.entry(trouble).or_default();
        row.calls += 1;
        row.messages += messages;
        let ending = match outcome {
            Outcome::Dropped => "dropped".to_owned(),
            Outcome::Reply { .. } => REPLY.to_owned(),
            Outcome::Error(said) => format!("{:?}/{:?}", said.kind, said.delivery),
        };
        *row.endings.entry(ending).or_default() += 1;
        for violation in violations {
            *row.violations.entry(*violation).or_default() += 1;
        }
    }

    /// What must not be, and is.
    pub fn wrong(&self) -> Vec<String> {
        let mut wrong = self.strange.iter().take(5).cloned().collect::<Vec<_>>();
        for (violation, text) in [
            (Violation::SentTwice, "sent twice without a fault that allows it"),
            (Violation::NotSentButReceived, "\"not sent\", and received"),
            (Violation::WrongReply, "replies given to the wrong call"),
            (Violation::WrongAccount, "errors that say something else than happened"),
            (Violation::NoSecondTry, "second tries that were due and not made"),
        ] {
            let count: usize = self.rows.values().filter_map(|row| row.violations.get(&violation)).sum();
            wrong.extend((count > 0).then(|| format!("{count} {text}")));
        }
        let untroubled = &self.rows[trouble::NONE.name];
        let replies = untroubled.endings.get(REPLY).copied().unwrap_or_default();
        for (is_wrong, text) in [
            (self.lost > self.closed, "more messages lost than connections closed"),
            (self.rows.len() < KINDS, "too few kinds of trouble"),
            (replies * 2 < untroubled.calls, "too few of the calls without trouble were answered"),
            (self.failed_afterwards > 0, "calls failed after all trouble was over"),
        ] {
            wrong.extend(is_wrong.then(|| text.to_owned()));
        }
        wrong
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { calls, received, lost, closed, .. } = self;
        writeln!(
            f,
            "{calls} calls, {received} messages received, {lost} lost on closed connections ({closed} closed)"
        )?;
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
