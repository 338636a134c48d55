//! The wire log: messages for people, as they come and go.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// Where a log of all messages goes, those of token exchanges included: an aid while a program is made or mended.
///
/// It shows names, and of the texts only those of fields that the contract describes and that are not sensitive
/// (`sensitive` in `codegen.toml`). Sensitive ones, credentials, cookies and headers of the program are `[redacted]`; every other
/// text is `[n characters]`: XML that the contract leaves open, free headers, reasons of faults, what does not read. Binary
/// content, attachments and streams are not shown. What is plain in a contract may be personal all the same, so a log is to be
/// kept like the data itself.
///
/// Each message is written whole when its exchange ends, and the call waits for that. A list that is read item by item follows
/// it, each item as it is read. What cannot be written is lost.
///
/// ```no_run
/// use soap_runtime::{Connection, WireLog};
///
/// let log = WireLog::to_file("soap.log")?;
/// let connection = Connection::builder("https://soap.example").wire_log(log).build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct WireLog(Sink);

enum Sink {
    File(Mutex<File>),
    Tracing,
}

impl WireLog {
    /// To the end of this file, which others cannot read if it is new (on Unix).
    ///
    /// # Errors
    /// The file cannot be opened.
    pub fn to_file(path: impl AsRef<Path>) -> io::Result<Self> {
        private(OpenOptions::new().append(true).create(true)).open(path).map(|file| Self(Sink::File(Mutex::new(file))))
    }

    /// To `tracing`, as events at the level debug with the target `soap.wire`.
    pub fn to_tracing() -> Self {
        Self(Sink::Tracing)
    }

    pub(super) fn write(&self, text: &str) {
        match &self.0 {
            Sink::Tracing => tracing::debug!(target: "soap.wire", "{text}"),
            Sink::File(file) => {
                let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
                if let Err(error) = file.write_all(format!("{text}\n\n").as_bytes()) {
                    tracing::warn!(error = ?error.kind(), "the wire log cannot be written");
                }
            }
        }
    }
}

impl fmt::Debug for WireLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Sink::File(_) => "WireLog(file)",
            Sink::Tracing => "WireLog(tracing)",
        })
    }
}

/// Makes a file that is new one of its owner alone.
pub(super) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}
