//! Reads a reply that is a list item by item, with only one item in memory.

use std::ops::Range;

use crate::error::Error;
use crate::fault::Fault;
use crate::limits::XmlLimits;
use crate::message::blocks::{Blocks, Expected};
use crate::message::fault::{nonconformant, read_fault, read_leniently};
use crate::message::read::FAULT_IN_COMPANY;
use crate::mtom::parts::Parts;
use crate::name::Name;
use crate::schema::children::elsewhere;
use crate::schema::decode::Decoder;
use crate::schema::descriptor::Reply;
use crate::schema::field::{Field, Items};
use crate::schema::shown::shown_by;
use crate::schema::value::Value;
use crate::soap::SoapVersion;
use crate::xml::scope::Scopes;
use crate::xml::{Cutter, Markup, Node, Reader};

/// Takes the pieces of an envelope and returns the items of the list in it.
///
/// The document is cut at its tags; each item is then read by the ordinary reader, inside the declarations of its
/// ancestors, which are read once.
#[derive(Debug)]
pub(crate) struct ListReader {
    /// The elements around the items, from the envelope inwards.
    around: Vec<Name>,
    item: Name,
    /// The field of the list, which describes the texts of its items.
    facts: &'static Field,
    /// The latest item as people may see it, if they are to see any.
    shown: Option<String>,
    is_shown: bool,
    /// The list is nil: what it holds all the same is passed over.
    is_nil: bool,
    /// A reply without the list is an error.
    required: bool,
    soap: SoapVersion,
    limits: XmlLimits,
    item_bytes: usize,
    cutter: Cutter,
    /// The names of the open elements of `around`, as written, and what they declare.
    opened: Vec<Vec<u8>>,
    scopes: Scopes<'static>,
    /// How many of `around` have been found, open or not.
    found: usize,
    /// The header, once it has been read.
    header: bool,
    blocks: Blocks,
    /// The fault in the body, where nothing else may stand then.
    fault: Option<Fault>,
    /// An item has been read, which may stand in the body itself.
    occupied: bool,
    /// The element that is cut out: where it begins, and how many elements are open in it.
    cutting: Option<(usize, usize)>,
    started: bool,
    ended: bool,
}

/// What to do next.
pub(crate) enum Step<T> {
    /// An item.
    Item(T),
    /// Feed the next piece.
    More,
}

/// Envelope and body.
const ENVELOPE: usize = 2;

/// Bytes of a network buffer that may follow the item.
const PIECE: usize = 1 << 20;

impl ListReader {
    /// For a reply whose value is a list, and whose headers have to contain this.
    ///
    /// # Errors
    /// A reply of another kind.
    pub(crate) fn new(
        soap: SoapVersion,
        reply: &'static Reply,
        limits: &XmlLimits,
        item_bytes: usize,
        expected: &Expected<'_>,
    ) -> Result<Self, Error> {
        let no_list = || Error::configuration("the operation's reply is no list");
        let envelope = |local| Name::new(soap.namespace(), local);
        let mut around = vec![envelope("Envelope"), envelope("Body")];
        let list = match reply {
            Reply::Unwrapped(wrapper, child) => {
                around.push(wrapper.name);
                child
            }
            Reply::Element(child) => child,
            Reply::Empty | Reply::Void(_) | Reply::Bare => return Err(no_list()),
        };
        let item = match list {
            Field { items: Some(Items { name: item, .. }), name, .. } => {
                around.push(*name);
                *item
            }
            Field { many: true, name, .. } => *name,
            _ => return Err(no_list()),
        };
        Ok(Self {
            around,
            item,
            facts: list,
            shown: None,
            is_shown: false,
            is_nil: false,
            required: list.required && list.items.is_some(),
            soap,
            limits: *limits,
            item_bytes,
            cutter: Cutter::default(),
            opened: Vec::new(),
            scopes: Scopes::default(),
            found: 0,
            header: false,
            blocks: Blocks::expected(Some(expected)),
            fault: None,
            occupied: false,
            cutting: None,
            started: false,
            ended: false,
        })
    }

    /// Whether people are to see the items.
    #[must_use]
    pub(crate) fn showing(mut self, is_shown: bool) -> Self {
        self.is_shown = is_shown;
        self
    }

    /// The latest item as people may see it.
    pub(crate) fn take_shown(&mut self) -> Option<String> {
        self.shown.take()
    }

    /// Nothing has been fed yet.
    pub(crate) fn is_empty(&self) -> bool {
        !self.started
    }

    /// Whether the list has begun: from here on, there is no fault.
    pub(crate) fn has_begun(&self) -> bool {
        self.found == self.around.len()
    }

    /// Checks the header blocks, once the list has begun.
    pub(crate) fn check(&self, expected: &Expected<'_>) -> Result<(), Error> {
        self.blocks.check(expected)
    }

    /// Checks that the header blocks of a fault relate to the request.
    pub(crate) fn check_relation(&self, expected: &Expected<'_>) -> Result<(), Error> {
        self.blocks.check_relation(expected)
    }

    /// Adds a piece.
    pub(crate) fn feed(&mut self, piece: &[u8]) {
        match &mut self.cutting {
            // What is being cut out stays.
            Some((start, _)) => self.cutter.forget(std::mem::take(start)),
            None => self.cutter.forget(self.cutter.at()),
        }
        self.started = true;
        self.cutter.feed(piece);
    }

    /// Checks that nothing is missing when no more pieces come. A fault is an error.
    pub(crate) fn finish(&mut self) -> Result<(), Error> {
        self.check_end().map_err(|error| or_fault(self.fault.take(), error))?;
        if let Some(fault) = self.fault.take() {
            return Err(Error::from_fault(fault.kind(), fault));
        }
        let needed = if self.required { self.around.len() } else { self.around.len().min(ENVELOPE + 1) };
        if self.found < needed {
            return Err(self.cutter.error("a required element or attribute is missing"));
        }
        Ok(())
    }

    /// The next item, as far as it has arrived.
    pub(crate) fn step<T: Value>(&mut self) -> Result<Step<T>, Error> {
        self.advance().map_err(|error| or_fault(self.fault.take(), error))
    }

    /// Checks that the document is complete.
    fn check_end(&self) -> Result<(), Error> {
        if !self.ended || self.cutting.is_some() {
            return Err(self.cutter.error("the document ends inside an element"));
        }
        if !blank(self.cutter.text(self.cutter.at()..self.cutter.len())) {
            return Err(self.cutter.error("content after the end of the document"));
        }
        Ok(())
    }

    fn advance<T: Value>(&mut self) -> Result<Step<T>, Error> {
        loop {
            let before = self.cutter.at();
            let Some((markup, place)) = self.cutter.next()? else {
                if self.cutter.len() > self.item_bytes.saturating_add(PIECE) {
                    return Err(self.cutter.error("an item that is larger than allowed (Limits::item_bytes)"));
                }
                return Ok(Step::More);
            };
            if self.cutting.is_none() && !self.passes_over() && !blank(self.cutter.text(before..place.start)) {
                return Err(self.cutter.error("text between elements"));
            }
            if let Some(element) = self.element(markup, place)?
                && let Some(item) = self.read(element)?
            {
                return Ok(Step::Item(item));
            }
        }
    }

    /// Whether this is inside of a list that is nil.
    fn passes_over(&self) -> bool {
        self.is_nil && self.opened.len() == self.around.len()
    }

    /// Takes in a piece of markup. Returns the place of an element that has been cut out.
    fn element(&mut self, markup: Markup, place: Range<usize>) -> Result<Option<Range<usize>>, Error> {
        if let Some((start, depth)) = &mut self.cutting {
            match markup {
                Markup::Start => *depth += 1,
                Markup::End => *depth -= 1,
                _ => {}
            }
            if *depth > 0 {
                return Ok(None);
            }
            let whole = *start..place.end;
            self.cutting = None;
            return Ok(Some(whole));
        }
        match markup {
            // Everything else is checked by the reader, to which comments are not passed.
            Markup::Comment => match std::str::from_utf8(self.cutter.bytes(place)) {
                Ok(_) => Ok(None),
                Err(_) => Err(self.cutter.error("bytes that are not UTF-8")),
            },
            Markup::CData if self.passes_over() => Ok(None),
            Markup::CData => Err(self.cutter.error("text between elements")),
            Markup::Instruction => self.instruction(place).map(|()| None),
            Markup::Start | Markup::Empty if self.ended => {
                Err(self.cutter.error("content after the end of the document"))
            }
            Markup::Start | Markup::Empty if self.fault.is_some() && self.opened.len() == ENVELOPE => {
                Err(self.cutter.error(FAULT_IN_COMPANY))
            }
            Markup::Start | Markup::Empty if self.is_around(&place)? => {
                self.found += 1;
                if markup == Markup::Start {
                    self.open(place)?
                } else {
                    self.ended = self.opened.is_empty()
                }
                Ok(None)
            }
            Markup::Start => {
                self.cutting = Some((place.start, 1));
                Ok(None)
            }
            Markup::Empty => Ok(Some(place)),
            Markup::End => self.close(place).map(|()| None),
        }
    }

    /// The reader checks it, and that no declaration stands inside of the document.
    fn instruction(&self, place: Range<usize>) -> Result<(), Error> {
        let document = [self.cutter.bytes(place), b"<x/>"].concat();
        self.reader(&document).next().map(|_| ())
    }

    /// Whether this start tag is the next of the elements around the items. Each of them occurs once.
    fn is_around(&self, place: &Range<usize>) -> Result<bool, Error> {
        let depth = self.opened.len();
        let Some(name) = self.around.get(depth) else { return Ok(false) };
        self.at_element(place.clone(), |reader| match reader.is(*name) {
            true if depth < self.found => {
                Err(reader.error("an element that may occur once occurs twice").in_element(name.local))
            }
            false if depth > ENVELOPE && reader.is_local(name.local) => Err(elsewhere(reader, *name)),
            is => Ok(is),
        })
    }

    /// A start tag of an element around the items.
    fn open(&mut self, place: Range<usize>) -> Result<(), Error> {
        let (mut declared, mut is_nil) = (Scopes::default(), false);
        self.at_element(place.clone(), |reader| {
            declared.take_in(reader.scopes());
            is_nil = reader.is_nil();
            Ok(())
        })?;
        self.scopes.take_in(&declared);
        self.opened.push(name(&self.cutter.bytes(place)[1..]).to_vec());
        // The elements around the list say it in vain, as where the list is read whole.
        self.is_nil = is_nil && self.facts.items.is_some() && self.opened.len() == self.around.len();
        Ok(())
    }

    /// An end tag: of the innermost open element, whose name it must have.
    fn close(&mut self, place: Range<usize>) -> Result<(), Error> {
        self.scopes.leave(self.depth());
        if self.opened.pop().is_none_or(|opened| opened != name(&self.cutter.bytes(place)[2..])) {
            return Err(self.cutter.error("XML that is not well-formed"));
        }
        self.ended = self.opened.is_empty();
        Ok(())
    }

    /// Reads an element that has been cut out: an item, a fault, a header, or something to pass over.
    fn read<T: Value>(&mut self, place: Range<usize>) -> Result<Option<T>, Error> {
        let depth = self.opened.len();
        let envelope = |local| Name::new(self.soap.namespace(), local);
        let mut blocks = std::mem::take(&mut self.blocks);
        let (mut header, mut fault, mut occupied) = (self.header, self.fault.take(), self.occupied);
        let mut marks = None;
        let read = self.at_element(place.clone(), |reader| {
            if depth == self.around.len() && !self.is_nil && reader.is_local(self.item.local) {
                occupied = true;
                if !reader.is(self.item) {
                    return Err(elsewhere(reader, self.item));
                }
                // A nil item is skipped.
                if !reader.is_nil() {
                    let field = self.facts;
                    reader.expect_text(field.default, field.white_space);
                    let around = reader.enter(field);
                    let item = T::read_value(reader).map_err(|error| error.in_element(self.item.local))?;
                    reader.leave(around);
                    marks = reader.take_marks();
                    return Ok(Some(item));
                }
            }
            match depth {
                0 => return Err(reader.unexpected("not a SOAP envelope")),
                1 if self.found > 1 || header || !reader.is(envelope("Header")) => {
                    return Err(reader.unexpected("an envelope with something else than one Header and one Body"));
                }
                1 => {
                    header = true;
                    while reader.next()? == Node::Start {
                        blocks.read(self.soap, reader)?;
                    }
                    return Ok(None);
                }
                ENVELOPE if reader.is(envelope("Fault")) => {
                    if occupied || self.found > ENVELOPE {
                        return Err(reader.error(FAULT_IN_COMPANY));
                    }
                    fault = Some(read_fault(self.soap, reader)?);
                    return Ok(None);
                }
                // The items may stand in the body itself.
                ENVELOPE if depth < self.around.len() => {
                    return Err(reader.unexpected("a body that holds something else than the contract says"));
                }
                _ => {}
            }
            reader.skip()?;
            Ok(None)
        });
        (self.blocks, self.header, self.fault, self.occupied) = (blocks, header, fault, occupied);
        if let Some(marks) = marks {
            let item = self.cutter.bytes(place.clone());
            self.shown = Some(shown_by(self.reader(item), item, Some(&marks)));
        }
        read.map_err(|error| match depth {
            ENVELOPE if !occupied && self.found == ENVELOPE => self.or_blemished_fault(error, place),
            _ => error,
        })
    }

    /// A fault is better news than an error in it.
    fn or_blemished_fault(&self, error: Error, place: Range<usize>) -> Error {
        let element = String::from_utf8_lossy(self.cutter.bytes(place));
        let mut reader = Decoder::of(self.reader(element.as_bytes()).tolerating_text());
        let fault = match reader.next() {
            Ok(Node::Start) if reader.is_local("Fault") => read_leniently(&mut reader).ok(),
            _ => None,
        };
        or_fault(fault, error)
    }

    /// Positions a reader at an element.
    fn at_element<R>(
        &self,
        place: Range<usize>,
        read: impl FnOnce(&mut Decoder<'_>) -> Result<R, Error>,
    ) -> Result<R, Error> {
        let mut parts = Parts::of_items();
        let reader = Decoder::of(self.reader(self.cutter.bytes(place))).with_parts(&mut parts);
        let mut reader = reader.marking(self.is_shown);
        if reader.next()? != Node::Start {
            return Err(self.cutter.error("XML that is not well-formed"));
        }
        read(&mut reader)
    }

    /// A reader of a piece of the document, inside of the open elements.
    fn reader<'x>(&'x self, piece: &'x [u8]) -> Reader<'x> {
        Reader::within(piece, &self.limits, &self.scopes, self.depth())
    }

    /// How many elements are open.
    fn depth(&self) -> u32 {
        u32::try_from(self.opened.len()).unwrap_or(u32::MAX)
    }
}

/// A fault is better news than an error beside it.
fn or_fault(fault: Option<Fault>, error: Error) -> Error {
    match fault {
        Some(fault) => nonconformant(fault).with_source(error),
        None => error,
    }
}

fn blank(text: &[u8]) -> bool {
    text.iter().all(u8::is_ascii_whitespace)
}

/// The name at the front of a tag.
fn name(tag: &[u8]) -> &[u8] {
    let end = tag.iter().position(|byte| byte.is_ascii_whitespace() || b"/>".contains(byte));
    &tag[..end.unwrap_or(tag.len())]
}
