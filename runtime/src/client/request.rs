//! The request builder that every generated method ends with.

use std::fmt;

use http::HeaderMap;

use crate::client::port::Port;
use crate::client::receive::{Listed, Streamed, Typed, Whole, WithParts};
use crate::client::{request_headers, soap_headers};
use crate::error::Error;
use crate::message::reply_headers::{ReplyHeaders, WithHeaders};
use crate::schema::descriptor::Operation;
use crate::schema::message_type::MessageType;
use crate::schema::slot::Slot;
use crate::schema::slots::{Principal, Slots};
use crate::schema::value::Value;
use crate::secret::Secret;
use crate::stream::{Download, Items, Upload};
use crate::value::Fragment;

impl Port {
    /// Begins a request; `&()` is one without content.
    pub fn request<'a>(&'a self, operation: &'static Operation, request: &'a dyn Slot) -> RequestBuilder<'a> {
        RequestBuilder {
            port: self,
            operation,
            request,
            slots: self.slots(),
            upload: None,
            http_headers: Ok(None),
            soap_headers: Vec::new(),
            reply_headers: None,
        }
    }
}

/// A request that has not been sent. Nothing is sent before one of the last six methods is awaited.
///
/// Dropping their future ends the call; whether it was delivered is unknown then.
#[must_use = "a request is sent by one of its last methods, such as `call`"]
pub struct RequestBuilder<'a> {
    pub(super) port: &'a Port,
    pub(super) operation: &'static Operation,
    pub(super) request: &'a dyn Slot,
    pub(super) slots: Slots,
    pub(super) upload: Option<Upload>,
    /// In place of those of the connection.
    pub(super) http_headers: Result<Option<HeaderMap>, Error>,
    /// Besides those of the connection.
    pub(super) soap_headers: Vec<Fragment>,
    /// In place of that of the connection.
    pub(super) reply_headers: Option<ReplyHeaders>,
}

impl RequestBuilder<'_> {
    /// The person or party on whose behalf the call is made.
    pub fn principal(mut self, principal: impl Principal) -> Self {
        principal.fill(&mut self.slots);
        self
    }

    /// The content of the request's stream.
    pub fn upload(mut self, upload: impl Into<Upload>) -> Self {
        self.upload = Some(upload.into());
        self
    }

    /// Adds an HTTP header to this request alone. One of the same name that the connection adds is replaced. A wrong one is
    /// an error of the call.
    pub fn http_header(mut self, name: &str, value: impl Into<Secret>) -> Self {
        self.http_headers = self.http_headers.and_then(|headers| {
            let mut headers = headers.unwrap_or_else(|| self.port.connection.http_headers().clone());
            request_headers::set(&mut headers, name, &value.into())?;
            Ok(Some(headers))
        });
        self
    }

    /// Adds a SOAP header block to this request alone: see
    /// [`Connection::with_soap_header`](crate::Connection::with_soap_header).
    pub fn soap_header(mut self, block: Fragment) -> Self {
        soap_headers::set(&mut self.soap_headers, block);
        self
    }

    /// Sends it and reads the reply.
    ///
    /// # Errors
    /// A request that cannot be sent, a failure of the network, a fault, or an invalid reply.
    pub async fn call<R: Slot>(self) -> Result<R, Error> {
        self.run(Whole(Typed::default())).await
    }

    /// As [`call`](Self::call), for a reply whose header parts are read apart from its body.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn call_with_headers<R: Slot, H: Slot>(mut self) -> Result<WithHeaders<R, H>, Error> {
        let others = self.reply_headers.get_or_insert_default().clone();
        let (reply, headers) = self.run(Whole(WithParts::default())).await?;
        Ok(WithHeaders { reply, headers, others: others.take() })
    }

    /// As [`call`](Self::call), for a reply whose type is known only at run time.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn call_any(self, reply: MessageType) -> Result<Box<dyn Slot>, Error> {
        self.run(Whole(reply)).await
    }

    /// Sends it and returns the stream that is the reply.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn download(self) -> Result<Download, Error> {
        let ((), download) = self.download_with().await?;
        Ok(download)
    }

    /// Sends it and returns the reply and the stream in it.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn download_with<R: Slot>(self) -> Result<(R, Download), Error> {
        let operation = self.operation.name;
        let (reply, download) = self.run(Streamed::default()).await?;
        Ok((reply, download.of(operation)))
    }

    /// Sends it and returns the items of the list that is the reply, one by one.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn items<T: Value + Unpin>(self) -> Result<Items<T>, Error> {
        self.run(Listed::default()).await
    }
}

impl fmt::Debug for RequestBuilder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestBuilder").field("operation", &self.operation.name).finish_non_exhaustive()
    }
}
