//! Stage two of `[site.selectors]`.

use super::fault::{Fault, Problems};
use super::place::Written;
use super::reader::Entry;
use super::written::Label;
use crate::weave::{Misfit, Rule, Selectors};

const SELECTOR: &str = "write it as in CSS: names, classes, ids, attributes, `a b`, `a > b`, `:not()`, \
                        `:nth-child()`; siblings (`+`, `~`) and states are not supported";
const LABEL: &str =
    "write a key, \"home.title\", or { text = \"home.title\", attr = \"alt: home.alt\" }";

/// The labels for what nobody can edit.
pub(super) fn selectors(written: Option<&[Entry<Label>]>, problems: &mut Problems) -> Selectors {
    written.unwrap_or_default().iter().filter_map(|entry| rule(entry, problems)).collect()
}

fn rule(Entry { name, value }: &Entry<Label>, problems: &mut Problems) -> Option<Rule> {
    let text = |written: &Option<Written<String>>| written.as_ref().map(|w| w.value.clone());
    let (inner, attributes) = (text(&value.text), text(&value.attr));
    if inner.is_none() && attributes.is_none() {
        let message = format!("`{}` labels its elements with nothing", name.value);
        problems.push(&name.at, Fault::new(message, LABEL));
    }
    match Rule::new(&name.value, inner.as_deref(), attributes.as_deref()) {
        Ok(rule) => return Some(rule),
        Err(Misfit::Selector(fault)) => {
            problems.push(&name.at, Fault::new(format!("`{}`: {fault}", name.value), SELECTOR));
        }
        Err(Misfit::Key(fault)) => {
            let at = value.text.as_ref().map_or(&name.at, |text| &text.at);
            problems.push(at, Fault::new(fault, LABEL));
        }
        Err(Misfit::Attributes(fault)) => {
            let at = value.attr.as_ref().map_or(&name.at, |attr| &attr.at);
            problems.push(at, Fault::new(fault, "write \"attribute: key; attribute: key\""));
        }
    }
    None
}
