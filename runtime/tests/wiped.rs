//! Secrets are looked for in the memory of this process after the last that used them is gone: passwords, the entropy and
//! key of a session, and the parts of a private key.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use soap_runtime::generated::v1;
use soap_runtime::transport::{BoxFuture, Phase, Request, Response, Transport, TransportError};
use soap_runtime::{Certificate, Connection, Credentials, ErrorKind, Random, Secret};
use support::{contract, files, secured};
use zeroize::Zeroizing;

/// One at a time: they look through the memory of all.
static ALONE: Mutex<()> = Mutex::new(());

/// A text that is in memory in this form only, so that the search does not find itself.
#[derive(Debug)]
struct Needle(Vec<u8>);

const MASK: u8 = 0xA5;

impl Needle {
    fn of(octets: &[u8]) -> Self {
        Self(octets.iter().map(|octet| octet ^ MASK).collect())
    }

    /// 32 letters that occur nowhere else.
    fn numbered(number: usize) -> Self {
        let letter = |at: usize| b'a' + u8::try_from((number * 7 + at * at * 5 + at * number + 3) % 26).unwrap();
        Self((0..32).map(|at| letter(at) ^ MASK).collect())
    }

    fn reveal(&self) -> Zeroizing<Vec<u8>> {
        let mut text = Zeroizing::new(self.0.clone());
        text.iter_mut().for_each(|octet| *octet ^= MASK);
        text
    }

    /// How often it is in the memory that programs allocate.
    fn found(&self) -> usize {
        let memory = File::open("/proc/self/mem").unwrap();
        let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
        let mut page = vec![0; 1 << 20];
        // Where it reads into is passed by.
        let own = page.as_ptr() as u64..page.as_ptr() as u64 + page.len() as u64;
        let mut found = 0;
        for line in maps.lines() {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let is_heap = fields.len() == 5 || fields.get(5) == Some(&"[heap]");
            if !fields[1].starts_with("rw") || !is_heap {
                continue;
            }
            let (start, end) = fields[0].split_once('-').unwrap();
            let (mut at, end) = (u64::from_str_radix(start, 16).unwrap(), u64::from_str_radix(end, 16).unwrap());
            while at < end {
                let wanted = page.len().min(usize::try_from(end - at).unwrap());
                let Ok(read) = memory.read_at(&mut page[..wanted], at) else { break };
                let starts = memchr::memchr_iter(self.0[0] ^ MASK, &page[..read]);
                let is_here = |start: &usize| {
                    let here = page[*start..read].iter().map(|octet| octet ^ MASK).take(self.0.len());
                    here.eq(self.0.iter().copied()) && !own.contains(&(at + *start as u64))
                };
                found += starts.filter(is_here).count();
                // What stands across two pages is found too.
                at += (if at + (read as u64) < end { read - (self.0.len() - 1) } else { read }) as u64;
            }
        }
        found
    }
}

/// Takes a request apart, and fails.
#[derive(Debug)]
struct Sink;

impl Transport for Sink {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        Box::pin(async move {
            let mut body = request.body;
            while body.chunk().await?.is_some() {}
            Err(TransportError::timed_out(Phase::Reply))
        })
    }
}

fn connection(random: impl Random + 'static) -> Connection {
    let time = secured::Time::default();
    Connection::builder("https://service.example").transport(Sink).clock(time).random(random).build().unwrap()
}

fn credentials(needle: &Needle) -> Credentials {
    let password = needle.reveal();
    Credentials::new("user", std::str::from_utf8(&password).unwrap())
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

#[test]
fn the_search_finds_what_is_there() {
    let _alone = ALONE.lock();
    let needle = Needle::numbered(0);
    assert_eq!(needle.found(), 0);
    let held = Secret::from(std::str::from_utf8(&needle.reveal()).unwrap());
    assert_eq!(needle.found(), 1);
    let leaked = held.expose().to_owned();
    assert_eq!(needle.found(), 2);
    drop((held, leaked));
}

static BASIC: v1::PortDescriptor =
    v1::PortDescriptor::new("Port", "Service", "https://service.example/", v1::SoapVersion::Soap11)
        .security(v1::Security::http_basic())
        .operations(&[&contract::GREET]);

/// Much behind the password, so that the buffer of the message has to grow.
const MUCH: usize = 100_000;

#[test]
fn a_password_goes_with_the_last_that_used_it() {
    let _alone = ALONE.lock();
    let name = "x".repeat(MUCH);
    let greet = contract::Greet { name: name.clone() };
    type Call<'a> = &'a dyn Fn(&Connection, Credentials) -> ErrorKind;
    let calls: [Call<'_>; 4] = [
        &|connection, credentials| {
            run(contract::Client::new(connection, credentials).greet(&*name)).unwrap_err().kind()
        },
        &|connection, credentials| {
            let port = v1::Port::new(connection, &secured::WS).credentials(credentials);
            run(secured::Client::of(port).greet(&name)).unwrap_err().kind()
        },
        &|connection, credentials| {
            let port = v1::Port::new(connection, &BASIC).credentials(credentials);
            run(port.request(&contract::GREET, &greet).call::<String>()).unwrap_err().kind()
        },
        &|connection, credentials| {
            let port = v1::Port::new(connection, &files::PORT).credentials(credentials);
            let request = files::UploadFile { file_name: name.clone(), ..files::upload_request() };
            let call = port.request(&files::UPLOAD, &request).upload("content");
            run(call.call::<files::Receipt>()).unwrap_err().kind()
        },
    ];
    for (number, call) in calls.iter().enumerate() {
        let needle = Needle::numbered(1 + number);
        let connection = connection(secured::Counting::default());
        assert_eq!(call(&connection, credentials(&needle)), ErrorKind::Transport, "{number}");
        drop(connection);
        assert_eq!(needle.found(), 0, "{number}");
    }
}

/// Fills the client's half of a session's key with a text, and everything else with numbers.
#[derive(Debug)]
struct Entropy(Arc<Needle>, AtomicBool, secured::Counting);

impl Random for Entropy {
    fn fill(&self, octets: &mut [u8]) -> std::io::Result<()> {
        if octets.len() == 32 && !self.1.swap(true, Ordering::Relaxed) {
            octets.copy_from_slice(&self.0.reveal());
            return Ok(());
        }
        self.2.fill(octets)
    }
}

#[test]
fn the_entropy_of_a_session_goes_with_its_request() {
    let _alone = ALONE.lock();
    let raw = Arc::new(Needle::numbered(9));
    let written = Needle::of(Zeroizing::new(STANDARD.encode(&*raw.reveal())).as_bytes());
    let connection = connection(Entropy(Arc::clone(&raw), AtomicBool::new(false), secured::Counting::default()));
    let client = secured::Client::with_certificate(&connection, &secured::EC2);
    assert_eq!(run(client.greet("Kari")).unwrap_err().kind(), ErrorKind::Transport);
    drop((client, connection));
    assert_eq!((raw.found(), written.found()), (0, 0));
}

/// The parts of the key, as the arithmetic holds them and as files do. In working out qinv, `rsa` copies p and q, and leaves
/// the copies where they are; so of these it is only seen that those of the key go.
#[test]
fn a_private_key_goes_with_its_certificate() {
    use rsa::pkcs8::DecodePrivateKey as _;
    use rsa::traits::PrivateKeyParts as _;

    let _alone = ALONE.lock();
    let pem = String::from_utf8(secured::file("vectors/test-key.pem")).unwrap();
    let (held, filed) = {
        let lines: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
        let der = Zeroizing::new(STANDARD.decode(lines).unwrap());
        let key = rsa::RsaPrivateKey::from_pkcs8_der(&der).unwrap();
        // The allocator writes over the first octets of what is freed, wiped or not.
        let held = |number: &rsa::BigUint| Needle::of(&Zeroizing::new(number.to_bytes_le())[16..64]);
        let filed = |number: &rsa::BigUint| Needle::of(&Zeroizing::new(number.to_bytes_be())[..48]);
        let numbers = [key.d(), &key.primes()[0], &key.primes()[1], key.dp().unwrap(), key.dq().unwrap()];
        (numbers.map(held), numbers.map(filed))
    };
    let from_pem = || Certificate::from_pem(secured::file("vectors/test-cert.pem"), &pem);
    let from_pkcs12 = |name: &str| {
        let file = secured::file(&format!("certificates/{name}"));
        Certificate::from_pkcs12(&file, &Secret::from("passord"))
    };
    for read in [from_pem(), from_pkcs12("modern.p12"), from_pkcs12("legacy-3des.p12"), from_pkcs12("nss.p12")] {
        let certificate = read.unwrap();
        let before = held.each_ref().map(Needle::found);
        assert!(before.iter().all(|found| *found > 0), "the key is there");
        drop(certificate);
        let after = held.each_ref().map(Needle::found);
        assert!(before.iter().zip(after).all(|(before, after)| *before > after), "{before:?}, {after:?}");
    }
    let [d, _, _, dp, dq] = held.each_ref().map(Needle::found);
    assert_eq!([d, dp, dq], [0; 3], "d, dp, dq, held");
    assert_eq!(filed.each_ref().map(Needle::found), [0; 5], "d, p, q, dp, dq, filed");
}
