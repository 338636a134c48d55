//! `cargo xtask interop`: our clients against stacks that nobody here wrote. Installs, starts and stops them.

mod cxf;

use crate::Result;

pub(crate) fn run_all() -> Result {
    cxf::every_port()
}

/// What takes too long to run each time.
pub(crate) fn run_large() -> Result {
    cxf::huge_streams()
}
