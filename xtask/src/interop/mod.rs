//! `cargo xtask interop`: our clients against stacks that nobody here wrote. Installs, starts and stops them.

mod cxf;

use crate::Result;

pub(crate) fn run_all() -> Result {
    cxf::basic()
}
