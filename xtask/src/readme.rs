//! What the README says is followed by a machine: new crates are made of its code blocks and commands, built, and run against
//! servers of this checkout.
//!
//! A block of code that begins with the path of a file is that file; a block in `sh` is run in the folder of the crate. Other than
//! written are only the places of the packages, which are those of the checkout, and the address of the server. The program that
//! is installed is a debug build, whose dependencies are in the target folder already.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::interop::peer::{self, Peer};
use crate::process::{command, run};
use crate::station::Station;
use crate::{Result, root};

const READINGS: &str = "2026-02-01T06:00:00Z -11.5 °C\n2026-02-01T12:00:00Z -8 °C\n";

/// Where the README says that the packages are, and what they are called there.
const REPOSITORY: &str = "git = \"https://github.com/altinn-soap/altinn-soap\"";
const PACKAGES: [(&str, &str); 3] = [("soap-runtime", "runtime"), ("wsdl-codegen", "codegen"), ("altinn-soap", "")];

pub(crate) fn follow() -> Result {
    // Always the same folder: cargo would compile its packages anew in another one. None of it is left.
    let work = std::env::temp_dir().join("altinn-soap-readme");
    let _ = fs::remove_dir_all(&work);
    fs::create_dir_all(&work)?;
    let outcome = follow_in(&work);
    let _ = fs::remove_dir_all(&work);
    outcome
}

fn follow_in(work: &Path) -> Result {
    let readme = fs::read_to_string(root().join("README.md"))?;
    let of_wsdl = blocks(section(&readme, "Your WSDL")?);
    let of_altinn = blocks(section(&readme, "Altinn")?);

    let station = Station::start()?;
    let by_build = Crate::new(work, "by-build", &of_wsdl)?;
    by_build.copy("examples/downstream/wsdl/weather.wsdl", "wsdl/weather.wsdl")?;
    let readings =
        by_build.run(Command::new("cargo").args(["run", "--quiet"]).env("WEATHER_URL", station.address()))?;
    expect(&readings, &[READINGS])?;

    let by_command = Crate::new(work, "by-command", &[])?;
    by_command.copy("examples/downstream/wsdl/weather.wsdl", "wsdl/weather.wsdl")?;
    by_command.copy("examples/form/schema/catch_report.xsd", "form.xsd")?;
    let commands = of_wsdl.iter().find(|block| block.language == "sh").ok_or("no command is shown")?.text;
    let printed = by_command.run(Command::new("sh").args(["-ec", &in_checkout(commands)]))?;
    expect(&printed, &["GetReadings", "Reading"])?;
    let program = file(&of_wsdl, "src/main.rs")?.replace("soap::", "client::");
    let (_, program) = program.split_once("\n}\n").ok_or("no module is included")?;
    fs::write(by_command.folder.join("src/main.rs"), program)?;
    let readings =
        by_command.run(Command::new("cargo").args(["run", "--quiet"]).env("WEATHER_URL", station.address()))?;
    expect(&readings, &[READINGS])?;
    by_command.run(Command::new("cargo").args(["check", "--quiet", "--manifest-path", "form/Cargo.toml"]))?;

    let altinn = Crate::new(work, "of-altinn", &of_altinn)?;
    altinn.copy("tests/fixtures/security/certificates/modern.p12", "system.p12")?;
    fs::write(altinn.folder.join("a.zip"), [0; 1000])?;
    run(&mut command("cargo build --quiet --package altinn-soap-interop --bin serve_tls"))?;
    let server = "cargo run --quiet --package altinn-soap-interop --bin serve_tls --";
    let server = Peer::start("", command(server).arg(work))?;
    peer::call(vec![server], |list| {
        let list = fs::read_to_string(list)?;
        let port = list.split("https://127.0.0.1:").nth(1).and_then(|rest| rest.split('/').next());
        let address = format!("https://localhost:{}", port.ok_or("nothing is served")?);
        fs::copy(work.join("root.pem"), altinn.folder.join("ca.pem"))?;
        let commands = of_altinn.iter().find(|block| block.language == "sh").ok_or("no command is shown")?.text;
        let commands = commands.replace("https://localhost:8443", &address);
        let printed = altinn.run(Command::new("sh").args(["-ec", &commands]))?;
        expect(&printed, &["Some(OK)\n", "certificate of 742 bytes", "a.zip 1000"])
    })
}

/// A block of code.
struct Block<'a> {
    language: &'a str,
    text: &'a str,
}

/// What stands between a heading of the second level and the next one.
fn section<'a>(document: &'a str, heading: &str) -> Result<&'a str> {
    let (_, rest) = document.split_once(&format!("\n## {heading}\n")).ok_or_else(|| format!("no section {heading}"))?;
    Ok(rest.split("\n## ").next().unwrap_or_default())
}

fn blocks(section: &str) -> Vec<Block<'_>> {
    let fenced = section.split("```").skip(1).step_by(2);
    fenced.filter_map(|block| block.split_once('\n')).map(|(language, text)| Block { language, text }).collect()
}

/// The block that begins with the path of this file.
fn file<'a>(blocks: &[Block<'a>], path: &str) -> Result<&'a str> {
    let named = |block: &Block<'a>| {
        let (first, rest) = block.text.split_once('\n')?;
        (first.trim_start_matches(['/', '#']).trim() == path).then_some(rest)
    };
    Ok(blocks.iter().find_map(named).ok_or_else(|| format!("{path} is not shown"))?)
}

/// Dependencies of the repository, by the paths of this checkout.
fn by_path(dependencies: &str) -> Result<String> {
    let mut text = String::new();
    for line in dependencies.lines() {
        let folder =
            PACKAGES.iter().find(|(name, _)| line.starts_with(&format!("{name} = "))).map(|(_, folder)| folder);
        match folder {
            Some(folder) if line.contains(REPOSITORY) => {
                text.push_str(&line.replace(REPOSITORY, &format!("path = {:?}", root().join(folder))));
            }
            Some(_) => return Err(format!("another source than the repository: {line}").into()),
            None => text.push_str(line),
        }
        text.push('\n');
    }
    Ok(text)
}

/// Commands, with this checkout for a clone of the repository.
fn in_checkout(commands: &str) -> String {
    let here = format!(" {}/", root().display());
    let lines = commands.lines().filter(|line| !line.starts_with("git clone "));
    let lines =
        lines.map(|line| line.replace(" altinn-soap/", &here).replace("cargo install ", "cargo install --debug "));
    lines.collect::<Vec<_>>().join("\n")
}

/// A crate that somebody begins.
struct Crate {
    folder: PathBuf,
}

impl Crate {
    /// As `cargo new` makes it, with the files that the blocks show.
    fn new(work: &Path, name: &str, blocks: &[Block<'_>]) -> Result<Self> {
        run(command("cargo new --quiet --vcs none").arg(name).current_dir(work))?;
        let folder = work.join(name);
        // The versions that are at hand, and compiled.
        fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock"))?;
        if let Ok(dependencies) = file(blocks, "Cargo.toml") {
            let manifest = fs::read_to_string(folder.join("Cargo.toml"))?;
            let head = manifest.strip_suffix("[dependencies]\n").ok_or("cargo new writes another manifest")?;
            fs::write(folder.join("Cargo.toml"), head.to_owned() + &by_path(dependencies)?)?;
            fs::write(folder.join("src/main.rs"), file(blocks, "src/main.rs")?)?;
        }
        if let Ok(script) = file(blocks, "build.rs") {
            fs::write(folder.join("build.rs"), script)?;
        }
        Ok(Self { folder })
    }

    /// What a reader has of their own.
    fn copy(&self, from: &str, to: &str) -> Result {
        let to = self.folder.join(to);
        fs::create_dir_all(to.parent().ok_or("a file without a folder")?)?;
        fs::copy(root().join(from), to)?;
        Ok(())
    }

    /// Runs a command in the folder, and gives what it prints.
    fn run(&self, command: &mut Command) -> Result<String> {
        let installed = self.folder.join("installed");
        let mut path = vec![installed.join("bin")];
        path.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
        let output = command
            .current_dir(&self.folder)
            .env("CARGO_NET_OFFLINE", "true")
            .env("CARGO_TARGET_DIR", root().join("target"))
            .env("CARGO_INSTALL_ROOT", installed)
            .env("PATH", std::env::join_paths(path)?)
            .stderr(Stdio::inherit())
            .output()?;
        let printed = String::from_utf8(output.stdout)?;
        if output.status.success() {
            Ok(printed)
        } else {
            Err(format!("{command:?}: {}\n{printed}", output.status).into())
        }
    }
}

fn expect(printed: &str, texts: &[&str]) -> Result {
    match texts.iter().find(|text| !printed.contains(*text)) {
        Some(missing) => Err(format!("`{missing}` is not in what the program printed:\n{printed}").into()),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = "# T\n\n## A\n\n```toml\n# Cargo.toml\n[dependencies]\n```\n\n```sh\nls\n```\n\n## B\n\n```rust,ignore\n// src/main.rs\nfn main() {}\n```\n";

    #[test]
    fn files_and_commands_are_found_by_section() {
        let first = blocks(section(DOCUMENT, "A").unwrap());
        assert_eq!(file(&first, "Cargo.toml").unwrap(), "[dependencies]\n");
        assert_eq!(first.iter().map(|block| block.language).collect::<Vec<_>>(), ["toml", "sh"]);
        assert!(file(&first, "src/main.rs").is_err() && section(DOCUMENT, "C").is_err());
        assert_eq!(file(&blocks(section(DOCUMENT, "B").unwrap()), "src/main.rs").unwrap(), "fn main() {}\n");
    }

    #[test]
    fn only_the_place_of_the_packages_is_changed() {
        let runtime = format!("soap-runtime = {{ {REPOSITORY}, features = [\"x\"] }}\ntokio = \"1\"\n");
        let expected =
            format!("soap-runtime = {{ path = {:?}, features = [\"x\"] }}\ntokio = \"1\"\n", root().join("runtime"));
        assert_eq!(by_path(&runtime).unwrap(), expected);
        assert!(by_path("soap-runtime = \"1\"\n").is_err());
    }
}
