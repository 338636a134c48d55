//! Looks a receipt up: `cargo run --example receipt --features receipt -- <RECEIPT ID>`.
//!
//! Server and credentials come from ALTINN_URL, ALTINN_CA, ALTINN_SYSTEM_ID and ALTINN_SYSTEM_PASSWORD.

mod environment;

use std::env;
use std::error::Error;

use altinn_soap::receipt;
use altinn_soap::receipt::types::{AltinnFault, ReceiptSearch};
use environment::variable;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let id = env::args().nth(1).ok_or("which receipt?")?.parse()?;
    let connection = environment::builder()?.build()?;
    println!("asking {}", variable("ALTINN_URL")?);
    let receipts = receipt::basic::Client::new(&connection, environment::system()?);

    match receipts.get_receipt_basic_v2(ReceiptSearch { receipt_id: Some(id), ..Default::default() }).await {
        Ok(Some(receipt)) => {
            println!("{receipt:#?}");
            for reference in receipt.references.iter().filter_map(|reference| reference.archive_reference()) {
                println!("in the archive as {reference}");
            }
        }
        Ok(None) => println!("no such receipt"),
        Err(error) => match error.fault().and_then(|fault| fault.detail::<AltinnFault>()) {
            Some(fault) => println!("Altinn says {:?}: {:?}", fault.kind(), fault.altinn_error_message),
            None => return Err(error.into()),
        },
    }
    Ok(())
}
