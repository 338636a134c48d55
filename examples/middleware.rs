//! Looks at every call on its way out and back: `cargo run --example middleware --features receipt`.
//!
//! Server and credentials come from ALTINN_URL, ALTINN_CA, ALTINN_SYSTEM_ID and ALTINN_SYSTEM_PASSWORD.

mod environment;

use std::error::Error;
use std::sync::Arc;
use std::time::Instant;

use altinn_soap::receipt;
use altinn_soap::transport::{BoxFuture, Request, Response, Transport, TransportError};

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
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let connection = environment::builder()?.layer(|inner| Arc::new(Stopwatch(inner))).build()?;
    println!("asking {}", environment::variable("ALTINN_URL")?);
    let receipts = receipt::basic::Client::new(&connection, environment::system()?);
    receipts.test().await?;
    Ok(())
}
