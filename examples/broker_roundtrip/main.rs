//! Uploads a file and downloads it again, with a progress bar, in memory that does not grow with the file:
//! `cargo run --release --example broker_roundtrip --features broker_streamed -- --size 8GiB`.
//!
//! The file is synthesised, not read. Server and credentials come from ALTINN_URL, ALTINN_CA, ALTINN_SYSTEM_ID and
//! ALTINN_SYSTEM_PASSWORD. Without ALTINN_URL the example starts a peer of its own, as another process on loopback; the peer answers
//! an upload with the checksum of what came, and a download with the same file made anew.

mod data;
#[path = "../environment/mod.rs"]
mod environment;
mod peer;

use std::error::Error;
use std::process::{Child, Command, Stdio};
use std::time::Instant;
use std::{env, fs, io};

use altinn_soap::broker_streamed::basic::{Client, DownloadFileStreamedBasic, UploadFileStreamedBasic};
use altinn_soap::{Connection, Credentials, Download, Upload};
use indicatif::{HumanBytes, ProgressBar, ProgressStyle};
use sha2::{Digest, Sha256};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = env::args().skip(1);
    let mut size = 64 << 20;
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--serve" => return peer::serve().await,
            "--size" => size = bytes(&arguments.next().ok_or("--size needs a number such as 8GiB")?)?,
            other => return Err(format!("{other}: unknown; usage: [--size 8GiB]").into()),
        }
    }
    let (own, connection, system) = match env::var_os("ALTINN_URL") {
        Some(_) => (None, environment::builder()?.build()?, environment::system()?),
        None => {
            let (peer, url) = start_peer()?;
            let connection = Connection::builder(&*url).allow_http_to_loopback(true).build()?;
            (Some(peer), connection, Credentials::new("1001", "password"))
        }
    };
    let files = Client::new(&connection, system);

    let (sent, arrived) = upload(&files, size).await?;
    let received = download(&files, size).await?;
    println!("peak memory {}", HumanBytes(peak()));
    if let Some(mut peer) = own {
        drop(peer.stdin.take());
        peer.wait()?;
        if sent != arrived || sent != received {
            return Err("the checksums differ".into());
        }
    }
    Ok(())
}

/// Sends the file. The checksums are that of what was sent, and the peer's.
async fn upload(files: &Client, size: u64) -> Result<(String, String)> {
    let request = UploadFileStreamedBasic {
        file_name: "synthesised.zip".to_owned(),
        reference: "0f8fad5b-d9cb-469f-a165-70867728950e".to_owned(),
        reportee: "910000000".to_owned(),
    };
    let (bar, source) = (bar("up", size)?, data::Synthesised::new(size));
    let (progress, checksum) = (bar.clone(), source.checksum());
    // No service takes more than 1 GB; a peer that does is what this example is for.
    let stream = Upload::from_stream(source).length(size).limit(u64::MAX);
    let start = Instant::now();
    let upload = stream.on_progress(move |done, _| progress.set_position(done));
    let receipt = files.upload_file_streamed_basic(request, upload).await?;
    report("up", &bar, size, start);
    let (sent, arrived) = (checksum.finish(), receipt.receipt_text.unwrap_or_default());
    println!("     sent {sent}\n     peer {arrived}");
    Ok((sent, arrived))
}

/// Fetches the file, a chunk at a time.
async fn download(files: &Client, size: u64) -> Result<String> {
    let request =
        DownloadFileStreamedBasic { file_reference: format!("bytes:{size}"), reportee: "910000000".to_owned() };
    let bar = bar("down", size)?;
    let (progress, start) = (bar.clone(), Instant::now());
    let download: Download = files.download_file_streamed_basic(request).await?;
    let mut download = download.on_progress(move |done, _| progress.set_position(done));
    let mut digest = Sha256::new();
    // The last chunk has come only when the closing boundary has: a file that was cut off is an error.
    while let Some(chunk) = download.chunk().await? {
        digest.update(&chunk);
    }
    report("down", &bar, size, start);
    let received = data::hexadecimal(digest);
    println!("     received {received}");
    Ok(received)
}

/// The example itself, as a server in a process of its own.
fn start_peer() -> Result<(Child, String)> {
    let mut peer =
        Command::new(env::current_exe()?).arg("--serve").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let mut line = String::new();
    io::BufRead::read_line(&mut io::BufReader::new(peer.stdout.take().ok_or("no output")?), &mut line)?;
    Ok((peer, line.trim().to_owned()))
}

fn bar(name: &'static str, size: u64) -> Result<ProgressBar> {
    let style = ProgressStyle::with_template("{prefix:4} {bar:40} {bytes}/{total_bytes} {bytes_per_sec} {eta}")?;
    Ok(ProgressBar::new(size).with_style(style).with_prefix(name))
}

fn report(name: &str, bar: &ProgressBar, size: u64, start: Instant) {
    bar.finish_and_clear();
    let seconds = start.elapsed().as_secs_f64();
    println!("{name:4} {} in {seconds:.1} s, {:.0} MB/s", HumanBytes(size), size as f64 / 1e6 / seconds);
}

/// A number of bytes, perhaps in KiB, MiB or GiB.
fn bytes(text: &str) -> Result<u64> {
    let units = [("GiB", 30), ("MiB", 20), ("KiB", 10), ("B", 0), ("", 0)];
    let (number, shift) =
        units.iter().find_map(|(unit, shift)| Some((text.strip_suffix(unit)?, shift))).unwrap_or((text, &0));
    Ok(number.trim().parse::<u64>()? << shift)
}

/// Most memory that was resident at any time; 0 where the system does not tell.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or_default() << 10
}
