//! Content on disk instead of in memory.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;

use crate::blocking;
use crate::error::Error;

/// When and where received content is written to disk.
#[derive(Debug)]
pub(crate) struct Spill {
    /// A part with more bytes than this is.
    pub(crate) over: usize,
    pub(crate) folder: PathBuf,
}

/// An unnamed file for the content of one message. It is deleted even if the program is killed.
#[derive(Debug)]
pub(crate) struct SpillFile {
    file: Arc<File>,
    len: u64,
}

/// Content in such a file.
#[derive(Clone, Debug)]
pub(crate) struct Spilled {
    file: Arc<File>,
    start: u64,
    len: u64,
}

/// Bytes that are written at once.
const BATCH: usize = 1 << 20;

/// Content that is being written to such a file.
pub(crate) struct Spilling {
    file: SpillFile,
    start: u64,
    batch: Vec<Bytes>,
    batched: usize,
}

impl SpillFile {
    /// # Errors
    /// No file can be made in the folder.
    pub(crate) async fn new(spill: &Spill) -> Result<Self, Error> {
        let folder = spill.folder.clone();
        let file = blocking::run(move || create(&folder)).await.map_err(failed)?;
        Ok(Self { file: Arc::new(file), len: 0 })
    }

    /// At its end.
    pub(crate) fn begin(self) -> Spilling {
        Spilling { start: self.len, file: self, batch: Vec::new(), batched: 0 }
    }
}

/// Linux makes an unnamed file with the mode that the umask leaves. No other program can open it, but its mode shall say
/// so too.
fn create(folder: &Path) -> io::Result<File> {
    let file = tempfile::tempfile_in(folder)?;
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    Ok(file)
}

impl Spilling {
    /// # Errors
    /// The file can't be written.
    pub(crate) async fn push(&mut self, piece: Bytes) -> Result<(), Error> {
        self.batched += piece.len();
        self.batch.push(piece);
        if self.batched < BATCH { Ok(()) } else { self.write().await }
    }

    async fn write(&mut self) -> Result<(), Error> {
        let (file, batch) = (Arc::clone(&self.file.file), std::mem::take(&mut self.batch));
        let mut at = self.file.len;
        self.file.len += std::mem::take(&mut self.batched) as u64;
        let write = move || {
            batch.iter().try_for_each(|piece| {
                write_all_at(&file, piece, at)?;
                at += piece.len() as u64;
                Ok(())
            })
        };
        blocking::run(write).await.map_err(failed)
    }

    /// What has been written, and the file for more.
    ///
    /// # Errors
    /// The file can't be written.
    pub(crate) async fn finish(mut self) -> Result<(Spilled, SpillFile), Error> {
        self.write().await?;
        let len = self.file.len - self.start;
        Ok((Spilled { file: Arc::clone(&self.file.file), start: self.start, len }, self.file))
    }
}

impl Spilled {
    /// Number of bytes.
    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// From the start. Several readers do not disturb each other.
    pub(crate) fn reader(&self) -> SpilledReader {
        SpilledReader { file: Arc::clone(&self.file), at: self.start, end: self.start + self.len }
    }

    /// Whether both are the same place in the same file.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.file, &other.file) && (self.start, self.len) == (other.start, other.len)
    }

    /// All of it.
    ///
    /// # Errors
    /// The file can't be read.
    pub(crate) fn read(&self) -> Result<Bytes, Error> {
        let mut all = Vec::with_capacity(usize::try_from(self.len).unwrap_or_default());
        self.reader().read_to_end(&mut all).map_err(failed)?;
        Ok(all.into())
    }
}

pub(crate) struct SpilledReader {
    file: Arc<File>,
    at: u64,
    end: u64,
}

impl Read for SpilledReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.end - self.at).unwrap_or(usize::MAX).min(buffer.len());
        let read = read_at(&self.file, &mut buffer[..most], self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

// Every access states its position, because parts share one file and Windows moves the cursor even for positioned
// reads.

#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, at)
}

#[cfg(unix)]
fn write_all_at(file: &File, bytes: &[u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, at)
}

#[cfg(windows)]
fn read_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, at)
}

#[cfg(windows)]
fn write_all_at(file: &File, mut bytes: &[u8], mut at: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        match std::os::windows::fs::FileExt::seek_write(file, bytes, at) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => {
                bytes = &bytes[written..];
                at += written as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

pub(crate) fn failed(error: io::Error) -> Error {
    Error::configuration("received content cannot be kept on disk (ConnectionBuilder::spill_parts)").with_source(error)
}

#[cfg(test)]
mod tests {
    use std::io::{Seek as _, SeekFrom};

    use super::*;

    /// As on Windows, where reading a part that has come moves the cursor of the one that is coming.
    #[tokio::test]
    async fn parts_that_share_a_file_do_not_share_a_cursor() {
        let folder = tempfile::tempdir().unwrap();
        let file = SpillFile::new(&Spill { over: 0, folder: folder.path().to_owned() }).await.unwrap();
        let mut first = file.begin();
        first.push(Bytes::from_static(b"first")).await.unwrap();
        let (first, file) = first.finish().await.unwrap();
        let mut second = file.begin();
        let large = Bytes::from(vec![b'2'; BATCH]);
        for from in [0, 3, 1000] {
            (&*first.file).seek(SeekFrom::Start(from)).unwrap();
            second.push(large.clone()).await.unwrap();
            assert_eq!(first.read().unwrap(), "first");
        }
        let (second, _) = second.finish().await.unwrap();
        assert_eq!((first.read().unwrap(), second.read().unwrap()), ("first".into(), large.repeat(3).into()));
    }

    /// What is on disk is the caller's alone, and no other program finds it by a name.
    #[cfg(unix)]
    #[tokio::test]
    async fn a_file_has_no_name_and_is_its_owners() {
        use std::os::unix::fs::MetadataExt as _;

        let folder = tempfile::tempdir().unwrap();
        let file = SpillFile::new(&Spill { over: 0, folder: folder.path().to_owned() }).await.unwrap();
        let metadata = file.file.metadata().unwrap();
        assert_eq!((metadata.mode() & 0o7777, metadata.nlink()), (0o600, 0));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    /// The same in a process that makes its files readable and writable for everybody.
    #[cfg(unix)]
    #[test]
    fn the_umask_does_not_open_it() {
        let inner = "value::spill::tests::a_file_has_no_name_and_is_its_owners";
        let run = std::process::Command::new("sh")
            .args(["-c", "umask 000; exec \"$@\"", "sh"])
            .arg(std::env::current_exe().unwrap())
            .args(["--exact", inner])
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&run.stdout);
        assert!(run.status.success() && told.contains("1 passed"), "{told}");
    }
}
