//! Looks a receipt up: `cargo run --example receipt --features receipt -- <RECEIPT ID> [ADDRESS]`.
//!
//! Credentials come from ALTINN_SYSTEM_ID and ALTINN_SYSTEM_PASSWORD. An address such as `http://127.0.0.1:8080` stands for another server
//! with the same paths; without one it is Altinn's test environment.

use std::env;
use std::error::Error;

use altinn_soap::receipt::types::{AltinnFault, ReceiptSearch};
use altinn_soap::{BaseUrl, Connection, Credentials, Environment, receipt};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let id = arguments.next().ok_or("which receipt?")?.parse()?;
    let environment = match arguments.next() {
        Some(address) => Environment::Custom(BaseUrl::try_from(&*address)?),
        None => Environment::Tt02,
    };
    let connection = Connection::builder(environment).allow_http_to_loopback(true).build()?;
    let credentials = Credentials::new(env::var("ALTINN_SYSTEM_ID")?, env::var("ALTINN_SYSTEM_PASSWORD")?);
    let receipts = receipt::basic::Client::new(&connection, credentials);

    match receipts.get_receipt_basic_v2(ReceiptSearch { receipt_id: Some(id), ..Default::default() }).await {
        Ok(Some(receipt)) => println!("{receipt:#?}"),
        Ok(None) => println!("no such receipt"),
        Err(error) => match error.fault().and_then(|fault| fault.detail::<AltinnFault>()) {
            Some(fault) => println!("Altinn says {:?}: {:?}", fault.error_id, fault.altinn_error_message),
            None => return Err(error.into()),
        },
    }
    Ok(())
}
