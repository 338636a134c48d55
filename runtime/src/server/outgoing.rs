//! Writes what a service answers: envelope or package, reply or fault.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::{Response, StatusCode};

use crate::error::Error;
use crate::message::addressing::{Addressing, Edition, Rest};
use crate::message::fault_write::FaultToWrite;
use crate::message::listed::ListWriter;
use crate::message::{self, Direction, Heading};
use crate::mtom::parts::{Attachments, Ids};
use crate::mtom::write::OutgoingPackage;
use crate::schema::attachment::has_attachments;
use crate::schema::descriptor::{Operation, PortDescriptor, SecurityScheme};
use crate::schema::encode::{Encoder, Style};
use crate::schema::slot::Slot;
use crate::schema::slots::Slots;
use crate::security::header;
use crate::security::timestamp::Timestamp;
#[cfg(feature = "secure-conversation")]
use crate::security::trust::{response::Issue, version::Version};
use crate::security::username_token::no_random;
use crate::server::fault::{Code, SOAP_FAULT, ServiceFault};
use crate::server::listing::ListBody;
use crate::server::operation::Answer;
use crate::server::settings::Settings;
use crate::soap::SoapVersion;
use crate::stream::{Upload, package_body};
use crate::transport::{self, TransportError};
use crate::value::{Binary, Fragment, QName};
use crate::xml::escape;

/// The request that is answered.
#[derive(Clone, Copy)]
pub(super) struct Answered<'a> {
    pub(super) port: &'static PortDescriptor,
    pub(super) message_id: Option<&'a str>,
    pub(super) settings: &'a Settings,
}

/// What stands in the envelope of an answer.
pub(super) struct Content<'a> {
    pub(super) action: &'a str,
    /// Header blocks.
    pub(super) given: &'a [Fragment],
    /// It has a Security header, on a port whose answers have one.
    pub(super) is_secured: bool,
    pub(super) body: Body<'a>,
}

/// What stands in its body.
pub(super) enum Body<'a> {
    Reply(&'static Operation, &'a dyn Slot),
    /// XML, which may use the prefixes of the envelope.
    Raw(&'a str),
    /// The response that carries a token.
    #[cfg(feature = "secure-conversation")]
    Issue(&'a Issue<'a>, &'static Version),
}

impl Answered<'_> {
    /// The answer of a handler.
    ///
    /// # Errors
    /// A value that cannot be written: a fault of the service.
    pub(super) async fn reply(
        &self,
        operation: &'static Operation,
        answer: Answer,
    ) -> Result<Response<transport::Body>, Error> {
        if operation.one_way {
            return Ok(empty(StatusCode::ACCEPTED));
        }
        let convention;
        let action = match operation.reply_action {
            "" => {
                convention = format!("{}Response", operation.action);
                &convention
            }
            action => action,
        };
        let content = |message| Content { action, given: &[], is_secured: true, body: Body::Reply(operation, message) };
        match answer {
            Answer::Message(message) => self.write(StatusCode::OK, &content(&*message), None),
            Answer::Stream(message, upload) if self.port.mtom => {
                self.write(StatusCode::OK, &content(&*message), Some(Stream::Part(&upload)))
            }
            Answer::Stream(message, upload) => {
                let limit = self.settings.limits.reply_bytes;
                let stream = transport::Body::stream(upload.open(None)?, None).collect(limit).await;
                let stream: Binary = stream.map_err(TransportError::into_error)?.into();
                self.write(StatusCode::OK, &content(&*message), Some(Stream::Inline(&stream)))
            }
            Answer::Items(items) => {
                let security = self.security(true);
                let heading =
                    Heading { addressing: self.addressing(action), given: &[], security: security.as_deref() };
                let writer = Some(ListWriter::new(self.port.soap, operation, &heading)?);
                Ok(self.text(StatusCode::OK, transport::Body::stream(ListBody { writer, items }, None)))
            }
        }
    }

    /// A fault. It is written whatever it holds: what XML cannot hold is left out.
    pub(super) fn fault(
        &self,
        operation: Option<&'static Operation>,
        fault: &ServiceFault,
    ) -> Response<transport::Body> {
        let fault = &*fault.0;
        let of_detail = || {
            let (name, _) = fault.detail.as_ref()?;
            let (_, action) = operation?.faults.iter().find(|(element, _)| QName::from(*element) == *name)?;
            Some(*action)
        };
        let action = fault.action.or_else(of_detail).unwrap_or(SOAP_FAULT);
        let written = FaultToWrite {
            code: match fault.code {
                Code::Sender => "Client",
                Code::Receiver => "Server",
                Code::MustUnderstand => "MustUnderstand",
                Code::VersionMismatch => "VersionMismatch",
            },
            subcode: fault.subcode.as_ref().map(|(namespace, local)| (&**namespace, &**local)),
            innermost: fault.innermost,
            reason: &fault.reason,
            language: &fault.language,
            detail: fault.detail.as_ref().map_or("", |(_, xml)| xml),
        };
        let body = written.body(self.port.soap);
        let blocks: Vec<Fragment> = match self.port.soap {
            SoapVersion::Soap12 => fault.not_understood.iter().map(not_understood).collect(),
            SoapVersion::Soap11 => Vec::new(),
        };
        let content = Content { action, given: &blocks, is_secured: !fault.unsecured, body: Body::Raw(&body) };
        self.write(StatusCode::INTERNAL_SERVER_ERROR, &content, None)
            .unwrap_or_else(|_| empty(StatusCode::INTERNAL_SERVER_ERROR))
    }

    /// An envelope, in a package on a port with MTOM.
    ///
    /// # Errors
    /// A value that cannot be written.
    pub(super) fn write(
        &self,
        status: StatusCode,
        content: &Content<'_>,
        stream: Option<Stream<'_>>,
    ) -> Result<Response<transport::Body>, Error> {
        let soap = self.port.soap;
        let (inline, upload) = match stream {
            Some(Stream::Inline(content)) => (Some(content), None),
            Some(Stream::Part(upload)) => (None, Some(upload)),
            None => (None, None),
        };
        let has_attachments = match content.body {
            Body::Reply(_, message) => message.members().is_some_and(|all| has_attachments(all.fields())),
            _ => false,
        };
        let slots = Slots::default();
        let mut encoder = Encoder::new(Style::Server, &slots).with_stream(inline);
        if !self.port.mtom && !has_attachments {
            let made = content.made(None);
            self.envelope(&mut encoder, content, made.as_deref())?;
            return Ok(self.text(status, encoder.seal().into()));
        }
        let mut random = [0; 16];
        self.settings.random.fill(&mut random).map_err(no_random)?;
        let mut attachments = match self.port.mtom {
            true => Attachments::new(Ids::new(random), self.settings.limits.mtom.part_threshold, upload.is_some()),
            false => Attachments::without_includes(Ids::new(random)),
        };
        let made = content.made(Some(&mut attachments));
        let mut encoder = encoder.with_attachments(&mut attachments);
        self.envelope(&mut encoder, content, made.as_deref())?;
        let envelope = encoder.seal();
        let package = OutgoingPackage::new(soap, &envelope, attachments);
        if upload.is_some() != package.tail.is_some() {
            return Err(Error::configuration("the operation's reply refers to no stream"));
        }
        let upload = upload.map(|upload| upload.open(None)).transpose()?;
        let content_type = package.content_type.clone();
        let mut response = response(status, &content_type, package_body(package, upload));
        response.headers_mut().insert(HeaderName::from_static("mime-version"), HeaderValue::from_static("1.0"));
        Ok(response)
    }

    /// Writes an envelope.
    ///
    /// # Errors
    /// A value that cannot be written.
    fn envelope(&self, encoder: &mut Encoder<'_>, content: &Content<'_>, made: Option<&str>) -> Result<(), Error> {
        let security = self.security(content.is_secured);
        let heading = Heading {
            addressing: self.addressing(content.action),
            given: content.given,
            security: security.as_deref(),
        };
        let body = match &content.body {
            Body::Reply(operation, message) => message::Body::Typed(Direction::Reply(operation), *message),
            Body::Raw(markup) => message::Body::Raw(made.unwrap_or(markup)),
            #[cfg(feature = "secure-conversation")]
            Body::Issue(..) => message::Body::Raw(made.unwrap_or_default()),
        };
        message::write_into(encoder, self.port.soap, &heading, body)
    }

    fn addressing<'h>(&'h self, action: &'h str) -> Option<Addressing<'h>> {
        Edition::of(self.port).map(|edition| Addressing { edition, action, rest: Rest::Reply(self.message_id) })
    }

    /// An envelope alone.
    fn text(&self, status: StatusCode, body: transport::Body) -> Response<transport::Body> {
        response(status, &format!("{}; charset=utf-8", self.port.soap.media_type()), body)
    }

    /// Over TLS, a service sends a Timestamp and nothing else.
    fn security(&self, is_secured: bool) -> Option<String> {
        let security = &self.port.security;
        let has_header = security.timestamp || security.scheme == SecurityScheme::SecureConversation;
        (is_secured && has_header).then(|| header::reply(&Timestamp::new(self.settings.clock.now())))
    }
}

impl Content<'_> {
    /// The body, if it has to be made before the envelope is written, as it may put octets beside it.
    fn made(&self, attachments: Option<&mut Attachments>) -> Option<String> {
        match &self.body {
            #[cfg(feature = "secure-conversation")]
            Body::Issue(issue, version) => Some(issue.body(version, attachments)),
            _ => {
                let _ = attachments;
                None
            }
        }
    }
}

/// The stream of a reply.
#[derive(Clone, Copy)]
pub(super) enum Stream<'a> {
    /// In the envelope, as base64.
    Inline(&'a Binary),
    /// Behind the envelope.
    Part(&'a Upload),
}

/// The header that names a header that was not understood.
fn not_understood((namespace, local): &(String, String)) -> Fragment {
    // Not all that the parser takes for a name is one.
    let (local, namespace, envelope) =
        (escape::lossy(local), escape::lossy(namespace), SoapVersion::Soap12.namespace());
    Fragment::received(format!("<s:NotUnderstood qname=\"b:{local}\" xmlns:b=\"{namespace}\" xmlns:s=\"{envelope}\"/>"))
}

/// An answer with a body.
pub(super) fn response(status: StatusCode, content_type: &str, body: transport::Body) -> Response<transport::Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    // It is made of tokens and quoted strings.
    response.headers_mut().extend(HeaderValue::from_str(content_type).ok().map(|value| (CONTENT_TYPE, value)));
    response
}

/// An answer without a body.
pub(super) fn empty(status: StatusCode) -> Response<transport::Body> {
    let mut response = Response::new(Bytes::new().into());
    *response.status_mut() = status;
    response
}
