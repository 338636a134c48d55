//! `cargo xtask interop`.

use crate::Result;

pub(crate) fn run() -> Result {
    Err("not yet".into())
}
