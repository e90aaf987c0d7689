//! Stage two of `[site.locale]`.

use super::fault::{Fault, Problems};
use super::place::Written;
use super::reader::Entry;
use super::{host, origin, suggest, written};
use crate::locale::Tag;
use crate::proxy::{Alternates, Base, LocaleConfig, LocaleSource, Segment};

const WORDS: [&str; 3] = ["path", "host", "accept-language"];
const SOURCE_HELP: &str = "name what is read: \"query:lang\" or \"cookie:lang\"";
const BASE_HELP: &str = "write a scheme, a host and maybe a port: \"https://www.example.com\"";

/// How the locale of a site's pages is chosen.
pub(super) fn locale(written: &written::Locale, problems: &mut Problems) -> LocaleConfig {
    let sources = Sources::read(written.from.as_deref().unwrap_or_default(), problems);
    // Of a list that is not understood, nothing can be missed.
    if sources.0.len() == written.from.as_ref().map_or(0, Vec::len) {
        check_sources(written, &sources, problems);
    }
    LocaleConfig {
        default: problems.parse_given(written.default.as_ref(), tag),
        strip: segments(written.strip.as_deref().unwrap_or_default(), problems),
        redirect: written.redirect.as_ref().is_some_and(|redirect| redirect.value),
        hosts: hosts(written.hosts.as_deref().unwrap_or_default(), problems),
        alternates: written.alternates.as_ref().map(|alternates| Alternates {
            base: problems.parse_given(alternates.value.base.as_ref(), base),
        }),
        from: sources.0.into_iter().map(|source| source.value).collect(),
    }
}

/// A language tag.
pub(super) fn tag(text: &str) -> Result<Tag, Fault> {
    Tag::parse(text).map_err(|reason| {
        let help = "write a language tag, such as \"en\", \"de-AT\" or \"pt-BR\"";
        Fault::new(reason, help)
    })
}

// === Sources ===

struct Sources(Vec<Written<LocaleSource>>);

impl Sources {
    fn read(written: &[Written<String>], problems: &mut Problems) -> Self {
        let mut sources = Self(Vec::new());
        for text in written {
            let Some(value) = problems.parse(text, source) else { continue };
            if sources.has(|known| *known == value) {
                let message = format!("`{}` is listed twice", text.value);
                problems.push(&text.at, Fault::new(message, "the first place in the list counts"));
            }
            sources.0.push(Written { value, at: text.at.clone() });
        }
        sources
    }

    fn has(&self, is_meant: impl Fn(&LocaleSource) -> bool) -> bool {
        self.0.iter().any(|source| is_meant(&source.value))
    }

    fn has_path(&self) -> bool {
        self.has(|source| *source == LocaleSource::Path)
    }

    fn has_host(&self) -> bool {
        self.has(|source| *source == LocaleSource::Host)
    }

    fn has_query(&self) -> bool {
        self.has(|source| matches!(source, LocaleSource::Query(_)))
    }
}

fn source(text: &str) -> Result<LocaleSource, Fault> {
    match text {
        "path" => Ok(LocaleSource::Path),
        "host" => Ok(LocaleSource::Host),
        "accept-language" => Ok(LocaleSource::AcceptLanguage),
        _ => match text.split_once(':').unwrap_or((text, "")) {
            ("query" | "cookie", "") => {
                Err(Fault::new(format!("`{text}` does not say which"), SOURCE_HELP))
            }
            ("query", name) => parameter(name).map(LocaleSource::Query),
            ("cookie", name) => cookie(name).map(LocaleSource::Cookie),
            (kind, name) => Err(unknown_source(text, kind, name)),
        },
    }
}

fn unknown_source(text: &str, kind: &str, name: &str) -> Fault {
    let meant = suggest::nearest(text, WORDS).map(str::to_owned);
    let named = || suggest::nearest(kind, ["query", "cookie"]).map(|kind| format!("{kind}:{name}"));
    let help = match meant.or_else(named) {
        Some(meant) => format!("did you mean \"{meant}\"?"),
        None => "write \"path\", \"host\", \"query:lang\", \"cookie:lang\" or \"accept-language\""
            .into(),
    };
    Fault::new(format!("a locale cannot be read from `{text}`"), help)
}

/// The name of a parameter in a query; any text can be one.
pub(super) fn parameter(name: &str) -> Result<String, Fault> {
    if name.is_empty() {
        return Err(Fault::new("the parameter has no name", "write it as it is in the URL"));
    }
    Ok(name.to_owned())
}

/// The name of a cookie: a token (RFC 6265 section 4.1.1).
pub(super) fn cookie(name: &str) -> Result<String, Fault> {
    let separator = |byte: u8| b"()<>@,;:\\\"/[]?={}".contains(&byte);
    if !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic() && !separator(byte)) {
        return Ok(name.to_owned());
    }
    let help = "use letters, digits, hyphens and underscores";
    Err(Fault::new(format!("`{name}` cannot name a cookie"), help))
}

/// What is said in one place and means nothing without another.
fn check_sources(written: &written::Locale, sources: &Sources, problems: &mut Problems) {
    let host = sources.0.iter().find(|source| source.value == LocaleSource::Host);
    match (host, written.hosts.as_deref().unwrap_or_default()) {
        (Some(host), []) => {
            let help = "add [site.locale.hosts], and in it \"de.example.com\" = \"de\"";
            problems.push(&host.at, Fault::new("there are no hosts to tell locales by", help));
        }
        (None, [first, ..]) => {
            let fault = Fault::new(
                "hosts tell locales, but nothing looks at them",
                "add \"host\" to `from`",
            );
            problems.push(&first.name.at, fault);
        }
        _ => {}
    }
    if let Some(first) = written.strip.iter().flatten().next()
        && !sources.has_path()
    {
        let message = "segments are taken off, but nothing looks at them";
        problems.push(&first.at, Fault::new(message, "add \"path\" to `from`"));
    }
    if let Some(redirect) = written.redirect.as_ref().filter(|redirect| redirect.value) {
        check_redirect(redirect, sources, problems);
    }
    if let Some(alternates) = &written.alternates
        && !(sources.has_path() || sources.has_host() || sources.has_query())
    {
        let message = "the locales of a page have no addresses of their own";
        let help = "add \"path\", \"host\" or \"query:lang\" to `from`";
        problems.push(&alternates.at, Fault::new(message, help));
    }
}

fn check_redirect(redirect: &Written<bool>, sources: &Sources, problems: &mut Problems) {
    if !sources.has(|source| *source == LocaleSource::AcceptLanguage) {
        let help = "add \"accept-language\" to `from`";
        let fault = Fault::new("nothing says which locale to send visitors to", help);
        problems.push(&redirect.at, fault);
    }
    if !(sources.has_path() || sources.has_host()) {
        let help = "add \"path\" or \"host\" to `from`";
        let fault = Fault::new("there is no address to send visitors to", help);
        problems.push(&redirect.at, fault);
    }
}

// === Addresses ===

fn segments(written: &[Written<String>], problems: &mut Problems) -> Vec<Segment> {
    let mut segments: Vec<Segment> = Vec::new();
    for text in written {
        let Some(tag) = problems.parse(text, tag) else { continue };
        if segments.iter().any(|known| known.tag == tag) {
            let message = format!("`{}` is listed twice", text.value);
            problems.push(&text.at, Fault::new(message, "name each locale once"));
        }
        segments.push(Segment { text: text.value.clone(), tag });
    }
    segments
}

fn hosts(written: &[Entry<Written<String>>], problems: &mut Problems) -> Vec<(String, Tag)> {
    let mut hosts: Vec<(String, Tag)> = Vec::new();
    for Entry { name, value } in written {
        let host = problems.parse(name, host::host);
        let tag = problems.parse(value, tag);
        let Some((host, tag)) = host.zip(tag) else { continue };
        if hosts.iter().any(|(known, _)| *known == host) {
            let message = format!("`{}` is listed twice", name.value);
            problems.push(&name.at, Fault::new(message, "give each host one locale"));
        }
        hosts.push((host, tag));
    }
    hosts
}

fn base(text: &str) -> Result<Base, Fault> {
    let (scheme, authority) = origin::parse(text).map_err(|fault| {
        // Faults of the host stand alone; those of the address say what it was to be.
        let reason = fault.message.rsplit_once(": ").map_or("it is no URL", |(_, reason)| reason);
        Fault::new(format!("`{text}` cannot be a base: {reason}"), BASE_HELP)
    })?;
    Ok(Base { scheme, authority })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_words_and_names() {
        for (text, expected) in [
            ("path", LocaleSource::Path),
            ("host", LocaleSource::Host),
            ("accept-language", LocaleSource::AcceptLanguage),
            ("query:lang", LocaleSource::Query("lang".into())),
            ("query:a:b", LocaleSource::Query("a:b".into())),
            ("cookie:NEXT_LOCALE", LocaleSource::Cookie("NEXT_LOCALE".into())),
        ] {
            assert_eq!(source(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn slips_in_sources_are_mended() {
        for (text, help) in [
            ("pth", "did you mean \"path\"?"),
            ("accept_language", "did you mean \"accept-language\"?"),
            ("cokie:lang", "did you mean \"cookie:lang\"?"),
            ("cookie", SOURCE_HELP),
            ("query:", SOURCE_HELP),
            ("cookie:a b", "use letters, digits, hyphens and underscores"),
        ] {
            assert_eq!(source(text).unwrap_err().help.as_deref(), Some(help), "{text}");
        }
        for text in ["", "header:x", "PATH", "geo"] {
            assert!(
                source(text).unwrap_err().help.unwrap().starts_with("write \"path\""),
                "{text}"
            );
        }
    }
}
