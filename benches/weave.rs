//! What the engine costs beside lol_html, on real pages: `cargo bench --bench weave`.
//!
//! Rounds of all contenders alternate and the best of each is kept, so that a ratio holds on a
//! machine that is doing something else as well. The pages come from Debian's documentation
//! packages; `tests/run` unpacks them to `target/pages`.

#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a bench prints, and its own content is good"
)]

use std::hint::black_box;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use bytes::Bytes;
use lol_html::element;
use lol_html::html_content::ContentType;
use lol_html::send::{HtmlRewriter, Settings};
use overprint::content::{Voice, compile};
use overprint::locale::Tag;
use overprint::weave::{
    Audience, Budget, LabelName, Memory, Page, Plan, Rules, Selectors, plan, weave,
};

const PAGES: [(&str, &str); 4] = [
    ("fricas 88 KB", "fricas-doc/usr/share/doc/fricas/fricas_tutorialu/index.html"),
    ("apache 274 KB", "apache2-doc/usr/share/doc/apache2-doc/manual/es/mod/core.html"),
    ("rasmol 331 KB", "rasmol-doc/usr/share/doc/rasmol-doc/html/rasmol.html"),
    ("sqlite 627 KB", "sqlite3-doc/usr/share/doc/sqlite3/capi3ref.html"),
];

const LABELS: [usize; 3] = [0, 60, 600];
const ROUNDS: usize = 60;
const TEXT: &str = "Words that a writer has published";
const PLURAL: &str = "{name} has {count, plural, =0 {no letters} one {# letter} other {# letters}}";
const STATIC: &str = " data-overprint=\"k#\"";
const MESSAGE: &str = " data-overprint=\"m#\" data-overprint-args=\"{&quot;name&quot;:&quot;Ada&quot;,&quot;count&quot;:#}\"";

fn main() {
    let root = std::env::var_os("OVERPRINT_PAGES").map_or("target/pages".into(), PathBuf::from);
    println!("MB/s, best of {ROUNDS} alternating rounds; ratios are to lol_html's rewriting\n");
    println!(
        "{:<14} {:>6} {:>9} {:>9} {:>7} {:>9} {:>7} {:>9} {:>7} {:>9}",
        "page",
        "labels",
        "lol_html",
        "scan",
        "ratio",
        "stream",
        "ratio",
        "weave",
        "ratio",
        "search"
    );
    for (name, path) in PAGES {
        let path = root.join(path);
        let Ok(page) = std::fs::read(&path) else {
            println!("{name:<14} {} is missing: run tests/run first", path.display());
            continue;
        };
        for labels in LABELS {
            measure(name, &label(&page, labels, STATIC), labels);
        }
    }
    println!(
        "\n60 labels, on a page that is remembered: µs a page, best of {ROUNDS}\n\n{:<14} {:>11} {:>11} {:>15} {:>10}",
        "page", "first sight", "the same", "12 tokens other", "another"
    );
    for (name, path) in PAGES {
        if let Ok(page) = std::fs::read(root.join(path)) {
            measure_remembered(name, &page);
        }
    }
    println!(
        "\n60 messages with two arguments and a plural, beside 60 texts: µs a page, best of {ROUNDS}\n"
    );
    println!(
        "{:<14} {:>22} {:>22} {:>22}",
        "page", "first sight", "from its plan", "other language"
    );
    for (name, path) in PAGES {
        if let Ok(page) = std::fs::read(root.join(path)) {
            measure_messages(name, &page);
        }
    }
}

/// What a page costs that was here before: as it was, with twelve tokens that are others, and with a tag
/// more in its middle.
fn measure_remembered(name: &str, page: &[u8]) {
    let (rules, voice) = (rules(), voice("en"));
    let labelled = label(page, 60, STATIC);
    let page = |token: &str| label(&labelled, 12, &format!(" nonce=\"{token}#\""));
    let (one, other) = (page("a"), page("b"));
    let middle = memchr::memchr(b'>', &one[one.len() / 2..]).expect("a tag") + one.len() / 2 + 1;
    let longer: Bytes = [&one[..middle], b"<i></i>", &one[middle..]].concat().into();
    let mut best = [Duration::MAX; 4];
    for _ in 0..ROUNDS {
        // Each finds the page as it was, and what was printed on it.
        let fresh = || {
            let memory = Memory::new(64 << 20).expect("some memory");
            (0..2).for_each(|_| visit(&memory, &rules, &voice, &one));
            memory
        };
        let rounds: [&dyn Fn(&Memory); 4] = [
            &|_| stream(&rules, &voice, &one),
            &|memory| visit(memory, &rules, &voice, &one),
            &|memory| visit(memory, &rules, &voice, &other),
            &|memory| visit(memory, &rules, &voice, &longer),
        ];
        for (best, round) in best.iter_mut().zip(rounds) {
            let memory = fresh();
            let start = Instant::now();
            round(&memory);
            *best = start.elapsed().min(*best);
        }
    }
    let us = best.map(|time| time.as_secs_f64() * 1e6);
    println!("{name:<14} {:>11.0} {:>11.0} {:>15.0} {:>10.0}", us[0], us[1], us[2], us[3]);
}

/// One visit to a page that is remembered.
fn visit(memory: &Memory, rules: &Rules, voice: &Voice, page: &Bytes) {
    let recollection = memory.visit(&"page", None).expect("a page that does not rest");
    let key = recollection.output_key(&());
    let mut woven = recollection.prepare(Page::new(rules.clone(), voice.clone(), None), key, true);
    push(&mut woven, page);
    key.iter().for_each(|key| recollection.keep_printed(*key, &woven));
    recollection.end(&mut woven);
}

/// What messages cost beside texts: on a page as it streams by, from a known plan, and from a known
/// plan where each stands in for another language and says so.
fn measure_messages(name: &str, page: &[u8]) {
    let rules = rules();
    let pages = [label(page, 60, STATIC), label(page, 60, MESSAGE)];
    let plans = [&pages[0], &pages[1]].map(|page| plan(&rules, None, page));
    let (voice, foreign) = (voice("en"), voice("de"));
    let mut best = [[Duration::MAX; 2]; 3];
    for _ in 0..ROUNDS {
        for (nth, (page, plan)) in pages.iter().zip(&plans).enumerate() {
            let rounds: [&dyn Fn(); 3] =
                [&|| stream(&rules, &voice, page), &|| from_plan(plan, page, &voice), &|| {
                    from_plan(plan, page, &foreign)
                }];
            for (best, round) in best.iter_mut().zip(rounds) {
                let start = Instant::now();
                round();
                best[nth] = start.elapsed().min(best[nth]);
            }
        }
    }
    let told = best.map(|[texts, messages]| {
        let us = |time: Duration| time.as_secs_f64() * 1e6;
        format!("{:.0} - {:.0} = {:.0}", us(messages), us(texts), us(messages) - us(texts))
    });
    println!("{name:<14} {:>22} {:>22} {:>22}", told[0], told[1], told[2]);
}

fn rules() -> Rules {
    Rules {
        label: LabelName::default(),
        selectors: Selectors::default(),
        max_slot: 256 << 10,
        default_charset: None,
        lookback: Budget::new(64 << 20),
    }
}

fn from_plan(known: &Plan, page: &Bytes, voice: &Voice) {
    let mut out = Vec::with_capacity(2048);
    weave(known, page, voice, &Audience::default(), &mut out);
    black_box(&out);
}

fn measure(name: &str, page: &Bytes, labels: usize) {
    let rules = rules();
    let (voice, known) = (voice("en"), plan(&rules, None, page));
    let mut best = [Duration::MAX; 5];
    for _ in 0..ROUNDS {
        let rounds: [&dyn Fn(); 5] = [
            &|| lol_html_rewriting(page),
            &|| drop(black_box(plan(&rules, None, page))),
            &|| stream(&rules, &voice, page),
            &|| from_plan(&known, page, &voice),
            &|| {
                black_box(memchr::memmem::find(page, b"no-such-label"));
            },
        ];
        for (best, round) in best.iter_mut().zip(rounds) {
            let start = Instant::now();
            round();
            *best = start.elapsed().min(*best);
        }
    }
    let rate = |n: usize| page.len() as f64 / best[n].as_secs_f64() / 1e6;
    let ratio = |n: usize| rate(n) / rate(0);
    println!(
        "{name:<14} {labels:>6} {:>9.0} {:>9.0} {:>7.2} {:>9.0} {:>7.2} {:>9.0} {:>7.1} {:>9.0}",
        rate(0),
        rate(1),
        ratio(1),
        rate(2),
        ratio(2),
        rate(3),
        ratio(3),
        rate(4)
    );
}

/// lol_html alone, as one would use it: a handler on the label that replaces the content.
fn lol_html_rewriting(page: &Bytes) {
    let settings = Settings::new_send().append_element_content_handler(element!(
        "[data-overprint]",
        |element| {
            black_box(element.get_attribute("data-overprint"));
            element.set_inner_content(TEXT, ContentType::Text);
            Ok(())
        }
    ));
    let mut out = Vec::with_capacity(page.len() * 2);
    let mut rewriter = HtmlRewriter::new(settings, |bytes: &[u8]| out.extend_from_slice(bytes));
    // Strict parsing gives up on some of these pages; what it did until then is what it did.
    let _ = rewriter.write(page).and_then(|()| rewriter.end());
    black_box(out);
}

/// The page as the proxy sees it: first sight, in pieces as they come from a socket.
fn stream(rules: &Rules, voice: &Voice, page: &Bytes) {
    push(&mut Page::new(rules.clone(), voice.clone(), None), page);
}

fn push(woven: &mut Page, page: &Bytes) {
    let mut out = Vec::with_capacity(2048);
    let mut rest = page.clone();
    while !rest.is_empty() {
        woven.push(rest.split_to(rest.len().min(32 << 10)), &mut out);
    }
    woven.finish(&mut out);
    black_box(out);
}

/// Content in English, and a German page on which all of it stands in.
fn voice(locale: &str) -> Voice {
    let texts = (0..600).map(|n| format!("\"k{n}\": \"{TEXT} {n}\""));
    let messages = (0..600).map(|n| format!("\"m{n}\": \"{PLURAL}\""));
    let json = format!("{{{}}}", texts.chain(messages).collect::<Vec<_>>().join(","));
    let german = "{\"other\": \"Anderes\"}".to_owned();
    let files = [("en.json", json), ("de.json", german)];
    let files = files.map(|(path, text)| (path.to_owned(), text.into_bytes()));
    let snapshot = compile(files).expect("the bench's own content");
    let locale = Tag::parse(locale).expect("its own locale");
    snapshot.voice(&locale).expect("its own locale")
}

/// Labels `wanted` start tags, spread over the page; `written` has `#` for the number of each.
fn label(page: &[u8], wanted: usize, written: &str) -> Bytes {
    const TAGS: [&[u8]; 8] = [b"<li", b"<td", b"<a", b"<h3", b"<b", b"<code", b"<p", b"<dt"];
    let starts: Vec<usize> = memchr::memchr_iter(b'<', page)
        .filter_map(|at| {
            let fits = |tag: &&[u8]| {
                let end = page.get(at + tag.len()).copied();
                page[at..].len() > tag.len()
                    && page[at..at + tag.len()].eq_ignore_ascii_case(tag)
                    && matches!(end, Some(b' ' | b'>' | b'\n'))
            };
            TAGS.iter().find(|tag| fits(tag)).map(|tag| at + tag.len())
        })
        .collect();
    let every = starts.len() as f64 / wanted.max(1) as f64;
    let mut out = Vec::with_capacity(page.len() + 32 * wanted);
    let mut at = 0;
    for n in 0..wanted.min(starts.len()) {
        let start = starts[(n as f64 * every) as usize];
        out.extend_from_slice(&page[at..start]);
        out.extend_from_slice(written.replace('#', &n.to_string()).as_bytes());
        at = start;
    }
    out.extend_from_slice(&page[at..]);
    out.into()
}
