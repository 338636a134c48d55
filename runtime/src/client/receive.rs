//! How the response of a call is read: as a value, as a value with a stream, or as a list item by item.

use std::marker::PhantomData;

use crate::client::answer::{self, Message, Opened};
use crate::client::hook;
use crate::client::settings::Settings;
use crate::error::Error;
use crate::message::list::ListReader;
use crate::message::{self, Answered, Expected};
use crate::mtom::package::{DRAIN_TIMEOUT, Package};
use crate::mtom::parts::Parts;
use crate::schema::descriptor::{self, Operation};
use crate::schema::message_type::MessageType;
use crate::schema::shown::Shown;
use crate::schema::slot::Slot;
use crate::schema::value::Value;
use crate::soap::SoapVersion;
use crate::stream::{Download, EnvelopeSource, Items, StreamedPackage};
use crate::transport::Response;
use crate::transport::time_limit::Handover;
use crate::value::Binary;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};

/// Reads the response of one attempt.
pub(super) trait Receive: Send {
    type Outcome: Send;

    /// Reads the response until it is known that the call has succeeded.
    fn receive(
        &mut self,
        response: Response,
        reading: &Reading<'_>,
    ) -> impl Future<Output = Result<Self::Outcome, Error>> + Send;
}

/// How an answer is read.
#[derive(Clone, Copy)]
pub(super) struct Reading<'a> {
    pub(super) soap: SoapVersion,
    pub(super) operation: &'static Operation,
    /// What its headers have to contain.
    pub(super) expected: Expected<'a>,
    pub(super) status: StatusCode,
    /// Where people see it.
    pub(super) shown: Option<&'a Shown>,
    pub(super) settings: &'a Settings,
    /// If hooks see the answer.
    pub(super) http_headers: Option<&'a HeaderMap>,
    /// What ends the deadline of a reply that the caller reads as a stream.
    pub(super) handover: &'a Handover,
}

impl<'a> Reading<'a> {
    /// Shows an envelope to the hooks, once its headers have been checked. One whose headers do not pass is left for its
    /// error to be found.
    fn through_hooks(&self, envelope: Bytes) -> Result<(Bytes, Self), Error> {
        let Some(headers) = self.http_headers.filter(|_| !envelope.is_empty()) else { return Ok((envelope, *self)) };
        if !message::passes_checks(self.answered(), &envelope) {
            return Ok((envelope, *self));
        }
        match hook::incoming(&self.settings.hooks, self.operation.name, (self.status, headers), &envelope)? {
            None => Ok((envelope, *self)),
            Some(changed) => {
                let expected = Expected { others: self.expected.others, ..Expected::default() };
                Ok((changed, Self { expected, ..*self }))
            }
        }
    }

    /// Reads an envelope. Returns the reply, and the content of its stream as far as it is in memory.
    fn read<R: Reply>(
        &self,
        of: R,
        envelope: &Bytes,
        parts: &mut Parts,
    ) -> Result<(R::Message, Option<Binary>), Error> {
        if envelope.is_empty() || self.is_accepted() && envelope.trim_ascii().is_empty() {
            // Operations without a reply are answered with status 202 and an empty body.
            let awaited = self.status.is_success() && matches!(self.operation.reply, descriptor::Reply::Empty);
            let nothing = if awaited { of.nothing() } else { None };
            return nothing
                .map(|nothing| (nothing, None))
                .ok_or_else(|| answer::not_soap(self.status, "an empty body"));
        }
        answer::settled(self.status, of.read(self, envelope, parts))
    }

    /// The service has taken a message that it does not answer. Some say so in words (WS-I Basic Profile 1.1, R2750).
    fn is_accepted(&self) -> bool {
        matches!(self.operation.reply, descriptor::Reply::Empty) && self.status == StatusCode::ACCEPTED
    }

    fn answered(&self) -> Answered<'_> {
        let Self { soap, operation, settings, expected, shown, .. } = self;
        Answered { soap: *soap, operation, limits: &settings.limits.xml, expected, shown: *shown }
    }

    fn broken(&self, error: Error) -> Error {
        answer::broken(self.status, error)
    }
}

/// The type of a reply.
pub(super) trait Reply: Copy + Send {
    type Message: Send;

    /// Reads an envelope as a message of this type.
    fn read(
        self,
        reading: &Reading<'_>,
        envelope: &[u8],
        parts: &mut Parts,
    ) -> Result<(Self::Message, Option<Binary>), Error>;

    /// The value of an empty body, if there is one.
    fn nothing(self) -> Option<Self::Message>;
}

/// A reply type that is known at compile time.
pub(super) struct Typed<R>(PhantomData<fn() -> R>);

impl<R> Default for Typed<R> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<R> Clone for Typed<R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for Typed<R> {}

impl<R: Slot> Reply for Typed<R> {
    type Message = R;

    fn read(self, reading: &Reading<'_>, envelope: &[u8], parts: &mut Parts) -> Result<(R, Option<Binary>), Error> {
        message::read_reply(reading.answered(), envelope, parts)
    }

    fn nothing(self) -> Option<R> {
        R::absent()
    }
}

impl Reply for MessageType {
    type Message = Box<dyn Slot>;

    fn read(
        self,
        reading: &Reading<'_>,
        envelope: &[u8],
        parts: &mut Parts,
    ) -> Result<(Box<dyn Slot>, Option<Binary>), Error> {
        message::read_any_reply(reading.answered(), self, envelope, parts)
    }

    fn nothing(self) -> Option<Box<dyn Slot>> {
        Some(Box::new(()))
    }
}

/// A reply whose header parts are read apart from its body.
pub(super) struct WithParts<R, H>(PhantomData<fn() -> (R, H)>);

impl<R, H> Default for WithParts<R, H> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<R, H> Clone for WithParts<R, H> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R, H> Copy for WithParts<R, H> {}

impl<R: Slot, H: Slot> Reply for WithParts<R, H> {
    type Message = (R, H);

    fn read(
        self,
        reading: &Reading<'_>,
        envelope: &[u8],
        parts: &mut Parts,
    ) -> Result<((R, H), Option<Binary>), Error> {
        message::read_reply_with_headers(reading.answered(), envelope, parts)
    }

    fn nothing(self) -> Option<(R, H)> {
        R::absent().zip(H::absent())
    }
}

/// Reads the whole reply.
pub(super) struct Whole<R>(pub(super) R);

impl<R: Reply> Receive for Whole<R> {
    type Outcome = R::Message;

    async fn receive(&mut self, response: Response, reading: &Reading<'_>) -> Result<R::Message, Error> {
        let response = if reading.is_accepted() {
            answer::without_page(response, &reading.settings.limits).await
        } else {
            response
        };
        let (envelope, mut parts) =
            answer::whole(response, &reading.settings.limits, reading.settings.spill.as_ref()).await?;
        let (envelope, reading) = reading.through_hooks(envelope)?;
        reading.read(self.0, &envelope, &mut parts).map(|(reply, _)| reply)
    }
}

/// Reads a reply up to its stream. Its headers are checked before the stream is returned.
pub(super) struct Streamed<R>(PhantomData<fn() -> R>);

impl<R> Default for Streamed<R> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<R: Slot> Receive for Streamed<R> {
    type Outcome = (R, Download);

    async fn receive(&mut self, response: Response, reading: &Reading<'_>) -> Result<(R, Download), Error> {
        match answer::message(response, &reading.settings.limits, reading.settings.spill.as_ref()).await? {
            Message::Envelope(envelope, mut parts) => {
                let (envelope, reading) = reading.through_hooks(envelope)?;
                let (reply, content) = reading.read(Typed::<R>::default(), &envelope, &mut parts)?;
                Ok((reply, content.unwrap_or_default().into()))
            }
            Message::Package(package) => Self::open(reading, *package).await,
        }
    }
}

impl<R: Slot> Streamed<R> {
    /// Reads a package up to where its stream begins.
    async fn open(reading: &Reading<'_>, mut package: Package) -> Result<(R, Download), Error> {
        let broken = |error| reading.broken(error);
        package.spill_to(reading.settings.spill.as_ref());
        let (envelope, parts) = package.root().await.map_err(broken)?;
        let (envelope, reading) = &reading.through_hooks(envelope)?;
        let opened =
            StreamedPackage { package, parts, most_parts: reading.settings.limits.mtom.parts, drain: DRAIN_TIMEOUT };
        let of = Typed::<R>::default();
        let read = opened.message(|parts| reading.read(of, envelope, parts), broken).await?;
        reading.handover.hand_over();
        Ok(read)
    }
}

/// Reads a reply up to the beginning of its list. Its headers are checked before the items are returned.
pub(super) struct Listed<T>(PhantomData<fn() -> T>);

impl<T> Default for Listed<T> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<T: Value + Unpin> Receive for Listed<T> {
    type Outcome = Items<T>;

    async fn receive(&mut self, response: Response, reading: &Reading<'_>) -> Result<Items<T>, Error> {
        let Reading { soap, operation, expected, status, handover, settings, .. } = reading;
        let limits = &settings.limits;
        let list = ListReader::new(*soap, &operation.reply, &limits.xml, limits.item_bytes, expected)?;
        let source = match answer::open(response, limits).await? {
            Opened::Envelope(body) => EnvelopeSource::Text(body),
            Opened::Package(mut package) => {
                package.up_to_root(&mut Parts::default()).await.map_err(|error| reading.broken(error))?;
                EnvelopeSource::Package(package)
            }
        };
        let shown = settings.logs.items(operation.name, &settings.clock);
        let mut items = Items::new(list, source, operation.name, shown);
        match items.begin(expected).await {
            Ok(false) => return Err(answer::not_soap(*status, "an empty body")),
            begun => answer::settled(*status, begun)?,
        };
        handover.hand_over();
        Ok(items)
    }
}
