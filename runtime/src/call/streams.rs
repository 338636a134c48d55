//! Calls with a stream beside one of their messages.

use http::StatusCode;
use tokio::time::timeout;

use super::Port;
use super::answer::{self, Message, Opened};
use crate::credentials::EndUser;
use crate::descriptor::Operation;
use crate::error::{Delivery, Error};
use crate::list::ListReader;
use crate::mtom::package::{DRAIN_TIMEOUT, Package};
use crate::mtom::parts::Parts;
use crate::stream::{Download, Items, Source, Upload};
use crate::transport::Response;
use crate::value::{Binary, Slot, Value};

impl Port {
    /// Calls an operation whose request has a stream.
    ///
    /// Dropping the future ends the call, and the upload in the middle of it.
    pub async fn upload<R: Slot>(
        &self,
        operation: &'static Operation,
        request: &dyn Slot,
        end_user: Option<&EndUser>,
        upload: impl Into<Upload>,
    ) -> Result<R, Error> {
        let (mut reply, upload, span) = (R::blank(), upload.into(), self.span(operation));
        let exchange = async {
            let response = self.send(operation, request, end_user, Some(&upload), &span).await?;
            self.receive(operation, response, &mut reply).await
        };
        self.traced(operation, &span, exchange).await?;
        Ok(reply)
    }

    /// Calls an operation whose reply is a stream.
    pub async fn download(
        &self,
        operation: &'static Operation,
        request: &dyn Slot,
        end_user: Option<&EndUser>,
    ) -> Result<Download, Error> {
        let ((), download) = self.download_with(operation, request, end_user).await?;
        Ok(download)
    }

    /// Calls an operation whose reply has a stream and other values.
    pub async fn download_with<R: Slot>(
        &self,
        operation: &'static Operation,
        request: &dyn Slot,
        end_user: Option<&EndUser>,
    ) -> Result<(R, Download), Error> {
        let span = self.span(operation);
        let exchange = async {
            let response = self.send(operation, request, end_user, None, &span).await?;
            self.receive_stream(operation, response).await
        };
        let (reply, download) = self.traced(operation, &span, exchange).await?;
        Ok((reply, download.of(operation.name)))
    }

    /// Calls an operation whose reply is a list, and hands over its items one by one.
    pub async fn items<T: Value + Unpin>(
        &self,
        operation: &'static Operation,
        request: &dyn Slot,
        end_user: Option<&EndUser>,
    ) -> Result<Items<T>, Error> {
        let span = self.span(operation);
        let exchange = async {
            let response = self.send(operation, request, end_user, None, &span).await?;
            let status = response.status;
            self.receive_items(operation, response).await.map_err(|error| error.with_status(status.as_u16()))
        };
        self.traced(operation, &span, exchange).await
    }

    async fn receive_items<T: Value + Unpin>(
        &self,
        operation: &'static Operation,
        response: Response,
    ) -> Result<Items<T>, Error> {
        let limits = self.connection.limits();
        let list = ListReader::new(self.descriptor.soap, &operation.reply, &limits.xml, limits.item_bytes)?;
        let status = response.status;
        let source = match answer::open(response, limits).await? {
            Opened::Envelope(body) => Source::Text(body),
            Opened::Package(mut package) => {
                let answered = |error: Error| answer::broken(status, error);
                package.up_to_root(&mut Parts::default()).await.map_err(answered)?;
                Source::Package(package)
            }
        };
        let mut items = Items::new(list, source, operation.name);
        match items.begin().await {
            Ok(false) => Err(answer::not_soap(status, "an empty body")),
            Ok(true) if status.is_success() => Ok(items),
            Ok(true) => Err(answer::no_fault()),
            Err(error) => Err(answer::unread(status, error)),
        }
    }

    async fn receive_stream<R: Slot>(
        &self,
        operation: &'static Operation,
        response: Response,
    ) -> Result<(R, Download), Error> {
        let status = response.status;
        let outcome = match answer::message(response, self.connection.limits()).await {
            Ok(Message::Envelope(envelope)) => self
                .read_streamed(operation, status, &envelope, Parts::default())
                .map(|(reply, _, content)| (reply, Download::whole(content.unwrap_or_default().into_bytes()))),
            Ok(Message::Package(package)) => self.open_stream(operation, status, *package).await,
            Err(error) => Err(error),
        };
        outcome.map_err(|error| error.with_status(status.as_u16()))
    }

    /// Reads a package up to where its stream begins.
    async fn open_stream<R: Slot>(
        &self,
        operation: &'static Operation,
        status: StatusCode,
        mut package: Package,
    ) -> Result<(R, Download), Error> {
        let answered = |error: Error| answer::broken(status, error);
        let (envelope, mut parts) = package.root().await.map_err(answered)?;
        // The first reading says which part is the stream. If it also needs parts that follow, it is read once more.
        let mut first = parts.again();
        (first.stream_follows, first.incomplete) = (true, true);
        let (mut reply, mut seen, mut content) = match self.read_streamed::<R>(operation, status, &envelope, first) {
            Ok(read) => read,
            Err(error) => {
                // Most likely a fault. The connection can be used again if its end comes soon.
                let _ = timeout(DRAIN_TIMEOUT, package.rest(&mut parts)).await;
                return Err(error);
            }
        };
        if !seen.awaited.is_empty() {
            let stream = seen.stream.unwrap_or_default();
            let at_stream = package.up_to(&stream, &mut parts).await.map_err(answered)?;
            let mut again = parts.again();
            again.stream_follows = at_stream;
            (reply, seen, content) = self.read_streamed(operation, status, &envelope, again)?;
        } else if let Some(stream) = &seen.stream
            && !package.up_to(stream, &mut parts).await.map_err(answered)?
        {
            let missing = Error::malformed("the part that holds the stream is not there");
            return Err(missing.delivered(Delivery::Answered));
        }
        let held = match seen.stream {
            Some(_) => None,
            None => Some(content.unwrap_or_default().into_bytes()),
        };
        Ok((reply, Download::part(package, held)))
    }

    fn read_streamed<R: Slot>(
        &self,
        operation: &'static Operation,
        status: StatusCode,
        envelope: &bytes::Bytes,
        parts: Parts,
    ) -> Result<(R, Parts, Option<Binary>), Error> {
        let mut reply = R::blank();
        let (parts, content) = self.read(operation, status, envelope, parts, &mut reply)?;
        Ok((reply, parts, content))
    }
}
