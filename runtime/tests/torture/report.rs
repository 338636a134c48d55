//! The report of a run: how the calls ended, by kind of trouble, and what is wrong with it.

use std::fmt;

use super::callers::{AFTERWARDS, Submission};
use super::journal::Journal;
use super::oracle::{Case, Exchanges, Outcome, Violation, judge};
use super::rows::Rows;
use super::trouble;
use super::variant::Variant;
use super::verdict::verdict;

/// The least number of kinds of trouble that a run has to have met.
const KINDS: usize = 40;

#[derive(Default)]
pub struct Report {
    rows: Rows<Violation>,
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
            let ending = match outcome {
                Outcome::Dropped => "dropped".to_owned(),
                Outcome::Reply { .. } => REPLY.to_owned(),
                Outcome::Error(said) => format!("{:?}/{:?}", said.kind, said.delivery),
            };
            let example = || format!("{violations:?} {outcome:?}\n    {sends:?}");
            report.rows.add(trouble.name, sends.len(), ending, &violations, example);
        }
        let afterwards = &made[made.len() - AFTERWARDS as usize..];
        let succeeded = Outcome::Reply { right: true };
        report.failed_afterwards = afterwards.iter().filter(|call| call.outcome != succeeded).count();
        report
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
            let count = self.rows.count(violation);
            wrong.extend((count > 0).then(|| format!("{count} {text}")));
        }
        let (untroubled, replies) = self.rows.ended(trouble::NONE.name, REPLY);
        for (is_wrong, text) in [
            (self.lost > self.closed, "more messages lost than connections closed"),
            (self.rows.kinds() < KINDS, "too few kinds of trouble"),
            (replies * 2 < untroubled, "too few of the calls without trouble were answered"),
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
        write!(f, "{}", self.rows)
    }
}
