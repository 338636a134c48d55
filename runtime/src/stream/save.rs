//! A download as a file that is complete or not there.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use tokio::task::{JoinHandle, spawn_blocking};

use super::Download;
use crate::error::Error;
use crate::random::{Random as _, SystemRandom};

/// Bytes that are written at once. As many again may be waiting for that.
const BATCH: usize = 1 << 20;

/// A file under a name that nobody looks for. Removed when it is dropped before it has its own.
struct Temporary {
    path: PathBuf,
    kept: bool,
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.kept {
            // It may not have been made, and there is nobody to tell.
            let _ = fs::remove_file(&self.path);
        }
    }
}

impl Temporary {
    /// A new file beside the one that it will become, so that renaming is one step.
    fn create(path: &Path, unique: [u8; 8]) -> io::Result<(Self, File)> {
        let name =
            path.file_name().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "the path names no file"))?;
        let mut temporary = OsString::from(".");
        temporary.push(name);
        temporary.push(format!(".{:016x}.part", u64::from_ne_bytes(unique)));
        let path = path.with_file_name(temporary);
        let file = File::create_new(&path)?;
        Ok((Self { path, kept: false }, file))
    }
}

pub(super) async fn save(download: &mut Download, path: &Path) -> Result<u64, Error> {
    let (target, mut unique) = (path.to_owned(), [0; 8]);
    SystemRandom.fill(&mut unique).map_err(|error| download.not_written(error))?;
    // Made over there, so that it is also removed there if nobody waits for it any more.
    let created = finished(spawn_blocking(move || Temporary::create(&target, unique))).await;
    let (mut temporary, file) = created.map_err(|error| download.not_written(error))?;
    let mut writing = spawn_blocking(move || Ok(file));
    let file = loop {
        // One batch arrives while the one before is written.
        let batch = batch(download).await?;
        let mut file = finished(writing).await.map_err(|error| download.not_written(error))?;
        if batch.is_empty() {
            break file;
        }
        writing = spawn_blocking(move || {
            batch.iter().try_for_each(|piece| file.write_all(piece))?;
            Ok(file)
        });
    };
    let (from, to) = (temporary.path.clone(), path.to_owned());
    let renamed = spawn_blocking(move || {
        file.sync_all()?;
        drop(file);
        fs::rename(from, &to)?;
        sync_folder(&to)
    });
    // From here on it is complete, and gets its name even if nobody waits for that.
    temporary.kept = true;
    match finished(renamed).await {
        Ok(()) => Ok(download.received()),
        Err(error) => {
            temporary.kept = false;
            Err(download.not_written(error))
        }
    }
}

/// Pieces up to a size, or to the end.
async fn batch(download: &mut Download) -> Result<Vec<Bytes>, Error> {
    let (mut pieces, mut bytes) = (Vec::new(), 0);
    while bytes < BATCH {
        let Some(piece) = download.chunk().await? else { break };
        bytes += piece.len();
        pieces.push(piece);
    }
    Ok(pieces)
}

async fn finished<T>(work: JoinHandle<io::Result<T>>) -> io::Result<T> {
    work.await.map_err(io::Error::other)?
}

/// Makes the new name last through a power cut, where folders can be synced.
fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}
