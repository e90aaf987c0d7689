//! One site on the page: a row to look over and details to open.
//!
//! Everything that others wrote passes [`Escaped`] on its way in: names, notes, messages, places.

use std::fmt::Display;

use super::super::site::{Failure, Release, Site, Slots};
use super::super::words::{Escaped, count, one_line, size, span};

/// The table up to its first row.
pub(super) const HEAD: &str = "<div class=\"wide\"><table>\n<thead><tr><th>Site</th>\
    <th>Content</th><th>Release</th><th class=\"number\">Entries</th>\
    <th class=\"number\">Slots printed</th><th class=\"number\">Left alone</th>\
    <th>Last success</th></tr></thead>\n";

/// The site's part of the table.
pub(super) fn html(site: &Site) -> String {
    let state = site.state.name();
    let (name, more) = (Escaped(&site.name), more(site));
    let (release, entries) = (release(site.release.as_ref()), entries(site.release.as_ref()));
    let (printed, left) = (count(site.slots.printed), left_alone(&site.slots));
    let looked = looked(site);
    format!(
        "<tbody class=\"is-{state}\"><tr><th scope=\"row\">{name}</th>\
         <td class=\"when\"><span class=\"state {state}\">{state}</span></td>\
         <td class=\"note\">{release}</td><td class=\"number\">{entries}</td>\
         <td class=\"number\">{printed}</td><td class=\"number\">{left}</td>\
         <td class=\"when\">{looked}</td></tr>\n{more}</tbody>\n"
    )
}

/// Its number, or its name where it has none; the publisher's note; since when it is wanted, and
/// printed.
fn release(release: Option<&Release>) -> String {
    let Some(release) = release else {
        return "–".to_owned();
    };
    let number = release.seq.map_or_else(|| release.name.clone(), |seq| format!("#{seq}"));
    let moved = release.moved_seconds_ago.map(|ago| format!("moved {} ago", span(ago)));
    let copy = release.from_copy.then_some("from the disk copy, not confirmed yet");
    let live = format!("printed for {}", span(release.live_seconds));
    let lines = [release.note.as_deref(), moved.as_deref(), Some(&live), copy];
    let lines = lines.map(small).concat();
    format!("{}{lines}", Escaped(&number))
}

fn entries(release: Option<&Release>) -> String {
    release.map_or_else(
        || "–".to_owned(),
        |release| {
            let locales = match release.locales.as_slice() {
                few @ ([] | [_] | [_, _] | [_, _, _]) => few.join(", "),
                many => format!("{} locales", many.len()),
            };
            format!("{}{}", count(release.entries as u64), small(Some(&locales)))
        },
    )
}

fn left_alone(slots: &Slots) -> String {
    let all: u64 = slots.left_alone.iter().map(|(_, count)| count).sum();
    count(all)
}

fn looked(site: &Site) -> String {
    let checked = site.checked_seconds_ago.map(|ago| format!("{} ago", span(ago)));
    let next = site.next_look_seconds.map(|wait| format!("next look in {}", span(wait)));
    format!("{}{}", checked.as_deref().unwrap_or("–"), small(next.as_deref()))
}

fn small(text: Option<&str>) -> String {
    text.map_or_else(String::new, |text| format!("<small>{}</small>", Escaped(text)))
}

/// The second row: what is wrong, where content comes from, and what else there is to know.
fn more(site: &Site) -> String {
    let trouble = site.failure.as_ref().map_or_else(String::new, trouble);
    let (place, facts) = (site.source.as_deref(), facts(site));
    let details = if facts.is_empty() {
        small(place)
    } else {
        let place = Escaped(place.unwrap_or("details"));
        format!("<details><summary>{place}</summary><dl>{facts}</dl></details>")
    };
    if trouble.is_empty() && details.is_empty() {
        return String::new();
    }
    format!("<tr class=\"more\"><td colspan=\"7\">{trouble}{details}</td></tr>\n")
}

fn trouble(failure: &Failure) -> String {
    let Failure { reason, message, since, since_seconds, times } = failure;
    let (message, ago) = (Escaped(message.trim()), span(*since_seconds));
    let times = match times {
        0 | 1 => format!("at {since}"),
        _ => format!("{} times since {since}", count(*times)),
    };
    format!(
        "<p class=\"trouble\">{message}\
         <small><code>{reason}</code>, {times}, {ago} ago</small></p>"
    )
}

/// Names and values, where there is a value.
fn facts(site: &Site) -> String {
    let mut facts = site.release.as_ref().map_or_else(Vec::new, of_release);
    facts.push(("Last success", site.checked.clone()));
    let known = facts.iter().filter_map(|(name, value)| Some(fact(name, value.as_deref()?)));
    let slots = site.slots.left_alone.iter();
    let left = slots.map(|(reason, left)| {
        fact(&format!("Left alone: {}", count(*left)), &format!("{reason} ({})", reason.name()))
    });
    known.chain(left).collect()
}

fn of_release(release: &Release) -> Vec<(&'static str, Option<String>)> {
    vec![
        ("Release", Some(release.name.clone())),
        ("Alias", release.alias.clone()),
        ("Move", release.r#move.map(count)),
        ("Moved at", release.moved_at.clone()),
        ("Note", release.note.as_deref().map(one_line)),
        ("Live since", Some(release.live_since.clone())),
        ("Locales", Some(release.locales.join(", "))),
        ("In memory", Some(size(release.bytes as u64))),
        ("From the disk copy", release.from_copy.then(|| "yes, not confirmed yet".to_owned())),
    ]
}

fn fact(name: &dyn Display, value: &str) -> String {
    format!("<dt>{name}</dt><dd>{}</dd>", Escaped(value))
}
