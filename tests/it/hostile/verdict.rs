//! What has to hold of a page that hostile words were printed on.

use super::corpus::Case;
use super::tab::{Catch, Filled, Seen, Trap};

/// Attributes whose content is only printed where it is a URL that may be followed.
const URLS: &[&str] = &[
    "action",
    "background",
    "cite",
    "formaction",
    "href",
    "ping",
    "poster",
    "src",
    "srcset",
    "to",
    "values",
    "xlink:href",
];

/// What is wrong with the printed page, seen beside the origin's own.
pub(super) fn faults(case: &Case, own: &Seen, printed: &Seen) -> Vec<String> {
    let caught = own.caught.iter().map(|catch| format!("on the origin's own page: {catch}"));
    let mut faults: Vec<String> = caught.collect();
    faults.extend(printed.caught.iter().chain(&astray(own, printed)).map(Catch::to_string));
    let as_written = case.arguments.is_none() && !case.untouched;
    let told = if as_written { vec![case.json()] } else { own.told.clone() };
    if printed.told != told {
        faults.push(format!("the arguments are {:?} and not {told:?}", printed.told));
    }
    for (slot, before) in printed.slots.iter().zip(&own.slots) {
        faults.extend(misprint(case, slot, before));
    }
    faults
}

/// Around the slots, the pages are one. A page that was left could not be seen.
pub(super) fn astray(own: &Seen, printed: &Seen) -> Option<Catch> {
    if own.outside.is_empty() || printed.outside.is_empty() {
        return None;
    }
    let caught = |what| Some(Catch { trap: Trap::Structure, what });
    if own.charset != printed.charset {
        return caught(format!("{} became {}", own.charset, printed.charset));
    }
    let lines = own.outside.lines().zip(printed.outside.lines());
    if let Some((own, printed)) = lines.into_iter().find(|(own, printed)| own != printed) {
        return caught(format!("{own} became {printed}"));
    }
    (own.outside != printed.outside)
        .then(|| Catch { trap: Trap::Structure, what: "the page ends elsewhere".to_owned() })
}

/// What a slot says must be the words, all of them and nothing else.
fn misprint(case: &Case, slot: &Filled, before: &Filled) -> Option<String> {
    let wanted = wanted(case, &slot.key)?;
    let attribute = slot.place.split_once(' ').map(|(_, attribute)| attribute);
    let is_url = attribute.is_some_and(|attribute| URLS.contains(&attribute));
    let may_stay = (is_url || slot.key == "rich.link") && !case.harmless;
    let stays = slot.says == before.says && (may_stay || case.untouched);
    if stays || slot.says.as_deref().map(undirected) == Some(undirected(&wanted)) {
        return None;
    }
    let Filled { key, place, says, .. } = slot;
    Some(format!("{place} of {key}: {says:?} and not {wanted:?}"))
}

/// What the messages of `messages.json` say; nothing where that is open.
fn wanted(case: &Case, key: &str) -> Option<String> {
    if key.ends_with(".text") {
        return Some(normal(&case.words));
    }
    let x = match &case.arguments {
        Some(_) => normal(case.amounts.as_ref()?),
        None => normal(&case.words),
    };
    let part = component(&x);
    Some(match key {
        "arg" => x,
        "sentence" => format!("Dear {x}, welcome"),
        "arm" => format!("I am {x}"),
        "path" => format!("/p/{part}/q"),
        "query" => format!("/q?x={part}&y=1"),
        "scheme" => format!("https://example.com/{part}"),
        "host" => format!("//{part}/a"),
        "rich.word" => format!("a {x} c"),
        "rich.arm" => x,
        "rich.title" | "rich.link" | "rich.query" => "a b c".to_owned(),
        _ => return None,
    })
}

/// As a part of a URL.
fn component(text: &str) -> String {
    let kept = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte);
    let part = |byte| if kept(byte) { char::from(byte).into() } else { format!("%{byte:02X}") };
    text.bytes().map(part).collect()
}

/// As HTML has it: its own line ends, and no controls.
fn normal(words: &str) -> String {
    let lines = words.replace("\r\n", "\n").replace('\r', "\n");
    lines.replace(|c: char| c < ' ' && !matches!(c, '\t' | '\n' | '\x0c'), "\u{FFFD}")
}

/// Without what turns text around, which is balanced: whether that is enough is for the eye to say.
fn undirected(words: &str) -> String {
    words.replace(|c| matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}'), "")
}
