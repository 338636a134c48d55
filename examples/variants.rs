//! The same question through each variant: `cargo run --example variants --features receipt,ec2 -- <basic | ws | ec2> <RECEIPT ID>`.
//!
//! The server comes from ALTINN_URL and ALTINN_CA. What is asked of the caller differs, what is asked of the service does not:
//!
//! - `basic`: ALTINN_SYSTEM_ID and ALTINN_SYSTEM_PASSWORD.
//! - `ws`: the same. They travel in a WS-Security UsernameToken.
//! - `ec2`: besides, a certificate: ALTINN_P12 names its PKCS#12 file, ALTINN_P12_PASSWORD opens it.

mod environment;

use std::env;
use std::error::Error;
use std::fs;

use altinn_soap::receipt::types::ReceiptSearch;
use altinn_soap::{Certificate, ErrorKind, Secret, receipt};
use environment::variable;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let mut arguments = env::args().skip(1);
    let variant = arguments.next().ok_or("which variant: basic, ws or ec2?")?;
    let id = arguments.next().ok_or("which receipt?")?.parse()?;
    let connection = environment::builder()?.build()?;
    let credentials = environment::system()?;
    let search = ReceiptSearch { receipt_id: Some(id), ..Default::default() };

    let answer = match variant.as_str() {
        "basic" => {
            let receipts = receipt::basic::Client::new(&connection, credentials);
            receipts.get_receipt_basic_v2(search).await
        }
        "ws" => {
            let receipts = receipt::ws::Client::new(&connection, credentials);
            receipts.get_receipt_v2(search).await
        }
        "ec2" => {
            let receipts = receipt::ec2::Client::new(&connection, certificate()?, credentials);
            receipts.get_receipt_ec_v2(search).await
        }
        other => return Err(format!("{other}: no variant").into()),
    };
    // Services that hold sessions in memory are told that this one has ended; Altinn's keep them in a cookie.
    connection.close().await;

    match answer {
        Ok(Some(receipt)) => println!("{receipt:#?}"),
        Ok(None) => println!("no such receipt"),
        // Not tried again, by no client of this connection, until `Connection::reset_authentication`.
        Err(error) if error.kind() == ErrorKind::Authentication => println!("refused: {error}"),
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

fn certificate() -> Result<Certificate, Box<dyn Error + Send + Sync>> {
    let file = fs::read(variable("ALTINN_P12")?)?;
    Ok(Certificate::from_pkcs12(&file, &Secret::from(variable("ALTINN_P12_PASSWORD")?))?)
}
