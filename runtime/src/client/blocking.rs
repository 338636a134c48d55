//! Calls from programs without `async`: feature `blocking`.

use std::fmt;
use std::future::poll_fn;
use std::io::{self, Read};
use std::pin::Pin;
use std::sync::OnceLock;
use std::task::ready;

use tokio::io::{AsyncRead as _, ReadBuf};
use tokio::runtime::{Builder, Handle, Runtime};

use crate::client::connection::Connection;
use crate::error::Error;
use crate::schema::value::Value;
use crate::stream::{Download, Items};

/// A thread for the network, begun by the first call that waits.
#[derive(Default)]
pub(super) struct Thread(OnceLock<Runtime>);

impl Thread {
    fn runtime(&self) -> Result<&Runtime, Error> {
        if Handle::try_current().is_ok() {
            return Err(Error::configuration(
                "not sent: within a tokio runtime a call is awaited, as waiting would stop the runtime",
            ));
        }
        if let Some(runtime) = self.0.get() {
            return Ok(runtime);
        }
        let built = Builder::new_multi_thread().worker_threads(1).thread_name("soap").enable_all().build();
        let built =
            built.map_err(|error| Error::configuration("no thread can be begun for the network").with_source(error))?;
        // Of two first calls at once, one begins it in vain.
        Ok(self.0.get_or_init(|| built))
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        // A runtime must not be waited for within another one, where the connection may be dropped.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

impl fmt::Debug for Thread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Thread")
    }
}

impl Connection {
    /// Waits for a call, on a thread that is not one of a tokio runtime.
    ///
    /// The network is served by one thread of the connection's own, which begins with the first call and ends with the last
    /// clone of the connection. So all calls of a connection should wait here, or all be awaited: its network connections
    /// belong to the runtime that began them.
    ///
    /// ```no_run
    /// # mod stock {
    /// #     pub struct Client;
    /// #     impl Client {
    /// #         pub fn new(_: &soap_runtime::Connection) -> Self { Self }
    /// #         pub async fn get_price(&self, _: &str) -> Result<i32, soap_runtime::Error> { Ok(1) }
    /// #     }
    /// # }
    /// use soap_runtime::Connection;
    ///
    /// let connection = Connection::to("https://localhost")?;
    /// let client = stock::Client::new(&connection);
    /// let price = connection.wait(client.get_price("4711"))?;
    /// # Ok::<(), soap_runtime::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of the call. Within a tokio runtime nothing is sent, and the error is of kind
    /// [`Configuration`](crate::ErrorKind::Configuration).
    pub fn wait<T>(&self, call: impl IntoFuture<Output = Result<T, Error>>) -> Result<T, Error> {
        self.thread().runtime()?.block_on(call.into_future())
    }

    /// The content of a download, as it comes.
    ///
    /// ```no_run
    /// # fn example(connection: soap_runtime::Connection, download: soap_runtime::Download) -> std::io::Result<()> {
    /// std::io::copy(&mut connection.reader(download), &mut std::fs::File::create("report.zip")?)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn reader(&self, download: Download) -> impl Read + Send + use<> {
        Reader { connection: self.clone(), download }
    }

    /// The items of a list, as they come. The iterator ends after the first error.
    ///
    /// ```no_run
    /// # fn example(connection: soap_runtime::Connection, names: soap_runtime::Items<String>) -> Result<(), soap_runtime::Error> {
    /// for name in connection.iter(names) {
    ///     println!("{}", name?);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn iter<T: Value + Unpin>(&self, items: Items<T>) -> impl Iterator<Item = Result<T, Error>> + use<T> {
        let connection = self.clone();
        let mut items = Some(items);
        std::iter::from_fn(move || {
            let next = connection.wait(items.as_mut()?.next());
            if !matches!(next, Ok(Some(_))) {
                items = None;
            }
            next.transpose()
        })
    }
}

struct Reader {
    connection: Connection,
    download: Download,
}

impl Read for Reader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let runtime = self.connection.thread().runtime().map_err(io::Error::other)?;
        let mut buffer = ReadBuf::new(buffer);
        let download = &mut self.download;
        runtime.block_on(poll_fn(|cx| {
            ready!(Pin::new(&mut *download).poll_read(cx, &mut buffer))?;
            std::task::Poll::Ready(Ok(buffer.filled().len()))
        }))
    }
}
