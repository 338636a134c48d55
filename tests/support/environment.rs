//! What tests take from outside the checkout: the folder `../shared`, and the wish to accept new output.

use std::env;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// A file or folder of `../shared`, or of the folder that `ALTINN_SOAP_SHARED` names.
///
/// `None` if it is not there: standard error then says which test did not run.
///
/// # Panics
/// If it is not there and `WITHOUT_SHARED` has another value than `1`, as it has in `.ci/run`.
pub(crate) fn shared(path: &str) -> Option<PathBuf> {
    let folder = env::var_os("ALTINN_SOAP_SHARED").map_or_else(|| workspace().join("../shared"), PathBuf::from);
    let path = folder.join(path);
    if path.exists() {
        return Some(path);
    }
    let thread = std::thread::current();
    // The test harness names the thread of a test after it.
    let test = thread.name().filter(|name| *name != "main").unwrap_or("what needs it");
    let message = format!("{} is not there: {test} did not run", path.display());
    let allowed = env::var_os("WITHOUT_SHARED").is_none_or(|value| value == "1");
    assert!(allowed, "{message}; WITHOUT_SHARED=1 goes without it");
    // Not `eprintln!`, whose output the test harness hides when a test passes.
    let _ = writeln!(std::io::stderr(), "{message}");
    None
}

/// Whether `UPDATE=1` asks that expected output is written instead of compared.
///
/// # Panics
/// Where `CI` is set: every comparison would pass there.
pub(crate) fn update() -> bool {
    let update = env::var_os("UPDATE").is_some();
    assert!(!update || env::var_os("CI").is_none(), "UPDATE accepts any output: refused where CI is set");
    update
}

/// The folder of the workspace, from whichever package includes this file.
fn workspace() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.ancestors().find(|folder| folder.join("wsdl-cache").is_dir()).unwrap_or(package)
}
