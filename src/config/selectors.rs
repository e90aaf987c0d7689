//! Stage two of `[site.selectors]`.

use super::fault::{Fault, Problems};
use super::place::Written;
use super::reader::Entry;
use super::written::Label;
use crate::weave::{LabelName, Misfit, Rule, Selectors};

/// More would be felt on every page.
const MOST: usize = 100;

const SELECTOR: &str = "write it as in CSS: names, classes, ids, attributes, `a b`, `a > b`, `:not()`, \
                        `:nth-child()`; siblings (`+`, `~`) and states are not supported";
const LABEL: &str =
    "write a key, \"home.title\", or { text = \"home.title\", attr = \"alt: home.alt\" }";

/// The labels for what nobody can edit.
pub(super) fn selectors(
    written: Option<&[Entry<Vec<Label>>]>,
    label: &LabelName,
    problems: &mut Problems,
) -> Selectors {
    let written = written.unwrap_or_default();
    if let Some(entry) = written.get(MOST) {
        let message = format!("more than {MOST} selectors");
        let help =
            "each page is held against all of them: label elements, or join selectors by `,`";
        problems.push(&entry.name.at, Fault::new(message, help));
    }
    written.iter().filter_map(|entry| rule(label, entry, problems)).collect()
}

fn rule(
    label: &LabelName,
    Entry { name, value }: &Entry<Vec<Label>>,
    problems: &mut Problems,
) -> Option<Rule> {
    if value.is_empty() {
        let message = format!("`{}` labels its elements with nothing", name.value);
        problems.push(&name.at, Fault::new(message, LABEL));
    }
    let inner = value.iter().find_map(Label::inner);
    let attributes = value.iter().find_map(Label::attributes);
    let text = |written: Option<&Written<String>>| written.map(|written| written.value.clone());
    match Rule::new(label, &name.value, text(inner).as_deref(), text(attributes).as_deref()) {
        Ok(rule) => return Some(rule),
        Err(Misfit::Selector(fault)) => {
            problems.push(&name.at, Fault::new(format!("`{}`: {fault}", name.value), SELECTOR));
        }
        Err(Misfit::Key(fault)) => {
            problems.push(inner.map_or(&name.at, |key| &key.at), Fault::new(fault, LABEL));
        }
        Err(Misfit::Attributes(fault)) => {
            let at = attributes.map_or(&name.at, |attributes| &attributes.at);
            problems.push(at, Fault::new(fault, "write \"attribute: key; attribute: key\""));
        }
    }
    None
}

impl Label {
    fn inner(&self) -> Option<&Written<String>> {
        match self {
            Self::Text(key) => Some(key),
            Self::Attr(_) => None,
        }
    }

    fn attributes(&self) -> Option<&Written<String>> {
        match self {
            Self::Attr(list) => Some(list),
            Self::Text(_) => None,
        }
    }
}
