//! What one exchange says to a caller, by the rules of the runtime's documentation: how the call may end if nothing
//! comes after it, and whether anything may.

use soap_runtime::{Delivery, ErrorKind};

use super::journal::{Send, What};
use super::script::{Act, Code, Content, Framing, Manner, Nowhere, Step, Then, When};
use super::variant::Variant;

/// An error that may be reported.
pub type Ending = (ErrorKind, Delivery);

/// What an exchange says.
#[derive(Debug, Default)]
pub struct Verdict {
    /// Its reply may be handed out.
    pub reply: bool,
    /// The errors with which the call may end, as far as this exchange is concerned.
    pub endings: Vec<Ending>,
    /// Why the message may be sent again.
    pub again: Option<Again>,
    /// Whether the fault in it is to be kept; `None` if either is right.
    pub fault: Option<bool>,
    /// Nothing of it reached the server, although it was led there: the connection had ended before.
    pub lost: bool,
}

/// Why a message may be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    Busy,
    NewSession,
    /// If the session was good before, and no other was suspected within a minute.
    Suspect,
}

const BROKEN: Ending = (ErrorKind::Transport, Delivery::Unknown);
const NOT_SENT: Ending = (ErrorKind::Transport, Delivery::NotSent);

/// Judges one message by what the server received and did.
pub fn verdict(variant: Variant, hasty: bool, send: &Send) -> Verdict {
    let mut verdict = match (send.step, send.receipts.first()) {
        (Step::Nowhere(nowhere), _) => only(nowhere_endings(variant, nowhere)),
        (Step::Act(_), None) => Verdict { lost: true, ..only(&[BROKEN, NOT_SENT]) },
        (Step::Act(_), Some(receipt)) if receipt.polluted => match variant.is_soap_12() {
            true => only(&[BROKEN, (ErrorKind::Malformed, Delivery::Unknown)]),
            false => only(&[BROKEN]),
        },
        (Step::Act(_), Some(receipt)) => of_act(variant, send.what, receipt.act),
    };
    if hasty {
        verdict.endings.push(if verdict.lost { NOT_SENT } else { BROKEN });
    }
    verdict
}

fn only(endings: &[Ending]) -> Verdict {
    Verdict { endings: endings.to_vec(), fault: Some(false), ..Verdict::default() }
}

fn nowhere_endings(variant: Variant, nowhere: Nowhere) -> &'static [Ending] {
    match nowhere {
        Nowhere::Refused => &[NOT_SENT],
        // Before TLS is agreed on, nothing of the message is sent.
        _ if variant.has_tls() => &[NOT_SENT],
        // The octets are on their way before the client sees what becomes of the connection.
        Nowhere::Shut | Nowhere::Reset | Nowhere::Garbage | Nowhere::Mute => &[NOT_SENT, BROKEN],
    }
}

fn of_act(variant: Variant, what: What, act: Act) -> Verdict {
    let Act { when, content, framing, then } = act;
    let mut verdict = match framing {
        _ if content == Content::Nothing => return only(&[BROKEN]),
        Framing::HalfBody | Framing::HalfChunked | Framing::TooLong | Framing::BadChunk | Framing::HalfGzip
            if variant == Variant::Download && content == Content::Reply =>
        {
            // Where its stream has begun, the service has answered. A package says itself where it ends.
            let reply = matches!(framing, Framing::HalfChunked | Framing::TooLong);
            let answered = [ErrorKind::Transport, ErrorKind::Malformed].map(|kind| (kind, Delivery::Answered));
            return Verdict { reply, ..only(&[&answered[..], &[BROKEN]].concat()) };
        }
        Framing::HalfHead
        | Framing::HalfBody
        | Framing::HalfChunked
        | Framing::TooLong
        | Framing::BadChunk
        | Framing::OnlyContinue
        | Framing::NotHttp => return only(&[BROKEN]),
        // Complete for HTTP, and whether it was the reply cannot be seen.
        Framing::TooShort | Framing::HalfGzip => return only(&cut_inside()),
        Framing::Length | Framing::Chunked | Framing::Gzip | Framing::Pieces | Framing::Old | Framing::Continued => {
            of_content(variant, what, content)
        }
    };
    // A request that is not taken to its end, and a connection that is reset, can take the answer with them.
    if when != When::All || then == Then::Reset {
        verdict.endings.push(BROKEN);
        verdict.fault = verdict.fault.filter(|kept| !kept);
    }
    verdict
}

fn cut_inside() -> Vec<Ending> {
    vec![BROKEN, (ErrorKind::Malformed, Delivery::Answered), (ErrorKind::Malformed, Delivery::Unknown)]
}

/// A complete answer.
fn of_content(variant: Variant, what: What, content: Content) -> Verdict {
    use Delivery::{Answered, Unknown};
    use ErrorKind::{Busy, Http, Malformed};
    match content {
        Content::Nothing => only(&[BROKEN]),
        Content::Reply | Content::OtherRelation => Verdict { reply: true, fault: Some(false), ..Verdict::default() },
        Content::Fault(code, manner) => of_fault(variant, what, code, manner),
        Content::Page(502 | 504) => only(&[(Http, Unknown)]),
        Content::Page(429 | 503) => only(&[(Busy, Answered)]),
        Content::Page(401) if variant == Variant::HttpBasic => only(&[(ErrorKind::Authentication, Answered)]),
        Content::Page(_) | Content::Redirect(_) | Content::Empty(_) => only(&[(Http, Answered)]),
        Content::OtherXml => only(&[(Malformed, Answered), (Http, Answered)]),
        Content::HalfEnvelope => only(&cut_inside()),
        Content::ForeignReply => only(&[(Malformed, Unknown)]),
        Content::ForeignFault(_) => Verdict { fault: None, ..only(&[(Malformed, Unknown)]) },
        // Under an error status, what is no fault is no SOAP.
        Content::TwoRelations { fault, .. } => {
            let also: &[Ending] = if fault.is_some() { &[(Http, Answered)] } else { &[] };
            Verdict { fault: None, ..only(&[also, &[(Malformed, Answered), (Malformed, Unknown)]].concat()) }
        }
        // The rules leave open what is said of its delivery.
        Content::Unrelated => only(&[(Malformed, Answered), (Malformed, Unknown)]),
        Content::ReplyAndFault { fault_first: false, status, .. } => {
            let also: &[Ending] = if status == 200 { &[] } else { &[(Http, Answered)] };
            Verdict { fault: None, ..only(&[also, &[(Malformed, Answered)]].concat()) }
        }
        Content::ReplyAndFault { code, .. } => of_fault(variant, what, code, Manner::Followed),
    }
}

fn of_fault(variant: Variant, what: What, code: Code, manner: Manner) -> Verdict {
    use Delivery::Answered;
    let kind = match code {
        Code::Application => ErrorKind::Fault,
        Code::ServerTooBusy | Code::EndpointUnavailable => ErrorKind::Busy,
        Code::BadContextToken => ErrorKind::Session,
        Code::InvalidSecurity => ErrorKind::Security,
        Code::FailedAuthentication => ErrorKind::Authentication,
    };
    match manner {
        Manner::Status(400 | 500) => {
            let own_session = variant.has_sessions() && what == What::Own;
            let again = match code {
                Code::ServerTooBusy | Code::EndpointUnavailable if variant.retries_when_busy() => Some(Again::Busy),
                Code::BadContextToken if own_session => Some(Again::NewSession),
                Code::InvalidSecurity if own_session => Some(Again::Suspect),
                _ => None,
            };
            Verdict { again, fault: Some(true), ..only(&[(kind, Answered)]) }
        }
        // A fault all the same, for which nothing is sent again.
        Manner::Status(_) => Verdict { fault: Some(true), ..only(&[(kind, Answered), (ErrorKind::Fault, Answered)]) },
        // Without its namespace, a code is a word of the service's own.
        Manner::BareCode => Verdict { fault: Some(true), ..only(&[(ErrorKind::Fault, Answered)]) },
        Manner::OtherVersion => {
            Verdict { fault: None, ..only(&[(ErrorKind::Fault, Answered), (ErrorKind::Malformed, Answered)]) }
        }
        // A Body is a reply or one fault, as its version of SOAP has it.
        Manner::Followed | Manner::Twice | Manner::TwoCodes | Manner::StrayText => Verdict {
            fault: None,
            ..only(&[(ErrorKind::Malformed, Answered), (ErrorKind::Fault, Answered), (kind, Answered)])
        },
    }
}
