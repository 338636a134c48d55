//! Keeps a SOAP service alive over an HTTP API that has taken its place:
//! `cargo run -p altinn-soap-example-serving --bin gateway -- <ADDRESS OF THE API>`.

use std::error::Error;

use altinn_soap_example_serving::soap::weather_service::types::Reading;
use altinn_soap_example_serving::soap::weather_service::weather_port::{GetReadings, Handler, service};
use reqwest::{StatusCode, Url};
use serde::Deserialize;
use soap_runtime::server::{Context, Listener, Listing, ServiceFault};

/// The API: `GET stations/NAME/readings` answers with a list of [`Observation`].
struct Api {
    client: reqwest::Client,
    address: Url,
}

/// A reading as the API has it.
#[derive(Deserialize)]
struct Observation {
    time: String,
    celsius: String,
}

impl Api {
    fn at(address: Url) -> Self {
        // The reqwest that the runtime brings leaves the choice of a library for TLS to the program.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Self { client: reqwest::Client::new(), address }
    }
}

impl Handler for Api {
    async fn get_readings(&self, request: GetReadings, _: Context) -> Result<Listing<Reading>, ServiceFault> {
        let mut url = self.address.clone();
        url.path_segments_mut().map_err(|()| ServiceFault::internal())?.extend([
            "stations",
            &*request.station,
            "readings",
        ]);
        // What goes wrong here is nothing that the caller should read: `?` says only that the service failed.
        let response = self.client.get(url).send().await?;
        if response.status() == StatusCode::NOT_FOUND {
            return Err(ServiceFault::sender("there is no such station"));
        }
        let observations: Vec<Observation> = response.error_for_status()?.json().await?;
        observations.iter().map(|one| Ok(Reading::new(one.time.parse()?, one.celsius.parse()?))).collect()
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = std::env::args().nth(1).ok_or("usage: gateway <ADDRESS OF THE API>")?.parse()?;
    let listener = Listener::bind("127.0.0.1:8080").await?.mount(service(Api::at(address)));
    for url in listener.urls() {
        println!("{url}?wsdl");
    }
    Ok(listener.serve().await?)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that fails may panic")]
mod tests {
    use std::convert::Infallible;

    use altinn_soap_example_serving::soap::weather_service::weather_port::Client;
    use hyper::body::Incoming;
    use hyper::server::conn::http1;
    use hyper::service::service_fn;
    use hyper::{Request, Response};
    use hyper_util::rt::TokioIo;
    use soap_runtime::Connection;
    use tokio::net::TcpListener;

    use super::*;

    /// Answers what the service is asked for.
    async fn api(request: Request<Incoming>) -> Result<Response<String>, Infallible> {
        let (status, text) = match request.uri().path() {
            "/v1/stations/R%C3%B8ros/readings" => (200, r#"[{"time": "2026-02-01T06:00:00Z", "celsius": "-11.5"}]"#),
            "/v1/stations/broken/readings" => (500, "a secret of the API"),
            _ => (404, ""),
        };
        Ok(Response::builder().status(status).body(text.to_owned()).unwrap())
    }

    #[tokio::test]
    async fn what_the_api_answers_is_answered_in_soap() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(api)));
            }
        });
        let api = Api::at(format!("http://{address}/v1").parse().unwrap());
        let listener = Listener::bind("127.0.0.1:0").await.unwrap().mount(service(api));
        let address = format!("http://{}", listener.local_addr());
        tokio::spawn(listener.serve());
        let connection = Connection::builder(&*address).allow_http_to_loopback(true).build().unwrap();
        let client = Client::new(&connection);
        let readings = client.get_readings("Røros".to_owned()).await.unwrap();
        assert_eq!(readings[0].celsius.to_string(), "-11.5");
        for (station, is_told) in [("nowhere", true), ("broken", false)] {
            let error = client.get_readings(station.to_owned()).await.unwrap_err();
            let reason = error.fault().unwrap().reason();
            assert_eq!(reason == "there is no such station", is_told, "{reason}");
            assert!(!reason.contains("secret"), "{reason}");
        }
    }
}
