//! Exchanges that Microsoft's WCF code wrote: its client, a server with its behaviour, and both together.
//!
//! Our client is given the same time, identifiers, entropy and values, and has to write the same information; it has to
//! read the replies to the values that the .NET client read; every signature has to be found right, every fault to be
//! taken for what it is.
//!
//! Some are fixtures of this project. All are used where they are at hand, or those in the folder that `WCF_EXCHANGES`
//! names. What travels as MTOM is compared part for part.

mod compare;
mod faults;
mod header;
mod recording;
mod replay;
mod script;
mod served;
mod service;
mod typed;

use std::io::Write as _;
use std::path::{Path, PathBuf};

use altinn_soap::XmlLimits;
use soap_runtime::verify::{self, Signer};

use self::header::REBOUND;
use self::recording::{Exchange, Folder, Keys, exchanges, folders};
use crate::support::environment::shared;
use crate::support::root;

/// Folders that hold `both/`, `client/` and `server/`.
struct Source {
    paths: Vec<PathBuf>,
    whose: Whose,
}

#[derive(Clone, Copy, Debug)]
enum Whose {
    /// The project's fixtures.
    Own,
    /// All that were recorded.
    Recorded,
    /// Those of whoever runs the test.
    Named,
}

impl Source {
    /// # Panics
    /// If there is no exchange below the folder.
    fn named(path: PathBuf) -> Self {
        let source = Self { paths: vec![path], whose: Whose::Named };
        let recorded = ["both", "client"].iter().flat_map(|part| source.folders(part));
        let any = recorded.flat_map(|folder| folder.exchanges).chain(source.served()).next().is_some();
        assert!(any, "WCF_EXCHANGES: no exchange in both/, client/ or server/ of {}", source.paths[0].display());
        source
    }

    fn folders(&self, part: &str) -> Vec<Folder> {
        self.paths.iter().flat_map(|path| folders(&path.join(part))).collect()
    }

    fn served(&self) -> Vec<Exchange> {
        self.paths.iter().flat_map(|path| exchanges(&path.join("server"))).collect()
    }

    /// Fails if fewer were used than there are known to be.
    fn expect(&self, what: &str, used: usize, own: usize, recorded: usize) {
        let least = match self.whose {
            Whose::Own => own,
            Whose::Recorded => recorded,
            Whose::Named => 0,
        };
        assert!(used >= least, "{:?}: {used} {what}, not {least}", self.whose);
        if used == 0 {
            let _ = writeln!(std::io::stderr(), "not run: the folder that WCF_EXCHANGES names has no {what}");
        }
    }
}

fn sources() -> Vec<Source> {
    let fixtures = ["tests/fixtures/security/wcf", "tests/fixtures/mtom/wcf"];
    let own = Source { paths: fixtures.iter().map(|path| root().join(path)).collect(), whose: Whose::Own };
    let others = match std::env::var_os("WCF_EXCHANGES") {
        Some(path) => Some(Source::named(path.into())),
        None => shared("spec/fixtures/wcf").map(|path| Source { paths: vec![path], whose: Whose::Recorded }),
    };
    std::iter::once(own).chain(others).collect()
}

/// Every signature of every request, and of each what it covers: with a certificate Timestamp and To, with a session
/// the Timestamp.
#[test]
fn wcf_exchanges_signatures() {
    for source in sources() {
        let (mut messages, mut rsa, mut hmac, mut derived, mut mtom, mut rebound) = (0, 0, 0, 0, 0, 0);
        let mut check = |exchanges: &[Exchange], keys: &Keys| {
            for exchange in exchanges {
                let envelope = exchange.request.envelope();
                let signed = verify::signatures(envelope.as_bytes(), keys, &XmlLimits::default())
                    .unwrap_or_else(|error| panic!("{}: {error}", exchange.name));
                messages += 1;
                assert_eq!(signed.is_empty(), !envelope.contains("<Signature "), "{}", exchange.name);
                if exchange.request.package.is_some() {
                    mtom += signed.len();
                }
                for signature in signed {
                    let parts: Vec<&str> = signature.parts.iter().map(|part| part.local.as_str()).collect();
                    match signature.by {
                        Signer::Certificate(_) => {
                            rsa += 1;
                            rebound += usize::from(envelope.contains(REBOUND));
                            assert_eq!(parts, ["Timestamp", "To"], "{}", exchange.name);
                        }
                        Signer::Context { derived: key, .. } => {
                            *(if key { &mut derived } else { &mut hmac }) += 1;
                            assert_eq!(parts, ["Timestamp"], "{}", exchange.name);
                        }
                        _ => panic!("{}: an unknown signer", exchange.name),
                    }
                }
            }
        };
        for Folder { exchanges, .. } in ["both", "client"].iter().flat_map(|part| source.folders(part)) {
            check(&exchanges, &Keys::of(&exchanges));
        }
        // Requests that the server found right; of the others, some have to be wrong.
        let served = source.served();
        let keys = Keys::of(&served);
        let right: Vec<_> = served.into_iter().filter(|exchange| !exchange.response.is_fault()).collect();
        check(&right, &keys);
        println!(
            "{messages} requests: {rsa} signatures with a certificate ({rebound} of a To with a rebound prefix), {hmac} \
             with a session, {derived} with a derived key; {mtom} of them in packages"
        );
        source.expect("requests", messages, 54, 143);
        source.expect("signatures with a certificate", rsa, 18, 50);
        source.expect("signatures of a rebound prefix", rebound, 12, 12);
        source.expect("signatures with a session", hmac, 24, 68);
        source.expect("signatures with a derived key", derived, 2, 5);
        source.expect("signatures in packages", mtom, 29, 29);
    }
}

#[tokio::test]
async fn wcf_exchanges_both_ways() {
    let contract = crate::support::contract();
    for source in sources() {
        let mut total = replay::Outcome::default();
        // That one was sent to another address than it names, as no client of ours does.
        for folder in source.folders("both").iter().filter(|folder| folder.name != "ec2-wrong-to") {
            replay::run(&contract, folder, &mut total).await;
        }
        println!("both ways: {total:?}");
        assert!(total.failures.is_empty(), "{}", total.failures.join("\n"));
        source.expect("requests", total.requests, 29, 54);
        source.expect("replies", total.replies, 13, 28);
        source.expect("faults", total.faults, 4, 6);
        source.expect("packages", total.packages, 11, 11);
        source.expect("streams", total.streams, 4, 4);
    }
}

/// What .NET's client sent as MTOM to a server that checked nothing.
#[tokio::test]
async fn wcf_exchanges_client_mtom() {
    let contract = crate::support::contract();
    for source in sources() {
        let mut total = replay::Outcome::default();
        for folder in source.folders("client").iter().filter(|folder| folder.is_mtom()) {
            replay::run(&contract, folder, &mut total).await;
        }
        println!("client, MTOM: {total:?}");
        assert!(total.failures.is_empty(), "{}", total.failures.join("\n"));
        source.expect("requests", total.requests, 16, 16);
        source.expect("packages", total.packages, 9, 9);
        source.expect("replies", total.replies, 9, 9);
    }
}

/// What the server answered to requests that are not .NET's.
#[tokio::test]
async fn wcf_exchanges_served() {
    let contract = crate::support::contract();
    for source in sources() {
        let mut seen = served::Outcome::default();
        for exchange in source.served().iter().filter(|exchange| !exchange.response.is_fault()) {
            served::check(&contract, exchange, &mut seen).await;
        }
        println!("served: {seen:?}");
        source.expect("replies", seen.replies, 3, 9);
        source.expect("tokens", seen.tokens, 1, 4);
        source.expect("packages", seen.packages, 4, 4);
    }
}

#[tokio::test]
async fn wcf_exchanges_faults() {
    for source in sources() {
        let mut seen = 0;
        let mut mtom = 0;
        let both = source.folders("both").into_iter().flat_map(|folder| folder.exchanges);
        for exchange in both.chain(source.served()).filter(|exchange| exchange.response.is_fault()) {
            faults::check(&exchange).await;
            seen += 1;
            mtom += usize::from(exchange.response.package.is_some());
        }
        println!("{seen} faults, {mtom} of them packages");
        source.expect("faults", seen, 7, 22);
        source.expect("faults in packages", mtom, 2, 2);
    }
}

/// Our own server, in the place of WCF's.
#[tokio::test]
async fn wcf_exchanges_our_service() {
    let contract = crate::support::contract();
    for source in sources() {
        let mut total = service::Outcome::default();
        for folder in source.folders("both") {
            service::check(&contract, &folder.exchanges, (true, false), &mut total).await;
        }
        for folder in source.folders("client") {
            service::check(&contract, &folder.exchanges, (false, false), &mut total).await;
        }
        service::check(&contract, &source.served(), (true, true), &mut total).await;
        println!("our service: {total:?}");
        assert!(total.failures.is_empty(), "{}", total.failures.join("\n"));
        source.expect("requests", total.requests, 55, 156);
        source.expect("handled requests", total.handled, 29, 82);
        source.expect("tokens", total.tokens, 13, 30);
        source.expect("replies", total.replies, 16, 37);
        source.expect("faults", total.faults, 5, 21);
        source.expect("packages", total.packages, 39, 42);
        if shared("altinn-wsdl").is_some() {
            source.expect("requests to ports of EC", total.of_ec, 17, 54);
        }
    }
}

fn fixture(path: &str) -> Vec<u8> {
    let path: &Path = &root().join("tests/fixtures/security").join(path);
    std::fs::read(path).unwrap()
}

/// The certificate that we sign with in place of the recorded one, whose key nobody has.
fn certificate() -> altinn_soap::Certificate {
    altinn_soap::Certificate::from_pem(fixture("vectors/test-cert.pem"), fixture("vectors/test-key.pem")).unwrap()
}
