//! Reading requests, as a service does: first the headers, by which the caller is checked and the operation found, then
//! the request itself.

use std::borrow::Cow;

use zeroize::Zeroizing;

use crate::error::Error;
use crate::limits::XmlLimits;
use crate::message::addressing::Edition;
use crate::message::blocks::{for_us, must_understand};
use crate::message::read::{Typed, Visitor, visit};
use crate::message::{Direction, references};
use crate::name::Name;
use crate::schema::decode::{Decoder, Includes};
use crate::schema::descriptor::Operation;
#[cfg(feature = "test-util")]
use crate::schema::message_type::MessageType;
use crate::schema::slot::Slot;
use crate::schema::slots::Slots;
use crate::security::names::{ADDRESSING, ADDRESSING_2004, SECEXT};
use crate::soap::SoapVersion;
use crate::value::{Binary, Fragment};
use crate::xml::{Node, Reader};

/// Most header blocks that no contract names and that are kept for the handler. More are skipped.
const FREE_HEADERS: usize = 100;

/// What the front of a request says, up to the element in its body.
#[derive(Debug, Default)]
pub(crate) struct RequestHead {
    /// The edition of WS-Addressing whose headers it has.
    pub(crate) addressing: Option<Edition>,
    pub(crate) action: Option<String>,
    pub(crate) message_id: Option<String>,
    pub(crate) to: Option<String>,
    /// A header of WS-Addressing occurs twice.
    pub(crate) is_ambiguous: bool,
    /// The Security headers that are for this service, each a document of its own. There should be one at most.
    pub(crate) security: Vec<Zeroizing<String>>,
    /// Namespace and local name of the first element in the body.
    pub(crate) element: Option<(String, String)>,
}

impl RequestHead {
    /// Reads the front of a document. `None` for an envelope of another version.
    ///
    /// # Errors
    /// A document that is not well-formed up to there, or is no envelope.
    pub(crate) fn read(soap: SoapVersion, document: &[u8], limits: &XmlLimits) -> Result<Option<Self>, Error> {
        let mut reader = Reader::new(document, limits);
        let envelope = |local| Name::new(soap.namespace(), local);
        reader.next()?;
        if !reader.is(envelope("Envelope")) {
            return match reader.is_local("Envelope") {
                true => Ok(None),
                false => Err(reader.unexpected("not a SOAP envelope")),
            };
        }
        let mut head = Self::default();
        while reader.next()? == Node::Start {
            if reader.is(envelope("Header")) {
                while reader.next()? == Node::Start {
                    head.read_block(soap, &mut reader)?;
                }
            } else if reader.is(envelope("Body")) {
                if reader.next()? == Node::Start {
                    let (namespace, local) = reader.name();
                    head.element = Some((namespace.to_owned(), local.to_owned()));
                }
                return Ok(Some(head));
            } else {
                reader.skip()?;
            }
        }
        Err(reader.error("an envelope without a Body"))
    }

    fn read_block(&mut self, soap: SoapVersion, reader: &mut Reader<'_>) -> Result<(), Error> {
        let edition = match () {
            () if reader.is_in(ADDRESSING) => Some(Edition::V1),
            () if reader.is_in(ADDRESSING_2004) => Some(Edition::August2004),
            () => None,
        };
        if reader.is(Name::new(SECEXT, "Security")) && for_us(soap, reader)? {
            self.security.push(Zeroizing::new(reader.fragment()?));
            return Ok(());
        }
        let place = match (edition, reader.local()) {
            (Some(_), b"Action") => &mut self.action,
            (Some(_), b"MessageID") => &mut self.message_id,
            (Some(_), b"To") => &mut self.to,
            _ => return reader.skip(),
        };
        self.is_ambiguous |= place.is_some() || self.addressing.is_some_and(|known| Some(known) != edition);
        *place = Some(reader.text()?.trim().to_owned());
        self.addressing = edition;
        Ok(())
    }
}

/// What stands in a request beside what its contract names.
#[derive(Debug, Default)]
pub(crate) struct Beside {
    /// The credentials in its fields.
    pub(crate) slots: Slots,
    /// The content of its stream, as far as it is in memory.
    pub(crate) stream: Option<Binary>,
    /// Headers that nothing here understands.
    pub(crate) headers: Vec<Fragment>,
    /// The names of those among them that have to be understood.
    pub(crate) not_understood: Vec<(String, String)>,
}

/// What a service understands beside its contract.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Understood {
    pub(crate) addressing: Option<Edition>,
    pub(crate) security: bool,
}

/// How a request is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) soap: SoapVersion,
    pub(crate) operation: &'static Operation,
    pub(crate) understood: Understood,
    pub(crate) limits: &'a XmlLimits,
}

impl Asked<'_> {
    /// Reads a request. What stands beside it is also there after an error, as far as it was read.
    ///
    /// # Errors
    /// A document that is no such request, or one with a header that has to be understood and is not.
    pub(crate) fn read<Q: Slot>(
        self,
        document: &[u8],
        parts: &mut dyn Includes,
        beside: &mut Beside,
    ) -> Result<Q, Error> {
        self.read_by(document, parts, beside, |direction, read| direction.message(read))
    }

    /// The same, for a type that is known only at run time.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    #[cfg(feature = "test-util")]
    pub(crate) fn read_any(
        self,
        of: MessageType,
        document: &[u8],
        parts: &mut dyn Includes,
        beside: &mut Beside,
    ) -> Result<Box<dyn Slot>, Error> {
        self.read_by(document, parts, beside, |_, read| of.read(false, read))
    }

    fn read_by<Q>(
        self,
        document: &[u8],
        parts: &mut dyn Includes,
        beside: &mut Beside,
        message: impl FnOnce(Direction, &mut crate::schema::partial::ReadInto<'_>) -> Result<Q, Error>,
    ) -> Result<Q, Error> {
        let Self { soap, operation, limits, .. } = self;
        let written_out = match operation.encoded {
            true => references::written_out(soap, document, limits)?,
            false => Cow::Borrowed(document),
        };
        let mut decoder = Decoder::new(&written_out, limits).with_parts(parts);
        let direction = Direction::Request(operation);
        let read = message(direction, &mut |target| {
            let mut visitor = Received { typed: Typed::new(direction, target), asked: self, beside };
            visit(soap, &mut decoder, None, &mut visitor)
        });
        beside.slots = std::mem::take(decoder.slots());
        beside.stream = decoder.stream().take();
        read.map_err(|error| error.in_document(&written_out))
    }
}

/// A request while it is read.
struct Received<'b, 'a, 'p, 'm> {
    typed: Typed<'p, 'm>,
    asked: Asked<'a>,
    beside: &'b mut Beside,
}

const NOT_UNDERSTOOD: &str = "the request has a header that must be understood, and is not";

impl Visitor for Received<'_, '_, '_, '_> {
    fn header(&mut self, decoder: &mut Decoder<'_>) -> Result<bool, Error> {
        if self.typed.header(decoder)? {
            return Ok(true);
        }
        let Understood { addressing, security } = self.asked.understood;
        let is_known = addressing.is_some_and(|edition| decoder.is_in(edition.namespace()))
            || security && decoder.is(Name::new(SECEXT, "Security"));
        if is_known {
            return Ok(false);
        }
        if must_understand(self.asked.soap, decoder)? {
            let (namespace, local) = decoder.name();
            self.beside.not_understood.push((namespace.to_owned(), local.to_owned()));
        }
        if self.beside.headers.len() == FREE_HEADERS || decoder.is(Name::new(SECEXT, "Security")) {
            return Ok(false);
        }
        self.beside.headers.push(Fragment::received(decoder.fragment()?));
        Ok(true)
    }

    fn child(&mut self, decoder: &mut Decoder<'_>) -> Result<(), Error> {
        self.understood()?;
        self.typed.child(decoder)
    }

    fn end(&mut self, decoder: &mut Decoder<'_>) -> Result<(), Error> {
        self.understood()?;
        self.typed.end(decoder)
    }
}

impl Received<'_, '_, '_, '_> {
    fn understood(&self) -> Result<(), Error> {
        if self.beside.not_understood.is_empty() { Ok(()) } else { Err(Error::malformed(NOT_UNDERSTOOD)) }
    }
}
