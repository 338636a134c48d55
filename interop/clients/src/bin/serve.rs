//! Serves ports to clients of other stacks. It prints `READY <port> <address>` for each port and `SERVING`, listens on
//! 127.0.0.1, and stops when its standard input closes.

use std::error::Error;

use altinn_soap_generated::receipt::types::{AltinnFault, Receipt, ReceiptSearch};
use altinn_soap_generated::receipt::{basic, ws};
use altinn_soap_interop::weather::weather::weather_port as weather;
use soap_runtime::Credentials;
use soap_runtime::server::{Context, Listener, Listing, PasswordProof, ServiceFault};
use tokio::io::{AsyncReadExt as _, stdin};

const USER: &str = "1001";
const PASSWORD: &str = "sys<&>\"'tem æ";

/// Receipts of all numbers but one.
struct Receipts;

/// The number for which there is no receipt.
const NONE: i32 = 30008;

fn receipt(search: ReceiptSearch) -> Result<Receipt, ServiceFault> {
    if search.receipt_id == Some(NONE) {
        let message = "no <receipt> found".to_owned();
        let fault = AltinnFault { error_id: Some(NONE), altinn_error_message: Some(message), ..AltinnFault::default() };
        return Err(ServiceFault::receiver("there is no receipt").detail(&fault));
    }
    let text = "served: <&> æøå".to_owned();
    let ReceiptSearch { receipt_id, references, .. } = search;
    Ok(Receipt { receipt_id, references, receipt_text: Some(text), ..Receipt::default() })
}

fn receipts() -> Result<Listing<Receipt>, ServiceFault> {
    (1..=3).map(|id| receipt(ReceiptSearch { receipt_id: Some(id), ..ReceiptSearch::default() })).collect()
}

/// The credentials in the body are those of the system.
fn known(context: &Context) -> Result<(), ServiceFault> {
    match context.credentials() == Some(Credentials::new(USER, PASSWORD)) {
        true => Ok(()),
        false => Err(ServiceFault::sender("who is that?")),
    }
}

impl basic::Handler for Receipts {
    async fn get_receipt_basic_v2(
        &self,
        request: basic::GetReceiptBasicV2,
        context: Context,
    ) -> Result<Option<Receipt>, ServiceFault> {
        known(&context)?;
        receipt(request.receipt).map(Some)
    }

    async fn get_receipt_list_basic_v2(
        &self,
        _: basic::GetReceiptListBasicV2,
        context: Context,
    ) -> Result<Listing<Receipt>, ServiceFault> {
        known(&context)?;
        receipts()
    }
}

impl ws::Handler for Receipts {
    async fn test(&self, _: ws::Test, _: Context) -> Result<(), ServiceFault> {
        Ok(())
    }

    async fn get_receipt_v2(&self, request: ws::GetReceiptV2, _: Context) -> Result<Option<Receipt>, ServiceFault> {
        receipt(request.receipt).map(Some)
    }
}

/// Answers what it was told.
struct Echo;

impl weather::Handler for Echo {
    async fn tell(&self, request: weather::Tell, _: Context) -> Result<weather::TellResponse, ServiceFault> {
        let weather::Tell { report, quarter, days } = request;
        Ok(weather::TellResponse { report, quarter, days })
    }

    async fn say(&self, request: weather::Say, _: Context) -> Result<String, ServiceFault> {
        Ok(request.word)
    }

    async fn ping(&self, _: weather::Ping, _: Context) -> Result<(), ServiceFault> {
        Ok(())
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let users = |user: String, password: PasswordProof| async move { user == USER && password.is(PASSWORD) };
    let mut listener = Listener::bind("127.0.0.1:0").await?;
    // A policy that asks for TLS is the business of a proxy here.
    let address = format!("http://{}", listener.local_addr());
    for service in [basic::service(Receipts), ws::service(Receipts).users(users), weather::service(Echo)] {
        let name = service.port().name;
        println!("READY {name} {address}/{name}");
        listener = listener.mount_at(name, service.public_url(address.parse()?));
    }
    tokio::spawn(listener.serve());
    println!("SERVING");
    stdin().read_to_end(&mut Vec::new()).await?;
    Ok(())
}
