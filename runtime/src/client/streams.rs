//! Calls with a stream beside one of their messages, or in the place of one.

use crate::client::call::Port;
use crate::client::receive::{Known, Listed, Streamed, Whole};
use crate::client::stream::{Download, Items, Upload};
use crate::error::Error;
use crate::schema::descriptor::Operation;
use crate::schema::slot::Slot;
use crate::schema::slots::Principal;
use crate::schema::value::Value;

impl Port {
    /// Calls an operation whose request has a stream.
    ///
    /// Dropping the future ends the call, and the upload in the middle of it.
    pub async fn upload<R: Slot>(
        &self,
        operation: &'static Operation,
        request: &dyn Slot,
        end_user: Option<&dyn Principal>,
        upload: impl Into<Upload>,
    ) -> Result<R, Error> {
        let upload = upload.into();
        self.exchange(operation, request, end_user, Some(&upload), Whole(Known::default())).await
    }

    /// Calls an operation whose reply is a stream.
    pub async fn download(
        &self,
        operation: &'static Operation,
        request: &dyn Slot,
        end_user: Option<&dyn Principal>,
    ) -> Result<Download, Error> {
        let ((), download) = self.download_with(operation, request, end_user).await?;
        Ok(download)
    }

    /// Calls an operation whose reply has a stream and other values.
    pub async fn download_with<R: Slot>(
        &self,
        operation: &'static Operation,
        request: &dyn Slot,
        end_user: Option<&dyn Principal>,
    ) -> Result<(R, Download), Error> {
        let (reply, download) = self.exchange(operation, request, end_user, None, Streamed::default()).await?;
        Ok((reply, download.of(operation.name)))
    }

    /// Calls an operation whose reply is a list, and hands over its items one by one.
    pub async fn items<T: Value + Unpin>(
        &self,
        operation: &'static Operation,
        request: &dyn Slot,
        end_user: Option<&dyn Principal>,
    ) -> Result<Items<T>, Error> {
        self.exchange(operation, request, end_user, None, Listed::default()).await
    }
}
