//! A request as it is sent over HTTP: headers and body.

use http::header::HeaderMap;
use zeroize::Zeroizing;

use crate::client::auth::CLEAR_CREDENTIALS;
use crate::client::auth::scheme::Proof;
use crate::client::log::Record;
use crate::client::post::Endpoint;
use crate::client::request::RequestBuilder;
use crate::client::settings::Settings;
use crate::client::{hook, request_headers};
use crate::error::Error;
use crate::message::addressing::{Addressing, Rest};
use crate::message::{self, Direction, Heading, insert};
use crate::mtom::parts::{Attachments, Ids};
use crate::mtom::write::OutgoingPackage;
use crate::schema::attachment::has_attachments;
use crate::schema::descriptor::Operation;
use crate::schema::encode::{Encoder, Style};
use crate::schema::slot::Slot;
use crate::schema::slots::Slots;
use crate::security::username_token::no_random;
use crate::stream::{Upload, UploadStream, package_body};
use crate::transport::Body;
use crate::value::{Binary, Fragment};
use crate::wiped::Wiped;

/// The message of a call; it can be sent more than once. On a port with MTOM it is a package, else text.
pub(super) struct Outgoing<'a> {
    operation: &'static Operation,
    request: &'a dyn Slot,
    slots: &'a Slots,
    /// Header blocks that the program gives.
    given: &'a [Fragment],
    form: Form<'a>,
    /// The request has attachments: where the envelope would be alone, they are beside it.
    has_attachments: bool,
    /// Whether the rules that only the documentation states are checked.
    documented_rules: bool,
    /// The most bytes of binary content that it allows, if that is checked.
    binary_limit: Option<u64>,
}

enum Form<'a> {
    /// The envelope alone. An upload stands in it as base64, which needs all of it in memory.
    Text(Option<Binary>),
    /// The envelope, content of this many bytes and more beside it, and the upload after both.
    Package(usize, Option<&'a Upload>),
}

impl<'a> Outgoing<'a> {
    /// Reads the upload into memory where the envelope has to contain it.
    ///
    /// # Errors
    /// An upload that is too large, or whose source fails. Nothing was sent.
    pub(super) async fn new(
        builder: &'a RequestBuilder<'_>,
        given: &'a [Fragment],
        settings: &Settings,
    ) -> Result<Self, Error> {
        let RequestBuilder { port, operation, request, slots, upload, .. } = builder;
        let (port, upload) = (port.descriptor, upload.as_ref());
        let (limits, documented_rules) = (&settings.limits, settings.documented_rules);
        let binary_limit = operation.binary_limit.filter(|_| documented_rules);
        let form = match upload {
            _ if port.mtom => Form::Package(limits.mtom.part_threshold, upload),
            Some(upload) => Form::Text(Some(in_memory(upload.open(binary_limit)?, limits.reply_bytes).await?)),
            None => Form::Text(None),
        };
        let has_attachments = request.members().is_some_and(|members| has_attachments(members.fields()));
        Ok(Self { operation, request: *request, slots, given, form, has_attachments, documented_rules, binary_limit })
    }

    /// An upload has a limit of its own, which its caller may have chosen.
    fn has_upload(&self) -> bool {
        matches!(self.form, Form::Text(Some(_)) | Form::Package(_, Some(_)))
    }

    /// Whether it can be sent as often as needed.
    pub(super) fn can_restart(&self) -> bool {
        !matches!(self.form, Form::Package(_, Some(upload)) if upload.is_one_shot())
    }

    /// Whether it can be sent, once more if it has been sent already.
    pub(super) fn can_be_sent(&self) -> bool {
        !matches!(self.form, Form::Package(_, Some(upload)) if !upload.can_restart())
    }

    /// A message that is sent now. Its Timestamp begins, and its upload starts from the beginning.
    ///
    /// The envelope is complete before the upload starts. As no security header depends on the content, a service can
    /// check the caller and the Timestamp before a long upload.
    ///
    /// # Errors
    /// A value that can't be written, an upload that is too large. Nothing was sent.
    pub(super) fn compose(
        &self,
        endpoint: &Endpoint<'_>,
        proof: &dyn Proof,
        message_id: Option<&str>,
        record: &mut Record<'_>,
    ) -> Result<(HeaderMap, Body), Error> {
        let (content, upload) = match &self.form {
            Form::Text(content) if !self.has_attachments => {
                let encoder = self.encoder(endpoint).with_stream(content.as_ref());
                let security = proof.security_header(endpoint.settings, None)?;
                let mut headers = endpoint.headers(self.operation.action)?;
                let envelope = self.envelope(
                    encoder.marking(record.is_seen()),
                    endpoint,
                    (security, message_id),
                    &mut headers,
                    record,
                )?;
                return Ok((headers, envelope.into()));
            }
            Form::Text(content) => (content.as_ref(), None),
            Form::Package(_, upload) => (None, *upload),
        };
        let mut random = [0; 16];
        endpoint.settings.random().fill(&mut random).map_err(no_random)?;
        let ids = Ids::new(random);
        let mut attachments = match &self.form {
            Form::Text(_) => Attachments::without_includes(ids),
            Form::Package(threshold, _) => Attachments::new(ids, *threshold, upload.is_some()),
        };
        let security = proof.security_header(endpoint.settings, Some(&mut attachments))?;
        let encoder = self.encoder(endpoint).with_stream(content).with_attachments(&mut attachments);
        let mut headers = endpoint.headers(self.operation.action)?;
        let envelope =
            self.envelope(encoder.marking(record.is_seen()), endpoint, (security, message_id), &mut headers, record)?;
        let package = OutgoingPackage::new(endpoint.soap, &envelope, attachments);
        if upload.is_some() != package.tail.is_some() {
            return Err(Error::configuration("the operation's request refers to no stream"));
        }
        let upload = upload.map(|upload| upload.open(self.binary_limit)).transpose()?;
        for (name, value) in &endpoint.package_headers(self.operation.action, &package.content_type)? {
            headers.insert(name, value.clone());
        }
        Ok((headers, package_body(package, upload)))
    }

    fn encoder(&self, endpoint: &Endpoint<'_>) -> Encoder<'_> {
        let hides = endpoint.settings.route.hides_credentials(endpoint.url);
        Encoder::new(Style::Client, self.slots)
            .checking_facets()
            .checking_rules(self.documented_rules)
            .refusing_credentials(hides.then_some(CLEAR_CREDENTIALS))
    }

    /// Writes the envelope, and shows it to the hooks before the Security header is in it.
    fn envelope(
        &self,
        mut encoder: Encoder<'_>,
        endpoint: &Endpoint<'_>,
        (security, message_id): (Option<Zeroizing<String>>, Option<&str>),
        headers: &mut HeaderMap,
        record: &mut Record<'_>,
    ) -> Result<Wiped, Error> {
        let Settings { hooks, route, .. } = endpoint.settings;
        let security = security.as_ref().map(|security| security.as_str());
        if hooks.is_empty() {
            self.write(&mut encoder, endpoint, security, message_id)?;
            let marks = encoder.take_marks();
            let envelope = encoder.seal();
            record.envelope(envelope.as_ref(), marks.as_deref());
            return Ok(envelope);
        }
        self.write(&mut encoder, endpoint, None, message_id)?;
        endpoint.add_program_headers(headers);
        let marks = encoder.take_marks();
        let written = encoder.seal();
        let mut envelope = hook::outgoing(hooks, self.operation.name, written.as_ref(), headers)?;
        // Of what a hook has changed, no text is known to be what it was.
        let marks = marks.filter(|_| envelope.as_bytes() == written.as_ref()).unwrap_or_default();
        record.envelope(envelope.as_bytes(), Some(&marks));
        if route.hides_credentials(endpoint.url) && request_headers::hold_credentials(headers) {
            return Err(Error::configuration(CLEAR_CREDENTIALS));
        }
        if let Some(security) = security {
            envelope = insert::with_security(endpoint.soap, &envelope, security).map_err(|error| {
                Error::configuration("a hook made a message that is no envelope").with_source(error)
            })?;
        }
        Ok(Wiped::all(std::mem::take(&mut *envelope).into_bytes()))
    }

    fn write(
        &self,
        encoder: &mut Encoder<'_>,
        endpoint: &Endpoint<'_>,
        security: Option<&str>,
        message_id: Option<&str>,
    ) -> Result<(), Error> {
        let addressing = message_id.zip(endpoint.addressing).map(|(message_id, edition)| Addressing {
            edition,
            action: self.operation.action,
            rest: Rest::Request { message_id, to: endpoint.to, to_id: None },
        });
        let body = message::Body::Typed(Direction::Request(self.operation), self.request);
        message::write_into(encoder, endpoint.soap, &Heading { addressing, security, given: self.given }, body)?;
        let bytes = encoder.binary();
        match self.binary_limit.filter(|limit| !self.has_upload() && bytes > *limit) {
            Some(limit) => Err(Error::malformed(format!(
                "the request has {bytes} bytes of attachments, more than the {limit} that the operation takes \
                 (ConnectionBuilder::documented_rules)"
            ))),
            None => Ok(()),
        }
    }
}

async fn in_memory(upload: UploadStream, limit: usize) -> Result<Binary, Error> {
    let content = Body::stream(upload, None).collect(limit).await.map_err(|error| {
        if error.is_too_large() {
            Error::malformed("the upload is too large to be sent without MTOM (Limits::reply_bytes)")
        } else {
            error.into_error()
        }
    })?;
    Ok(content.into())
}
