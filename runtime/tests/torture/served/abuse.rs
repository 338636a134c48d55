//! The kinds of abuse: each says what is wrong with a message, how it is sent, what its caller does then, and what the
//! handler does.

use super::super::chance::Chance;
use super::super::script::Framing;
use super::super::variant::Variant;

/// A kind of abuse.
#[derive(Debug)]
pub struct Abuse {
    pub name: &'static str,
    pub spoilt: Spoilt,
    pub framing: Framing,
    /// More lines of the head.
    pub lines: &'static str,
    /// It is sent up to an octet of chance.
    pub cut: bool,
    pub times: Times,
    pub end: End,
    pub conduct: Conduct,
    ports: Ports,
    weight: u64,
}

/// What is wrong with a message before it is sent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Spoilt {
    No,
    /// Its body ends at an octet of chance, and its head says so.
    Truncated,
    /// An octet of chance in the envelope is followed by one that is no UTF-8.
    NoUtf8,
    SecondRoot,
    DocumentType,
    /// An operation that there is not.
    OtherOperation,
    /// The media type of something else.
    OtherType,
    /// A user whom nobody knows.
    Stranger,
    /// Written an hour ago.
    Stale,
    /// One character of its signature is another.
    Forged,
    /// Without what its policy asks for.
    Unsecured,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Times {
    Once,
    /// The same octets twice, one behind the other.
    Again,
    /// The same on two connections at once.
    Together,
    /// Other requests follow in the same octets.
    Followed,
}

/// What the caller does when it has written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum End {
    /// Waits for its answers.
    Wait,
    /// Says that nothing more comes, and waits for the end of the connection.
    HalfClose,
    Close,
    Reset,
    /// Waits a moment, then resets.
    Linger,
    /// Reads some octets of the answer, then resets.
    InAnswer,
}

/// What the handler does.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Conduct {
    #[default]
    Good,
    Slow,
    Fault,
    Fail,
    Panic,
    PanicLater,
    /// Answers before it has read the stream.
    Early,
    /// Fails in the middle of a stream.
    StreamFails,
    StreamPanics,
}

/// The ports at which it can happen.
#[derive(Clone, Copy, Debug)]
enum Ports {
    All,
    /// Whose requests are values.
    Values,
    Uploads,
    /// With a stream in either message.
    Streams,
    /// That check users.
    Users,
    /// That look at times.
    Timed,
    Session,
    /// That ask for a credential.
    Secured,
}

pub const fn abuse(name: &'static str) -> Abuse {
    Abuse {
        name,
        spoilt: Spoilt::No,
        framing: Framing::Length,
        lines: "",
        cut: false,
        times: Times::Once,
        end: End::Wait,
        conduct: Conduct::Good,
        ports: Ports::All,
        weight: 4,
    }
}

impl Abuse {
    pub const fn spoilt(self, spoilt: Spoilt) -> Self {
        Self { spoilt, ..self }
    }

    const fn framed(self, framing: Framing) -> Self {
        Self { framing, ..self }
    }

    const fn lines(self, lines: &'static str) -> Self {
        Self { lines, ..self }
    }

    pub const fn cut(self) -> Self {
        Self { cut: true, weight: 12, ..self }
    }

    pub const fn times(self, times: Times) -> Self {
        Self { times, ..self }
    }

    pub const fn end(self, end: End) -> Self {
        Self { end, ..self }
    }

    pub const fn conduct(self, conduct: Conduct) -> Self {
        Self { conduct, ..self }
    }

    const fn at(self, ports: Ports) -> Self {
        Self { ports, ..self }
    }

    const fn often(self) -> Self {
        Self { weight: 24, ..self }
    }

    /// For those that take seconds.
    const fn rarely(self) -> Self {
        Self { weight: 1, ..self }
    }

    pub fn happens_at(&self, variant: Variant) -> bool {
        use Variant::{Digest, Download, HttpBasic, List, SecuredUpload, Ws};
        let has_users = matches!(variant, HttpBasic | Ws | Digest | SecuredUpload);
        match self.ports {
            Ports::All => true,
            Ports::Values => !variant.is_upload(),
            Ports::Uploads => variant.is_upload(),
            Ports::Streams => variant.is_upload() || matches!(variant, Download | List),
            Ports::Users => has_users,
            Ports::Timed => matches!(variant, Ws | Digest | SecuredUpload),
            Ports::Session => variant.has_sessions(),
            Ports::Secured => has_users || variant.has_sessions(),
        }
    }
}

/// One of those that can happen at a port.
pub fn choose(variant: Variant, chance: &mut Chance) -> &'static Abuse {
    let possible = || ABUSES.iter().filter(|abuse| abuse.happens_at(variant));
    let mut at = chance.below(possible().map(|abuse| abuse.weight).sum());
    for abuse in possible() {
        match at.checked_sub(abuse.weight) {
            Some(left) => at = left,
            None => return abuse,
        }
    }
    unreachable!("less than the sum of all weights")
}

pub static NONE: Abuse = abuse("none").often();
/// Of a good request that follows another one in the same octets.
pub static FOLLOWER: Abuse = abuse("behind another");

static ABUSES: &[Abuse] = &[
    abuse("none").often(),
    abuse("in chunks").framed(Framing::Chunked),
    abuse("packed").framed(Framing::Gzip),
    abuse("in pieces").framed(Framing::Pieces),
    abuse("asks whether to go on").lines("Expect: 100-continue\r\n"),
    abuse("a slow handler").conduct(Conduct::Slow),
    // Callers that go away.
    abuse("cut, closed").cut().end(End::Close),
    abuse("cut, half closed").cut().end(End::HalfClose),
    abuse("cut, reset").cut().end(End::Reset),
    abuse("cut, reset later").cut().end(End::Linger),
    abuse("cut in chunks").cut().framed(Framing::Chunked).end(End::HalfClose),
    abuse("half closed").end(End::HalfClose),
    abuse("half closed, slow handler").end(End::HalfClose).conduct(Conduct::Slow),
    abuse("gone").end(End::Close),
    abuse("gone with a reset").end(End::Reset),
    abuse("gone from a slow handler").end(End::Linger).conduct(Conduct::Slow),
    abuse("gone in the answer").end(End::InAnswer),
    abuse("gone in the answers").times(Times::Followed).end(End::InAnswer),
    // HTTP that is wrong.
    abuse("half a head").framed(Framing::HalfHead).end(End::HalfClose),
    abuse("half a body").framed(Framing::HalfBody).end(End::HalfClose),
    abuse("half a body, and silence").framed(Framing::HalfBody).at(Ports::Values).rarely(),
    abuse("no last chunk").framed(Framing::HalfChunked).end(End::HalfClose),
    abuse("a wrong chunk").framed(Framing::BadChunk),
    abuse("too great a length").framed(Framing::TooLong).end(End::HalfClose),
    abuse("too great a length, silence").framed(Framing::TooLong).rarely(),
    abuse("too small a length").framed(Framing::TooShort),
    abuse("half packed").framed(Framing::HalfGzip),
    abuse("two lengths").lines("Content-Length: 5\r\n"),
    abuse("chunks and a length").framed(Framing::Chunked).lines("Content-Length: 5\r\n"),
    abuse("an unknown coding").lines("Content-Encoding: planted\r\n"),
    abuse("no HTTP").framed(Framing::NotHttp),
    // Messages that are wrong.
    abuse("a truncated body").spoilt(Spoilt::Truncated),
    abuse("no UTF-8").spoilt(Spoilt::NoUtf8),
    abuse("a second root").spoilt(Spoilt::SecondRoot),
    abuse("a document type").spoilt(Spoilt::DocumentType),
    abuse("another operation").spoilt(Spoilt::OtherOperation),
    abuse("another media type").spoilt(Spoilt::OtherType),
    abuse("a stranger").spoilt(Spoilt::Stranger).at(Ports::Users),
    abuse("an old message").spoilt(Spoilt::Stale).at(Ports::Timed),
    abuse("a forged signature").spoilt(Spoilt::Forged).at(Ports::Session),
    abuse("not secured").spoilt(Spoilt::Unsecured).at(Ports::Secured),
    // Messages that come twice, and with others.
    abuse("again").times(Times::Again),
    abuse("twice at once").times(Times::Together),
    abuse("a stranger, again").spoilt(Spoilt::Stranger).times(Times::Again).at(Ports::Users),
    abuse("pipelined").times(Times::Followed),
    abuse("pipelined in chunks").times(Times::Followed).framed(Framing::Chunked),
    abuse("pipelined behind no UTF-8").times(Times::Followed).spoilt(Spoilt::NoUtf8).at(Ports::Values),
    abuse("pipelined behind a fault").times(Times::Followed).conduct(Conduct::Fault),
    abuse("pipelined behind a panic").times(Times::Followed).conduct(Conduct::PanicLater),
    abuse("pipelined behind a wrong length").times(Times::Followed).framed(Framing::TooLong),
    // Handlers that fail.
    abuse("a fault").conduct(Conduct::Fault),
    abuse("an error").conduct(Conduct::Fail),
    abuse("a panic").conduct(Conduct::Panic),
    abuse("a later panic").conduct(Conduct::PanicLater),
    abuse("an early answer").conduct(Conduct::Early).at(Ports::Uploads),
    abuse("a stream that fails").conduct(Conduct::StreamFails).at(Ports::Streams),
    abuse("a panic in a stream").conduct(Conduct::StreamPanics).at(Ports::Streams),
];
