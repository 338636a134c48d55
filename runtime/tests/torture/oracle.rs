//! The oracle: a pure function that compares what a call said with what the journal holds of it.
//!
//! It is written from the rules, not from the code: *second tries* and *kinds* of the runtime's documentation, and
//! *delivery is the history of a call*: unknown, if one of its own messages may have been processed and nobody says so;
//! else answered, if one was; else not sent. Token exchanges do not count, but for their fault.

use std::collections::HashSet;
use std::time::Duration;

use soap_runtime::{BUSY_TIME, BUSY_TRIES, Delivery, ErrorKind};

use super::journal::{Send, What};
use super::reply::reason;
use super::script::{Act, Content};
use super::variant::Variant;
use super::verdict::{Again, Verdict, verdict};

/// How a call ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The caller went away.
    Dropped,
    /// With a reply: its own, or another's.
    Reply {
        right: bool,
    },
    Error(Said),
}

/// What an error says.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    pub kind: ErrorKind,
    pub delivery: Delivery,
    /// The reason of its fault.
    pub fault: Option<String>,
    pub text: String,
}

/// What must not be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Violation {
    /// A message was sent again without a fault that allows it.
    SentTwice,
    /// "Not sent", and the server has seen it.
    NotSentButReceived,
    /// A reply that belongs to another call, or none.
    WrongReply,
    /// Kind, delivery or fault are not what the exchanges say.
    WrongAccount,
    /// No second try where one is due.
    NoSecondTry,
}

/// A call, as the journal and the caller have it.
pub struct Case<'a> {
    pub variant: Variant,
    pub id: u64,
    pub hasty: bool,
    pub sends: &'a [Send],
    pub outcome: &'a Outcome,
    pub took: Duration,
    pub exchanges: &'a Exchanges,
}

/// The exchanges for tokens that failed somewhere in the run: calls that waited for one share its outcome.
#[derive(Debug, Default)]
pub struct Exchanges {
    pub failed: bool,
    /// The reasons of their faults.
    pub faults: HashSet<String>,
}

/// Near the end of the time within which a busy service is tried again, either is right.
const MARGIN: Duration = Duration::from_secs(10);

/// What is wrong with a call.
pub fn judge(case: &Case<'_>) -> Vec<Violation> {
    let mut verdicts: Vec<Verdict> = case.sends.iter().map(|send| verdict(case.variant, case.hasty, send)).collect();
    if !case.variant.can_be_repeated(case.id) {
        verdicts.iter_mut().for_each(|verdict| verdict.again = None);
    }
    let mut wrong = Vec::new();
    if case.sends.iter().any(|send| send.receipts.len() > 1) || !may_follow(case, &verdicts) {
        wrong.push(Violation::SentTwice);
    }
    match case.outcome {
        Outcome::Dropped => {}
        Outcome::Reply { right } => {
            let last = case.sends.last().zip(verdicts.last());
            if !right || !last.is_some_and(|(send, verdict)| send.what == What::Own && verdict.reply) {
                wrong.push(Violation::WrongReply);
            }
        }
        Outcome::Error(said) => {
            let received = own(case, &verdicts).any(|(send, _)| !send.receipts.is_empty());
            if said.delivery == Delivery::NotSent && received {
                wrong.push(Violation::NotSentButReceived);
            }
            if !accounts(case, &verdicts, said) || !keeps_fault(case, &verdicts, said) {
                wrong.push(Violation::WrongAccount);
            }
            if gave_up(case, &verdicts, said) {
                wrong.push(Violation::NoSecondTry);
            }
        }
    }
    wrong
}

fn own<'a>(case: &'a Case<'_>, verdicts: &'a [Verdict]) -> impl DoubleEndedIterator<Item = (&'a Send, &'a Verdict)> {
    case.sends.iter().zip(verdicts).filter(|(send, _)| send.what == What::Own)
}

/// Whether each message that follows another may: one repetition in a new session, and three tries while the service is
/// busy.
fn may_follow(case: &Case<'_>, verdicts: &[Verdict]) -> bool {
    let all: Vec<_> = own(case, verdicts).map(|(_, verdict)| verdict.again).collect();
    let reasons = all.split_last().map_or(&[][..], |(_, before)| before);
    let busy = reasons.iter().filter(|again| **again == Some(Again::Busy)).count();
    let session = reasons.iter().filter(|again| matches!(again, Some(Again::NewSession | Again::Suspect))).count();
    busy + session == reasons.len()
        && busy < BUSY_TRIES as usize
        && session <= 1
        && exchanges_may_follow(case, verdicts)
}

/// The same for requests for a token, of which one stands alone, or follows a busy token service.
fn exchanges_may_follow(case: &Case<'_>, verdicts: &[Verdict]) -> bool {
    let pairs = case.sends.windows(2).zip(verdicts);
    let mut consecutive = pairs.filter(|(pair, _)| pair.iter().all(|send| send.what == What::Token));
    consecutive.all(|(_, before)| before.again == Some(Again::Busy))
}

/// Whether kind and delivery follow from the exchanges.
fn accounts(case: &Case<'_>, verdicts: &[Verdict], said: &Said) -> bool {
    let Some((last, verdict)) = case.sends.last().zip(verdicts.last()) else {
        // It was refused before anything of it was sent.
        return said.delivery == Delivery::NotSent && (case.exchanges.failed || case.hasty);
    };
    let earlier = own(case, verdicts).filter(|(send, _)| !std::ptr::eq(*send, last));
    let earlier = earlier.flat_map(|(_, verdict)| &verdict.endings).map(|(_, delivery)| *delivery);
    let history = earlier.max_by_key(|delivery| weight(*delivery)).unwrap_or(Delivery::NotSent);
    // Another call's exchange failed, which this one waited for.
    let shares = may_share(case, verdicts);
    if last.what == What::Token || (shares && said.delivery == Delivery::Answered) {
        let history = if last.what == What::Own { Delivery::Answered } else { history };
        let fitting = shares || verdict.endings.iter().any(|(kind, _)| *kind == said.kind);
        return said.delivery == history && fitting;
    }
    verdict.endings.iter().any(|(kind, delivery)| {
        let delivery = if weight(*delivery) > weight(history) { *delivery } else { history };
        (said.kind, said.delivery) == (*kind, delivery)
    })
}

fn weight(delivery: Delivery) -> u8 {
    match delivery {
        Delivery::NotSent => 0,
        Delivery::Answered => 1,
        Delivery::Unknown => 2,
    }
}

/// Whether the last thing that happened to a call may be that another call's exchange failed.
fn may_share(case: &Case<'_>, verdicts: &[Verdict]) -> bool {
    case.exchanges.failed && case.variant.has_sessions() && verdicts.last().is_none_or(|last| last.again.is_some())
}

/// Whether the fault is that of the last exchange which had one.
fn keeps_fault(case: &Case<'_>, verdicts: &[Verdict], said: &Said) -> bool {
    if may_share(case, verdicts) && said.fault.as_ref().is_some_and(|fault| case.exchanges.faults.contains(fault)) {
        return true;
    }
    for (number, verdict) in verdicts.iter().enumerate().rev() {
        match verdict.fault {
            Some(true) => return said.fault.as_deref() == Some(&reason(case.id, number)),
            Some(false) => {}
            None => return true,
        }
    }
    said.fault.is_none()
}

/// Whether a second try was due, and not made.
fn gave_up(case: &Case<'_>, verdicts: &[Verdict], said: &Said) -> bool {
    let again: Vec<_> = own(case, verdicts).map(|(_, verdict)| verdict.again).collect();
    let (Some((Some(last), before)), Some(verdict)) = (again.split_last(), verdicts.last()) else { return false };
    if case.sends.last().is_none_or(|send| send.what == What::Token) {
        return false;
    }
    // It may have been lost on its way to the caller; or an exchange that the second try needs has failed.
    let certain = verdict.endings.len() == 1 && verdict.endings[0].0 == said.kind;
    let tries = before.iter().filter(|again| **again == Some(Again::Busy)).count() + 1;
    let repeated = before.iter().any(|again| matches!(again, Some(Again::NewSession | Again::Suspect)));
    certain
        && match last {
            // Of a session, the failed exchange can be one with a busy token service.
            Again::Busy if may_share(case, verdicts) => false,
            Again::Busy => tries < BUSY_TRIES as usize && case.took + MARGIN < BUSY_TIME,
            Again::NewSession => !repeated,
            Again::Suspect => false,
        }
}

impl Exchanges {
    /// Takes in the messages of a call.
    pub fn add(&mut self, id: u64, sends: &[Send]) {
        for (number, send) in sends.iter().enumerate().filter(|(_, send)| send.what == What::Token) {
            let succeeded = send.receipts.first().is_some_and(|receipt| receipt.act == Act::GOOD);
            self.failed |= !succeeded;
            if send.receipts.first().is_some_and(|receipt| matches!(receipt.act.content, Content::Fault(..))) {
                self.faults.insert(reason(id, number));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::journal::Receipt;
    use super::super::script::{Code, Manner, Nowhere, Step};
    use super::*;

    const BUSY: Act = Act::fault(Code::ServerTooBusy);
    const LOST: Act = Act::fault(Code::BadContextToken);

    fn received(act: Act) -> Send {
        Send { what: What::Own, step: Step::Act(act), receipts: vec![Receipt { act, polluted: false }] }
    }

    fn refused(what: What) -> Send {
        Send { what, step: Step::Nowhere(Nowhere::Refused), receipts: Vec::new() }
    }

    fn judged(variant: Variant, sends: &[Send], outcome: &Outcome) -> Vec<Violation> {
        let took = Duration::ZERO;
        let exchanges = &Exchanges::default();
        judge(&Case { variant, id: 7, hasty: false, sends, outcome, took, exchanges })
    }

    fn error(kind: ErrorKind, delivery: Delivery, fault: Option<usize>) -> Outcome {
        let fault = fault.map(|number| reason(7, number));
        Outcome::Error(Said { kind, delivery, fault, text: String::new() })
    }

    const REPLY: Outcome = Outcome::Reply { right: true };

    #[test]
    fn a_second_message_needs_a_fault_that_allows_it() {
        let good = || received(Act::GOOD);
        assert_eq!(judged(Variant::Ws, &[good()], &REPLY), []);
        assert_eq!(judged(Variant::Ws, &[received(BUSY), received(BUSY), good()], &REPLY), []);
        assert_eq!(judged(Variant::Ec2, &[received(LOST), received(BUSY), good()], &REPLY), []);
        let twice = [Violation::SentTwice];
        for act in [
            Act::BROKEN,
            Act::GOOD,
            Act::fault(Code::Application),
            Act::with(Content::Page(503)),
            Act::with(Content::Fault(Code::ServerTooBusy, Manner::Status(200))),
            Act::with(Content::Fault(Code::ServerTooBusy, Manner::Followed)),
        ] {
            assert_eq!(judged(Variant::Ws, &[received(act), good()], &REPLY), twice, "{act:?}");
            // Also if nobody waits for the outcome.
            assert_eq!(judged(Variant::Ws, &[received(act), good()], &Outcome::Dropped), twice, "{act:?}");
        }
        assert_eq!(judged(Variant::Basic, &[received(BUSY), good()], &REPLY), twice, "nothing vouches for it");
        assert_eq!(judged(Variant::Ws, &[received(LOST), good()], &REPLY), twice, "it has no sessions");
        assert_eq!(judged(Variant::Ec2, &[received(LOST), received(LOST), good()], &REPLY), twice, "once a call");
        let four = [received(BUSY), received(BUSY), received(BUSY), good()];
        assert_eq!(judged(Variant::Ws, &four, &REPLY), twice, "three tries");
        let mut behind_our_back = good();
        behind_our_back.receipts.push(Receipt { act: Act::GOOD, polluted: false });
        assert_eq!(judged(Variant::Basic, &[behind_our_back], &REPLY), twice);
    }

    #[test]
    fn a_reply_is_the_calls_own_or_none() {
        let wrong = [Violation::WrongReply];
        assert_eq!(judged(Variant::Basic, &[received(Act::GOOD)], &Outcome::Reply { right: false }), wrong);
        assert_eq!(judged(Variant::Basic, &[received(Act::BROKEN)], &REPLY), wrong);
        assert_eq!(judged(Variant::Ws, &[received(Act::with(Content::ForeignReply))], &REPLY), wrong);
        assert_eq!(judged(Variant::Basic, &[], &REPLY), wrong);
    }

    #[test]
    fn delivery_is_the_history_of_the_call() {
        use Delivery::{Answered, NotSent, Unknown};
        use ErrorKind::Transport;
        let account = [Violation::WrongAccount];
        let not_sent = [Violation::NotSentButReceived, Violation::WrongAccount];
        let broken = [received(Act::BROKEN)];
        assert_eq!(judged(Variant::Basic, &broken, &error(Transport, Unknown, None)), []);
        assert_eq!(judged(Variant::Basic, &broken, &error(Transport, Answered, None)), account);
        assert_eq!(judged(Variant::Basic, &broken, &error(Transport, NotSent, None)), not_sent);
        let gone = [received(BUSY), refused(What::Own)];
        assert_eq!(judged(Variant::Ws, &gone, &error(Transport, Answered, Some(0))), []);
        assert_eq!(judged(Variant::Ws, &gone, &error(Transport, Answered, None)), account, "its fault is lost");
        assert_eq!(judged(Variant::Ws, &gone, &error(Transport, NotSent, Some(0))), not_sent);
        let cut = [received(BUSY), received(Act::BROKEN)];
        assert_eq!(judged(Variant::Ws, &cut, &error(Transport, Unknown, Some(0))), []);
        assert_eq!(judged(Variant::Ws, &cut, &error(Transport, Answered, Some(0))), account);
        let no_token = [received(LOST), refused(What::Token)];
        assert_eq!(judged(Variant::Ec2, &no_token, &error(Transport, Answered, Some(0))), []);
        assert_eq!(judged(Variant::Ec2, &no_token, &error(Transport, NotSent, Some(0))), not_sent);
        assert_eq!(judged(Variant::Ec2, &[refused(What::Token)], &error(Transport, NotSent, None)), []);
        assert_eq!(judged(Variant::Ec2, &[refused(What::Token)], &error(Transport, Unknown, None)), account);
        assert_eq!(judged(Variant::Basic, &[], &error(Transport, NotSent, None)), account, "nothing was tried");
    }

    #[test]
    fn a_second_try_that_is_due_is_made() {
        let missing = [Violation::NoSecondTry];
        let busy = error(ErrorKind::Busy, Delivery::Answered, Some(0));
        assert_eq!(judged(Variant::Ws, &[received(BUSY)], &busy), missing);
        assert_eq!(judged(Variant::Basic, &[received(BUSY)], &busy), []);
        let lost = error(ErrorKind::Session, Delivery::Answered, Some(0));
        assert_eq!(judged(Variant::Ec2, &[received(LOST)], &lost), missing);
        assert_eq!(judged(Variant::Ws, &[received(LOST)], &lost), []);
    }
}
