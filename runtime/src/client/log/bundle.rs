//! Support bundles: what those who run a service ask for when a call has failed.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::client::log::wire::private;

/// Most bundles that one connection writes.
const BUNDLES: usize = 100;

/// A folder into which a connection writes a file for each call that fails: environment and versions, the URL without its
/// query, times, all messages of the call as a [`WireLog`](crate::WireLog) shows them, and the error.
///
/// The messages of a call are in memory until it ends. A connection writes 100 bundles and no more, and what cannot be
/// written is lost. Read a file before you send it: what is plain in a contract may be personal all the same.
///
/// ```no_run
/// use soap_runtime::{Connection, SupportBundle};
///
/// let bundle = SupportBundle::to_folder("support")?.about("accounts 2.1, customer 17");
/// let connection = Connection::builder("https://soap.example").support_bundle(bundle).build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct SupportBundle {
    folder: PathBuf,
    about: String,
    written: AtomicUsize,
}

impl SupportBundle {
    /// Into this folder, which is made if it is not there.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn to_folder(folder: impl AsRef<Path>) -> io::Result<Self> {
        let folder = folder.as_ref().to_owned();
        fs::create_dir_all(&folder)?;
        Ok(Self { folder, about: String::new(), written: AtomicUsize::new(0) })
    }

    /// Adds a text to each bundle, such as the name and version of the program.
    #[must_use]
    pub fn about(mut self, text: impl Into<String>) -> Self {
        self.about = text.into();
        self
    }

    /// Writes what is known of a call that has failed.
    pub(super) fn write(&self, time: &str, operation: &str, text: &str) {
        let number = self.written.fetch_add(1, Ordering::Relaxed);
        if number >= BUNDLES {
            return;
        }
        let named = |text: &str| -> String {
            text.chars().map(|character| if character.is_alphanumeric() { character } else { '-' }).take(60).collect()
        };
        let path =
            self.folder.join(format!("{}-{}-{}-{number}.txt", named(time), named(operation), std::process::id()));
        let written = private(OpenOptions::new().write(true).create_new(true))
            .open(path)
            .and_then(|mut file| file.write_all(format!("{}{}", environment(&self.about), text).as_bytes()));
        if let Err(error) = written {
            tracing::warn!(error = ?error.kind(), "a support bundle cannot be written");
        }
    }
}

/// What the program runs on.
fn environment(about: &str) -> String {
    let features = [
        ("blocking", cfg!(feature = "blocking")),
        ("patterns", cfg!(feature = "patterns")),
        ("pkcs12", cfg!(feature = "pkcs12")),
        ("secure-conversation", cfg!(feature = "secure-conversation")),
    ];
    let features: Vec<_> = features.into_iter().filter_map(|(name, is_on)| is_on.then_some(name)).collect();
    let about = if about.is_empty() { String::new() } else { format!("program: {about}\n") };
    format!(
        "{about}runtime: soap-runtime {} ({})\nsystem: {} on {}\n",
        env!("CARGO_PKG_VERSION"),
        features.join(", "),
        std::env::consts::OS,
        std::env::consts::ARCH,
    )
}
