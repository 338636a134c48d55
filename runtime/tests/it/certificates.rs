//! Certificates from files of all kinds, and what is said about those that can't be used.

use crate::support::secured::{Client, EC2, Time, certificate, connect, file};
use soap_runtime::testing::ScriptedTransport;
use soap_runtime::{Certificate, Delivery, ErrorKind, Secret};

fn pkcs12(name: &str, password: &str) -> Result<Certificate, soap_runtime::Error> {
    Certificate::from_pkcs12(&file(&format!("certificates/{name}")), &Secret::from(password))
}

fn pem(certificate: &str, key: &str) -> Result<Certificate, soap_runtime::Error> {
    Certificate::from_pem(file(certificate), file(key))
}

#[test]
fn pkcs12_files_of_today_and_of_old() {
    for name in ["modern.p12", "legacy-rc2.p12", "legacy-3des.p12", "legacy-2des.p12", "java.p12"] {
        let read = pkcs12(name, "passord").unwrap_or_else(|error| panic!("{name}: {error:?}"));
        assert_eq!(read.thumbprint(), certificate().thumbprint(), "{name}");
    }
    assert_eq!(pkcs12("not-ascii.p12", "pæssø€rd").unwrap().thumbprint(), certificate().thumbprint());
}

/// NSS writes BER, with lengths that are not known in advance; others leave the key unencrypted, or the MAC out.
#[test]
fn pkcs12_files_of_every_form() {
    for name in ["nss.p12", "bare-key.p12", "mac-sha384.p12", "mac-sha512.p12", "no-mac.p12"] {
        let read = pkcs12(name, "passord").unwrap_or_else(|error| panic!("{name}: {error:?}"));
        assert_eq!(read.thumbprint(), certificate().thumbprint(), "{name}");
    }
}

/// Cut off or changed anywhere, a file is refused and nothing panics.
#[test]
fn damaged_pkcs12_files_are_refused() {
    for name in ["bare-key.p12", "nss.p12"] {
        let whole = file(&format!("certificates/{name}"));
        for to in (0..whole.len()).step_by(7) {
            Certificate::from_pkcs12(&whole[..to], &Secret::from("passord")).unwrap_err();
        }
    }
    let whole = file("certificates/bare-key.p12");
    for at in (0..whole.len()).step_by(31) {
        let mut changed = whole.clone();
        changed[at] ^= 0x80;
        Certificate::from_pkcs12(&changed, &Secret::from("passord")).unwrap_err();
    }
}

#[test]
fn pem_texts_of_both_kinds_apart_or_together() {
    let thumbprint: String = certificate().thumbprint().iter().map(|octet| format!("{octet:02x}")).collect();
    assert_eq!(thumbprint, "3222404df8b5f95ff68011fcfda585e55bb99a7a");
    pem("vectors/test-cert.pem", "certificates/pkcs1.pem").unwrap();
    let both = [file("certificates/pkcs1.pem"), file("vectors/test-cert.pem")].concat();
    Certificate::from_pem(&both, &both).unwrap();
}

#[test]
fn each_mistake_has_its_own_words() {
    let said = |outcome: Result<Certificate, soap_runtime::Error>| {
        let error = outcome.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Configuration, Delivery::NotSent));
        error.to_string()
    };
    for (outcome, words) in [
        (pkcs12("modern.p12", "feil"), "password of the PKCS#12 file is wrong"),
        (pkcs12("no-mac.p12", "feil"), "password of the PKCS#12 file is wrong"),
        (pkcs12("mac-sha512.p12", "feil"), "password of the PKCS#12 file is wrong"),
        (pkcs12("bare-key.p12", "feil"), "password of the PKCS#12 file is wrong"),
        (pkcs12("legacy-rc2.p12", "feil"), "password of the PKCS#12 file is wrong"),
        (pkcs12("rc4.p12", "passord"), "other than AES, 3DES and RC2"),
        (pkcs12("no-key.p12", "passord"), "holds no private key"),
        (pkcs12("pkcs1.pem", "passord"), "no PKCS#12 file"),
        (pem("certificates/pkcs1.pem", "certificates/pkcs1.pem"), "holds no certificate"),
        (pem("vectors/test-cert.pem", "vectors/test-cert.pem"), "holds no private key"),
        (pem("vectors/test-cert.pem", "certificates/encrypted.pem"), "is encrypted"),
        (pem("vectors/test-cert.pem", "certificates/other-key.pem"), "does not belong to the certificate"),
        (pem("certificates/ec-cert.pem", "certificates/ec-key.pem"), "not an RSA key"),
    ] {
        let text = said(outcome);
        assert!(text.contains(words), "{text}");
        assert!(!text.contains("passord") && !text.contains("feil"), "{text}");
    }
}

#[tokio::test]
async fn a_certificate_is_not_used_after_its_end() {
    let network = ScriptedTransport::new();
    let time = Time::default();
    let client = Client::with_certificate(&connect(&network, &time), &EC2);
    time.pass(30 * 366 * 24 * 3600);
    let error = client.greet("Kari").await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Configuration, Delivery::NotSent));
    assert!(error.to_string().contains("expired at 2049-12-31T00:00:00.000Z"), "{error}");
    assert!(network.requests().is_empty());
}
