//! The kinds of trouble: each a script for the messages of one call, and for the token exchanges that it makes.

use super::chance::Chance;
use super::script::Code::{
    Application, BadContextToken, EndpointUnavailable, FailedAuthentication, InvalidSecurity, ServerTooBusy,
};
use super::script::Content::{
    Empty, Fault, ForeignFault, ForeignReply, HalfEnvelope, OtherRelation, OtherXml, Page, Redirect, ReplyAndFault,
    TwoRelations, Unrelated,
};
use super::script::{Act, Framing, Manner, Nowhere, Step, Then, When};
use super::variant::Variant;

/// A kind of trouble.
#[derive(Debug)]
pub struct Trouble {
    pub name: &'static str,
    /// What happens to the messages of the call, one after the other; the last stands for all that follow.
    pub own: &'static [Step],
    /// The same for its requests for a token.
    pub token: &'static [Step],
    ports: Ports,
    /// Made over a connection with short time-outs.
    pub hasty: bool,
    /// Made by a user of its own, whom nobody else's calls depend on.
    pub stranger: bool,
    weight: u64,
}

/// The ports at which it can happen.
#[derive(Clone, Copy, Debug)]
enum Ports {
    All,
    /// With WS-Addressing, which tells replies apart.
    Addressed,
    Session,
    /// Whose callers have a user name.
    Named,
    /// Whose replies are small enough to come in one piece.
    Small,
}

const fn trouble(name: &'static str, own: &'static [Step]) -> Trouble {
    Trouble { name, own, token: &[Step::Act(Act::GOOD)], ports: Ports::All, hasty: false, stranger: false, weight: 4 }
}

impl Trouble {
    const fn at(self, ports: Ports) -> Self {
        Self { ports, ..self }
    }

    const fn token(self, token: &'static [Step]) -> Self {
        // Rarely: all callers share the outcome.
        Self { token, ports: Ports::Session, weight: 1, ..self }
    }

    const fn hasty(self) -> Self {
        Self { hasty: true, ..self }
    }

    const fn stranger(self) -> Self {
        Self { stranger: true, ports: Ports::Named, ..self }
    }

    /// For those that take seconds.
    const fn rarely(self) -> Self {
        Self { weight: 1, ..self }
    }

    const fn often(self) -> Self {
        Self { weight: 24, ..self }
    }

    pub fn happens_at(&self, variant: Variant) -> bool {
        match self.ports {
            Ports::All => true,
            Ports::Addressed => variant.is_soap_12(),
            Ports::Session => variant == Variant::Ec2,
            Ports::Named => variant != Variant::Ec2,
            Ports::Small => variant != Variant::Download,
        }
    }
}

/// One of those that can happen at a port.
pub fn choose(variant: Variant, chance: &mut Chance) -> &'static Trouble {
    let possible = || TROUBLES.iter().filter(|trouble| trouble.happens_at(variant));
    let mut at = chance.below(possible().map(|trouble| trouble.weight).sum());
    for trouble in possible() {
        match at.checked_sub(trouble.weight) {
            Some(left) => at = left,
            None => return trouble,
        }
    }
    unreachable!("less than the sum of all weights")
}

const GOOD: Step = Step::Act(Act::GOOD);
const BROKEN: Step = Step::Act(Act::BROKEN);
const REFUSED: Step = Step::Nowhere(Nowhere::Refused);
const BUSY: Step = Step::Act(Act::fault(ServerTooBusy));
const UNAVAILABLE: Step = Step::Act(Act::fault(EndpointUnavailable));
const LOST: Step = Step::Act(Act::fault(BadContextToken));

const fn framed(framing: Framing) -> Step {
    Step::Act(Act::framed(framing))
}

const fn with(content: super::script::Content) -> Step {
    Step::Act(Act::with(content))
}

const fn broken(when: When, then: Then) -> Step {
    Step::Act(Act::BROKEN.when(when).then(then))
}

const fn cut(framing: Framing, then: Then) -> Step {
    Step::Act(Act::framed(framing).then(then))
}

/// What is no trouble at all.
pub static NONE: Trouble = trouble("none", &[GOOD]);

const fn two_relations(fault: Option<super::script::Code>, right_first: bool) -> Step {
    with(TwoRelations { fault, right_first, stated: false })
}

pub static TROUBLES: &[Trouble] = &[
    trouble("none", &[GOOD]).often(),
    trouble("none, short time-outs", &[GOOD]).hasty(),
    trouble("chunked", &[framed(Framing::Chunked)]),
    trouble("gzip", &[framed(Framing::Gzip)]),
    trouble("in small pieces", &[framed(Framing::Pieces)]),
    trouble("HTTP/1.0", &[cut(Framing::Old, Then::Close)]),
    trouble("100 and 103 first", &[framed(Framing::Continued)]),
    // No connection, or one that is of no use.
    trouble("refused", &[REFUSED]),
    trouble("closed at accept", &[Step::Nowhere(Nowhere::Shut)]),
    trouble("reset at accept", &[Step::Nowhere(Nowhere::Reset)]),
    trouble("mute", &[Step::Nowhere(Nowhere::Mute)]).hasty(),
    trouble("garbage at accept", &[Step::Nowhere(Nowhere::Garbage)]),
    // The request arrives in part, or nothing comes back.
    trouble("closed after the head", &[broken(When::Head, Then::Close)]),
    trouble("reset after half", &[broken(When::Half, Then::Reset)]),
    trouble("closed after half", &[broken(When::Half, Then::Close)]),
    trouble("closed before the last octets", &[broken(When::Almost, Then::Close)]),
    trouble("closed after all", &[BROKEN]),
    trouble("reset after all", &[broken(When::All, Then::Reset)]),
    trouble("silent after half", &[broken(When::Half, Then::Silence)]).hasty(),
    trouble("silent after all", &[broken(When::All, Then::Silence)]).hasty(),
    // Half an answer.
    trouble("half the reply's head", &[cut(Framing::HalfHead, Then::Close)]),
    trouble("half the head, reset", &[cut(Framing::HalfHead, Then::Reset)]),
    trouble("half the head, silent", &[cut(Framing::HalfHead, Then::Silence)]).hasty(),
    trouble("half the reply", &[cut(Framing::HalfBody, Then::Close)]),
    trouble("half the reply, reset", &[cut(Framing::HalfBody, Then::Reset)]),
    trouble("half the reply, silent", &[cut(Framing::HalfBody, Then::Silence)]).hasty(),
    trouble("no last chunk", &[cut(Framing::HalfChunked, Then::Close)]),
    trouble("longer Content-Length", &[cut(Framing::TooLong, Then::Close)]),
    trouble("shorter Content-Length", &[cut(Framing::TooShort, Then::Close)]).at(Ports::Small),
    trouble("malformed chunk", &[cut(Framing::BadChunk, Then::Close)]),
    trouble("half a gzip stream", &[framed(Framing::HalfGzip)]),
    trouble("only 100 Continue", &[cut(Framing::OnlyContinue, Then::Close)]),
    trouble("not HTTP", &[cut(Framing::NotHttp, Then::Close)]),
    // What becomes of the connection.
    trouble("closed behind the reply", &[cut(Framing::Length, Then::Close)]),
    trouble("reset behind the reply", &[cut(Framing::Length, Then::Reset)]),
    trouble("surplus reply", &[cut(Framing::Length, Then::Surplus)]).at(Ports::Small),
    trouble("late surplus reply", &[cut(Framing::Length, Then::LateSurplus)]).at(Ports::Addressed),
    trouble("reply before the end", &[Step::Act(Act::GOOD.when(When::Almost))]),
    trouble("413 before the end", &[Step::Act(Act::with(Page(413)).when(When::Head).then(Then::CloseSlowly))]),
    trouble("413, closed", &[Step::Act(Act::with(Page(413)).when(When::Half).then(Then::Close))]),
    // Answers that are no reply.
    trouble("page 200", &[with(Page(200))]),
    trouble("page 403", &[with(Page(403))]),
    trouble("page 407", &[with(Page(407))]),
    trouble("page 429", &[with(Page(429))]),
    trouble("page 500", &[with(Page(500))]),
    trouble("page 502", &[with(Page(502))]),
    trouble("page 503", &[with(Page(503))]),
    trouble("page 504", &[with(Page(504))]),
    trouble("page 401", &[with(Page(401))]).stranger(),
    trouble("redirect 302", &[with(Redirect(302))]),
    trouble("redirect 307", &[with(Redirect(307))]),
    trouble("redirect 308", &[with(Redirect(308))]),
    trouble("empty 200", &[with(Empty(200))]),
    trouble("empty 202", &[with(Empty(202))]),
    trouble("empty 500", &[with(Empty(500))]),
    trouble("half an envelope", &[with(HalfEnvelope)]),
    trouble("XML that is no SOAP", &[with(OtherXml)]),
    // Replies to something else.
    trouble("foreign reply", &[with(ForeignReply)]).at(Ports::Addressed),
    trouble("foreign fault", &[with(ForeignFault(ServerTooBusy))]).at(Ports::Addressed),
    trouble("foreign lost session", &[with(ForeignFault(BadContextToken))]).at(Ports::Session),
    trouble("no relation", &[with(Unrelated)]).at(Ports::Addressed),
    trouble("two relations", &[two_relations(None, true)]).at(Ports::Addressed),
    trouble("two relations, turned", &[two_relations(None, false)]).at(Ports::Addressed),
    trouble("two relations, stated", &[with(TwoRelations { fault: None, right_first: false, stated: true })])
        .at(Ports::Addressed),
    trouble("relation of another type", &[with(OtherRelation)]).at(Ports::Addressed),
    trouble("two relations, lost", &[two_relations(Some(BadContextToken), true)]).at(Ports::Session),
    trouble("two relations, lost, turned", &[two_relations(Some(BadContextToken), false)]).at(Ports::Session),
    trouble("two relations, busy", &[two_relations(Some(ServerTooBusy), true)]).at(Ports::Addressed),
    // Faults that end the call.
    trouble("fault", &[Step::Act(Act::fault(Application))]),
    trouble("fault under 200", &[with(Fault(Application, Manner::Status(200)))]),
    trouble("fault of the other SOAP", &[with(Fault(Application, Manner::OtherVersion))]),
    trouble("refused credential", &[Step::Act(Act::fault(FailedAuthentication))]).stranger(),
    trouble(
        "half a fault",
        &[Step::Act(Act { framing: Framing::HalfBody, then: Then::Close, ..Act::fault(Application) })],
    ),
    trouble("reply, then fault", &[with(ReplyAndFault { code: Application, fault_first: false, status: 500 })]),
    // Faults for which a message may be sent again.
    trouble("busy once", &[BUSY, GOOD]).rarely(),
    trouble("unavailable once", &[UNAVAILABLE, GOOD]).rarely(),
    trouble("busy twice", &[BUSY, UNAVAILABLE, GOOD]).rarely(),
    trouble("busy always", &[BUSY]).rarely(),
    trouble("busy under 400", &[with(Fault(ServerTooBusy, Manner::Status(400))), GOOD]).rarely(),
    trouble("busy, then refused", &[UNAVAILABLE, REFUSED]).rarely(),
    trouble("busy, then closed", &[BUSY, BROKEN]).rarely(),
    trouble("busy, then half a reply", &[BUSY, cut(Framing::HalfBody, Then::Close)]).rarely(),
    trouble("busy, then a fault", &[BUSY, Step::Act(Act::fault(Application))]).rarely(),
    trouble("busy, then page 502", &[BUSY, with(Page(502))]).rarely(),
    trouble("busy, then foreign", &[BUSY, with(ForeignReply)]).at(Ports::Addressed).rarely(),
    trouble("busy, connection closed", &[Step::Act(Act::fault(ServerTooBusy).then(Then::Close)), GOOD]).rarely(),
    trouble("lost session", &[LOST, GOOD]),
    trouble("lost session twice", &[LOST]),
    trouble("lost session, then busy", &[LOST, BUSY, GOOD]).at(Ports::Addressed).rarely(),
    trouble("busy, then lost session", &[BUSY, LOST, GOOD]).at(Ports::Addressed).rarely(),
    trouble("lost session, then refused", &[LOST, REFUSED]),
    trouble("lost session, then closed", &[LOST, BROKEN]),
    trouble("lost session under 400", &[with(Fault(BadContextToken, Manner::Status(400))), GOOD]),
    trouble("suspect session", &[Step::Act(Act::fault(InvalidSecurity)), GOOD]),
    // The same from the token service.
    trouble("lost, token service gone", &[LOST, GOOD]).token(&[REFUSED]),
    trouble("lost, token service closes", &[LOST, GOOD]).token(&[BROKEN]),
    trouble("lost, half a token", &[LOST, GOOD]).token(&[cut(Framing::HalfBody, Then::Close)]),
    trouble("lost, token service fails", &[LOST, GOOD]).token(&[Step::Act(Act::fault(Application))]),
    trouble("lost, token service busy", &[LOST, GOOD]).token(&[BUSY]),
    trouble("lost, token service busy once", &[LOST, GOOD]).token(&[BUSY, GOOD]),
    trouble("lost, foreign token", &[LOST, GOOD]).token(&[with(ForeignReply)]),
    // Faults that look as if it might, and may not.
    trouble("busy under 200", &[with(Fault(ServerTooBusy, Manner::Status(200))), GOOD]),
    trouble("busy under 202", &[with(Fault(ServerTooBusy, Manner::Status(202))), GOOD]),
    trouble("busy under 503", &[with(Fault(ServerTooBusy, Manner::Status(503))), GOOD]),
    trouble("busy under 502", &[with(Fault(ServerTooBusy, Manner::Status(502))), GOOD]),
    trouble("busy in the other SOAP", &[with(Fault(ServerTooBusy, Manner::OtherVersion)), GOOD]),
    trouble("busy, bare code", &[with(Fault(ServerTooBusy, Manner::BareCode)), GOOD]),
    trouble("busy, not alone", &[with(Fault(ServerTooBusy, Manner::Followed)), GOOD]),
    trouble("busy, two faults", &[with(Fault(ServerTooBusy, Manner::Twice)), GOOD]),
    trouble(
        "half a busy",
        &[Step::Act(Act { framing: Framing::HalfBody, then: Then::Close, ..Act::fault(ServerTooBusy) }), GOOD],
    ),
    trouble("busy before the end", &[Step::Act(Act::fault(ServerTooBusy).when(When::Almost).then(Then::Close)), GOOD])
        .rarely(),
    trouble("lost under 200", &[with(Fault(BadContextToken, Manner::Status(200))), GOOD]),
    trouble("lost under 503", &[with(Fault(BadContextToken, Manner::Status(503))), GOOD]),
    trouble("lost in the other SOAP", &[with(Fault(BadContextToken, Manner::OtherVersion)), GOOD]),
    trouble("busy, two codes", &[with(Fault(ServerTooBusy, Manner::TwoCodes)), GOOD]),
    trouble("busy, stray text", &[with(Fault(ServerTooBusy, Manner::StrayText)), GOOD]),
    trouble("lost, two codes", &[with(Fault(BadContextToken, Manner::TwoCodes)), GOOD]),
    trouble("lost, not alone", &[with(Fault(BadContextToken, Manner::Followed)), GOOD]),
    trouble("lost, two faults", &[with(Fault(BadContextToken, Manner::Twice)), GOOD]),
    trouble(
        "reply, then lost",
        &[with(ReplyAndFault { code: BadContextToken, fault_first: false, status: 200 }), GOOD],
    ),
    trouble(
        "reply, then lost, 500",
        &[with(ReplyAndFault { code: BadContextToken, fault_first: false, status: 500 }), GOOD],
    ),
    trouble("lost, then reply", &[with(ReplyAndFault { code: BadContextToken, fault_first: true, status: 500 }), GOOD]),
    trouble("reply, then busy", &[with(ReplyAndFault { code: ServerTooBusy, fault_first: false, status: 500 }), GOOD]),
];
