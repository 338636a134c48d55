//! WS-Addressing, 1.0 and of August 2004: the headers that identify a message, its action and its destination.

use crate::error::Error;
use crate::schema::descriptor::PortDescriptor;
use crate::security::names::{ADDRESSING, ADDRESSING_2004, ANONYMOUS, ANONYMOUS_2004};
#[cfg(feature = "secure-conversation")]
use crate::soap::SoapVersion;
use crate::xml::Writer;

/// The `u:Id` of a signed To header, which the signature refers to.
#[cfg(feature = "secure-conversation")]
pub(crate) const TO_ID: &str = "_1";

/// An edition of WS-Addressing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edition {
    /// 1.0, of 2005.
    V1,
    /// The submission of August 2004.
    August2004,
}

impl Edition {
    /// That of a port, if its messages have such headers.
    pub(crate) fn of(port: &PortDescriptor) -> Option<Self> {
        let edition = if port.addressing_2004 { Self::August2004 } else { Self::V1 };
        port.addressing.then_some(edition)
    }

    pub(crate) fn namespace(self) -> &'static str {
        match self {
            Self::V1 => ADDRESSING,
            Self::August2004 => ADDRESSING_2004,
        }
    }

    pub(crate) fn anonymous(self) -> &'static str {
        match self {
            Self::V1 => ANONYMOUS,
            Self::August2004 => ANONYMOUS_2004,
        }
    }
}

/// The addressing headers of a message.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Addressing<'a> {
    pub(crate) edition: Edition,
    pub(crate) action: &'a str,
    pub(crate) rest: Rest<'a>,
}

/// Those that come after the headers of the message.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Rest<'a> {
    Request {
        /// `urn:uuid:` and a UUID that no other message has.
        message_id: &'a str,
        /// The endpoint's URL without its query.
        to: &'a str,
        /// Gives the To header an identifier.
        to_id: Option<&'static str>,
    },
    /// The MessageID of the request, if it had one.
    #[cfg_attr(not(feature = "server"), expect(dead_code, reason = "for services"))]
    Reply(Option<&'a str>),
}

impl Addressing<'_> {
    /// The header that comes first, before those of the message.
    pub(super) fn write_action(&self, writer: &mut Writer) -> Result<(), Error> {
        writer.raw("<a:Action s:mustUnderstand=\"1\">");
        writer.text(self.action)?;
        writer.raw("</a:Action>");
        Ok(())
    }

    /// The headers that come after those of the message.
    pub(super) fn write_rest(&self, writer: &mut Writer) -> Result<(), Error> {
        let (message_id, to, to_id) = match self.rest {
            Rest::Request { message_id, to, to_id } => (message_id, to, to_id),
            Rest::Reply(None) => return Ok(()),
            Rest::Reply(Some(message_id)) => {
                writer.raw("<a:RelatesTo>");
                writer.text(message_id)?;
                writer.raw("</a:RelatesTo>");
                return Ok(());
            }
        };
        writer.raw("<a:MessageID>");
        writer.text(message_id)?;
        writer.raw("</a:MessageID><a:ReplyTo><a:Address>");
        writer.raw(self.edition.anonymous());
        writer.raw("</a:Address></a:ReplyTo><a:To s:mustUnderstand=\"1\"");
        if let Some(id) = to_id {
            writer.raw(" u:Id=\"");
            writer.raw(id);
            writer.raw("\"");
        }
        writer.raw(">");
        writer.text(to)?;
        writer.raw("</a:To>");
        Ok(())
    }
}

/// The signed To header in canonical form. Attributes go by namespace, so that `u:Id` comes before `s:mustUnderstand`.
///
/// # Errors
/// A character that XML forbids.
#[cfg(feature = "secure-conversation")]
pub(crate) fn canonical_to(soap: SoapVersion, to: &str) -> Result<String, Error> {
    let mut text = Vec::with_capacity(to.len());
    crate::xml::escape::push(&mut text, to, crate::xml::escape::Within::Element)?;
    let text = String::from_utf8_lossy(&text);
    let (envelope, utility) = (soap.namespace(), crate::security::names::UTILITY);
    Ok(format!(
        "<a:To xmlns:a=\"{ADDRESSING}\" xmlns:s=\"{envelope}\" xmlns:u=\"{utility}\" u:Id=\"{TO_ID}\" s:mustUnderstand=\"1\">{text}</a:To>"
    ))
}
