//! Strangers' contracts for `tests/oracle`: of each, what the generator read, and its schemas as files.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use wsdl_codegen::{Config, files, inspect, read};

use super::closure::Folder;
use super::{parallel, schemas};
use crate::Result;

/// Writes a folder for each contract in these folders that can be read, at least in part; gives their number.
pub(crate) fn write_for_oracle(folders: &[PathBuf], out: &Path) -> Result<usize> {
    let _ = fs::remove_dir_all(out);
    let mut roots: Vec<(String, Vec<PathBuf>)> = Vec::new();
    for path in folders {
        let folder = Folder::read(path)?;
        for root in folder.roots() {
            let files = folder.closure(root).iter().map(|file| folder.path(file)).collect();
            roots.push((root.to_owned(), files));
        }
    }
    let numbered: Vec<(usize, (String, Vec<PathBuf>))> = roots.into_iter().enumerate().collect();
    let jobs = std::thread::available_parallelism().map_or(1, Into::into);
    let written = parallel(jobs, &numbered, |(number, (name, files))| {
        // What panics or is refused is told by `cargo xtask corpus`.
        let Ok(Some(report)) = catch_unwind(AssertUnwindSafe(|| report(files))) else { return Ok(0) };
        let folder = out.join(format!("{number:04}"));
        schemas::write(files, &folder)?;
        fs::write(folder.join("name"), name)?;
        fs::write(folder.join("inspect.json"), report)?;
        Ok(1)
    })?;
    Ok(written.into_iter().sum())
}

fn report(paths: &[PathBuf]) -> Option<String> {
    let config = Config { allow_partial: true, ..Config::default() };
    read(&files::read(paths).ok()?, &config).ok().map(|contract| inspect::json(&contract))
}
