//! `cargo xtask ci`.

use crate::Result;

pub(crate) fn run(_only: Option<&str>) -> Result {
    Err("not yet".into())
}
