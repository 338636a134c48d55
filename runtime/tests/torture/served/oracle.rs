//! The oracle: compares what the callers of a service saw of one request with what its handlers saw. A pure function.

use super::super::script::Framing;
use super::super::variant::{ITEMS, Variant, echo_of, marks};
use super::abuse::{Abuse, Conduct, End, Spoilt, Times};
use super::answers::Answer;
use super::journal::{Content, Run};

/// Whether a request came to its end, and was to be accepted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Whole {
    No,
    /// Its caller did not wait for what becomes of it, or only what follows the end of its package is wrong.
    Maybe,
    Yes,
}

/// A request, as its caller and the handlers have it.
pub struct Case<'a> {
    pub variant: Variant,
    pub abuse: &'a Abuse,
    pub id: u64,
    pub whole: Whole,
    pub runs: &'a [Run],
    pub answers: &'a [Answer],
    /// The caller has waited in vain.
    pub hung: bool,
}

/// What must not be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Violation {
    /// A handler ran for a request that was not whole.
    Unasked,
    /// Two runs for one request.
    Twice,
    /// A stream came to another end than it has.
    WrongContent,
    /// A reply to another request, or one that looks complete and is not.
    WrongReply,
    /// A reply without a run.
    NoRun,
    /// A good request without its reply.
    NotServed,
    /// A request that is wrong, or whose handler failed, and that nobody told so.
    NotRefused,
    Hung,
}

/// Whether a request is whole as it is sent. `missing`: so many octets of it are not.
pub fn whole(abuse: &Abuse, is_package: bool, missing: Option<usize>) -> Whole {
    let closed = if is_package { Whole::Maybe } else { Whole::No };
    match abuse.framing {
        _ if abuse.spoilt != Spoilt::No => Whole::No,
        // Both are said of a body that is whole nevertheless.
        _ if abuse.lines.starts_with("Content-Encoding") => Whole::Maybe,
        Framing::Chunked if abuse.lines.starts_with("Content-Length") => Whole::Maybe,
        _ if abuse.lines.starts_with("Content-Length") => Whole::No,
        Framing::HalfChunked | Framing::TooLong => closed,
        Framing::Length | Framing::Chunked | Framing::Gzip | Framing::Pieces => match missing {
            // The last line end of the package, and the last chunk.
            Some(missing) if missing <= if abuse.framing == Framing::Chunked { 9 } else { 2 } => closed,
            Some(_) => Whole::No,
            None if abuse.end == End::Wait => Whole::Yes,
            None => Whole::Maybe,
        },
        _ => Whole::No,
    }
}

/// What is wrong with a request.
pub fn judge(case: &Case<'_>) -> Vec<Violation> {
    let Case { variant, abuse, id, whole, runs, answers, hung } = case;
    let mut wrong = Vec::new();
    let sent = if matches!(abuse.times, Times::Again | Times::Together) { 2 } else { 1 };
    // A nonce is taken once.
    let allowed = match whole {
        Whole::No => 0,
        _ if *variant == Variant::Digest => 1,
        _ => sent,
    };
    let taken = runs.iter().filter(|run| !variant.is_upload() || run.content == Content::Right).count();
    // A handler that takes a stream runs before its end.
    let may_begin = if variant.is_upload() { sent } else { allowed };
    if taken > allowed || runs.len() > may_begin {
        wrong.push(if allowed == 0 { Violation::Unasked } else { Violation::Twice });
    }
    if runs.iter().any(|run| run.content == Content::Wrong) {
        wrong.push(Violation::WrongContent);
    }
    let complete = || answers.iter().filter(|answer| answer.is_complete);
    let replies = complete().filter(|answer| answer.status == 200).count();
    let is_own = |answer: &Answer| marks(&answer.text).iter().all(|mark| mark == id);
    let is_right = |answer: &Answer| answer.status != 200 || is_reply(*variant, *id, &answer.text);
    let fails = matches!(
        abuse.conduct,
        Conduct::Fault
            | Conduct::Fail
            | Conduct::Panic
            | Conduct::PanicLater
            | Conduct::StreamFails
            | Conduct::StreamPanics
    );
    if !answers.iter().all(is_own) || !complete().all(is_right) || fails && replies > 0 {
        wrong.push(Violation::WrongReply);
    }
    if replies > runs.iter().filter(|run| run.is_answered).count() {
        wrong.push(Violation::NoRun);
    }
    if *whole == Whole::Yes
        && matches!(abuse.conduct, Conduct::Good | Conduct::Slow)
        && (replies, taken) != (allowed, allowed)
    {
        wrong.push(Violation::NotServed);
    }
    let waits = abuse.end == End::Wait;
    // A service that does not take an upload to its end may lose its answer.
    let is_read = !variant.is_upload() || abuse.spoilt == Spoilt::No;
    let is_refused = abuse.spoilt != Spoilt::No
        || matches!(abuse.conduct, Conduct::Fault | Conduct::Fail | Conduct::Panic | Conduct::PanicLater);
    if waits && is_read && is_refused && complete().filter(|answer| answer.status >= 400).count() < sent {
        wrong.push(Violation::NotRefused);
    }
    wrong.extend(hung.then_some(Violation::Hung));
    wrong
}

/// Whether a text is the whole reply to a submission.
fn is_reply(variant: Variant, id: u64, text: &str) -> bool {
    match variant {
        // Behind its content stands a boundary.
        Variant::Download => text.contains(&format!("\r\n\r\n{}\r\n--", variant.echo(id))) && text.ends_with("--\r\n"),
        Variant::Upload | Variant::SecuredUpload => text.contains(&echo_of(id)) && text.ends_with("--\r\n"),
        Variant::List => text.matches(&echo_of(id)).count() == ITEMS && text.ends_with("</s:Envelope>"),
        _ => text.contains(&echo_of(id)) && text.ends_with("</s:Envelope>"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::support::contract::envelope;
    use super::super::abuse::{NONE, abuse};
    use super::*;

    const RUN: Run = Run { content: Content::Unread, is_answered: true };

    fn reply(id: u64) -> Answer {
        Answer { status: 200, is_complete: true, text: envelope(&Variant::Basic.reply(id)) }
    }

    fn fault() -> Answer {
        Answer { status: 500, is_complete: true, text: String::new() }
    }

    fn judged(variant: Variant, abuse: &Abuse, runs: &[Run], answers: &[Answer]) -> Vec<Violation> {
        let whole = whole(abuse, variant.is_upload(), abuse.cut.then_some(100));
        judge(&Case { variant, abuse, id: 7, whole, runs, answers, hung: false })
    }

    #[test]
    fn each_thing_that_must_not_be_is_seen() {
        use Variant::{Basic, Digest, Upload};
        use Violation::{NoRun, NotRefused, NotServed, Twice, Unasked, WrongContent, WrongReply};
        let spoilt = abuse("").spoilt(Spoilt::Truncated);
        let cut = abuse("").cut().end(End::Close);
        let again = abuse("").times(Times::Again);
        let fails = abuse("").conduct(Conduct::Fail);
        let gone = abuse("").end(End::Reset);
        assert_eq!(judged(Basic, &NONE, &[RUN], &[reply(7)]), []);
        assert_eq!(judged(Basic, &NONE, &[], &[fault()]), [NotServed]);
        assert_eq!(judged(Basic, &NONE, &[RUN, RUN], &[reply(7)]), [Twice, NotServed]);
        assert_eq!(judged(Basic, &NONE, &[RUN], &[reply(8)]), [WrongReply]);
        assert_eq!(judged(Basic, &NONE, &[], &[reply(7)]), [NoRun, NotServed]);
        assert_eq!(judged(Basic, &spoilt, &[], &[fault()]), []);
        assert_eq!(judged(Basic, &spoilt, &[RUN], &[fault()]), [Unasked]);
        assert_eq!(judged(Basic, &spoilt, &[], &[]), [NotRefused]);
        assert_eq!(judged(Basic, &cut, &[RUN], &[]), [Unasked]);
        assert_eq!(judged(Basic, &gone, &[RUN], &[]), []);
        assert_eq!(judged(Basic, &gone, &[], &[]), []);
        assert_eq!(judged(Basic, &fails, &[RUN], &[reply(7)]), [WrongReply, NotRefused]);
        assert_eq!(judged(Basic, &again, &[RUN, RUN], &[reply(7), reply(7)]), []);
        assert_eq!(judged(Digest, &again, &[RUN], &[reply(7), fault()]), []);
        assert_eq!(judged(Digest, &again, &[RUN, RUN], &[reply(7), reply(7)]), [Twice, NotServed]);
        let of = |content| Run { content, is_answered: false };
        assert_eq!(judged(Upload, &cut, &[of(Content::Broken)], &[]), []);
        assert_eq!(judged(Upload, &cut, &[of(Content::Right)], &[]), [Unasked]);
        assert_eq!(judged(Upload, &cut, &[of(Content::Wrong)], &[]), [WrongContent]);
    }
}
