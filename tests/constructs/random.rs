//! Schemas with content models of chance: choices, sequences, groups that repeat and names that occur again, one in another.
//! Only those that XML Schema allows (Unique Particle Attribution): there, each element has one place.

use std::collections::{BTreeMap, BTreeSet};

/// The elements that models are made of, each always of the same type.
const ELEMENTS: [(&str, &str); 6] =
    [("a", "xs:int"), ("b", "xs:string"), ("c", "t:Leaf"), ("d", "xs:boolean"), ("e", "t:Tree"), ("f", "xs:decimal")];

/// SplitMix64.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % end
    }
}

enum Model {
    Element(usize),
    Any,
    Sequence(Vec<Particle>),
    Choice(Vec<Particle>),
}

struct Particle {
    optional: bool,
    repeats: bool,
    model: Model,
}

/// The schema of this number, if it is one that XML Schema allows.
pub(crate) fn schema(number: u64) -> Option<String> {
    let mut chance = Chance(number);
    let model = Particle { optional: false, repeats: false, model: group(&mut chance, 3) };
    let tree = Particle { optional: false, repeats: false, model: group(&mut chance, 2) };
    if ![&model, &tree].into_iter().all(is_deterministic) {
        return None;
    }
    let attribute = if chance.below(2) == 0 { r#"<xs:attribute name="kind" type="xs:token"/>"# } else { "" };
    // Trees must be able to end.
    let tree = write(&Particle { optional: true, ..tree });
    Some(format!(
        r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:t" targetNamespace="urn:t" elementFormDefault="qualified">
<xs:element name="E"><xs:complexType>{}{attribute}</xs:complexType></xs:element>
<xs:complexType name="Leaf"><xs:choice><xs:element name="x" type="xs:int"/><xs:element name="y" type="xs:string"/></xs:choice></xs:complexType>
<xs:complexType name="Tree">{tree}</xs:complexType>
</xs:schema>"#,
        write(&model)
    ))
}

fn group(chance: &mut Chance, depth: u64) -> Model {
    let members = (0..1 + chance.below(4)).map(|_| particle(chance, depth - 1)).collect();
    if chance.below(2) == 0 { Model::Sequence(members) } else { Model::Choice(members) }
}

fn particle(chance: &mut Chance, depth: u64) -> Particle {
    let model = match chance.below(10) {
        0..4 if depth > 0 => group(chance, depth),
        9 => Model::Any,
        _ => Model::Element(chance.below(ELEMENTS.len() as u64) as usize),
    };
    Particle { optional: chance.below(3) == 0, repeats: chance.below(4) == 0, model }
}

fn write(particle: &Particle) -> String {
    let min = if particle.optional { r#" minOccurs="0""# } else { "" };
    let max = if particle.repeats { r#" maxOccurs="unbounded""# } else { "" };
    let inner = |members: &[Particle]| members.iter().map(write).collect::<String>();
    match &particle.model {
        Model::Element(at) => {
            let (name, ty) = ELEMENTS[*at];
            format!(r#"<xs:element name="{name}" type="{ty}"{min}{max}/>"#)
        }
        Model::Any => format!(r###"<xs:any namespace="##other" processContents="lax"{min}{max}/>"###),
        Model::Sequence(members) => format!("<xs:sequence{min}{max}>{}</xs:sequence>", inner(members)),
        Model::Choice(members) => format!("<xs:choice{min}{max}>{}</xs:choice>", inner(members)),
    }
}

/// What can come first and last in a particle, by position, and what can come after each position.
#[derive(Default)]
struct Positions {
    /// The element of each position; `None` is any.
    names: Vec<Option<usize>>,
    after: BTreeMap<usize, BTreeSet<usize>>,
}

struct Ends {
    first: BTreeSet<usize>,
    last: BTreeSet<usize>,
    may_be_empty: bool,
}

fn is_deterministic(particle: &Particle) -> bool {
    let mut positions = Positions::default();
    let ends = positions.ends(particle);
    let distinct = |at: &BTreeSet<usize>| {
        let names: BTreeSet<_> = at.iter().map(|at| positions.names[*at]).collect();
        names.len() == at.len()
    };
    distinct(&ends.first) && positions.after.values().all(distinct)
}

impl Positions {
    fn ends(&mut self, particle: &Particle) -> Ends {
        let mut ends = match &particle.model {
            Model::Element(at) => self.position(Some(*at)),
            Model::Any => self.position(None),
            Model::Sequence(members) => {
                let mut all = Ends { first: BTreeSet::new(), last: BTreeSet::new(), may_be_empty: true };
                for member in members {
                    let one = self.ends(member);
                    self.follow(&all.last, &one.first);
                    if all.may_be_empty {
                        all.first.extend(&one.first);
                    }
                    if !one.may_be_empty {
                        all.last.clear();
                    }
                    all.last.extend(&one.last);
                    all.may_be_empty &= one.may_be_empty;
                }
                all
            }
            Model::Choice(members) => {
                let mut all = Ends { first: BTreeSet::new(), last: BTreeSet::new(), may_be_empty: false };
                for member in members {
                    let one = self.ends(member);
                    all.first.extend(one.first);
                    all.last.extend(one.last);
                    all.may_be_empty |= one.may_be_empty;
                }
                all
            }
        };
        if particle.repeats {
            self.follow(&ends.last, &ends.first);
        }
        ends.may_be_empty |= particle.optional;
        ends
    }

    fn position(&mut self, name: Option<usize>) -> Ends {
        let at = self.names.len();
        self.names.push(name);
        Ends { first: BTreeSet::from([at]), last: BTreeSet::from([at]), may_be_empty: false }
    }

    fn follow(&mut self, last: &BTreeSet<usize>, first: &BTreeSet<usize>) {
        for at in last {
            self.after.entry(*at).or_default().extend(first);
        }
    }
}
