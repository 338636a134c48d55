//! The generator over strangers' contracts, beside two other stacks: gSOAP writes C of them, zeep loads them.
//!
//! What a contract takes is timed for all three in turn. Ours runs in this process and reads the files each time; gSOAP is two
//! programs for a contract, and zeep runs in one process of Python that is warm before the first contract.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use wsdl_codegen::{Config, files, generate};

use crate::closure::Folder;

/// More than a program of gSOAP may take.
const LONGEST: Duration = Duration::from_secs(20);

/// Seconds; `None` where a stack does not take the contract.
type Seconds = Option<f64>;

pub(crate) fn run(root: &Path) {
    let path = root.join("../shared/corpora");
    if !path.exists() {
        println!("strangers' contracts: not there");
        return;
    }
    let folder = Folder::read(&path).expect("contracts");
    let mut zeep = Zeep::start(root);
    let gsoap = Command::new("wsdl2h").arg("-V").output().is_ok();
    println!(
        "strangers' contracts, {} files; gSOAP is {}there, zeep is {}there (`cargo xtask interop` installs them)",
        folder.len(),
        there(gsoap),
        there(zeep.is_some())
    );
    let config = Config { allow_partial: true, ..Config::default() };
    let mut rows: Vec<[Seconds; 3]> = Vec::new();
    let (mut lines, mut operations, mut types) = (0, 0, 0);
    for name in folder.roots() {
        let paths: Vec<PathBuf> = folder.closure(name).iter().map(|file| folder.path(file)).collect();
        let start = Instant::now();
        let generated = files::read(&paths).ok().and_then(|sources| generate(&sources, &config).ok());
        let ours = start.elapsed().as_secs_f64();
        if let Some(generated) = &generated {
            lines += generated.summary.lines;
            operations += generated.summary.operations;
            types += generated.summary.types;
        }
        let wsdl = folder.path(name);
        rows.push([
            generated.map(|_| ours),
            if gsoap { self::gsoap(&wsdl) } else { None },
            zeep.as_mut().and_then(|zeep| zeep.load(&wsdl)),
        ]);
    }
    for (at, name) in ["ours", "gSOAP", "zeep"].into_iter().enumerate() {
        let taken = rows.iter().filter(|row| row[at].is_some()).count();
        let both: Vec<(f64, f64)> = rows.iter().filter_map(|row| row[0].zip(row[at])).collect();
        let sums = both.iter().fold((0.0, 0.0), |sums, one| (sums.0 + one.0, sums.1 + one.1));
        println!(
            "  {name:6} takes {taken:4} of {}; of the {} that ours takes too, {:8.1} a second; ours is {:.1} times as fast",
            rows.len(),
            both.len(),
            both.len() as f64 / sums.1,
            sums.1 / sums.0
        );
    }
    println!(
        "  {lines} lines for {operations} operations and {types} types: {:.1} for each",
        lines as f64 / (operations + types) as f64
    );
}

fn there(is_there: bool) -> &'static str {
    if is_there { "" } else { "not " }
}

/// wsdl2h, and soapcpp2 on what it wrote.
fn gsoap(wsdl: &Path) -> Seconds {
    let out = std::env::temp_dir().join(format!("altinn-soap-bench-gsoap-{}", std::process::id()));
    std::fs::create_dir_all(&out).expect("a folder");
    let header = out.join("service.h");
    let start = Instant::now();
    let mut read = Command::new("wsdl2h");
    read.args(["-c", "-y", "-o"]).arg(&header).arg(wsdl).current_dir(wsdl.parent().unwrap_or(wsdl));
    let mut write = Command::new("soapcpp2");
    write.args(["-c", "-C", "-L", "-x", "-w", "-I/usr/share/gsoap/import", "-d"]).arg(&out).arg(&header);
    let done = ends_well(&mut read) && ends_well(&mut write) && out.join("soapC.c").exists();
    let seconds = start.elapsed().as_secs_f64();
    // Nothing depends on it: at worst a folder is left.
    let _ = std::fs::remove_dir_all(out);
    done.then_some(seconds)
}

fn ends_well(command: &mut Command) -> bool {
    let start = Instant::now();
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("gSOAP");
    while start.elapsed() < LONGEST {
        if let Some(status) = child.try_wait().expect("a status") {
            return status.success();
        }
        std::thread::sleep(Duration::from_micros(500));
    }
    let _ = child.kill();
    let _ = child.wait();
    false
}

/// A process that reads a path a line, and answers with seconds or `-`.
struct Zeep {
    process: Child,
    answers: BufReader<ChildStdout>,
}

const PROGRAM: &str = "\
import sys, time, warnings
from zeep import Client
from zeep.transports import Transport
warnings.simplefilter('ignore')
class NoNetwork(Transport):
    def _load_remote_data(self, url):
        raise OSError(url)
for path in sys.stdin:
    start = time.perf_counter()
    try:
        Client(path.strip(), transport=NoNetwork())
        print(time.perf_counter() - start, flush=True)
    except Exception:
        print('-', flush=True)
";

impl Zeep {
    fn start(root: &Path) -> Option<Self> {
        let python = root.join("target/zeep-environment/bin/python");
        let mut command = Command::new(python);
        command.args(["-c", PROGRAM]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().ok()?;
        let answers = BufReader::new(process.stdout.take()?);
        Some(Self { process, answers })
    }

    fn load(&mut self, wsdl: &Path) -> Seconds {
        let input = self.process.stdin.as_mut()?;
        writeln!(input, "{}", wsdl.display()).ok()?;
        let mut answer = String::new();
        self.answers.read_line(&mut answer).ok()?;
        answer.trim().parse().ok()
    }
}

impl Drop for Zeep {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}
