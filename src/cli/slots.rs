//! How commands speak of a slot: its key, its locale, its arguments.

use anstyle::Style;

use super::output::{BOLD, DIM, line};
use crate::content::{Entry, Voice};
use crate::locale::Tag;
use crate::message::Arguments;
use crate::weave::{Given, Slot};

/// The key, and which attribute it is for.
pub(super) fn name(slot: &Slot) -> String {
    let key = line(slot.key(), 200);
    match slot.attribute() {
        Some(attribute) => format!("{BOLD}{key}{BOLD:#} {DIM}@{attribute}{DIM:#}"),
        None => format!("{BOLD}{key}{BOLD:#}"),
    }
}

/// The locale of an entry, and whether it stands in for the page's own.
pub(super) fn locale(found: &Tag, voice: &Voice) -> String {
    let wanted = voice.locale();
    if found == wanted { found.to_string() } else { format!("{found} (fallback)") }
}

/// What the origin supplies for a slot, as it is written; nothing for nothing.
pub(super) fn arguments(slot: &Slot) -> String {
    let given = slot.arguments().filter(|given| !given.is_empty());
    given.map_or(String::new(), |given| {
        let pairs = given.iter().map(|(name, value)| format!("{name}={value}"));
        painted(DIM, &format!("({})", line(&pairs.collect::<Vec<_>>().join(", "), 60)))
    })
}

/// The arguments that a message takes and nobody supplies.
pub(super) fn lacking<'e>(entry: &'e Entry, given: &Given<'_>) -> Vec<&'e str> {
    let mut names = entry.arguments();
    names.retain(|name| given.get(name).is_none());
    names
}

fn painted(style: Style, text: &str) -> String {
    format!("  {style}{text}{style:#}")
}
