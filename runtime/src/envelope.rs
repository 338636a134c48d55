//! The envelope around a message, of both SOAP versions: bytes to bytes.

use crate::credentials::Slots;
use crate::descriptor::{Field, Name, Operation, PortDescriptor, Reply, SoapVersion};
use crate::error::{Delivery, Error};
use crate::fault::Fault;
use crate::record::{HeadersSeen, Members, read_content, read_header, write_content, write_headers};
use crate::value::{Binary, Slot};
use crate::xml::{Node, Reader, Style, Writer, XSI, XmlLimits};

/// One direction of an operation: what its body holds.
#[derive(Clone, Copy, Debug)]
pub enum Content {
    /// What the client sends.
    Request(&'static Operation),
    /// What the service answers.
    Reply(&'static Operation),
}

/// Writes a request.
///
/// # Errors
/// A value that can't be written; nothing was sent.
pub(crate) fn write_request(
    port: &PortDescriptor,
    operation: &'static Operation,
    request: &dyn Slot,
    slots: &Slots,
) -> Result<Vec<u8>, Error> {
    write(port.soap, Content::Request(operation), request, Style::Client, slots, None)
}

/// Reads a reply into the value. A fault is an error.
///
/// # Errors
/// A fault, or a document that is no reply of this operation.
pub(crate) fn read_reply(
    port: &PortDescriptor,
    operation: &'static Operation,
    document: &[u8],
    limits: &XmlLimits,
    reply: &mut dyn Slot,
) -> Result<(), Error> {
    let mut reader = Reader::new(document, limits);
    read(port.soap, Content::Reply(operation), reply, &mut reader).map_err(|error| error.delivered(Delivery::Answered))
}

/// Writes a message. The stream stands where the message refers to one.
///
/// # Errors
/// A value that can't be written.
pub fn write(
    soap: SoapVersion,
    content: Content,
    message: &dyn Slot,
    style: Style,
    slots: &Slots,
    stream: Option<&Binary>,
) -> Result<Vec<u8>, Error> {
    let mut writer = Writer::new(style, slots).with_stream(stream);
    writer.raw("<s:Envelope xmlns:s=\"");
    writer.raw(soap.namespace());
    writer.raw("\" xmlns:i=\"");
    writer.raw(XSI);
    writer.raw("\">");
    if let Some(members) = message.members() {
        let before = writer.len();
        writer.raw("<s:Header>");
        let start = writer.len();
        write_headers(members, &mut writer)?;
        if writer.len() == start {
            writer.truncate(before);
        } else {
            writer.raw("</s:Header>");
        }
    }
    writer.raw("<s:Body>");
    write_body(content, message, &mut writer)?;
    writer.raw("</s:Body></s:Envelope>");
    Ok(writer.finish())
}

fn write_body(content: Content, message: &dyn Slot, writer: &mut Writer<'_>) -> Result<(), Error> {
    match content {
        Content::Request(Operation { request: Some(element), .. }) | Content::Reply(Operation { reply: Reply::Element(element), .. }) => {
            message.write(element, writer).map_err(|error| error.in_element(element.name.local))
        }
        Content::Request(_) | Content::Reply(Operation { reply: Reply::Empty, .. }) => Ok(()),
        Content::Reply(Operation { reply: Reply::Void(element), .. }) => ().write(element, writer),
        Content::Reply(Operation { reply: Reply::Unwrapped(wrapper, child), .. }) => {
            writer.start(wrapper.name);
            let written = write_content(std::slice::from_ref(child), &OnlyRef(message), writer);
            writer.end(wrapper.name);
            written.map_err(|error| error.in_element(wrapper.name.local))
        }
    }
}

/// Reads a message from the front of a document to its end.
///
/// # Errors
/// A fault, or a document that is no message of this operation.
pub fn read(soap: SoapVersion, content: Content, message: &mut dyn Slot, reader: &mut Reader<'_>) -> Result<(), Error> {
    let envelope = |local| Name::new(soap.namespace(), local);
    reader.next()?;
    if !reader.is(envelope("Envelope")) {
        return Err(reader.error(if reader.is_local("Envelope") { "an envelope of another SOAP version" } else { "not a SOAP envelope" }));
    }
    let mut headers = HeadersSeen::default();
    let mut body = false;
    while reader.next()? == Node::Start {
        if reader.is(envelope("Header")) && !body {
            while reader.next()? == Node::Start {
                let taken = match message.members_mut() {
                    Some(members) => read_header(members, &mut headers, reader)?,
                    None => false,
                };
                if !taken {
                    reader.skip()?;
                }
            }
        } else if reader.is(envelope("Body")) && !body {
            body = true;
            read_body(soap, content, message, &headers, reader)?;
        } else {
            return Err(reader.error("an envelope with something else than one Header and one Body"));
        }
    }
    if !body {
        return Err(reader.error("an envelope without a Body"));
    }
    reader.finish()
}

fn read_body(
    soap: SoapVersion,
    content: Content,
    message: &mut dyn Slot,
    headers: &HeadersSeen,
    reader: &mut Reader<'_>,
) -> Result<(), Error> {
    let element = match content {
        Content::Request(operation) => operation.request.as_ref(),
        Content::Reply(Operation { reply: Reply::Empty, .. }) => None,
        Content::Reply(Operation { reply: Reply::Void(element) | Reply::Unwrapped(element, _) | Reply::Element(element), .. }) => Some(element),
    };
    let mut found = false;
    while reader.next()? == Node::Start {
        if reader.is(Name::new(soap.namespace(), "Fault")) {
            let fault = Fault::read(soap, reader)?;
            return Err(Error::from_fault(fault.kind(), fault));
        }
        let Some(element) = element.filter(|element| reader.is(element.name) && !found) else {
            return Err(reader.error("a body that holds something else than the contract says"));
        };
        found = true;
        if let Some(members) = message.members() {
            headers.check(members, reader)?;
        }
        read_element(content, element, message, reader).map_err(|error| error.in_element(element.name.local))?;
    }
    match element {
        Some(element) if !found => Err(reader.error("a body without the element of the contract").in_element(element.name.local)),
        _ => Ok(()),
    }
}

fn read_element(content: Content, element: &'static Field, message: &mut dyn Slot, reader: &mut Reader<'_>) -> Result<(), Error> {
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

struct OnlyRef<'a>(&'a dyn Slot);

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

impl Members for OnlyRef<'_> {
    fn fields(&self) -> &'static [Field] {
        &[]
    }

    fn member(&self, _: usize) -> Option<&dyn Slot> {
        Some(self.0)
    }

    fn member_mut(&mut self, _: usize) -> Option<&mut dyn Slot> {
        None
    }
}
