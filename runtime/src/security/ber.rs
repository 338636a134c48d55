//! A reader of BER: DER, and also the values of indefinite length and the strings in pieces that NSS and Bouncy Castle
//! write in PKCS#12 files.
//!
//! The `der` crate reads DER alone. Everything here is `None` if it is not well-formed.

use std::ops::Deref;

use zeroize::Zeroizing;

/// Tags, as the first octet encodes them.
pub(super) const INTEGER: u8 = 0x02;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const OID: u8 = 0x06;
pub(super) const SEQUENCE: u8 = 0x30;
/// Constructed: around a value, or a string in pieces.
pub(super) const CONTEXT_0: u8 = 0xA0;

const CONSTRUCTED: u8 = 0x20;
/// Values inside each other; PKCS#12 needs about ten.
const DEPTH: usize = 24;

/// A value.
#[derive(Clone, Copy)]
pub(super) struct Value<'a> {
    pub(super) tag: u8,
    /// Without the end-of-contents mark of a value of indefinite length.
    pub(super) content: &'a [u8],
}

/// Values that follow each other.
#[derive(Clone)]
pub(super) struct Values<'a>(&'a [u8]);

impl<'a> Values<'a> {
    pub(super) fn new(octets: &'a [u8]) -> Self {
        Self(octets)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn next(&mut self) -> Option<Value<'a>> {
        self.take(DEPTH)
    }

    /// The next value, which has this tag. A string may be in pieces.
    pub(super) fn expect(&mut self, tag: u8) -> Option<Value<'a>> {
        self.next().filter(|value| value.tag == tag || (tag == OCTET_STRING && value.tag == tag | CONSTRUCTED))
    }

    /// The next value if it has this tag; else nothing is consumed.
    pub(super) fn next_if(&mut self, tag: u8) -> Option<Value<'a>> {
        let mut after = self.clone();
        let value = after.expect(tag)?;
        *self = after;
        Some(value)
    }

    fn take(&mut self, depth: usize) -> Option<Value<'a>> {
        let (tag, rest) = self.0.split_first()?;
        let (length, mut rest) = rest.split_first()?;
        // Tags of several octets do not occur.
        if tag & 0x1F == 0x1F {
            return None;
        }
        let length = match *length {
            short @ 0..0x80 => usize::from(short),
            0x80 if tag & CONSTRUCTED != 0 => {
                let mut values = Values(rest);
                while values.0.get(..2)? != [0, 0] {
                    values.take(depth.checked_sub(1)?)?;
                }
                let content = &rest[..rest.len() - values.0.len()];
                self.0 = &values.0[2..];
                return Some(Value { tag: *tag, content });
            }
            long @ 0x81..=0x84 => {
                let (octets, after) = rest.split_at_checked(usize::from(long & 0x7F))?;
                rest = after;
                octets.iter().fold(0, |length, octet| length << 8 | usize::from(*octet))
            }
            _ => return None,
        };
        let content;
        (content, self.0) = rest.split_at_checked(length)?;
        Some(Value { tag: *tag, content })
    }
}

/// Tag and length.
const LONGEST_HEAD: usize = 6;

/// The octets of a string. They may be a key, so those that were put together are wiped.
pub(super) enum Octets<'a> {
    Whole(&'a [u8]),
    Joined(Zeroizing<Vec<u8>>),
}

impl Deref for Octets<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Whole(octets) => octets,
            Self::Joined(octets) => octets,
        }
    }
}

impl<'a> Value<'a> {
    /// The values in this one.
    pub(super) fn values(&self) -> Values<'a> {
        Values(self.content)
    }

    /// The one value in this one, which has this tag.
    pub(super) fn holds(&self, tag: u8) -> Option<Value<'a>> {
        let mut values = self.values();
        values.expect(tag).filter(|_| values.is_empty())
    }

    /// The octets of a string, in pieces or not.
    pub(super) fn octets(&self) -> Option<Octets<'a>> {
        if self.tag & CONSTRUCTED == 0 {
            return Some(Octets::Whole(self.content));
        }
        // Large enough from the beginning, as growing would leave a copy behind.
        let mut all = Zeroizing::new(Vec::with_capacity(self.content.len()));
        self.gather(&mut all, DEPTH)?;
        Some(Octets::Joined(all))
    }

    fn gather(&self, all: &mut Vec<u8>, depth: usize) -> Option<()> {
        if self.tag & CONSTRUCTED == 0 {
            all.extend_from_slice(self.content);
            return Some(());
        }
        let mut pieces = self.values();
        while !pieces.is_empty() {
            pieces.expect(OCTET_STRING)?.gather(all, depth.checked_sub(1)?)?;
        }
        Some(())
    }

    /// An integer that is not negative.
    pub(super) fn integer(&self) -> Option<u32> {
        let octets = self.content.strip_prefix(&[0]).unwrap_or(self.content);
        (octets.len() <= 4).then(|| octets.iter().fold(0, |value, octet| value << 8 | u32::from(*octet)))
    }

    /// The value in DER. It holds no string in pieces.
    pub(super) fn to_der(self) -> Option<Zeroizing<Vec<u8>>> {
        self.der(DEPTH)
    }

    fn der(self, depth: usize) -> Option<Zeroizing<Vec<u8>>> {
        let content = if self.tag & CONSTRUCTED == 0 {
            Octets::Whole(self.content)
        } else {
            let (mut values, mut all) = (self.values(), Vec::new());
            while !values.is_empty() {
                all.push(values.next()?.der(depth.checked_sub(1)?)?);
            }
            let mut joined = Zeroizing::new(Vec::with_capacity(all.iter().map(|value| value.len()).sum()));
            all.iter().for_each(|value| joined.extend_from_slice(value));
            Octets::Joined(joined)
        };
        let mut der = Zeroizing::new(Vec::with_capacity(content.len() + LONGEST_HEAD));
        der.push(self.tag);
        match u8::try_from(content.len()) {
            Ok(short @ 0..0x80) => der.push(short),
            _ => {
                let length = u32::try_from(content.len()).ok()?.to_be_bytes();
                let significant = &length[length.iter().position(|octet| *octet != 0)?..];
                der.push(0x80 | u8::try_from(significant.len()).ok()?);
                der.extend_from_slice(significant);
            }
        }
        der.extend_from_slice(&content);
        Some(der)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn value(octets: &[u8]) -> Option<Value<'_>> {
        Values(octets).next()
    }

    #[test]
    fn lengths_of_every_form() {
        let long = [&[OCTET_STRING, 0x81, 0x80][..], &[7; 128]].concat();
        assert_eq!(value(&long).unwrap().content, [7; 128]);
        assert_eq!(*value(&long).unwrap().to_der().unwrap(), long);
        let longer = [&[OCTET_STRING, 0x83, 0, 1, 0][..], &[7; 256]].concat();
        assert_eq!(value(&longer).unwrap().to_der().unwrap()[..4], [OCTET_STRING, 0x82, 1, 0]);
        // A sequence without length, of one without length and an integer.
        let without = [SEQUENCE, 0x80, SEQUENCE, 0x80, 2, 1, 5, 0, 0, 2, 1, 6, 0, 0, 99];
        let mut values = Values(&without);
        let outer = values.next().unwrap();
        assert_eq!(*outer.to_der().unwrap(), [SEQUENCE, 8, SEQUENCE, 3, 2, 1, 5, 2, 1, 6]);
        assert_eq!(values.0, [99]);
        for wrong in [
            &[][..],
            &[SEQUENCE],
            &[SEQUENCE, 1],
            &[SEQUENCE, 0x80, 0],
            &[SEQUENCE, 0x80, 2, 1, 5],
            &[OCTET_STRING, 0x80, 0, 0],
            &[0x1F, 1, 0],
            &[OCTET_STRING, 0x85, 0, 0, 0, 0, 0],
            &[OCTET_STRING, 0x84, 0xFF, 0xFF, 0xFF, 0xFF],
            &[SEQUENCE, 0x80].repeat(1 << 20),
        ] {
            assert!(value(wrong).is_none(), "{:?}", &wrong[..wrong.len().min(9)]);
        }
    }

    #[test]
    fn strings_in_pieces() {
        let pieces = [0x24, 0x80, 4, 1, b'a', 0x24, 4, 4, 2, b'b', b'c', 4, 0, 0, 0];
        assert_eq!(value(&pieces).unwrap().octets().as_deref(), Some(&b"abc"[..]));
        assert!(value(&[0x24, 3, 2, 1, b'a']).unwrap().octets().is_none(), "an integer is no piece");
    }

    proptest! {
        #[test]
        fn anything_is_read_or_refused(octets in proptest::collection::vec(
            prop_oneof![Just(SEQUENCE), Just(0x24), Just(0x80), Just(0), Just(1), Just(4), any::<u8>()], 0..60
        )) {
            if let Some(value) = value(&octets) {
                let _ = (value.octets(), value.integer());
                if let Some(der) = value.to_der() {
                    prop_assert_eq!(self::value(&der).unwrap().to_der().unwrap(), der);
                }
            }
        }
    }
}
