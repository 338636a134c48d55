//! Files a form on behalf of a person, who signs in with a one-time code:
//! `cargo run --example submit_form --features system_authentication,intermediary_inbound -- <FORM.xml>`.
//!
//! Credentials come from ALTINN_SYSTEM_ID, ALTINN_SYSTEM_PASSWORD, ALTINN_SSN and ALTINN_PASSWORD; the code is asked for.

use std::error::Error;
use std::{env, fs, io};

use altinn_soap::intermediary_inbound::types::{Form, FormTask, FormTaskShipmentBE};
use altinn_soap::system_authentication::types::AuthenticationChallengeRequestBE;
use altinn_soap::{
    Connection, Credentials, Delivery, EndUser, Environment, intermediary_inbound, system_authentication,
};

const METHOD: &str = "SMSPin";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let form_data = fs::read_to_string(env::args().nth(1).ok_or("which form?")?)?;
    let connection = Connection::to(Environment::Tt02)?;
    let system = Credentials::new(env::var("ALTINN_SYSTEM_ID")?, env::var("ALTINN_SYSTEM_PASSWORD")?);
    let (ssn, password) = (env::var("ALTINN_SSN")?, env::var("ALTINN_PASSWORD")?);

    let challenge = AuthenticationChallengeRequestBE { auth_method: Some(METHOD.to_owned()) };
    let person = EndUser::new(&*ssn, &*password);
    let authentication = system_authentication::basic::Client::new(&connection, system.clone());
    let answer = authentication.get_authentication_challenge(challenge, Some(&person)).await?;
    println!("{}", answer.and_then(|answer| answer.message).unwrap_or_default());
    let mut code = String::new();
    io::stdin().read_line(&mut code)?;
    let person = person.pin_code(METHOD, code.trim());

    let form = Form {
        completed: Some(true),
        data_format_id: Some("212".to_owned()),
        data_format_version: Some(8_010),
        form_data: Some(form_data),
        ..Default::default()
    };
    let shipment = FormTaskShipmentBE {
        reportee: Some(ssn),
        external_shipment_reference: Some("example-1".to_owned()),
        form_tasks: Some(FormTask {
            service_code: Some("PSA".to_owned()),
            service_edition: Some(2009),
            forms: vec![form],
        }),
        ..Default::default()
    };
    let submissions = intermediary_inbound::basic::Client::new(&connection, system);
    match submissions.submit_form_task_basic(shipment, Some(&person)).await {
        // The main receipt alone proves nothing: read the receipts below it too.
        Ok(receipt) => println!("{receipt:#?}"),
        Err(error) if error.delivery() == Delivery::Unknown => {
            println!("{error}\nIt may have arrived: look for a receipt of `example-1` before sending again.");
        }
        Err(error) => return Err(error.into()),
    }
    Ok(())
}
