//! What a MIME binding puts beside the envelope (section 5 of WSDL 1.1, WS-I Attachments Profile 1.0).

use crate::contract::{model::Attachment, types::Types};
use crate::document::wsdl::model::{BindingMessage, Message, MimeContent};

/// The attachments of a message, in the order of its binding. What is wrong with one is reported, and the operation has to
/// be left out for it.
pub(super) fn read(message: &Message, bound: &BindingMessage, types: &mut Types<'_, '_, '_>) -> Vec<Attachment> {
    let mut found: Vec<Attachment> = Vec::new();
    for alternatives in &bound.attachments {
        let mut first: Option<&str> = None;
        for content in alternatives {
            let Some(part) = part(content, message, types) else { continue };
            if *first.get_or_insert(part) != part {
                let text = format!("a mime:part that holds part `{part}` or another one, which cannot be told apart");
                types.report.error(content.at, text, "");
                continue;
            }
            let media_types = content.media_type.clone();
            match found.iter_mut().find(|one| one.part == part) {
                Some(known) => known.media_types.extend(media_types.filter(|one| !known.media_types.contains(one))),
                None => {
                    let media_types = media_types.into_iter().collect();
                    found.push(Attachment { part: part.to_owned(), media_types, required: true });
                }
            }
        }
    }
    found
}

/// The part that is held, which need not be named if the message has only one.
fn part<'s>(content: &'s MimeContent, message: &'s Message, types: &mut Types<'_, '_, '_>) -> Option<&'s str> {
    match (&content.part, message.parts.as_slice()) {
        (Some(name), _) if message.part(name).is_some() => Some(name),
        (Some(name), _) => {
            let text = format!("message `{}` has no part `{name}`, which would be an attachment", message.name);
            types.report.warning(content.at, text, "the message is sent and read without it");
            None
        }
        (None, [only]) => Some(&only.name),
        (None, _) => {
            let text = format!("a mime:content that does not say which part of message `{}` it holds", message.name);
            types.report.error(content.at, text, "");
            None
        }
    }
}
