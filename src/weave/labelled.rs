//! From a tag and what its labels ask for to marks in the plan.

use std::ops::Range;

use super::label::Labels;
use super::plan::{Edit, Mark, Place, Slot, State, Tongue};
use super::reason::Reason;
use super::tag::Tag;
use super::tree::Placed;
use super::written::WrittenTag;

/// Attributes that people read or hear: their language is the element's.
const SPOKEN: &[&str] = &[
    "abbr",
    "alt",
    "aria-description",
    "aria-label",
    "aria-placeholder",
    "aria-roledescription",
    "aria-valuetext",
    "label",
    "placeholder",
    "summary",
    "title",
    "value",
];

/// Whether people read or hear the attribute `name`.
pub(super) fn is_spoken(name: &str) -> bool {
    SPOKEN.contains(&name)
}

/// The marks inside a tag, in their order. The first of them gets the number `first`.
pub(super) fn marks(
    tag: Tag,
    placed: Placed,
    written: &WrittenTag,
    labels: &Labels,
    first: usize,
) -> Vec<Mark> {
    let mut marks: Vec<_> = attribute_slots(tag, written, labels).map(Mark::Slot).collect();
    let count = marks.len();
    if matches!(labels.inner, Some(Ok(_))) {
        // The slot behind the tag comes next.
        marks.extend(tongues(written, labels));
        let inner = first + marks.len();
        speak_of(&mut marks[count..], inner..inner + 1);
    } else if placed == Placed::Closed && labels.attributes.iter().any(|a| is_spoken(&a.name)) {
        marks.extend(tongues(written, labels));
        let all = first..first + marks.len();
        speak_of(&mut marks[count..], all);
    }
    marks.sort_by_key(Mark::start);
    marks
}

/// The marks inside the document's own `<html>` tag.
pub(super) fn document_marks(tag: Tag, written: &WrittenTag, labels: &Labels) -> Vec<Mark> {
    let slots = attribute_slots(tag, written, labels).map(Mark::Slot);
    let mut marks: Vec<_> = slots.chain(tongues(written, labels)).collect();
    marks.sort_by_key(Mark::start);
    marks
}

/// Where `lang` and `dir` go, in one place if neither is there, but for what the labels set.
fn tongues(written: &WrittenTag, labels: &Labels) -> impl Iterator<Item = Mark> {
    let edit = |name: &str| {
        let labelled = labels.attributes.iter().any(|label| &*label.name == name);
        (!labelled).then(|| written.edit(name))
    };
    let (lang, dir) = (edit("lang"), edit("dir"));
    let missing = |edit: &Option<Edit>| matches!(edit, Some(Edit::Missing(_)));
    let written = lang.is_some() && !missing(&lang);
    let tongue = |lang, dir| Tongue { lang, dir, written, of: None };
    let both = if missing(&lang) && missing(&dir) {
        [Some(tongue(lang, dir)), None]
    } else {
        [lang.map(|lang| tongue(Some(lang), None)), dir.map(|dir| tongue(None, Some(dir)))]
    };
    both.into_iter().flatten().map(Mark::Tongue)
}

fn speak_of(marks: &mut [Mark], slots: Range<usize>) {
    for mark in marks {
        if let Mark::Tongue(tongue) = mark {
            tongue.of = Some(slots.clone());
        }
    }
}

fn attribute_slots<'a>(
    tag: Tag,
    written: &'a WrittenTag,
    labels: &'a Labels,
) -> impl Iterator<Item = Slot> + 'a {
    let refreshes = written.value("http-equiv").is_some();
    labels.attributes.iter().map(move |wanted| {
        let edit = written.edit(&wanted.name);
        // What code and styles are loaded; where a page goes by itself; what takes a `font` out of
        // foreign content.
        let loads = matches!(tag, Tag::Script | Tag::Base | Tag::Link);
        let steers = loads && matches!(&*wanted.name, "src" | "href" | "imagesrcset")
            || refreshes && &*wanted.name == "content"
            || tag == Tag::Font && matches!(&*wanted.name, "color" | "face" | "size");
        let left = wanted.left.or(steers.then_some(Reason::ForbiddenAttribute));
        let state = State::Ready { end: edit.replaces().end };
        let place = Place::Attribute { name: wanted.name.clone(), edit };
        slot(&wanted.key, place, left.map_or(state, State::Left), labels)
    })
}

/// A slot of a tag; arguments that cannot be read speak against it.
pub(super) fn slot(key: &str, place: Place, state: State, labels: &Labels) -> Slot {
    let (arguments, state) = match &labels.arguments {
        Some(Err(reason)) => (None, State::Left(*reason)),
        Some(Ok(arguments)) => (Some(arguments.clone()), state),
        None => (None, state),
    };
    Slot { key: key.into(), place, state, arguments }
}
