//! Looks at every call on its way out and back: `cargo run --example middleware --features receipt -- <ADDRESS>`.

use std::env;
use std::error::Error;
use std::sync::Arc;
use std::time::Instant;

use altinn_soap::transport::{BoxFuture, Request, Response, Transport, TransportError};
use altinn_soap::{Connection, Credentials, receipt};

/// Says how long each exchange took. Neither the message nor its headers are its business.
#[derive(Debug)]
struct Stopwatch(Arc<dyn Transport>);

impl Transport for Stopwatch {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        Box::pin(async move {
            let (start, path) = (Instant::now(), request.url.path().to_owned());
            let outcome = self.0.send(request).await;
            let status = outcome.as_ref().map(|response| response.status.as_u16());
            println!(
                "{path}: {} in {:?}",
                status.map_or("no answer".to_owned(), |status| status.to_string()),
                start.elapsed()
            );
            outcome
        })
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = env::args().nth(1).ok_or("which address?")?;
    let connection = Connection::builder(&*address)
        .allow_http_to_loopback(true)
        .layer(|inner| Arc::new(Stopwatch(inner)))
        .build()?;
    let receipts = receipt::basic::Client::new(&connection, Credentials::new("1001", "password"));
    receipts.test().await?;
    Ok(())
}
