//! Saves a download to a file that appears only when it is complete.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;

use bytes::Bytes;
use tempfile::NamedTempFile;
use tokio::task::spawn_blocking;

use crate::blocking::{self, finished};
use crate::error::Error;
use crate::stream::Download;

/// Bytes that are written at once. As many again may be buffered meanwhile.
const BATCH: usize = 1 << 20;

/// A new file beside the one that it will become, so that renaming is atomic. It is removed when its handle is dropped.
fn create(path: &Path) -> io::Result<NamedTempFile> {
    let name = path.file_name().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "the path names no file"))?;
    let mut prefix = OsString::from(".");
    prefix.push(name);
    prefix.push(".");
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix).suffix(".part");
    // It becomes an ordinary file, whose permissions follow the umask of the program.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder(path))
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

pub(super) async fn save(download: &mut Download, path: &Path) -> Result<u64, Error> {
    let target = path.to_owned();
    let mut writing = spawn_blocking(move || create(&target));
    let file = loop {
        // One batch arrives while the one before is written.
        let batch = match batch(download).await {
            Ok(batch) => batch,
            Err(error) => {
                // The temporary file is gone before the error is returned.
                drop(finished(writing).await);
                return Err(error);
            }
        };
        let mut file = finished(writing).await.map_err(|error| download.not_written(error))?;
        if batch.is_empty() {
            break file;
        }
        writing = spawn_blocking(move || {
            batch.iter().try_for_each(|piece| file.write_all(piece))?;
            Ok(file)
        });
    };
    // It is complete, and gets its name even if the future is dropped from here on.
    let target = path.to_owned();
    let renamed = blocking::run(move || {
        file.as_file().sync_all()?;
        file.persist(&target)?;
        // The file is there and whole, even where its folder cannot be synced.
        let _ = sync_folder(&target);
        Ok(())
    });
    renamed.await.map_err(|error| download.not_written(error))?;
    Ok(download.received())
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

/// Makes the rename durable, where folders can be synced.
fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(folder(path))?.sync_all()?;
    }
    Ok(())
}
