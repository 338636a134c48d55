//! The header blocks of a reply that no contract names, and what they have to contain.

use std::time::{Duration, SystemTime};

use crate::error::{Error, ErrorKind};
use crate::message::relation::Relation;
use crate::message::reply_headers::ReplyHeaders;
use crate::name::Name;
use crate::security::names::{ADDRESSING, ADDRESSING_2004, SECEXT, UTILITY};
use crate::security::timestamp::Timestamp;
use crate::soap::SoapVersion;
use crate::value::Fragment;
use crate::xml::{Node, Reader};

/// What the headers of a reply have to contain. By default nothing is required, but every header must be understood.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Expected<'a> {
    /// The MessageID of the request.
    pub(crate) relates_to: Option<&'a str>,
    /// A reply that does not name it is an error. One that names another always is.
    pub(crate) relation_required: bool,
    /// The action, if it is there.
    pub(crate) action: Option<&'a str>,
    /// A Security header with a Timestamp.
    pub(crate) timestamp: Option<Freshness>,
    /// Where the blocks go that are not read here.
    pub(crate) others: Option<&'a ReplyHeaders>,
}

/// When a Timestamp is valid.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Freshness {
    pub(crate) now: SystemTime,
    pub(crate) skew: Duration,
    pub(crate) required: Required,
}

/// What has to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Required {
    Nothing,
    /// A Security header.
    Header,
    /// A Timestamp in it.
    Timestamp,
}

/// What the headers of a reply contained.
#[derive(Debug, Default)]
pub(crate) struct Blocks {
    action: Option<String>,
    relation: Relation,
    security: bool,
    /// Where it says nothing, it may have any of the forms that WS-Security allows.
    reads_timestamp: bool,
    timestamp: Option<Timestamp>,
    not_understood: bool,
    others: Option<ReplyHeaders>,
}

impl Blocks {
    /// None yet, of a message that has to contain this. The collection for those that are not read is emptied.
    pub(crate) fn expected(expected: Option<&Expected<'_>>) -> Self {
        let others = expected.and_then(|expected| expected.others);
        others.inspect(|others| others.clear());
        let reads_timestamp = expected.is_some_and(|expected| expected.timestamp.is_some());
        Self { others: others.cloned(), reads_timestamp, ..Self::default() }
    }

    /// Reads the current header block.
    pub(crate) fn read(&mut self, soap: SoapVersion, reader: &mut Reader<'_>) -> Result<(), Error> {
        let addressing = reader.is_in(ADDRESSING) || reader.is_in(ADDRESSING_2004);
        if addressing && reader.is_local("Action") {
            self.action = Some(reader.text()?.trim().to_owned());
        } else if addressing && Relation::is_at(reader)? {
            self.relation.add(&reader.text()?);
        } else if addressing {
            // MessageID, To, ReplyTo and similar headers have no meaning for a client that received the reply over
            // HTTP.
            reader.skip()?;
        } else if reader.is(Name::new(SECEXT, "Security")) && for_us(soap, reader)? {
            self.read_security(reader)?;
        } else {
            self.not_understood |= must_understand(soap, reader)?;
            match &self.others {
                Some(others) => others.push(Fragment::received(reader.fragment()?)),
                None => reader.skip()?,
            }
        }
        Ok(())
    }

    /// Only the Timestamp is used: WCF sends nothing else, CXF also a SignatureConfirmation.
    fn read_security(&mut self, reader: &mut Reader<'_>) -> Result<(), Error> {
        if self.security {
            return Err(reader.error("two Security headers"));
        }
        self.security = true;
        while reader.next()? == Node::Start {
            if !self.reads_timestamp || !reader.is(Name::new(UTILITY, "Timestamp")) {
                reader.skip()?;
            } else if self.timestamp.is_some() {
                return Err(reader.error("two Timestamps"));
            } else {
                self.timestamp = Some(Timestamp::read(reader)?);
            }
        }
        Ok(())
    }

    /// Checks that the message, reply or fault, does not relate to another request.
    pub(crate) fn check_relation(&self, expected: &Expected<'_>) -> Result<(), Error> {
        self.relation.check(expected.relates_to)
    }

    /// Checks the headers of a reply. Not for faults: their content is more useful than an error about their headers.
    pub(crate) fn check(&self, expected: &Expected<'_>) -> Result<(), Error> {
        if self.not_understood {
            return Err(Error::malformed("the reply has a header that must be understood, and is not"));
        }
        self.check_relation(expected)?;
        if expected.relates_to.is_some() && expected.relation_required && !self.relation.is_stated() {
            return Err(Error::malformed("the reply does not say which message it answers (RelatesTo)"));
        }
        if let (Some(wanted), Some(found)) = (expected.action, &self.action)
            && found != wanted
        {
            return Err(Error::malformed("the reply has another action than the request asks for"));
        }
        expected.timestamp.map_or(Ok(()), |freshness| self.check_timestamp(freshness))
    }

    fn check_timestamp(&self, freshness: Freshness) -> Result<(), Error> {
        let refused = |what: String| Err(Error::new(ErrorKind::Security, what));
        match &self.timestamp {
            Some(timestamp) => match timestamp.unmet(freshness.now, freshness.skew) {
                Some(why) => refused(format!("the reply is not taken: {why}")),
                None => Ok(()),
            },
            None if freshness.required == Required::Nothing => Ok(()),
            None if self.security && freshness.required == Required::Header => Ok(()),
            None if self.security => refused("the reply is not taken: its Security header has no Timestamp".to_owned()),
            None => refused(
                "the reply is not taken: it has no Security header, which a secured service always sends".to_owned(),
            ),
        }
    }
}

/// Whether the current header block has to be understood.
pub(super) fn must_understand(soap: SoapVersion, reader: &mut Reader<'_>) -> Result<bool, Error> {
    if !reader.has_attributes() {
        return Ok(false);
    }
    let attributes = reader.attributes()?;
    let said = attributes.iter().any(|(namespace, local, value)| {
        *namespace == soap.namespace() && *local == "mustUnderstand" && matches!(value.trim(), "1" | "true")
    });
    Ok(said && for_us(soap, reader)?)
}

/// Whether the current header block is addressed to the ultimate receiver, which a client is.
pub(super) fn for_us(soap: SoapVersion, reader: &mut Reader<'_>) -> Result<bool, Error> {
    let (attribute, last, next) = match soap {
        SoapVersion::Soap11 => ("actor", "", "http://schemas.xmlsoap.org/soap/actor/next"),
        SoapVersion::Soap12 => (
            "role",
            "http://www.w3.org/2003/05/soap-envelope/role/ultimateReceiver",
            "http://www.w3.org/2003/05/soap-envelope/role/next",
        ),
    };
    if !reader.has_attributes() {
        return Ok(true);
    }
    let attributes = reader.attributes()?;
    let role = attributes.iter().find(|(namespace, local, _)| *namespace == soap.namespace() && *local == attribute);
    Ok(role.is_none_or(|(_, _, value)| [last, next].contains(&value.trim())))
}
