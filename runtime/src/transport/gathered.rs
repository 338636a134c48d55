//! Pieces of a body that are joined in memory.

use bytes::Bytes;

/// Joins pieces whose total length need not be known. At most two copies are in memory at a time; a vector that grows
/// would hold three, and half as much again in the end. A single piece is not copied.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    /// Bytes that are expected.
    expected: usize,
    /// The first piece, as long as it is the only one.
    first: Bytes,
    /// All of them, once there are more. Each but the last is full.
    blocks: Vec<Vec<u8>>,
    len: usize,
}

/// From this size on, a single piece is kept without copying: a small one would keep a whole network buffer alive.
const WORTH_SHARING: usize = 16 << 10;

/// The smallest and the largest block. Each new one is as large as what came before it.
const SMALLEST: usize = 4 << 10;
const LARGEST: usize = 1 << 20;

impl Gathered {
    /// For this many bytes, which are then copied once.
    pub(crate) fn expecting(bytes: usize) -> Self {
        Self { expected: bytes, ..Self::default() }
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Adds a piece.
    pub(crate) fn push(&mut self, piece: Bytes) {
        if self.len == 0 {
            self.len = piece.len();
            self.first = piece;
            return;
        }
        let first = std::mem::take(&mut self.first);
        self.len += piece.len();
        self.append(&first);
        self.append(&piece);
    }

    fn append(&mut self, mut piece: &[u8]) {
        while !piece.is_empty() {
            let block = match self.blocks.last_mut().filter(|block| block.len() < block.capacity()) {
                Some(block) => block,
                None => {
                    let least = if self.blocks.is_empty() { self.expected } else { 0 };
                    let size = self.len.clamp(SMALLEST, LARGEST).max(least);
                    self.blocks.push(Vec::with_capacity(size));
                    continue;
                }
            };
            let (fits, more) = piece.split_at(piece.len().min(block.capacity() - block.len()));
            block.extend_from_slice(fits);
            piece = more;
        }
    }

    /// All pieces as one.
    pub(crate) fn finish(mut self) -> Bytes {
        match self.blocks.len() {
            0 if self.len < WORTH_SHARING => Bytes::copy_from_slice(&self.first),
            0 => self.first,
            1 => self.blocks.swap_remove(0).into(),
            _ => {
                let mut all = Vec::with_capacity(self.len);
                // Each block is gone before the next one is copied.
                self.blocks.into_iter().for_each(|block| all.extend_from_slice(&block));
                all.into()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_of_all_sizes() {
        let content: Vec<u8> = (0..2_500_000_u32).map(|at| (at ^ (at >> 8)) as u8).collect();
        for expected in [0, 10, content.len(), 2 * content.len()] {
            for size in [1, 4096, 100_000, content.len()] {
                let content = &content[..(size * 10_000).min(content.len())];
                let mut gathered = Gathered::expecting(expected);
                for piece in content.chunks(size) {
                    gathered.push(Bytes::copy_from_slice(piece));
                }
                assert_eq!(gathered.len(), content.len());
                assert!(gathered.finish() == content, "{expected} {size}");
            }
        }
        assert_eq!(Gathered::default().finish(), "");
    }

    #[test]
    fn a_single_large_piece_is_not_copied() {
        let piece = Bytes::from(vec![1; WORTH_SHARING]);
        let mut gathered = Gathered::expecting(piece.len());
        gathered.push(piece.clone());
        assert_eq!(gathered.finish().as_ptr(), piece.as_ptr());
    }
}
