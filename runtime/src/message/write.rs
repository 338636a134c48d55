//! Writing: headers in the order in which WCF writes them, then the body.

use crate::error::Error;
use crate::message::Content;
use crate::message::addressing::Addressing;
use crate::schema::descriptor::{Field, Operation, Reply};
use crate::schema::record::{Members, write_content, write_headers};
use crate::schema::slot::Slot;
use crate::schema::slots::Slots;
use crate::security::names::{ADDRESSING, UTILITY};
use crate::soap::SoapVersion;
use crate::value::Binary;
use crate::xml::{Style, Writer, XSI};

/// The headers of a message that its contract does not name.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Heading<'a> {
    pub(crate) addressing: Option<Addressing<'a>>,
    /// The finished `o:Security` element. It may use the prefixes `s` and `u`.
    pub(crate) security: Option<&'a str>,
}

/// What a message says.
#[derive(Clone, Copy)]
pub(crate) enum Body<'a> {
    /// By its contract.
    Typed(Content, &'a dyn Slot),
    /// An element of a protocol below the contract. It may use the prefixes of the envelope.
    #[cfg_attr(not(feature = "secure-conversation"), expect(dead_code, reason = "for WS-Trust"))]
    Raw(&'a str),
}

/// Writes a message without further headers. The stream stands where the message refers to one.
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
    write_into(&mut writer, soap, &Heading::default(), Body::Typed(content, message))?;
    Ok(writer.finish())
}

/// Writes a request of a protocol below the contract.
///
/// # Errors
/// A value that can't be written; nothing was sent.
#[cfg(feature = "secure-conversation")]
pub(crate) fn write_with(soap: SoapVersion, heading: &Heading<'_>, body: Body<'_>) -> Result<Vec<u8>, Error> {
    let slots = Slots::default();
    let mut writer = Writer::new(Style::Client, &slots);
    write_into(&mut writer, soap, heading, body)?;
    Ok(writer.finish())
}

/// Writes a message with a writer that knows what becomes of streams and of large content.
///
/// # Errors
/// A value that can't be written.
pub(crate) fn write_into(
    writer: &mut Writer<'_>,
    soap: SoapVersion,
    heading: &Heading<'_>,
    body: Body<'_>,
) -> Result<(), Error> {
    writer.raw("<s:Envelope");
    declare(writer, "s", soap.namespace());
    if heading.addressing.is_some() {
        declare(writer, "a", ADDRESSING);
    }
    if heading.security.is_some() {
        declare(writer, "u", UTILITY);
    }
    if matches!(body, Body::Typed(..)) {
        declare(writer, "i", XSI);
    }
    writer.raw(">");
    write_header(writer, heading, body)?;
    writer.raw("<s:Body>");
    match body {
        Body::Typed(content, message) => write_body(content, message, writer)?,
        Body::Raw(markup) => writer.raw(markup),
    }
    writer.raw("</s:Body></s:Envelope>");
    Ok(())
}

fn declare(writer: &mut Writer<'_>, prefix: &str, namespace: &str) {
    for part in [" xmlns:", prefix, "=\"", namespace, "\""] {
        writer.raw(part);
    }
}

/// Nothing, if there is nothing to say.
fn write_header(writer: &mut Writer<'_>, heading: &Heading<'_>, body: Body<'_>) -> Result<(), Error> {
    let before = writer.len();
    writer.raw("<s:Header>");
    let start = writer.len();
    if let Some(addressing) = &heading.addressing {
        addressing.write_action(writer)?;
    }
    if let Body::Typed(_, message) = body
        && let Some(members) = message.members()
    {
        write_headers(members, writer)?;
    }
    if let Some(addressing) = &heading.addressing {
        addressing.write_rest(writer)?;
    }
    if let Some(security) = heading.security {
        writer.raw(security);
    }
    if writer.len() == start {
        writer.truncate(before);
    } else {
        writer.raw("</s:Header>");
    }
    Ok(())
}

fn write_body(content: Content, message: &dyn Slot, writer: &mut Writer<'_>) -> Result<(), Error> {
    match content {
        Content::Request(Operation { request: Some(element), .. })
        | Content::Reply(Operation { reply: Reply::Element(element), .. }) => {
            message.write(element, writer).map_err(|error| error.in_element(element.name.local))
        }
        Content::Request(_) | Content::Reply(Operation { reply: Reply::Empty, .. }) => Ok(()),
        Content::Reply(Operation { reply: Reply::Void(element), .. }) => ().write(element, writer),
        Content::Reply(Operation { reply: Reply::Unwrapped(wrapper, child), .. }) => {
            writer.start(wrapper.name);
            let written = write_content(std::slice::from_ref(child), &OnlyRef(message), writer);
            writer.end();
            written.map_err(|error| error.in_element(wrapper.name.local))
        }
    }
}

/// A record with one member, for the wrapper around a reply.
struct OnlyRef<'a>(&'a dyn Slot);

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
