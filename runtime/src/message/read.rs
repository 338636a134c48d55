//! Reading: one Header at most, one Body, and what each has to hold.

use crate::error::Error;
use crate::fault::Fault;
use crate::limits::XmlLimits;
use crate::message::Content;
use crate::message::blocks::{Blocks, Expected};
use crate::mtom::parts::Parts;
use crate::name::Name;
use crate::schema::descriptor::{Field, Operation, Reply};
use crate::schema::record::{HeadersSeen, Members, read_content, read_header};
use crate::schema::slot::Slot;
use crate::soap::SoapVersion;
use crate::value::Binary;
use crate::xml::{Node, Reader};

/// Reads a reply into the value. A fault is an error. The document may refer to the parts; what has become of them is
/// returned, with the content of the reply's stream.
///
/// # Errors
/// A fault, a document that is no reply of this operation, or one that lacks what is expected of it.
pub(crate) fn read_reply(
    soap: SoapVersion,
    operation: &'static Operation,
    document: &[u8],
    parts: Parts,
    limits: &XmlLimits,
    expected: &Expected<'_>,
    reply: &mut dyn Slot,
) -> Result<(Parts, Option<Binary>), Error> {
    let mut reader = Reader::new(document, limits).with_parts(parts);
    visit(soap, &mut reader, Some(expected), &mut Typed::new(Content::Reply(operation), reply))?;
    Ok((reader.take_parts(), reader.stream().take()))
}

/// Reads a message from the front of a document to its end. Headers that the contract does not name are passed over.
///
/// # Errors
/// A fault, or a document that is no such message.
pub fn read(soap: SoapVersion, content: Content, message: &mut dyn Slot, reader: &mut Reader<'_>) -> Result<(), Error> {
    visit(soap, reader, None, &mut Typed::new(content, message))
}

/// Takes in a message.
pub(crate) trait Visitor {
    /// Takes the header block at hand, or says `false` and leaves it.
    fn header(&mut self, _: &mut Reader<'_>) -> Result<bool, Error> {
        Ok(false)
    }

    /// Takes the child of the body at hand. It is no fault.
    fn child(&mut self, reader: &mut Reader<'_>) -> Result<(), Error>;

    /// There is no further child.
    fn end(&mut self, reader: &Reader<'_>) -> Result<(), Error>;
}

/// Shows a message to a visitor, from the front of a document to its end.
///
/// # Errors
/// A fault, what the visitor finds, or a lack of what is expected.
pub(crate) fn visit(
    soap: SoapVersion,
    reader: &mut Reader<'_>,
    expected: Option<&Expected<'_>>,
    visitor: &mut impl Visitor,
) -> Result<(), Error> {
    let envelope = |local| Name::new(soap.namespace(), local);
    reader.next()?;
    if !reader.is(envelope("Envelope")) {
        return Err(reader.error(if reader.is_local("Envelope") {
            "an envelope of another SOAP version"
        } else {
            "not a SOAP envelope"
        }));
    }
    let mut blocks = Blocks::default();
    let mut body = false;
    while reader.next()? == Node::Start {
        if reader.is(envelope("Header")) && !body {
            while reader.next()? == Node::Start {
                if visitor.header(reader)? {
                    continue;
                }
                match expected {
                    Some(_) => blocks.read(soap, reader)?,
                    None => reader.skip()?,
                }
            }
        } else if reader.is(envelope("Body")) && !body {
            body = true;
            visit_body(soap, reader, expected.map(|expected| (&blocks, expected)), visitor)?;
        } else {
            return Err(reader.error("an envelope with something else than one Header and one Body"));
        }
    }
    if !body {
        return Err(reader.error("an envelope without a Body"));
    }
    reader.finish()
}

fn visit_body(
    soap: SoapVersion,
    reader: &mut Reader<'_>,
    expected: Option<(&Blocks, &Expected<'_>)>,
    visitor: &mut impl Visitor,
) -> Result<(), Error> {
    let check = || expected.map_or(Ok(()), |(blocks, expected)| blocks.check(expected));
    let mut checked = false;
    while reader.next()? == Node::Start {
        if reader.is(Name::new(soap.namespace(), "Fault")) {
            let fault = Fault::read(soap, reader)?;
            expected.map_or(Ok(()), |(blocks, expected)| blocks.check_relation(expected))?;
            return Err(Error::from_fault(fault.kind(), fault));
        }
        if !checked {
            check()?;
            checked = true;
        }
        visitor.child(reader)?;
    }
    if !checked {
        check()?;
    }
    visitor.end(reader)
}

/// A message of a contract.
struct Typed<'a> {
    content: Content,
    message: &'a mut dyn Slot,
    element: Option<&'static Field>,
    headers: HeadersSeen,
    found: bool,
}

impl<'a> Typed<'a> {
    fn new(content: Content, message: &'a mut dyn Slot) -> Self {
        let element = match content {
            Content::Request(operation) => operation.request.as_ref(),
            Content::Reply(Operation { reply: Reply::Empty, .. }) => None,
            Content::Reply(Operation {
                reply: Reply::Void(element) | Reply::Unwrapped(element, _) | Reply::Element(element),
                ..
            }) => Some(element),
        };
        Self { content, message, element, headers: HeadersSeen::default(), found: false }
    }
}

impl Visitor for Typed<'_> {
    fn header(&mut self, reader: &mut Reader<'_>) -> Result<bool, Error> {
        match self.message.members_mut() {
            Some(members) => read_header(members, &mut self.headers, reader),
            None => Ok(false),
        }
    }

    fn child(&mut self, reader: &mut Reader<'_>) -> Result<(), Error> {
        // Some services answer a one-way call with a message. It is no fault, so the call has succeeded.
        if matches!(self.content, Content::Reply(Operation { reply: Reply::Empty, .. })) {
            return reader.skip();
        }
        let Some(element) = self.element.filter(|element| reader.is(element.name) && !self.found) else {
            return Err(reader.error("a body that holds something else than the contract says"));
        };
        self.found = true;
        if let Some(members) = self.message.members() {
            self.headers.check(members, reader)?;
        }
        read_element(self.content, element, self.message, reader).map_err(|error| error.in_element(element.name.local))
    }

    fn end(&mut self, reader: &Reader<'_>) -> Result<(), Error> {
        match self.element {
            Some(element) if !self.found => {
                Err(reader.error("a body without the element of the contract").in_element(element.name.local))
            }
            _ => Ok(()),
        }
    }
}

fn read_element(
    content: Content,
    element: &'static Field,
    message: &mut dyn Slot,
    reader: &mut Reader<'_>,
) -> Result<(), Error> {
    match content {
        Content::Reply(Operation { reply: Reply::Void(_), .. }) => reader.skip(),
        Content::Reply(Operation { reply: Reply::Unwrapped(_, child), .. }) => {
            read_content(std::slice::from_ref(child), &mut Only(message), reader)
        }
        // Its header parts have been read already: the body is read into the same record.
        _ if message.members().is_some() && !reader.is_nil() => match message.members_mut() {
            Some(members) => read_content(members.fields(), members, reader),
            None => Ok(()),
        },
        _ => message.read(element, reader),
    }
}

/// A record with one member, for the wrapper around a reply.
struct Only<'a>(&'a mut dyn Slot);

impl Members for Only<'_> {
    fn fields(&self) -> &'static [Field] {
        &[]
    }

    fn member(&self, _: usize) -> Option<&dyn Slot> {
        Some(self.0)
    }

    fn member_mut(&mut self, _: usize) -> Option<&mut dyn Slot> {
        Some(self.0)
    }
}
