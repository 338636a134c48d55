//! Files with keys and certificates that are nearly right: PKCS#12 in BER, and PEM.

use altinn_soap::{Certificate, Secret};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::PLANTED_NUMBER;
use crate::choices::Choices;
use crate::outcome::{Verdict, printed};

/// A value of BER, and how it is written.
#[derive(Clone, Debug)]
struct Value {
    tag: u8,
    content: Content,
    length: Length,
}

#[derive(Clone, Debug)]
enum Content {
    Octets(Vec<u8>),
    /// Inside a constructed value, or inside the octets of a string.
    Values(Vec<Value>),
}

#[derive(Clone, Copy, Debug)]
enum Length {
    Shortest,
    /// In eight octets.
    Long,
    /// With an end mark.
    Indefinite,
    /// Another number.
    Wrong(isize),
}

const CONSTRUCTED: u8 = 0x20;
const INTEGER: u8 = 0x02;
const OCTET_STRING: u8 = 0x04;

/// Values of definite length that fill the octets.
fn parse(mut octets: &[u8]) -> Option<Vec<Value>> {
    let mut values = Vec::new();
    while let [tag, first, rest @ ..] = octets {
        let (length, rest) = match first {
            0..=0x7f => (usize::from(*first), rest),
            0x81..=0x84 => {
                let count = usize::from(first - 0x80);
                let digits = rest.get(..count)?;
                (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), &rest[count..])
            }
            _ => return None,
        };
        let (content, rest) = rest.split_at_checked(length)?;
        let inner = match tag {
            _ if tag & CONSTRUCTED != 0 => Some(parse(content)?),
            // Strings hold documents of their own.
            &OCTET_STRING if content.first() == Some(&0x30) => parse(content),
            _ => None,
        };
        let content = inner.map_or_else(|| Content::Octets(content.to_vec()), Content::Values);
        values.push(Value { tag: *tag, content, length: Length::Shortest });
        octets = rest;
    }
    octets.is_empty().then_some(values)
}

fn write(values: &[Value], out: &mut Vec<u8>) {
    for value in values {
        let mut content = Vec::new();
        match &value.content {
            Content::Octets(octets) => content.extend_from_slice(octets),
            Content::Values(values) => write(values, &mut content),
        }
        out.push(value.tag);
        let length = match value.length {
            Length::Wrong(by) => content.len().saturating_add_signed(by),
            _ => content.len(),
        };
        match value.length {
            Length::Indefinite => out.push(0x80),
            Length::Long => {
                out.push(0x88);
                out.extend_from_slice(&(length as u64).to_be_bytes());
            }
            _ if length < 0x80 => out.push(length as u8),
            _ => {
                let digits = (length as u64).to_be_bytes();
                let digits = &digits[digits.iter().take_while(|digit| **digit == 0).count()..];
                out.push(0x80 | digits.len() as u8);
                out.extend_from_slice(digits);
            }
        }
        out.extend_from_slice(&content);
        if matches!(value.length, Length::Indefinite) {
            out.extend_from_slice(&[0, 0]);
        }
    }
}

/// Where all values are.
fn paths(values: &[Value], at: &mut Vec<usize>, all: &mut Vec<Vec<usize>>) {
    for (place, value) in values.iter().enumerate() {
        at.push(place);
        all.push(at.clone());
        if let Content::Values(inner) = &value.content {
            paths(inner, at, all);
        }
        at.pop();
    }
}

/// The values among which a path ends.
fn around<'v>(values: &'v mut Vec<Value>, path: &[usize]) -> &'v mut Vec<Value> {
    path[..path.len() - 1].iter().fold(values, |values, place| match &mut values[*place].content {
        Content::Values(inner) => inner,
        Content::Octets(_) => unreachable!("a path leads along values"),
    })
}

fn change(values: &mut Vec<Value>, choices: &mut Choices<'_>) {
    let mut all = Vec::new();
    paths(values, &mut Vec::new(), &mut all);
    if all.is_empty() {
        return;
    }
    let path = all[choices.below(all.len())].clone();
    let last = path[path.len() - 1];
    let other = around(values, &all[choices.below(all.len())]).first().cloned();
    let siblings = around(values, &path);
    let count = siblings.len();
    let value = &mut siblings[last];
    match choices.below(14) {
        0 => value.length = Length::Long,
        1 => value.length = Length::Indefinite,
        2 => value.length = Length::Wrong(choices.of(&[-1, 1, 2, 127, 1 << 16, 1 << 40])),
        3 => value.tag = choices.of(&[0x02, 0x04, 0x05, 0x06, 0x24, 0x30, 0x31, 0x80, 0xa0, 0x1f, 0x00]),
        4 => drop(siblings.remove(last)),
        5 => siblings.insert(last, siblings[last].clone()),
        6 => siblings.swap(last, choices.below(count)),
        7 => {
            if let Some(other) = other {
                *value = other;
            }
        }
        8 => {
            for _ in 0..choices.of(&[1, 30, 2000]) {
                let inner = value.clone();
                *value = Value {
                    tag: choices.of(&[0x30, 0xa0]),
                    content: Content::Values(vec![inner]),
                    length: Length::Shortest,
                };
            }
        }
        // Rounds of key derivation, versions, and the numbers of keys.
        9 | 10 => {
            let number: &[u8] = choices.of(&[
                &[0][..],
                &[1],
                &[3],
                &[0xff],
                &[0x00, 0x98, 0x96, 0x81],
                &[0x7f, 0xff, 0xff, 0xff],
                &[0x00, 0xff, 0xff, 0xff, 0xff],
                &[0x01, 0, 0, 0, 0, 0, 0, 0, 0],
                &[],
            ]);
            value.content = Content::Octets(number.to_vec());
            if choices.one_in(2) {
                value.tag = INTEGER;
            }
        }
        // A string in pieces.
        11 => {
            if let Content::Octets(octets) = &value.content
                && value.tag == OCTET_STRING
            {
                let piece = |octets: &[u8]| Value { content: Content::Octets(octets.to_vec()), ..value.clone() };
                let (front, back) = octets.split_at(choices.below(octets.len() + 1));
                let pieces = vec![piece(front), piece(back)];
                *value = Value {
                    tag: OCTET_STRING | CONSTRUCTED,
                    content: Content::Values(pieces),
                    length: Length::Indefinite,
                };
            }
        }
        12 => {
            if let Content::Octets(octets) = &mut value.content
                && !octets.is_empty()
            {
                let at = choices.below(octets.len());
                octets[at] ^= 1 << choices.below(8);
            }
        }
        _ => siblings.extend(vec![siblings[last].clone(); 50]),
    }
}

/// Those without a MAC come far with changed content; the others show what their protection finds.
const FILES: [&str; 8] = [
    "bare-key.p12",
    "no-mac.p12",
    "bare-key.p12",
    "no-mac.p12",
    "mac-sha512.p12",
    "legacy-3des.p12",
    "legacy-rc2.p12",
    "modern.p12",
];

/// A PKCS#12 file. Accepted is one that gives a certificate with its key.
pub(crate) fn pkcs12(input: &[u8]) -> Verdict {
    let mut choices = Choices::new(input);
    let file = crate::fixture(&format!("security/certificates/{}", choices.of(&FILES)));
    let mut values = parse(&file).unwrap_or_else(|| panic!("a file in DER"));
    // Without its MAC, changed content is looked at.
    if let Some(Value { content: Content::Values(file), .. }) = values.first_mut()
        && !choices.one_in(4)
    {
        file.truncate(2);
    }
    for _ in 0..choices.of(&[1, 1, 0, 2, 3]) {
        change(&mut values, &mut choices);
    }
    let mut octets = Vec::new();
    write(&values, &mut octets);
    verdict(Certificate::from_pkcs12(&octets, &Secret::from("passord")))
}

/// A certificate and a key in PEM, of the same text or of two.
pub(crate) fn pem(input: &[u8]) -> Verdict {
    let mut choices = Choices::new(input);
    let key = ["security/certificates/pkcs1.pem", "security/vectors/test-key.pem"][choices.below(2)];
    let text = |file: &str| String::from_utf8_lossy(&crate::fixture(file)).into_owned();
    let mut texts = [text("security/vectors/test-cert.pem"), text(key)];
    for _ in 0..choices.of(&[1, 1, 0, 2]) {
        let text = &mut texts[choices.below(2)];
        match choices.below(3) {
            0 => change_lines(text, &mut choices),
            _ => change_content(text, &mut choices),
        }
    }
    verdict(match choices.one_in(4) {
        true => Certificate::from_pem(texts.concat(), texts.concat()),
        false => Certificate::from_pem(&texts[0], &texts[1]),
    })
}

fn change_lines(text: &mut String, choices: &mut Choices<'_>) {
    let mut lines: Vec<&str> = text.lines().collect();
    if lines.is_empty() {
        return;
    }
    let at = choices.below(lines.len());
    match choices.below(6) {
        0 => drop(lines.remove(at)),
        1 => lines.insert(at, lines[at]),
        2 => {
            lines[at] = choices.of(&[
                "",
                "-----",
                "-----BEGIN CERTIFICATE-----",
                "-----END",
                "Proc-Type: 4,ENCRYPTED",
                "QUOTED-01017012345",
                "====",
            ])
        }
        3 => lines.truncate(at),
        4 => lines.rotate_left(at),
        _ => lines.insert(at, "a line around it"),
    }
    *text = lines.join(choices.of(&["\n", "\r\n", "\r", " \n", "\n\n"]));
}

/// Changes the values inside the base64.
fn change_content(text: &mut String, choices: &mut Choices<'_>) {
    let lines: Vec<&str> = text.lines().collect();
    let [first, content @ .., last] = &*lines else { return };
    let Ok(octets) = STANDARD.decode(content.concat()) else { return };
    let Some(mut values) = parse(&octets) else { return };
    change(&mut values, choices);
    let mut octets = Vec::new();
    write(&values, &mut octets);
    *text = format!("{first}\n{}\n{last}\n", STANDARD.encode(octets));
}

fn verdict(read: Result<Certificate, altinn_soap::Error>) -> Verdict {
    let error = match read {
        Ok(_) => return Verdict::Accepted,
        Err(error) => error,
    };
    let text = printed(&error);
    assert!(!text.contains(PLANTED_NUMBER) && !text.contains("passord"), "an error quotes content: {text}");
    let says = |words: &str| text.contains(words);
    Verdict::Refused(match () {
        () if says("damaged, or no PKCS#12") => "structure",
        () if says("is wrong") => "password",
        () if says("is not read") => "protection",
        () if says("rounds") => "rounds",
        () if says("holds no") => "lacking",
        () if says("does not belong") => "pair",
        () => "key",
    })
}
