//! The service's side of an envelope: the headers of a request are read, replies and faults are written.

use crate::error::Error;
use crate::name::Name;
use crate::security::header;
use crate::security::names::{ADDRESSING, SECEXT, UTILITY};
use crate::security::timestamp::Timestamp;
use crate::soap::SoapVersion;
use crate::xml::escape;
use crate::xml::{Node, Reader};

/// The headers of a request that every service reads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RequestHead {
    /// `wsa:Action`.
    pub(crate) action: Option<String>,
    /// `wsa:MessageID`.
    pub(crate) message_id: Option<String>,
    /// Of the Security header.
    pub(crate) timestamp: Option<Timestamp>,
}

/// Reads a request from the front of a document up to the first child of its body, and returns the reader, positioned
/// at that child. `None` for an empty body.
///
/// # Errors
/// A document that is no message of this version, or an error of `read_child`.
pub(crate) fn read_request<T>(
    soap: SoapVersion,
    reader: &mut Reader<'_>,
    read_child: impl FnOnce(&RequestHead, &mut Reader<'_>) -> Result<T, Error>,
) -> Result<(RequestHead, Option<T>), Error> {
    let envelope = |local| Name::new(soap.namespace(), local);
    let mut head = RequestHead::default();
    reader.next()?;
    if !reader.is(envelope("Envelope")) {
        return Err(reader.unexpected("not a SOAP envelope of this version"));
    }
    while reader.next()? == Node::Start {
        if reader.is(envelope("Header")) {
            while reader.next()? == Node::Start {
                head.read_block(reader)?;
            }
        } else if reader.is(envelope("Body")) {
            let child = match reader.next()? {
                Node::Start => Some(read_child(&head, reader)?),
                Node::End => None,
            };
            return Ok((head, child));
        } else {
            reader.skip()?;
        }
    }
    Err(reader.error("an envelope without a Body"))
}

impl RequestHead {
    fn read_block(&mut self, reader: &mut Reader<'_>) -> Result<(), Error> {
        if reader.is(Name::new(ADDRESSING, "Action")) {
            self.action = Some(reader.text()?.trim().to_owned());
        } else if reader.is(Name::new(ADDRESSING, "MessageID")) {
            self.message_id = Some(reader.text()?.trim().to_owned());
        } else if reader.is(Name::new(SECEXT, "Security")) {
            while reader.next()? == Node::Start {
                if reader.is(Name::new(UTILITY, "Timestamp")) {
                    self.timestamp = Some(Timestamp::read(reader)?);
                } else {
                    reader.skip()?;
                }
            }
        } else {
            reader.skip()?;
        }
        Ok(())
    }
}

/// The headers of a reply.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ReplyHead<'a> {
    /// `wsa:Action`.
    pub(crate) action: Option<&'a str>,
    /// The MessageID of the request.
    pub(crate) relates_to: Option<&'a str>,
    /// Makes a Security header.
    pub(crate) timestamp: Option<Timestamp>,
}

/// Writes a reply. The content of its body may use the prefixes `s` and, with a Timestamp, `u`.
pub(crate) fn write_reply(soap: SoapVersion, head: &ReplyHead<'_>, body: &str) -> String {
    let mut message = format!("<s:Envelope xmlns:s=\"{}\"", soap.namespace());
    if head.action.or(head.relates_to).is_some() {
        message.push_str(&format!(" xmlns:a=\"{ADDRESSING}\""));
    }
    if head.timestamp.is_some() {
        message.push_str(&format!(" xmlns:u=\"{UTILITY}\""));
    }
    message.push('>');
    let mut headers = String::new();
    if let Some(action) = head.action {
        headers.push_str(&format!("<a:Action s:mustUnderstand=\"1\">{}</a:Action>", escape::lossy(action)));
    }
    if let Some(message_id) = head.relates_to {
        headers.push_str(&format!("<a:RelatesTo>{}</a:RelatesTo>", escape::lossy(message_id)));
    }
    headers.extend(head.timestamp.as_ref().map(header::reply));
    if !headers.is_empty() {
        message.push_str(&format!("<s:Header>{headers}</s:Header>"));
    }
    message.push_str(&format!("<s:Body>{body}</s:Body></s:Envelope>"));
    message
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::XmlLimits;
    use crate::message::fault_write::FaultToWrite;
    use crate::message::{Expected, Freshness, Required};
    use crate::schema::decode::Decoder;
    use std::time::{Duration, SystemTime};

    const SOAPS: [SoapVersion; 2] = [SoapVersion::Soap11, SoapVersion::Soap12];

    #[test]
    fn a_request_is_read_up_to_its_content() {
        for soap in SOAPS {
            let read = |document: &str| {
                let mut reader = Decoder::new(document.as_bytes(), &XmlLimits::default());
                read_request(soap, &mut reader, |_, reader| Ok(reader.is_local("Child")))
            };
            let envelope = |body: &str| format!("<e:Envelope xmlns:e='{}'>{body}</e:Envelope>", soap.namespace());
            let header = format!(
                "<e:Header><w:MessageID xmlns:w='{ADDRESSING}'> urn:1 </w:MessageID><w:Action xmlns:w='{ADDRESSING}'>do\
                 </w:Action><MessageID>other</MessageID></e:Header>"
            );
            let (head, child) = read(&envelope(&format!("{header}<e:Body><Child/></e:Body>"))).unwrap();
            assert_eq!((head.message_id.as_deref(), head.action.as_deref()), (Some("urn:1"), Some("do")));
            assert_eq!((head.timestamp, child), (None, Some(true)));
            assert_eq!(read(&envelope("<e:Body/>")).unwrap(), (RequestHead::default(), None));
            assert!(read(&envelope("")).is_err() && read("<Envelope/>").is_err());
        }
    }

    /// What a service writes, a client reads.
    #[test]
    fn a_reply_passes_the_checks_of_a_client() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_705_312_800);
        for soap in SOAPS {
            let head =
                ReplyHead { action: Some("urn:a<b"), relates_to: Some("urn:1"), timestamp: Some(Timestamp::new(now)) };
            let fault = FaultToWrite {
                code: "Client",
                subcode: Some((SECEXT, "FailedAuthentication")),
                innermost: None,
                reason: "a < b",
                language: "en",
                detail: "<d/>",
            };
            for (body, is_fault) in [("<x/>".to_owned(), false), (fault.body(soap), true)] {
                let message = write_reply(soap, &head, &body);
                let freshness = Freshness { now, skew: Duration::from_secs(60), required: Required::Timestamp };
                let expected = Expected {
                    relates_to: Some("urn:1"),
                    relation_required: true,
                    action: Some("urn:a<b"),
                    timestamp: Some(freshness),
                    others: None,
                };
                let mut reader = Decoder::new(message.as_bytes(), &XmlLimits::default());
                let read = crate::message::visit(soap, &mut reader, Some(&expected), &mut Any);
                match read {
                    Ok(()) => assert!(!is_fault),
                    Err(error) => {
                        let fault = error.fault().unwrap_or_else(|| panic!("{error}: {message}"));
                        assert_eq!((fault.reason(), is_fault), ("a < b", true));
                        assert_eq!(error.kind(), crate::error::ErrorKind::Authentication);
                        assert!(fault.detail_xml().unwrap().contains("<d"));
                    }
                }
            }
        }
    }

    struct Any;

    impl crate::message::Visitor for Any {
        fn child(&mut self, reader: &mut Decoder<'_>) -> Result<(), Error> {
            reader.skip()
        }

        fn end(&mut self, _: &mut Decoder<'_>) -> Result<(), Error> {
            Ok(())
        }
    }
}
