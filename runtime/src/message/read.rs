//! Reading messages: at most one Header, one Body, and the checks on both.

use std::borrow::Cow;

use crate::error::{Error, ErrorKind, NIL};
use crate::fault::Fault;
use crate::limits::XmlLimits;
use crate::message::Direction;
use crate::message::blocks::{Blocks, Expected};
use crate::message::fault::{read_fault, salvage};
use crate::message::references;
use crate::name::Name;
use crate::schema;
use crate::schema::attachment::read_attachments;
use crate::schema::decode::{Decoder, Includes};
use crate::schema::descriptor::{Operation, Reply};
use crate::schema::field::Field;
use crate::schema::message_type::MessageType;
use crate::schema::partial::Target;
use crate::schema::record::{BlocksSeen, Content, read_block, read_content, read_only_child};
use crate::schema::shown::Shown;
use crate::schema::slot::Slot;
use crate::soap::SoapVersion;
use crate::value::Binary;
use crate::xml::Node;

/// Reads a reply of this operation. A fault is an error. The document may refer to the parts. Also returns the content of
/// its stream, as far as it is in memory.
///
/// # Errors
/// A fault, a document that is not a reply of this operation, or one whose headers do not pass the checks.
pub(crate) fn read_reply<R: Slot>(
    answered: Answered<'_>,
    document: &[u8],
    parts: &mut dyn Includes,
) -> Result<(R, Option<Binary>), Error> {
    answered
        .read(document, parts, |direction, decoder| direction.message(&mut |target| answered.typed(decoder, target)))
}

/// As [`read_reply`], with the header parts apart from the value of the body.
///
/// # Errors
/// As [`read_reply`].
pub(crate) fn read_reply_with_headers<R: Slot, H: Slot>(
    answered: Answered<'_>,
    document: &[u8],
    parts: &mut dyn Includes,
) -> Result<((R, H), Option<Binary>), Error> {
    answered.read(document, parts, |direction, decoder| {
        let mut reply = None;
        let headers = H::read_message(&mut |headers| {
            let mut headers = Some(headers);
            let body = direction.message(&mut |body| {
                let (seen, body) = (BlocksSeen::header(), Typed::new(direction, body));
                let mut apart = Apart { headers: headers.take(), seen, body };
                visit(answered.soap, decoder, Some(answered.expected), &mut apart)
            });
            body.map(|body| reply = Some(body))
        })?;
        reply.map(|reply| (reply, headers)).ok_or_else(|| decoder.error("a message that was not read"))
    })
}

/// As [`read_reply`], for a type that is known only at run time.
///
/// # Errors
/// As [`read_reply`].
pub(crate) fn read_any_reply(
    answered: Answered<'_>,
    of: MessageType,
    document: &[u8],
    parts: &mut dyn Includes,
) -> Result<(Box<dyn Slot>, Option<Binary>), Error> {
    answered.read(document, parts, |direction, decoder| {
        of.read(direction.only_child().is_some(), &mut |target| answered.typed(decoder, target))
    })
}

/// Whether a document is a reply whose headers pass their checks, or a fault.
pub(crate) fn passes_checks(answered: Answered<'_>, document: &[u8]) -> bool {
    let mut decoder = Decoder::new(document, answered.limits);
    visit(answered.soap, &mut decoder, Some(answered.expected), &mut PassedOver)
        .map_or_else(|error| error.fault().is_some(), |()| true)
}

/// Reads nothing.
struct PassedOver;

impl Visitor for PassedOver {
    fn child(&mut self, decoder: &mut Decoder<'_>) -> Result<(), Error> {
        decoder.skip()
    }

    fn end(&mut self, _: &mut Decoder<'_>) -> Result<(), Error> {
        Ok(())
    }
}

/// The request that a document answers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answered<'a> {
    pub(crate) soap: SoapVersion,
    pub(crate) operation: &'static Operation,
    pub(crate) limits: &'a XmlLimits,
    pub(crate) expected: &'a Expected<'a>,
    /// Where the document is left for people to see.
    pub(crate) shown: Option<&'a Shown>,
}

impl Answered<'_> {
    /// Reads the message that a decoder begins with.
    fn typed(&self, decoder: &mut Decoder<'_>, target: Target<'_, '_>) -> Result<(), Error> {
        visit(self.soap, decoder, Some(self.expected), &mut Typed::new(Direction::Reply(self.operation), target))
    }

    fn read<R>(
        self,
        document: &[u8],
        parts: &mut dyn Includes,
        message: impl FnOnce(Direction, &mut Decoder<'_>) -> Result<R, Error>,
    ) -> Result<(R, Option<Binary>), Error> {
        let Self { soap, operation, limits, expected, shown } = self;
        let written_out = match operation.encoded {
            true => references::written_out(soap, document, limits)?,
            false => Cow::Borrowed(document),
        };
        let document = &*written_out;
        let mut decoder = Decoder::new(document, limits).with_parts(parts).marking(shown.is_some());
        let read = message(Direction::Reply(operation), &mut decoder);
        if let Some(shown) = shown {
            // Of a message that is not as its contract has it, no text is known to be what it seems.
            let marks = decoder.take_marks().filter(|_| read.is_ok()).unwrap_or_default();
            shown.set(schema::shown::shown(document, Some(&marks)));
        }
        match read {
            Ok(reply) => Ok((reply, decoder.stream().take())),
            Err(error) => Err(explain(error, document, limits, expected)),
        }
    }
}

/// The error for a response that could not be read: its fault, if it is one.
pub(crate) fn explain(error: Error, document: &[u8], limits: &XmlLimits, expected: &Expected<'_>) -> Error {
    match error.kind() {
        ErrorKind::Malformed if error.fault().is_none() => match salvage(document, limits, Some(expected)) {
            Some(fault) => fault.with_source(error),
            None => error.in_document(document),
        },
        _ => error,
    }
}

/// Reads a message from the front of a document to its end. Headers that the contract does not name are skipped.
///
/// # Errors
/// A fault, or a document that is no such message.
pub fn read<M: Slot>(soap: SoapVersion, direction: Direction, decoder: &mut Decoder<'_>) -> Result<M, Error> {
    direction.message(&mut |target| visit(soap, decoder, None, &mut Typed::new(direction, target)))
}

/// As [`read`], for a type that is known only at run time.
///
/// # Errors
/// As [`read`].
pub fn read_any(
    soap: SoapVersion,
    direction: Direction,
    of: MessageType,
    decoder: &mut Decoder<'_>,
) -> Result<Box<dyn Slot>, Error> {
    let is_child = direction.only_child().is_some();
    of.read(is_child, &mut |target| visit(soap, decoder, None, &mut Typed::new(direction, target)))
}

/// The text for a body that says two things.
pub(super) const FAULT_IN_COMPANY: &str = "a body that holds a fault and something else";

const ELSE: &str = "a body that holds something else than the contract says";

/// Receives the elements of a message.
pub(crate) trait Visitor {
    /// Reads the current header block, or returns `false` and leaves it.
    fn header(&mut self, _: &mut Decoder<'_>) -> Result<bool, Error> {
        Ok(false)
    }

    /// Reads the current child of the body, which is not a fault.
    fn child(&mut self, decoder: &mut Decoder<'_>) -> Result<(), Error>;

    /// There is no further child.
    fn end(&mut self, decoder: &mut Decoder<'_>) -> Result<(), Error>;
}

/// Reads a document and passes the elements of its message to a visitor.
///
/// # Errors
/// A fault, an error of the visitor, or headers that do not pass the checks.
pub(crate) fn visit(
    soap: SoapVersion,
    decoder: &mut Decoder<'_>,
    expected: Option<&Expected<'_>>,
    visitor: &mut impl Visitor,
) -> Result<(), Error> {
    let envelope = |local| Name::new(soap.namespace(), local);
    decoder.next()?;
    if !decoder.is(envelope("Envelope")) {
        return Err(decoder.unexpected(if decoder.is_local("Envelope") {
            "an envelope of another SOAP version"
        } else {
            "not a SOAP envelope"
        }));
    }
    let mut blocks = Blocks::expected(expected);
    let mut fault = None;
    let (mut header, mut body) = (false, false);
    while decoder.next()? == Node::Start {
        if decoder.is(envelope("Header")) && !header && !body {
            header = true;
            while decoder.next()? == Node::Start {
                if visitor.header(decoder)? {
                    continue;
                }
                match expected {
                    Some(_) => blocks.read(soap, decoder)?,
                    None => decoder.skip()?,
                }
            }
        } else if decoder.is(envelope("Body")) && !body {
            body = true;
            fault = visit_body(soap, decoder, expected.map(|expected| (&blocks, expected)), visitor)?;
        } else {
            return Err(decoder.unexpected("an envelope with something else than one Header and one Body"));
        }
    }
    if !body {
        return Err(decoder.error("an envelope without a Body"));
    }
    decoder.finish()?;
    fault.map_or(Ok(()), |fault: Fault| Err(Error::from_fault(fault.kind(), fault)))
}

/// Reads a body, which holds either a fault and nothing else, or no fault.
fn visit_body(
    soap: SoapVersion,
    decoder: &mut Decoder<'_>,
    expected: Option<(&Blocks, &Expected<'_>)>,
    visitor: &mut impl Visitor,
) -> Result<Option<Fault>, Error> {
    let check = || expected.map_or(Ok(()), |(blocks, expected)| blocks.check(expected));
    let mut checked = false;
    while decoder.next()? == Node::Start {
        if decoder.is(Name::new(soap.namespace(), "Fault")) {
            let fault = read_fault(soap, decoder)?;
            expected.map_or(Ok(()), |(blocks, expected)| blocks.check_relation(expected))?;
            return match checked || decoder.next()? == Node::Start {
                true => Err(decoder.error(FAULT_IN_COMPANY)),
                false => Ok(Some(fault)),
            };
        }
        if !checked {
            check()?;
            checked = true;
        }
        visitor.child(decoder)?;
    }
    if !checked {
        check()?;
    }
    visitor.end(decoder)?;
    Ok(None)
}

/// A message of a contract.
pub(super) struct Typed<'p, 'm> {
    direction: Direction,
    target: Target<'p, 'm>,
    element: Option<&'static Field>,
    headers: BlocksSeen,
    /// The parts that stand in the body themselves.
    parts: BlocksSeen,
    found: bool,
}

impl<'p, 'm> Typed<'p, 'm> {
    pub(super) fn new(direction: Direction, target: Target<'p, 'm>) -> Self {
        let (headers, parts) = (BlocksSeen::header(), BlocksSeen::body());
        Self { direction, target, element: direction.element(), headers, parts, found: false }
    }

    fn read(&mut self, element: &'static Field, decoder: &mut Decoder<'_>) -> Result<(), Error> {
        match (self.direction.only_child(), &mut self.target) {
            (Some(child), Target::Value(value)) => read_only_child(child, *value, decoder),
            // Its header parts have been read already: the body is read into the same record.
            (None, Target::Record(shape, members)) => match decoder.is_nil() {
                true => Err(decoder.error(NIL)),
                false => read_content(Content::of(shape), members, decoder),
            },
            (None, Target::Value(value)) => value.read(element, decoder),
            (Some(_), Target::Record(..)) => Err(decoder.error("a value that is a message of its own")),
        }
    }
}

impl Visitor for Typed<'_, '_> {
    fn header(&mut self, decoder: &mut Decoder<'_>) -> Result<bool, Error> {
        match &mut self.target {
            Target::Record(shape, members) => read_block(shape.fields, members, &mut self.headers, decoder),
            Target::Value(_) => Ok(false),
        }
    }

    fn child(&mut self, decoder: &mut Decoder<'_>) -> Result<(), Error> {
        // Some services answer a one-way call with a message. If it is not a fault, the call has succeeded.
        if matches!(self.direction, Direction::Reply(Operation { reply: Reply::Empty, .. })) {
            return decoder.skip();
        }
        if let (true, Target::Record(shape, members)) = (self.direction.is_bare(), &mut self.target) {
            if !self.found {
                self.headers.check(shape.fields, decoder)?;
            }
            self.found = true;
            return match read_block(shape.fields, members, &mut self.parts, decoder)? {
                true => Ok(()),
                false => Err(decoder.unexpected(ELSE)),
            };
        }
        // In SOAP encoding the name of the reply says nothing (section 7.1 of SOAP 1.1).
        let any_name = matches!(self.direction, Direction::Reply(Operation { encoded: true, .. }));
        let is_it = |element: &&Field, decoder: &mut Decoder<'_>| any_name || decoder.is(element.name);
        let Some(element) = self.element.filter(|element| is_it(element, decoder) && !self.found) else {
            let error = decoder.unexpected(ELSE);
            return Err(match self.element.filter(|_| !self.found) {
                Some(expected) => error.in_element(expected.name.local),
                None => error,
            });
        };
        self.found = true;
        if let Target::Record(shape, _) = self.target {
            self.headers.check(shape.fields, decoder)?;
        }
        let around = decoder.enter(element);
        let read = self.read(element, decoder);
        decoder.leave(around);
        read.map_err(|error| error.in_element(element.name.local))
    }

    fn end(&mut self, decoder: &mut Decoder<'_>) -> Result<(), Error> {
        if let Some(element) = self.element.filter(|_| !self.found) {
            return Err(decoder.error("a body without the element of the contract").in_element(element.name.local));
        }
        let Target::Record(shape, members) = &mut self.target else { return Ok(()) };
        if self.direction.is_bare() {
            // Of the parts of a body, there may be none.
            self.headers.check(shape.fields, decoder)?;
            self.parts.check(shape.fields, decoder)?;
        }
        read_attachments(shape.fields, members, decoder)
    }
}

/// A message of a contract whose header parts are read apart from its body.
struct Apart<'h, 'n, 'p, 'm> {
    headers: Option<Target<'h, 'n>>,
    seen: BlocksSeen,
    body: Typed<'p, 'm>,
}

impl Visitor for Apart<'_, '_, '_, '_> {
    fn header(&mut self, decoder: &mut Decoder<'_>) -> Result<bool, Error> {
        match &mut self.headers {
            Some(Target::Record(shape, members)) => read_block(shape.fields, members, &mut self.seen, decoder),
            _ => Ok(false),
        }
    }

    fn child(&mut self, decoder: &mut Decoder<'_>) -> Result<(), Error> {
        self.body.child(decoder)
    }

    fn end(&mut self, decoder: &mut Decoder<'_>) -> Result<(), Error> {
        if let Some(Target::Record(shape, _)) = &self.headers {
            self.seen.check(shape.fields, decoder)?;
        }
        self.body.end(decoder)
    }
}
