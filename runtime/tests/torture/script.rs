//! What the server does with one message: the words in which troubles are written, and which the oracle judges.

/// What happens to one message of a call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Step {
    /// It is led to a port at which nothing is served.
    Nowhere(Nowhere),
    /// It reaches the service, which does this.
    Act(Act),
}

/// Ports at which nothing is served.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Nowhere {
    /// Nobody listens.
    Refused,
    /// Connections are taken, and closed at once.
    Shut,
    /// The same, with a reset.
    Reset,
    /// Connections are taken, and nothing is ever read or written.
    Mute,
    /// Octets that are neither HTTP nor TLS come before anything is read.
    Garbage,
}

/// What the service does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Act {
    pub when: When,
    pub content: Content,
    pub framing: Framing,
    pub then: Then,
}

/// How much of the request is read before anything is done.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum When {
    All,
    Head,
    Half,
    /// All but the last octets.
    Almost,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Content {
    Nothing,
    Reply,
    Fault(Code, Manner),
    /// An HTML page with this status.
    Page(u16),
    /// To the same service, with this status.
    Redirect(u16),
    /// No octets, with this status.
    Empty(u16),
    /// Half an envelope, in a complete answer.
    HalfEnvelope,
    /// XML that is no SOAP.
    OtherXml,
    /// The reply to another message.
    ForeignReply,
    ForeignFault(Code),
    /// With a relation to the request and one to another message, in either order; the other's type can be stated.
    TwoRelations {
        fault: Option<Code>,
        right_first: bool,
        stated: bool,
    },
    /// The reply, with a relation of another type to another message beside its own.
    OtherRelation,
    Unrelated,
    /// A reply and, before or behind it, a fault, with this status.
    ReplyAndFault {
        code: Code,
        fault_first: bool,
        status: u16,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    Application,
    ServerTooBusy,
    EndpointUnavailable,
    BadContextToken,
    InvalidSecurity,
    FailedAuthentication,
}

/// In what a fault differs from a proper one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Manner {
    /// As SOAP has it, under this status.
    Status(u16),
    /// In the other version of SOAP.
    OtherVersion,
    /// The code has no namespace.
    BareCode,
    /// An element stands behind it in the Body.
    Followed,
    /// A second fault stands behind it.
    Twice,
    /// It has two codes, of which the second says something else.
    TwoCodes,
    /// Text stands beside it.
    StrayText,
}

/// How the answer is written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Framing {
    Length,
    Chunked,
    Gzip,
    /// With its length, in many pieces with pauses.
    Pieces,
    /// HTTP/1.0, up to the end of the connection.
    Old,
    /// After `100 Continue` and `103 Early Hints`, which nobody asked for.
    Continued,
    /// The first half of the head.
    HalfHead,
    /// The head, and the first half of the body.
    HalfBody,
    /// Chunks without the last one.
    HalfChunked,
    /// A length that is greater than the body.
    TooLong,
    /// A length that is smaller than the body.
    TooShort,
    /// A chunk whose length is no number.
    BadChunk,
    /// Half of a gzip stream, in a complete answer.
    HalfGzip,
    /// `100 Continue` and nothing else.
    OnlyContinue,
    NotHttp,
}

/// What happens to the connection.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Then {
    Keep,
    /// Closed, without having said so.
    Close,
    /// Closed, and the client's octets are read on for a while.
    CloseSlowly,
    Reset,
    /// Nothing more, until the client closes.
    Silence,
    /// The reply to another message in the same octets.
    Surplus,
    /// The same a moment later.
    LateSurplus,
}

impl Act {
    pub const GOOD: Self =
        Self { when: When::All, content: Content::Reply, framing: Framing::Length, then: Then::Keep };
    /// The connection is closed without an answer.
    pub const BROKEN: Self = Self { content: Content::Nothing, then: Then::Close, ..Self::GOOD };

    pub const fn with(content: Content) -> Self {
        Self { content, ..Self::GOOD }
    }

    pub const fn fault(code: Code) -> Self {
        Self::with(Content::Fault(code, Manner::Status(500)))
    }

    pub const fn framed(framing: Framing) -> Self {
        Self { framing, ..Self::GOOD }
    }

    pub const fn when(self, when: When) -> Self {
        Self { when, ..self }
    }

    pub const fn then(self, then: Then) -> Self {
        Self { then, ..self }
    }
}
