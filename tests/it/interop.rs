//! Calls to servers of other stacks. `cargo xtask interop` starts them, names them in `INTEROP_PEERS` and runs these tests.
//!
//! A line of that file is `<kind> <wsdl:port> <url>`: kind `cache` serves our contracts, `published` the vendor's.
//! After an https URL follows the file of the root certificate.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use altinn_soap::generated::v1;
use altinn_soap::{
    Certificate, Connection, ConnectionBuilder, Credentials, EndUser, ErrorKind, Items, receipt, registry,
};
use wsdl_codegen::contract::model::Contract;

use crate::support::root;

pub(crate) struct Peer {
    pub(crate) published: bool,
    pub(crate) port: String,
    url: String,
    /// PEM of the root of its certificate.
    root: Option<Vec<u8>>,
}

impl Peer {
    fn serves(&self, port: &v1::PortDescriptor) -> bool {
        self.port == port.name
    }

    /// Settings that lead to this peer.
    pub(crate) fn builder(&self, port: &'static v1::PortDescriptor) -> ConnectionBuilder {
        let builder = Connection::builder("https://localhost").port_address(port, &self.url);
        // Random values keep to the schema alone.
        let builder = builder.documented_rules(false);
        match &self.root {
            Some(root) => builder.root_certificates_pem(root),
            None => builder.allow_http_to_loopback(true),
        }
    }

    pub(crate) fn connection(&self, port: &'static v1::PortDescriptor) -> Connection {
        self.builder(port).build().unwrap()
    }
}

/// What `cargo xtask interop` names in a variable.
///
/// # Panics
/// Without it: these tests are of no use alone.
pub(crate) fn named(variable: &str) -> PathBuf {
    std::env::var_os(variable).unwrap_or_else(|| panic!("no {variable}: `cargo xtask interop` sets it")).into()
}

pub(crate) fn peers() -> Vec<Peer> {
    let lines = fs::read_to_string(named("INTEROP_PEERS")).unwrap();
    let peer = |line: &str| {
        let mut words = line.split_whitespace().map(str::to_owned);
        let mut word = || words.next().unwrap();
        let (published, port, url) = (word() == "published", word(), word());
        Peer { published, port, url, root: words.next().map(|path| fs::read(path).unwrap()) }
    };
    let peers: Vec<_> = lines.lines().map(peer).collect();
    assert!(!peers.is_empty(), "nothing is served");
    peers
}

/// The peers that serve a port: at least one.
pub(crate) fn serving(port: &v1::PortDescriptor) -> Vec<Peer> {
    let mut peers = peers();
    peers.retain(|peer| peer.serves(port));
    assert!(!peers.is_empty(), "nobody serves {}", port.name);
    peers
}

pub(crate) fn credentials() -> Credentials {
    Credentials::new("1001", "sys<tem")
}

pub(crate) fn certificate() -> Certificate {
    let file = |name| fs::read(root().join("tests/fixtures/security/vectors").join(name)).unwrap();
    Certificate::from_pem(file("test-cert.pem"), file("test-key.pem")).unwrap()
}

pub(crate) fn person() -> EndUser {
    EndUser::new("01017012345", "pass&word").pin_code("SMSPin", "12345")
}

/// What the cache knows of the published contracts.
struct Manifest(toml::Table);

impl Manifest {
    fn read() -> Self {
        Self(fs::read_to_string(root().join("wsdl-cache/MANIFEST.toml")).unwrap().parse().unwrap())
    }

    fn entries(&self, table: &str) -> impl Iterator<Item = &toml::Value> {
        self.0[table].as_array().unwrap().iter()
    }

    /// Operations of a port that a published contract holds.
    fn verified(&self, module: &str) -> BTreeSet<&str> {
        let verified = self.of(module).filter(|operation| operation["provenance"].as_str() == Some("verified"));
        verified.map(|operation| operation["name"].as_str().unwrap()).collect()
    }

    /// Fields that the published contract of a port does not know.
    fn added(&self, module: &str) -> Vec<String> {
        let contracts: BTreeSet<_> =
            self.of(module).filter_map(|operation| operation.get("source")?.as_str()).collect();
        let additions = self.entries("difference").filter(|difference| {
            difference["kind"].as_str() == Some("addition")
                && contracts.contains(difference["contract"].as_str().unwrap())
        });
        additions.map(|difference| difference["where"].as_str().unwrap().to_owned()).collect()
    }

    fn of(&self, module: &str) -> impl Iterator<Item = &toml::Value> {
        self.entries("operation").filter(move |operation| operation["port"].as_str() == Some(module))
    }
}

/// `module.variant` of a port.
pub(crate) fn module(port: &str) -> String {
    // Reading all contracts takes a second, and this is asked for every call.
    static CONTRACT: LazyLock<Contract> = LazyLock::new(crate::support::contract);
    let service = CONTRACT.services.iter().find(|service| service.ports[0].name == port).unwrap();
    service.document.trim_start_matches("wsdl/").trim_end_matches(".wsdl").to_owned()
}

fn port(connection: &Connection, descriptor: &'static v1::PortDescriptor) -> v1::Port {
    let port = v1::Port::new(connection, descriptor).credentials(credentials());
    match descriptor.security.scheme {
        v1::SecurityScheme::SecureConversation => port.certificate(certificate()),
        _ => port,
    }
}

#[tokio::test]
#[ignore = "cargo xtask interop"]
async fn interop_every_operation_is_accepted_and_its_reply_read() {
    let manifest = Manifest::read();
    let mut calls = 0;
    for peer in peers() {
        let module = module(&peer.port);
        let verified = manifest.verified(&module);
        let unknown = if peer.published { manifest.added(&module) } else { Vec::new() };
        let exchanges = registry::exchanges().into_iter().filter(|exchange| peer.serves(exchange.port()));
        let descriptor = exchanges.clone().next().unwrap().port();
        let port = port(&peer.connection(descriptor), descriptor);
        // Streams have tests of their own.
        for exchange in exchanges.filter(|exchange| !exchange.port().mtom || exchange.operation().name == "Test") {
            let operation = exchange.operation();
            if peer.published && !verified.contains(operation.name) {
                continue;
            }
            for seed in 0..8 {
                let mut sampler = v1::Sampler::new(seed).known_only().leaving_out(unknown.clone());
                let request = v1::Direction::Request(operation).sample(exchange.request(), &mut sampler);
                let call = port.request(operation, &*request).principal(person());
                let reply = call.call_any(exchange.reply()).await.unwrap_or_else(|error| {
                    panic!("{}: {error} {:?}", peer.url, error.fault().map(|fault| fault.reason().to_owned()))
                });
                let void = matches!(operation.reply, v1::Reply::Void(_) | v1::Reply::Empty);
                let nothing = ["None", "[]"].contains(&&*format!("{reply:?}"));
                assert!(void || !nothing, "{}: {} answers nothing", peer.url, operation.name);
                calls += 1;
            }
        }
    }
    println!("{calls} calls accepted");
    assert!(calls > 0);
}

#[tokio::test]
#[ignore = "cargo xtask interop"]
async fn interop_values_arrive_and_come_back() {
    use receipt::types::{AltinnFault, Receipt, ReceiptSearch, Reference, ReferenceType};

    for peer in serving(&receipt::basic::PORT) {
        let receipts = receipt::basic::Client::new(&peer.connection(&receipt::basic::PORT), credentials());
        let receipt: Receipt = receipts
            .get_receipt_basic_v2(ReceiptSearch { receipt_id: Some(42), references: Vec::new() })
            .await
            .unwrap()
            .unwrap();
        assert_eq!(receipt.receipt_id, Some(42));
        assert_eq!(receipt.references.len(), 2);

        let reference = |value: &str| Reference {
            reference_type: ReferenceType::BatchReference,
            reference_value: Some(value.into()),
        };
        let search = ReceiptSearch { receipt_id: None, references: vec![reference("x"), reference("FAULT")] };
        let error = receipts.get_receipt_basic_v2(search).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Fault);
        let fault: AltinnFault = error.fault().unwrap().detail().unwrap();
        assert_eq!(fault.error_id, Some(40201));
        // Where the server found the word.
        let found = fault.altinn_extended_error_message.unwrap();
        assert_eq!(found, "GetReceiptBasicV2/receipt/References/Reference[1]/ReferenceValue");
    }
}

/// The first way gives all of a list at once, the second one item after the other.
#[tokio::test]
#[ignore = "cargo xtask interop"]
async fn interop_lists_come_item_by_item() {
    use receipt::types::{Receipt, ReceiptType};

    async fn all(mut items: Items<Receipt>) -> Vec<Receipt> {
        let mut all = Vec::new();
        while let Some(receipt) = items.next().await.unwrap() {
            all.push(receipt);
        }
        all
    }

    macro_rules! same_list {
        ($variant:ident, $client:expr, $request:ident, $method:ident, $items:ident) => {
            for peer in serving(&receipt::$variant::PORT) {
                let connection = peer.connection(&receipt::$variant::PORT);
                let client = $client(&connection);
                let request = receipt::$variant::$request {
                    receipt_type_name: ReceiptType::FormTask,
                    date_from: Some("2020-01-31T00:00:00".parse().unwrap()),
                    date_to: None,
                };
                let whole = client.$method(request.clone()).await.unwrap();
                assert_eq!(whole.len(), 2);
                assert_eq!(all(client.$items(request).await.unwrap()).await, whole);
            }
        };
    }
    same_list!(
        basic,
        |connection| receipt::basic::Client::new(connection, credentials()),
        GetReceiptListBasicV2,
        get_receipt_list_basic_v2,
        get_receipt_list_basic_v2_items
    );
    same_list!(
        ws,
        |connection| receipt::ws::Client::new(connection, credentials()),
        GetReceiptListV2,
        get_receipt_list_v2,
        get_receipt_list_v2_items
    );
    same_list!(
        ec2,
        |connection| receipt::ec2::Client::new(connection, certificate(), credentials()),
        GetReceiptListECV2,
        get_receipt_list_ec_v2,
        get_receipt_list_ec_v2_items
    );
}
