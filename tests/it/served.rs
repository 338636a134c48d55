//! Ports that are served, called by the clients of the same contracts.

use std::collections::BTreeSet;

use altinn_soap::receipt;
use altinn_soap::server::{Context, Listing, Service, ServiceFault};
use altinn_soap::transport::Body;
use altinn_soap::{Connection, Download, ErrorKind, Upload};
use http::Request;
use wsdl_codegen::contract::{model::Contract, print};
use wsdl_codegen::{Config, SourceSet, files};

use crate::golden::served::depot::{depot, scales, types};
use crate::support::root;

fn connection(service: Service) -> Connection {
    Connection::builder("https://localhost").transport(service).build().unwrap()
}

/// A depot in which everything is there.
struct Depot;

impl depot::Handler for Depot {
    async fn find(&self, request: depot::Find, context: Context) -> Result<Listing<types::Item>, ServiceFault> {
        assert_eq!(context.operation().name, "Find");
        match &*request.code {
            "none" => Err(ServiceFault::sender("not here").detail(&types::Unknown { code: request.code })),
            code => Ok((1..=3).map(|kg| types::Item::new(code, kg.into())).collect()),
        }
    }

    async fn count(&self, _: depot::Count, _: Context) -> Result<i32, ServiceFault> {
        Ok(3)
    }

    async fn note(&self, request: String, _: Context) -> Result<(), ServiceFault> {
        assert_eq!(request, "three came");
        Ok(())
    }

    async fn clear(&self, request: depot::Clear, _: Context) -> Result<(), ServiceFault> {
        assert_eq!((request.shelf, request.reason.as_deref()), (7, None));
        Ok(())
    }

    async fn store(&self, request: depot::Store, mut content: Download, _: Context) -> Result<i64, ServiceFault> {
        assert_eq!(request.file_name.as_deref(), Some("list.txt"));
        let mut length = 0;
        while let Some(piece) = content.chunk().await? {
            length += piece.len();
        }
        Ok(length.try_into()?)
    }

    async fn fetch(&self, request: depot::Fetch, _: Context) -> Result<Upload, ServiceFault> {
        Ok(Upload::from(request.id.to_string().into_bytes()))
    }

    async fn fetch_named(
        &self,
        request: depot::FetchNamed,
        _: Context,
    ) -> Result<(depot::FetchNamedResponse, Upload), ServiceFault> {
        let named = depot::FetchNamedResponse { file_name: Some("list.txt".to_owned()) };
        Ok((named, Upload::from(request.id.to_string().into_bytes())))
    }

    async fn convert(&self, _: depot::Convert, content: Download, _: Context) -> Result<Upload, ServiceFault> {
        Ok(Upload::from_stream(content))
    }
}

async fn all(mut content: Download) -> Vec<u8> {
    let mut octets = Vec::new();
    while let Some(piece) = content.chunk().await.unwrap() {
        octets.extend_from_slice(&piece);
    }
    octets
}

#[tokio::test]
async fn a_call_of_every_shape() {
    let client = depot::Client::new(&connection(depot::service(Depot)));
    let items = client.find("a".to_owned()).await.unwrap();
    assert_eq!(items.iter().map(|item| item.kg.to_string()).collect::<Vec<_>>(), ["1", "2", "3"]);
    let error = client.find("none".to_owned()).await.unwrap_err();
    assert_eq!(error.fault().unwrap().detail::<types::Unknown>().unwrap().code, "none");
    assert_eq!(client.count().await.unwrap(), 3);
    client.note("three came".to_owned()).await.unwrap();
    client.clear(depot::Clear::new(7)).await.unwrap();
    let request = depot::Store { file_name: Some("list.txt".to_owned()) };
    assert_eq!(client.store(request, vec![7_u8; 100_000]).await.unwrap(), 100_000);
    assert_eq!(all(client.fetch(17).await.unwrap()).await, b"17");
    let (named, content) = client.fetch_named(18).await.unwrap();
    assert_eq!(named.file_name.as_deref(), Some("list.txt"));
    assert_eq!(all(content).await, b"18");
    assert_eq!(all(client.convert(vec![7_u8; 100_000]).await.unwrap()).await, vec![7_u8; 100_000]);
}

#[tokio::test]
async fn what_a_handler_leaves_out_is_not_supported() {
    struct Nothing;
    impl scales::Handler for Nothing {}
    let client = scales::Client::new(&connection(scales::service(Nothing)));
    let error = client.one("a".to_owned()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration, "{error:?}");
    assert!(error.fault().unwrap().code().to_string().contains("ActionNotSupported"), "{error:?}");
}

/// What a service answers a GET of the address with.
async fn got(service: &Service, address: &str) -> String {
    let response = service.handle(Request::get(address).body(Body::from("")).unwrap()).await;
    assert!(response.status().is_success(), "{address}: {}", response.status());
    String::from_utf8(response.into_body().collect(usize::MAX).await.unwrap().to_vec()).unwrap()
}

/// The contract that a service answers with, by following its imports.
async fn published(service: &Service, config: &Config) -> Contract {
    const ADDRESS: &str = "http://depot.test/here";
    let mut set = SourceSet::new();
    let mut waiting = vec!["wsdl".to_owned()];
    let mut known = BTreeSet::new();
    while let Some(query) = waiting.pop() {
        let text = got(service, &format!("{ADDRESS}?{query}")).await;
        let start = format!("\"{ADDRESS}?");
        let links = text.split(&start).skip(1).map(|rest| rest.split('"').next().unwrap());
        waiting.extend(links.filter(|link| known.insert((*link).to_owned())).map(str::to_owned));
        match query.split_once('=') {
            Some((_, name)) => set.include(name, text),
            None => set.insert("root.wsdl", text),
        }
    }
    let mut contract = wsdl_codegen::read(&set, config).unwrap();
    for service in &mut contract.services {
        service.document.clear();
        service.ports.iter_mut().for_each(|port| assert_eq!(std::mem::take(&mut port.address), ADDRESS));
    }
    contract
}

#[tokio::test]
async fn a_service_publishes_its_contract() {
    let case = root().join("tests/fixtures/codegen/served");
    let config = files::read_config(&case.join("case.toml")).unwrap();
    let mut expected = wsdl_codegen::read(&files::read(&[case]).unwrap(), &config).unwrap();
    for service in &mut expected.services {
        service.document.clear();
        service.ports.iter_mut().for_each(|port| port.address.clear());
    }
    for service in [depot::service(Depot), scales::service(Silent)] {
        let actual = published(&service, &config).await;
        assert_eq!(print::print(&actual), print::print(&expected));
    }

    let receipts = receipt::basic::service(Silent);
    let actual = published(&receipts, &Config::default()).await;
    let operations = actual.services[0].ports[0].operations.iter().map(|operation| &*operation.name);
    assert!(operations.eq(receipt::basic::PORT.operations.iter().map(|operation| operation.name)));
}

struct Silent;
impl scales::Handler for Silent {}
impl receipt::basic::Handler for Silent {}
