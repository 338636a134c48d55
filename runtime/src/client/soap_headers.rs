//! SOAP header blocks that the program adds to its requests.

use std::borrow::Cow;

use crate::value::Fragment;

/// Adds a block in the place of one of the same name.
pub(super) fn set(blocks: &mut Vec<Fragment>, block: Fragment) {
    let name = block.name();
    blocks.retain(|other| other.name() != name);
    blocks.push(block);
}

/// The blocks of a connection, and those of a call, which replace some of them.
pub(super) fn joined<'a>(of_connection: &'a [Fragment], of_call: &'a [Fragment]) -> Cow<'a, [Fragment]> {
    if of_call.is_empty() {
        return Cow::Borrowed(of_connection);
    }
    let mut all = of_connection.to_vec();
    of_call.iter().for_each(|block| set(&mut all, block.clone()));
    Cow::Owned(all)
}
