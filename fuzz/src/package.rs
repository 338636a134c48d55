//! MTOM packages that are nearly right: one of the same content as a text, and what becomes of it by changes.

use altinn_soap::testing::Answer;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::PLANTED;
use crate::choices::{Choices, Plan, Random};
use crate::mutate::{Change, include};
use crate::network::{Edit, Origin, block_on};
use crate::outcome::{Outcome, Verdict};
use crate::reply::in_three_ways;
use crate::service::{self, BINARY, Call, Echo, Fetched};
use crate::tree::{Content, Element, Form};

/// A `multipart/related` message.
#[derive(Clone, Debug)]
struct Package {
    parameters: Vec<(String, String)>,
    boundary: String,
    before: Vec<u8>,
    /// Envelope first, unless an input moves it.
    parts: Vec<Part>,
    after: Vec<u8>,
    /// `\r\n`, or what an input writes instead.
    line_end: String,
}

#[derive(Clone, Debug)]
struct Part {
    head: Vec<String>,
    content: Vec<u8>,
}

impl Package {
    /// The document with the binary content of its members in parts of their own.
    fn of(mut document: Element, form: &mut Form) -> Self {
        let mut parts = Vec::new();
        document.walk(&mut |element| {
            let content = element.text().filter(|_| BINARY.contains(&&*element.name.local));
            let content = content.filter(|text| !text.is_empty()).and_then(|text| STANDARD.decode(text).ok());
            if let Some(content) = content {
                let id = format!("part{}@example", parts.len());
                element.content = vec![Content::Element(include(&format!("cid:{id}")))];
                parts.push(Part::new("application/octet-stream", &id, content));
            }
        });
        let envelope = form.write(&document).into_bytes();
        parts.insert(0, Part::new("application/xop+xml; charset=utf-8; type=\"text/xml\"", "0", envelope));
        let parameter = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        Self {
            parameters: vec![
                parameter("type", "application/xop+xml"),
                parameter("start", "<0>"),
                parameter("start-info", "text/xml"),
                parameter("boundary", "bound'ary"),
            ],
            boundary: "bound'ary".to_owned(),
            before: b"\r\n".to_vec(),
            parts,
            after: b"--\r\n".to_vec(),
            line_end: "\r\n".to_owned(),
        }
    }

    /// What means the same: the names' case, lines around the parts, more head lines, white space behind a boundary.
    fn reform(&mut self, random: &mut Random) {
        if random.below(2) == 0 {
            self.before = b"This is a message in several parts.\r\n--not the boundary\r\n\r\n".to_vec();
        }
        if random.below(2) == 0 {
            self.after.extend_from_slice(b"behind the end\r\n--bound'ary\r\n");
        }
        for part in &mut self.parts {
            if random.below(2) == 0 {
                part.head.iter_mut().for_each(|line| *line = line.replace("Content-", "content-"));
            }
            if random.below(2) == 0 {
                part.head.insert(0, "X-Other: a\r\n folded line".to_owned());
            }
        }
        if random.below(2) == 0 {
            self.parameters.reverse();
        }
        if random.below(3) == 0 && self.parts.len() > 1 {
            // `start` says which part is the envelope.
            self.parts.rotate_left(1);
        }
    }

    fn change(&mut self, choices: &mut Choices<'_>) {
        let at = choices.below(self.parts.len());
        match choices.below(16) {
            0 => drop((self.parts.len() > 1).then(|| self.parts.remove(at))),
            1 => self.parts.push(self.parts[at].clone()),
            2 => self.parts.rotate_left(at),
            3 => self.parts[at].head_line(choices),
            4 => {
                let parameter = choices.below(self.parameters.len());
                self.parameters.remove(parameter);
            }
            5 => {
                let parameter = choices.below(self.parameters.len());
                self.parameters[parameter].1 = choices
                    .of(&["", "text/xml", "<1>", "0", "bound'ary-", &"b".repeat(71), "a b", "bound", PLANTED])
                    .to_owned();
            }
            // A boundary that its own beginning, or content, may be taken for.
            6 => {
                let boundary = choices
                    .of(&["-", "--", "\r\n", "a", "bound'aryx", "bound'ary--", "b".repeat(70).as_str()])
                    .to_owned();
                self.parameters.retain(|(name, _)| name != "boundary");
                self.parameters.push(("boundary".to_owned(), boundary.clone()));
                self.boundary = boundary;
            }
            7 => {
                let tricks = [
                    "\r\n--",
                    "--bound'ary",
                    "\r\n--bound'ar",
                    "\r\n--bound'aryx\r\n",
                    "\r\n--bound'ary--",
                    "\r",
                    "\r\n-",
                ];
                let content = &mut self.parts[at].content;
                let place = choices.below(content.len() + 1);
                content.splice(place..place, choices.of(&tricks).bytes());
            }
            8 => self.line_end = choices.of(&["\n", "\r", " \t\r\n", "\r\n\r\n", ""]).to_owned(),
            9 => self.after = choices.of(&["", "-", "--", "--x", "\r\n", "--\r\n\r\n--bound'ary\r\n"]).into(),
            10 => self.before = choices.of(&["", "--", "\n", "QUOTED-01017012345", "--bound'ary"]).into(),
            11 => self.before = vec![b'-'; 4000],
            12 => self.after.extend(vec![b'-'; 4000]),
            13 => self.parts.extend(vec![self.parts[at].clone(); 40]),
            14 => self.parts[at].content.clear(),
            _ => self.parts[at].head.clear(),
        }
    }

    fn write(&self, answer: &mut Answer) {
        let mut body = self.before.clone();
        for part in &self.parts {
            body.extend_from_slice(format!("\r\n--{}{}", self.boundary, self.line_end).as_bytes());
            for line in &part.head {
                body.extend_from_slice(format!("{line}{}", self.line_end).as_bytes());
            }
            body.extend_from_slice(self.line_end.as_bytes());
            body.extend_from_slice(&part.content);
        }
        body.extend_from_slice(format!("\r\n--{}", self.boundary).as_bytes());
        body.extend_from_slice(&self.after);
        let parameters = self.parameters.iter().map(|(name, value)| format!("; {name}=\"{value}\""));
        let media_type = format!("multipart/related{}", parameters.collect::<String>());
        answer.body = body.into();
        service::content_type(answer, media_type.as_bytes());
    }
}

impl Part {
    fn new(media_type: &str, id: &str, content: Vec<u8>) -> Self {
        let head = vec![
            format!("Content-ID: <{id}>"),
            "Content-Transfer-Encoding: binary".to_owned(),
            format!("Content-Type: {media_type}"),
        ];
        Self { head, content }
    }

    fn head_line(&mut self, choices: &mut Choices<'_>) {
        let line = choices.of(&[
            "Content-ID: <part0@example>",
            "Content-ID: part%30@example",
            "Content-ID: 0",
            "Content-ID:",
            "Content-Transfer-Encoding: base64",
            "Content-Transfer-Encoding: 8BIT",
            "Content-Type: text/xml; charset=utf-16",
            "Content-Type: text/html",
            "Content-Type: application/xop+xml; type=\"application/soap+xml; action=\\\"a\\\"\"",
            " folded",
            "no colon",
            ": no name",
            PLANTED,
        ]);
        match choices.below(4) {
            0 => self.head.extend(vec![line.to_owned(); 100]),
            1 => self.head.clear(),
            2 => self.head = vec![line.to_owned()],
            _ => self.head.push(line.to_owned()),
        }
    }
}

/// The same content as a text and as a package, and then a package that is changed.
pub(crate) fn package(input: &[u8]) -> Verdict {
    let plan = Plan::of(input);
    let mut choices = Choices::new(plan.choices);
    let exchange = &service::echoes()[choices.below(2)];
    let call = Call::sample(exchange, choices.below(1 << 12) as u64);
    let changes = choices.of(&[0, 0, 1, 2, 3]);
    let packaging = choices.rest().to_vec();
    // An input changes the document or the package around it: of both changed, little would be read.
    let document = Change::of(Choices::new(if changes == 0 { &packaging } else { &[] }));
    let make = |form: u64, pieces: u64, as_package: bool| {
        let (packaging, document) = (packaging.clone(), document.clone());
        call.make(pieces, move |_, mut answer| {
            let mut envelope = Element::parse(&String::from_utf8_lossy(&answer.body));
            if !document.has_forms() || !as_package {
                answer.body = document.written(envelope, form).into();
                return answer;
            }
            document.apply(&mut envelope);
            let mut package = Package::of(envelope, &mut Form::of(form));
            let mut choices = Choices::new(&packaging);
            (0..changes).for_each(|_| package.change(&mut choices));
            if form != 0 && changes == 0 {
                package.reform(&mut Random::new(form));
            }
            package.write(&mut answer);
            answer
        })
    };
    if changes == 0 {
        let (text, package) = (make(0, 0, false), make(0, 0, true));
        // An error says where in the text it is; an empty text is no member's, and no part's either.
        text.assert_alike(&package, &|_| None);
    }
    in_three_ways(&plan, exchange, changes == 0 && document.has_forms(), |form, pieces| make(form, pieces, true))
}

/// A stream in a package, with other values beside it.
pub(crate) fn download(input: &[u8]) -> Verdict {
    let plan = Plan::of(input);
    let mut choices = Choices::new(plan.choices);
    let exchange = service::fetch();
    let call = Call::sample(exchange, choices.below(1 << 12) as u64);
    let is_right = choices.one_in(6);
    let changes = if is_right { 0 } else { choices.of(&[0, 0, 0, 1, 2]) };
    let packaging = choices.rest().to_vec();
    let document = Change::of(Choices::new(if changes == 0 && !is_right { &packaging } else { &[] }));
    in_three_ways(&plan, exchange, changes == 0 && document.has_forms(), |form, pieces| {
        let (packaging, document) = (packaging.clone(), document.clone());
        let edit: Edit = Box::new(move |_: Origin, mut answer: Answer| {
            let mut envelope = Element::parse(&String::from_utf8_lossy(&answer.body));
            document.apply(&mut envelope);
            let mut package = Package::of(envelope, &mut Form::of(form));
            let mut choices = Choices::new(&packaging);
            (0..changes).for_each(|_| package.change(&mut choices));
            package.write(&mut answer);
            answer
        });
        fetch(&call, pieces, edit)
    })
}

fn fetch(call: &Call, pieces: u64, edit: Edit) -> Outcome {
    let connection = call.connection(pieces, edit);
    let port = service::port(&connection, call.exchange.port());
    let fetched = block_on(async {
        let request = Echo::default();
        let request = port.request(call.exchange.operation(), &request);
        let (message, mut download) = request.download_with::<Fetched>().await?;
        let mut content = Vec::new();
        while let Some(piece) = download.chunk().await? {
            content.extend_from_slice(&piece);
        }
        Ok((message, content))
    });
    match fetched {
        Ok((message, content)) => Outcome::Read { message: Box::new(message), content },
        Err(error) => Outcome::Failed(error),
    }
}
