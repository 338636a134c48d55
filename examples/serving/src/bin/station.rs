//! Serves the contract of somebody else: `cargo run -p altinn-soap-example-serving`, and `http://127.0.0.1:8080/?wsdl` shows it.
//! An argument is another address than `127.0.0.1:8080`.

use std::error::Error;

use altinn_soap_example_serving::soap::weather_service::types::Reading;
use altinn_soap_example_serving::soap::weather_service::weather_port::{GetReadings, Handler, service};
use soap_runtime::server::{Context, Listener, Listing, ServiceFault};

/// The one station that this service knows.
struct Station;

impl Handler for Station {
    async fn get_readings(&self, request: GetReadings, _: Context) -> Result<Listing<Reading>, ServiceFault> {
        if request.station != "Røros" {
            return Err(ServiceFault::sender("there is no such station"));
        }
        let readings = [("2026-02-01T06:00:00Z", "-11.5"), ("2026-02-01T12:00:00Z", "-8")];
        readings.into_iter().map(|(time, celsius)| Ok(Reading::new(time.parse()?, celsius.parse()?))).collect()
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    let listener = Listener::bind(address).await?.mount(service(Station));
    for url in listener.urls() {
        println!("{url}?wsdl");
    }
    Ok(listener.serve().await?)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that fails may panic")]
mod tests {
    use altinn_soap_example_serving::soap::weather_service::weather_port::Client;
    use soap_runtime::Connection;

    use super::*;

    #[tokio::test]
    async fn a_client_reads_what_the_station_has() {
        let listener = Listener::bind("127.0.0.1:0").await.unwrap().mount(service(Station));
        let address = format!("http://{}", listener.local_addr());
        tokio::spawn(listener.serve());
        let connection = Connection::builder(&*address).allow_http_to_loopback(true).build().unwrap();
        let client = Client::new(&connection);
        let readings = client.get_readings("Røros".to_owned()).await.unwrap();
        assert_eq!(readings.iter().map(|one| one.celsius.to_string()).collect::<Vec<_>>(), ["-11.5", "-8"]);
        let error = client.get_readings("Bodø".to_owned()).await.unwrap_err();
        assert_eq!(error.fault().unwrap().reason(), "there is no such station");
    }
}
