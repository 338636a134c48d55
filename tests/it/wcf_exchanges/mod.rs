//! Exchanges that Microsoft's WCF code wrote: its client, a server with its behaviour, and both together.
//!
//! Our client is given the same time, identifiers, entropy and values, and has to write the same information; it has to
//! read the replies to the values that the .NET client read; every signature has to be found right, every fault to be
//! taken for what it is.
//!
//! A dozen are fixtures of this project. All are used where they are at hand, or those in the folder that `WCF_EXCHANGES`
//! names. What travels as MTOM is not part of this.

mod faults;
mod header;
mod recording;
mod replay;

use std::path::{Path, PathBuf};

use altinn_soap::XmlLimits;
use altinn_soap_runtime::verify::{self, Signer};

use self::recording::{Folder, Keys, exchanges, folders};
use crate::support::{root, shared};

/// A folder of exchanges.
struct Source {
    path: PathBuf,
    whose: Whose,
}

#[derive(Clone, Copy)]
enum Whose {
    /// The project's fixtures.
    Own,
    /// All that were recorded.
    Recorded,
    /// Those of whoever runs the test.
    Named,
}

impl Source {
    /// Fails if fewer were used than there are known to be.
    fn expect(&self, what: &str, used: usize, own: usize, recorded: usize) {
        let least = match self.whose {
            Whose::Own => own,
            Whose::Recorded => recorded,
            Whose::Named => 0,
        };
        assert!(used >= least, "{}: {used} {what}, not {least}", self.path.display());
    }
}

fn sources() -> Vec<Source> {
    let own = Source { path: root().join("tests/fixtures/security/wcf"), whose: Whose::Own };
    let others = match std::env::var_os("WCF_EXCHANGES") {
        Some(path) => Some(Source { path: path.into(), whose: Whose::Named }),
        None => shared("spec/fixtures/wcf").map(|path| Source { path, whose: Whose::Recorded }),
    };
    std::iter::once(own).chain(others).collect()
}

/// Every signature of every request, and of each what it covers: with a certificate Timestamp and To, with a session
/// the Timestamp.
#[test]
fn wcf_exchanges_signatures() {
    for source in sources() {
        let (mut messages, mut rsa, mut hmac, mut derived) = (0, 0, 0, 0);
        let mut check = |exchanges: &[recording::Exchange]| {
            let keys = Keys::of(exchanges);
            for exchange in exchanges {
                let signed = verify::signatures(&exchange.request.body, &keys, &XmlLimits::default())
                    .unwrap_or_else(|error| panic!("{}: {error}", exchange.name));
                messages += 1;
                let unsigned = !exchange.request.text().contains("<Signature ");
                assert_eq!(signed.is_empty(), unsigned, "{}", exchange.name);
                for signature in signed {
                    let parts: Vec<&str> = signature.parts.iter().map(|part| part.local.as_str()).collect();
                    match signature.by {
                        Signer::Certificate(_) => {
                            rsa += 1;
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
        for Folder { exchanges, .. } in ["both", "client"].iter().flat_map(|part| folders(&source.path.join(part))) {
            check(&exchanges);
        }
        println!(
            "{messages} requests: {rsa} signatures with a certificate, {hmac} with a session, {derived} with a derived key"
        );
        source.expect("requests", messages, 15, 93);
        source.expect("signatures with a certificate", rsa, 5, 33);
        source.expect("signatures with a session", hmac, 7, 46);
        source.expect("signatures with a derived key", derived, 2, 5);
    }
}

#[tokio::test]
async fn wcf_exchanges_both_ways() {
    let contract = crate::support::contract();
    for source in sources() {
        let mut total = replay::Outcome::default();
        for folder in folders(&source.path.join("both")) {
            if folder.name.starts_with("basic-") || folder.name == "ec2-wrong-to" {
                continue;
            }
            replay::run(&contract, &folder, &mut total).await;
        }
        println!("{total:?}");
        assert!(total.failures.is_empty(), "{}", total.failures.join("\n"));
        source.expect("requests", total.requests, 10, 33);
        source.expect("replies", total.replies, 4, 16);
        source.expect("faults", total.faults, 2, 4);
    }
}

#[tokio::test]
async fn wcf_exchanges_faults() {
    for source in sources() {
        let mut seen = 0;
        let both: Vec<_> = folders(&source.path.join("both")).into_iter().flat_map(|folder| folder.exchanges).collect();
        for exchange in both
            .into_iter()
            .chain(exchanges(&source.path.join("server")))
            .filter(|exchange| exchange.response.is_fault())
        {
            faults::check(&exchange).await;
            seen += 1;
        }
        println!("{seen} faults");
        source.expect("faults", seen, 5, 20);
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
