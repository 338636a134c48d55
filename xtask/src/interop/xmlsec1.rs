//! xmlsec1, the XML signature program on libxml2: checks what we signed, and signs templates.
//!
//! On a Debian system it is installed.

use std::fs;
use std::path::Path;

use super::messages::{Ours, Theirs, VECTORS};
use super::packages;
use crate::process::{command, has};
use crate::{Result, root};

const TIMESTAMP: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd:Timestamp";
const TO: &str = "http://www.w3.org/2005/08/addressing:To";
const BODY: &str = "http://www.w3.org/2003/05/soap-envelope:Body";

/// The key of the session in the templates, and the 24 octets derived from it with their nonce: vectors.json.
const SESSION_KEY: &str = "df59132c2af6d230e4337732076a14561694be12838cc00203d63c816653d75b";
const DERIVED_KEY: &str = "7f8ac4cf1c9de01134cb1f54a283fe3a8d2bdb812409ce0b";

/// The template, what it is signed with, what to find in it.
const TEMPLATES: [(&str, Key, &str); 9] = [
    ("certificate-prefixes", Key::Certificate, "certificate:Timestamp,To"),
    ("certificate-rebound", Key::Certificate, "certificate:Timestamp,To"),
    ("context-body", Key::Secret(SESSION_KEY), "context:Timestamp,Body"),
    ("context-unattached", Key::Secret(SESSION_KEY), "context:Timestamp"),
    ("derived", Key::Secret(DERIVED_KEY), "derived:Timestamp"),
    // Signed with the wrong key of the two.
    ("context-body", Key::Secret(DERIVED_KEY), "refused"),
    ("derived", Key::Secret(SESSION_KEY), "refused"),
    // Not Basic256: SHA-256, and C14N that is not exclusive.
    ("sha256", Key::Certificate, "refused"),
    ("inclusive", Key::Secret(SESSION_KEY), "refused"),
];

#[derive(Clone, Copy)]
enum Key {
    Certificate,
    /// An HMAC key in hexadecimal.
    Secret(&'static str),
}

pub(super) fn install() -> Result {
    if has("xmlsec1", "--version") { Ok(()) } else { packages("xmlsec1") }
}

/// Confirms every signature of ours, and finds a changed millisecond in each.
pub(super) fn check(folder: &Path, ours: &[Ours]) -> Result {
    let key = folder.join("key.bin");
    let changed = folder.join("changed.xml");
    let (mut rsa, mut hmac) = (0, 0);
    for message in ours {
        let (arguments, references): (Vec<String>, _) = match message.kind.as_str() {
            "username" => continue,
            "certificate" => {
                rsa += 1;
                (vec!["--pubkey-cert-pem".into(), vector("test-cert.pem")], "2/2")
            }
            _ => {
                hmac += 1;
                fs::write(&key, octets(&message.hmac_key)?)?;
                (vec!["--hmackey".into(), key.to_string_lossy().into_owned()], "1/1")
            }
        };
        let file = folder.join(&message.file);
        if !confirms(&arguments, references, &file)? {
            return Err(format!("xmlsec1 does not confirm {}", message.file).into());
        }
        fs::write(&changed, forged(&fs::read_to_string(&file)?)?)?;
        if confirms(&arguments, references, &changed)? {
            return Err(format!("xmlsec1 confirms {} although it was changed", message.file).into());
        }
    }
    println!("xmlsec1 confirms {rsa} RSA-SHA1 and {hmac} HMAC-SHA1 signatures, and refuses as many forgeries");
    if rsa == 0 || hmac == 0 { Err("there was nothing for xmlsec1 to confirm".into()) } else { Ok(()) }
}

fn confirms(key: &[String], references: &str, file: &Path) -> Result<bool> {
    let mut verify = command("xmlsec1 --verify");
    verify.args(["--id-attr:Id", TIMESTAMP, "--id-attr:Id", TO]).args(key).arg(file);
    let output = verify.output()?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    Ok(output.status.success() && said.contains(&format!("SignedInfo References (ok/all): {references}")))
}

/// A Timestamp that ends a millisecond sooner or later.
fn forged(message: &str) -> Result<String> {
    let last = message.find("Z</u:Expires>").ok_or("a message without a Timestamp")? - 1;
    let digit = if message[last..].starts_with('0') { "1" } else { "0" };
    Ok([&message[..last], digit, &message[last + 1..]].concat())
}

/// Signs the templates.
pub(super) fn sign(folder: &Path) -> Result<Vec<Theirs>> {
    let certificate = fs::read_to_string(vector("test-cert.pem"))?;
    let certificate: String = certificate.lines().filter(|line| !line.starts_with("-----")).collect();
    let thumbprint = fs::read_to_string(vector("vectors.json"))?;
    let thumbprint = thumbprint.split("\"thumbprint_sha1_b64\": \"").nth(1).and_then(|rest| rest.split('"').next());
    let thumbprint = thumbprint.ok_or("vectors.json has no thumbprint")?;
    let (template, key) = (folder.join("template.xml"), folder.join("key.bin"));
    let mut signed = Vec::new();
    for (number, (name, with, expected)) in TEMPLATES.into_iter().enumerate() {
        let text = fs::read_to_string(root().join("interop/xmlsec1/templates").join(name).with_extension("xml"))?;
        fs::write(&template, text.replace("@CERTIFICATE@", &certificate).replace("@THUMBPRINT@", thumbprint))?;
        let file = format!("xmlsec1-{number}-{name}.xml");
        let mut sign = command("xmlsec1 --sign");
        sign.args(["--id-attr:Id", TIMESTAMP, "--id-attr:Id", TO, "--id-attr:Id", BODY]);
        match with {
            Key::Certificate => sign.args(["--privkey-pem", &vector("test-key.pem")]),
            Key::Secret(secret) => {
                fs::write(&key, octets(secret)?)?;
                sign.arg("--hmackey").arg(&key)
            }
        };
        let output = sign.arg("--output").arg(folder.join(&file)).arg(&template).output()?;
        if !output.status.success() {
            return Err(format!("xmlsec1 does not sign {name}: {}", String::from_utf8_lossy(&output.stderr)).into());
        }
        signed.push(Theirs { file, key: SESSION_KEY.into(), expected: expected.into() });
    }
    println!("xmlsec1 signed {} messages", signed.len());
    Ok(signed)
}

fn vector(name: &str) -> String {
    root().join(VECTORS).join(name).to_string_lossy().into_owned()
}

fn octets(digits: &str) -> Result<Vec<u8>> {
    let pairs = digits.as_bytes().chunks(2).map(|pair| Ok(u8::from_str_radix(std::str::from_utf8(pair)?, 16)?));
    pairs.collect()
}
