//! The reference: html5ever's tree, printed upon and written out for comparison.

use std::fmt::Write as _;
use std::rc::Rc;

use encoding_rs::Encoding;
use html5ever::tendril::TendrilSink;
use html5ever::{Attribute, LocalName, QualName, local_name, ns, parse_document, parse_fragment};
use markup5ever_rcdom::{Handle, Node, NodeData, RcDom};
use overprint::content::{Entry, Kind};
use overprint::weave::Outcome;

use super::{Seen, voice};

pub(crate) fn parse(bytes: &[u8], encoding: &'static Encoding) -> Handle {
    let text = encoding.decode(bytes).0;
    parse_document(RcDom::default(), Default::default()).one(&*text).document.clone()
}

/// Replaces what was printed, in the tree.
pub(crate) fn print(document: &Handle, seen: &[Seen]) -> Result<(), String> {
    for slot in seen.iter().filter(|slot| slot.outcome == Outcome::Printed) {
        let voice = voice();
        let entry = voice.find(&slot.key).ok_or("printed without content")?;
        let label = if slot.attribute.is_some() { "data-overprint-attr" } else { "data-overprint" };
        let mut nodes = Vec::new();
        labelled(document, label, &slot.key, &mut nodes);
        match (&slot.attribute, &nodes[..]) {
            // None where the parser ignores the tag, several where it clones the element.
            (Some(name), nodes) => nodes.iter().for_each(|n| set_attribute(n, name, &words(entry))),
            (None, [node]) => replace_content(node, entry),
            (None, nodes) => {
                return Err(format!(
                    "printed {} and yet {} elements carry it",
                    slot.key,
                    nodes.len()
                ));
            }
        }
    }
    Ok(())
}

fn labelled(node: &Handle, label: &str, key: &str, found: &mut Vec<Handle>) {
    if let Some(value) = attribute(node, label) {
        let names = |part: &str| part.trim() == key || part.trim().ends_with(&format!(": {key}"));
        if value.split(';').any(names) {
            found.push(Rc::clone(node));
        }
    }
    for child in children(node) {
        labelled(&child, label, key, found);
    }
}

pub(crate) fn attribute(node: &Handle, name: &str) -> Option<String> {
    let NodeData::Element { attrs, .. } = &node.data else { return None };
    let attrs = attrs.borrow();
    attrs.iter().find(|attr| &*attr.name.local == name).map(|attr| attr.value.to_string())
}

fn set_attribute(node: &Handle, name: &str, value: &str) {
    let NodeData::Element { attrs, .. } = &node.data else { return };
    let mut attrs = attrs.borrow_mut();
    match attrs.iter_mut().find(|attr| &*attr.name.local == name) {
        Some(attr) => attr.value = value.into(),
        None => attrs.push(Attribute {
            name: QualName::new(None, ns!(), LocalName::from(name)),
            value: value.into(),
        }),
    }
}

fn words(entry: &Entry) -> String {
    entry.words(&serde_json::Map::new()).unwrap()
}

fn replace_content(node: &Handle, entry: &Entry) {
    node.children.borrow_mut().clear();
    match entry.kind() {
        Kind::Html if takes_markup(node) => {
            let context = QualName::new(None, ns!(html), local_name!("div"));
            let fragment =
                parse_fragment(RcDom::default(), Default::default(), context, vec![], false);
            let document = fragment.one(entry.source()).document;
            let root = document.children.borrow()[0].clone();
            // Taken out, for a document that is dropped empties its descendants.
            node.children.borrow_mut().append(&mut root.children.borrow_mut());
        }
        _ => {
            let contents = words(entry).into();
            let text = Node::new(NodeData::Text { contents: std::cell::RefCell::new(contents) });
            node.children.borrow_mut().push(text);
        }
    }
}

/// Ordinary elements, by the walk up to the document: not in foreign content, not text only.
fn takes_markup(node: &Handle) -> bool {
    let NodeData::Element { name, .. } = &node.data else { return false };
    if matches!(&*name.local, "title" | "textarea" | "option") {
        return false;
    }
    let mut up = Some(Rc::clone(node));
    while let Some(node) = up {
        if let NodeData::Element { name, .. } = &node.data
            && name.ns != ns!(html)
        {
            return false;
        }
        let parent = node.parent.take();
        node.parent.set(parent.clone());
        up = parent.and_then(|weak| weak.upgrade());
    }
    true
}

fn children(node: &Handle) -> Vec<Handle> {
    let mut children = node.children.borrow().clone();
    if let NodeData::Element { template_contents, .. } = &node.data
        && let Some(contents) = &*template_contents.borrow()
    {
        children.push(Rc::clone(contents));
    }
    children
}

/// The tree as lines, neighbouring text joined, attributes sorted.
pub(crate) fn dump(document: &Handle) -> String {
    let mut out = String::new();
    write(document, 0, &mut out);
    out
}

fn write(node: &Handle, depth: usize, out: &mut String) {
    let mut text = String::new();
    for child in children(node) {
        if let NodeData::Text { contents } = &child.data {
            text.push_str(&contents.borrow());
            continue;
        }
        write_text(&mut text, depth, out);
        match &child.data {
            NodeData::Comment { contents } => line(depth, &format!("<!-- {contents} -->"), out),
            NodeData::Element { name, attrs, .. } => {
                let mut attrs: Vec<String> = attrs
                    .borrow()
                    .iter()
                    .map(|attr| format!(" {}={:?}", attr.name.local, &*attr.value))
                    .collect();
                attrs.sort();
                let space = if name.ns == ns!(html) { "" } else { "foreign " };
                line(depth, &format!("<{space}{}{}>", name.local, attrs.concat()), out);
            }
            NodeData::Doctype { name, .. } => line(depth, &format!("<!doctype {name}>"), out),
            _ => {}
        }
        write(&child, depth + 1, out);
    }
    write_text(&mut text, depth, out);
}

fn write_text(text: &mut String, depth: usize, out: &mut String) {
    if !text.is_empty() {
        line(depth, &format!("{text:?}"), out);
        text.clear();
    }
}

fn line(depth: usize, what: &str, out: &mut String) {
    let _ = writeln!(out, "{:depth$}{what}", "");
}

/// The lines around the first one in which `this` differs from `other`.
pub(crate) fn near_difference(this: &str, other: &str) -> String {
    let same = this.lines().zip(other.lines()).take_while(|(a, b)| a == b).count();
    this.lines().skip(same.saturating_sub(12)).take(24).collect::<Vec<_>>().join("\n")
}
