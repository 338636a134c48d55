//! Writing: headers in the order in which WCF writes them, then the body.

use crate::error::Error;
use crate::message::Direction;
use crate::message::addressing::{Addressing, Edition};
use crate::name::Name;
use crate::schema::attachment::write_attachments;
use crate::schema::descriptor::{Operation, Reply};
use crate::schema::encode::{Encoder, Style};
use crate::schema::field::Field;
use crate::schema::record::{Members, write_content, write_headers, write_parts};
use crate::schema::shown::Show;
use crate::schema::slot::Slot;
use crate::schema::slots::Slots;
use crate::security::names::{SECEXT, UTILITY};
use crate::soap::SoapVersion;
use crate::value::{Binary, Fragment};
#[cfg(feature = "secure-conversation")]
use crate::wiped::Wiped;
use crate::xml::{ENCODING, ENCODING_12};

/// The headers of a message that its contract does not name.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Heading<'a> {
    pub(crate) addressing: Option<Addressing<'a>>,
    /// The finished `o:Security` element, which may hold a password. It may use the prefixes `s` and `u`.
    pub(crate) security: Option<&'a str>,
    /// Blocks that the program gives. One of the name of a header part stands for it where the message has none.
    pub(crate) given: &'a [Fragment],
}

/// The content of a message.
#[derive(Clone, Copy)]
pub(crate) enum Body<'a> {
    /// Described by its contract.
    Typed(Direction, &'a dyn Slot),
    /// An element of a protocol below the contract, which may hold a key. It may use the prefixes of the envelope.
    #[cfg_attr(
        not(any(feature = "secure-conversation", feature = "server")),
        expect(dead_code, reason = "for WS-Trust")
    )]
    Raw(&'a str),
}

/// Writes a message without further headers. The stream is written where the message refers to it; attachments, which
/// would go beside it, are not.
///
/// # Errors
/// A value that can't be written.
pub fn write(
    soap: SoapVersion,
    direction: Direction,
    message: &dyn Slot,
    style: Style,
    slots: &Slots,
    stream: Option<&Binary>,
) -> Result<Vec<u8>, Error> {
    let mut encoder = Encoder::new(style, slots).with_stream(stream);
    write_into(&mut encoder, soap, &Heading::default(), Body::Typed(direction, message))?;
    Ok(encoder.finish())
}

/// Writes a request of a protocol below the contract.
///
/// # Errors
/// A value that can't be written; nothing was sent.
#[cfg(feature = "secure-conversation")]
pub(crate) fn write_with(soap: SoapVersion, heading: &Heading<'_>, body: Body<'_>) -> Result<Wiped, Error> {
    let slots = Slots::default();
    let mut encoder = Encoder::new(Style::Client, &slots);
    write_into(&mut encoder, soap, heading, body)?;
    Ok(encoder.seal())
}

/// Writes a message with a writer that is set up for streams and large content.
///
/// # Errors
/// A value that can't be written.
pub(crate) fn write_into(
    encoder: &mut Encoder<'_>,
    soap: SoapVersion,
    heading: &Heading<'_>,
    body: Body<'_>,
) -> Result<(), Error> {
    write_front(encoder, soap, heading, body)?;
    match body {
        Body::Typed(direction, message) => {
            let is_encoded = direction.operation().encoded;
            match direction.element().filter(|_| is_encoded && soap == SoapVersion::Soap12) {
                Some(element) => write_encoded(element, direction, message, encoder)?,
                None => write_body(direction, message, encoder)?,
            }
            message.members().map_or(Ok(()), |members| write_attachments(members, encoder))?;
        }
        Body::Raw(markup) => encoder.secret_raw(markup),
    }
    encoder.raw(END);
    Ok(())
}

/// What stands behind the content of a body.
pub(super) const END: &str = "</s:Body></s:Envelope>";

/// Writes a message up to the content of its body.
pub(super) fn write_front(
    encoder: &mut Encoder<'_>,
    soap: SoapVersion,
    heading: &Heading<'_>,
    body: Body<'_>,
) -> Result<(), Error> {
    encoder.raw("<s:Envelope");
    declare(encoder, "s", soap.namespace());
    if let Some(addressing) = &heading.addressing {
        declare(encoder, "a", addressing.edition.namespace());
    }
    if heading.security.is_some() {
        declare(encoder, "u", UTILITY);
    }
    if matches!(body, Body::Typed(..)) {
        encoder.declare_xsi();
    }
    encoder.raw(">");
    write_header(encoder, heading, body)?;
    encoder.raw("<s:Body");
    let is_encoded = matches!(body, Body::Typed(direction, _) if direction.operation().encoded);
    // Not allowed on a Body of SOAP 1.2, where the element in it states it.
    if is_encoded && soap == SoapVersion::Soap11 {
        for part in [" s:encodingStyle=\"", ENCODING, "\""] {
            encoder.raw(part);
        }
    }
    encoder.raw(">");
    Ok(())
}

fn declare(encoder: &mut Encoder<'_>, prefix: &str, namespace: &str) {
    for part in [" xmlns:", prefix, "=\"", namespace, "\""] {
        encoder.raw(part);
    }
}

/// Writes nothing if there are no headers.
fn write_header(encoder: &mut Encoder<'_>, heading: &Heading<'_>, body: Body<'_>) -> Result<(), Error> {
    let before = encoder.len();
    encoder.raw("<s:Header>");
    let start = encoder.len();
    if let Some(addressing) = &heading.addressing {
        encoder.beside_fields(Show::Plain, |writer| addressing.write_action(writer))?;
    }
    let members = match body {
        Body::Typed(_, message) => message.members(),
        Body::Raw(_) => None,
    };
    write_blocks(members, heading, encoder)?;
    if let Some(addressing) = &heading.addressing {
        encoder.beside_fields(Show::Plain, |writer| addressing.write_rest(writer))?;
    }
    if let Some(security) = heading.security {
        encoder.beside_fields(Show::Redacted, |writer| {
            writer.secret_raw(security);
            Ok(())
        })?;
    }
    if encoder.len() == start {
        encoder.truncate(before);
    } else {
        encoder.raw("</s:Header>");
    }
    Ok(())
}

/// Writes the header parts of a message, and the blocks that the program gives.
fn write_blocks(members: Option<&dyn Members>, heading: &Heading<'_>, encoder: &mut Encoder<'_>) -> Result<(), Error> {
    let mut given: Vec<&Fragment> = heading.given.iter().collect();
    if given.is_empty() {
        return members.map_or(Ok(()), |members| write_headers(members, encoder, |_| true));
    }
    if given.iter().any(|block| is_reserved(block, heading)) {
        return Err(Error::configuration(
            "a SOAP header of the program is one that the runtime writes itself: of WS-Addressing or WS-Security",
        ));
    }
    for field in members.into_iter().flat_map(|members| members.fields().iter()) {
        let before = encoder.len();
        members.map_or(Ok(()), |members| write_headers(members, encoder, |other| std::ptr::eq(field, other)))?;
        let same = given.iter().position(|block| field.is_header() && block.is_named(field.name));
        if let Some(block) = same.map(|at| given.remove(at))
            && encoder.len() == before
        {
            encoder.secret_raw(block.as_xml());
        }
    }
    // They may hold credentials.
    given.iter().for_each(|block| encoder.secret_raw(block.as_xml()));
    Ok(())
}

/// Whether a block would stand beside one of the same meaning.
fn is_reserved(block: &Fragment, heading: &Heading<'_>) -> bool {
    let of_addressing = |edition: Edition| {
        ["Action", "MessageID", "ReplyTo", "To"]
            .iter()
            .any(|local| block.is_named(Name::new(edition.namespace(), local)))
    };
    heading.addressing.is_some_and(|addressing| of_addressing(addressing.edition))
        || heading.security.is_some() && block.is_named(Name::new(SECEXT, "Security"))
}

/// Writes the element of a message in the encoding of SOAP 1.2, which it states.
fn write_encoded(
    element: &Field,
    direction: Direction,
    message: &dyn Slot,
    encoder: &mut Encoder<'_>,
) -> Result<(), Error> {
    encoder.encode_as(SoapVersion::Soap12);
    encoder.start(element.name);
    encoder.start_attribute(Name::new(SoapVersion::Soap12.namespace(), "encodingStyle"));
    encoder.plain(ENCODING_12.as_bytes());
    encoder.end_attribute();
    let written = match (direction.only_child(), message.members()) {
        (Some(child), _) => write_content(std::slice::from_ref(child), &OnlyChild(message), encoder),
        (None, Some(members)) => write_content(members.fields(), members, encoder),
        (None, None) => Ok(()),
    };
    encoder.end();
    written.map_err(|error| error.in_element(element.name.local))
}

fn write_body(direction: Direction, message: &dyn Slot, encoder: &mut Encoder<'_>) -> Result<(), Error> {
    if direction.is_bare() {
        return message.members().map_or(Ok(()), |members| write_parts(members, encoder));
    }
    match direction {
        Direction::Request(Operation { request: Some(element), .. })
        | Direction::Reply(Operation { reply: Reply::Element(element), .. }) => {
            let written = encoder.within(element, |encoder| message.write(element, encoder));
            written.map_err(|error| error.in_element(element.name.local))
        }
        Direction::Request(_) | Direction::Reply(Operation { reply: Reply::Empty | Reply::Bare, .. }) => Ok(()),
        Direction::Reply(Operation { reply: Reply::Void(element), .. }) => ().write(element, encoder),
        Direction::Reply(Operation { reply: Reply::Unwrapped(wrapper, child), .. }) => {
            encoder.start(wrapper.name);
            let written = write_content(std::slice::from_ref(child), &OnlyChild(message), encoder);
            encoder.end();
            written.map_err(|error| error.in_element(wrapper.name.local))
        }
    }
}

/// The child of a wrapper element, as the member of a record.
struct OnlyChild<'a>(&'a dyn Slot);

impl Members for OnlyChild<'_> {
    fn fields(&self) -> &'static [Field] {
        &[]
    }

    fn member(&self, _: usize) -> Option<&dyn Slot> {
        Some(self.0)
    }
}
