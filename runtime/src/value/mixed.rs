//! Text with elements in it.

use std::fmt;
use std::ops::{Deref, DerefMut};

use crate::value::Fragment;

/// Mixed content: text and elements in their order. It is used as the `Vec` of nodes that it holds. `Debug` prints lengths
/// only.
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Mixed(pub Vec<MixedNode>);

/// A part of [`Mixed`] content.
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum MixedNode {
    /// Characters, with no markup in them.
    Text(String),
    /// A child element.
    Element(Fragment),
}

impl Mixed {
    /// The text without the elements.
    pub fn text(&self) -> String {
        let text = |node: &MixedNode| match node {
            MixedNode::Text(text) => Some(text.clone()),
            MixedNode::Element(_) => None,
        };
        self.0.iter().filter_map(text).collect()
    }
}

impl Mixed {
    /// Adds a node, unless it is an empty text.
    pub(crate) fn add(&mut self, node: MixedNode) {
        if !matches!(&node, MixedNode::Text(text) if text.is_empty()) {
            self.0.push(node);
        }
    }
}

impl Deref for Mixed {
    type Target = Vec<MixedNode>;

    fn deref(&self) -> &Vec<MixedNode> {
        &self.0
    }
}

impl DerefMut for Mixed {
    fn deref_mut(&mut self) -> &mut Vec<MixedNode> {
        &mut self.0
    }
}

impl From<Vec<MixedNode>> for Mixed {
    fn from(nodes: Vec<MixedNode>) -> Self {
        Self(nodes)
    }
}

impl From<&str> for Mixed {
    fn from(text: &str) -> Self {
        Self(vec![MixedNode::Text(text.to_owned())])
    }
}

impl From<Fragment> for MixedNode {
    fn from(element: Fragment) -> Self {
        Self::Element(element)
    }
}

impl fmt::Debug for MixedNode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "[{} characters]", text.chars().count()),
            Self::Element(element) => element.fmt(f),
        }
    }
}
