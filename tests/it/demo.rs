//! The sample site, as a newcomer meets it: three languages, nothing left unsaid, nothing left raw.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::binary::Binary;
use crate::support::{NO_ENV, Origin, Response, Script, overprint, within};
use crate::weaving::dom;

const PAGES: &[&str] =
    &["index.html", "products.html", "notebook.html", "order.html", "thanks.html", "404.html"];

/// Each language and where it begins to be read.
const LANGUAGES: &[(&str, &str)] = &[("en", "ltr"), ("de", "ltr"), ("ar", "rtl")];

/// Has a text in English only, so that the others show what fills in.
const ENGLISH_ONLY: &str = "site.colophon";

/// The sample's own files.
fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cli/demo")
}

// === what search engines read ===

/// The links of a page to itself in other languages, as a parser finds them in its head.
fn alternates(page: &str) -> Vec<(String, String)> {
    let dump = dom::dump(&dom::parse(page.as_bytes(), encoding_rs::UTF_8));
    let head = dump.split("<body").next().unwrap();
    let value = |line: &str, name: &str| {
        let (_, rest) = line.split_once(&format!(" {name}=\""))?;
        Some(rest.split_once('"')?.0.to_owned())
    };
    let links = head.lines().filter(|line| line.contains("<link "));
    let mut found: Vec<_> =
        links.filter_map(|line| Some((value(line, "hreflang")?, value(line, "href")?))).collect();
    found.sort();
    found
}

#[tokio::test]
async fn links_to_other_languages_are_absolute_and_mutual() {
    let folder = TempDir::new().unwrap();
    let demo = Binary::demo(folder.path()).await;
    for page in PAGES.iter().filter(|page| **page != "404.html") {
        let path = if *page == "index.html" { "" } else { page };
        let first = alternates(&demo.get(&format!("/de/{path}")).await.text());
        let languages: Vec<_> = first.iter().map(|(language, _)| &**language).collect();
        assert_eq!(languages, ["ar", "de", "en", "x-default"], "{page}");
        for (language, address) in &first {
            let rest = address.strip_prefix("http://").expect("an absolute address");
            let target = &rest[rest.find('/').unwrap()..];
            let other = demo.get(target).await.text();
            // Every page leads to the same addresses, its own among them.
            assert_eq!(alternates(&other), first, "{page} in {language}");
            if language != "x-default" {
                let (_, html) = other.split_once("<html").unwrap();
                let (tag, _) = html.split_once('>').unwrap();
                assert!(tag.contains(&format!(" lang=\"{language}\"")), "{target}: {tag}");
            }
        }
    }
    demo.stop().await;
}

// === the words ===

#[tokio::test]
async fn every_label_has_a_text_in_each_language() {
    let pages: Vec<_> = PAGES.iter().map(|page| format!("site/{page}")).collect();
    for (language, _) in LANGUAGES {
        let with = ["--config", "overprint.toml", "--locale", language];
        let scan: Vec<_> = ["scan"].into_iter().chain(pages.iter().map(|page| &**page)).collect();
        let done = overprint(&sample(), &[&scan[..], &with].concat(), NO_ENV).await.well();
        let unsaid: Vec<_> = lines(&done.out, &["missing", "never", "stopped", "unused"]);
        assert_eq!(unsaid, [""; 0], "{language}");
        for page in &pages {
            let explain = [&["explain", &**page], &with[..]].concat();
            let done = overprint(&sample(), &explain, NO_ENV).await.well();
            assert_eq!(lines(&done.out, &["left", "stopped"]), [""; 0], "{language} {page}");
            let own = format!("  {language}  ");
            let foreign: Vec<_> = lines(&done.out, &["printed"])
                .into_iter()
                .filter(|line| !line.contains(&own))
                .filter_map(|line| line.split_whitespace().nth(1))
                .collect();
            let expected = if *language == "en" { &[][..] } else { &[ENGLISH_ONLY] };
            assert_eq!(foreign, expected, "{language} {page}: {}", done.out);
        }
    }
}

/// The lines that begin with one of these words.
fn lines<'t>(text: &'t str, words: &[&str]) -> Vec<&'t str> {
    let begins = |line: &&str| line.split_whitespace().next().is_some_and(|w| words.contains(&w));
    text.lines().filter(begins).collect()
}

/// What one message says of each count.
async fn counted(language: &str) -> Vec<String> {
    const COUNTS: [u32; 6] = [0, 1, 2, 3, 11, 100];
    let item = |count: u32| {
        let args = format!(r#"{{"left":{count},"back":"2026-12-18"}}"#);
        format!("<li data-overprint=products.stock data-overprint-args='{args}'>{count} left</li>")
    };
    let page = format!("<!doctype html><ul>{}</ul>", COUNTS.map(item).concat());
    let origin = Origin::serve(move |_| Script::html(&page)).await;
    let folder = TempDir::new().unwrap();
    let config = fs::read_to_string(sample().join("overprint.toml")).unwrap();
    let content = format!("content = \"{}\"", sample().join("content").display());
    let config = config
        .replace("127.0.0.1:8080", "127.0.0.1:0")
        .replace("http://127.0.0.1:8090", &origin.url())
        .replace("content = \"content\"", &content);
    let file = folder.path().join("overprint.toml");
    fs::write(&file, config).unwrap();
    let proxy = Binary::with_config(&file, NO_ENV).await;
    let page = proxy.get(&format!("/{language}/")).await.text();
    proxy.stop().await;
    let items = page.split("</li>").filter_map(|item| item.rsplit_once('>'));
    items.map(|(_, text)| text.to_owned()).take(COUNTS.len()).collect()
}

#[tokio::test]
async fn a_count_is_said_as_each_language_says_it() {
    assert_eq!(
        counted("en").await,
        [
            "none left; back on Dec 18",
            "the last copy",
            "2 copies left",
            "3 copies left",
            "11 copies left",
            "100 copies left"
        ]
    );
    assert_eq!(
        counted("de").await,
        [
            "vergriffen; Nachdruck am 18. Dezember",
            "das letzte Exemplar",
            "noch 2 Exemplare",
            "noch 3 Exemplare",
            "noch 11 Exemplare",
            "noch 100 Exemplare"
        ]
    );
    assert_eq!(
        counted("ar").await,
        [
            "نفدت، ونعيد طبعها في 18 ديسمبر",
            "النسخة الأخيرة",
            "بقيت نسختان",
            "بقيت 3 نسخ",
            "بقيت 11 نسخة",
            "بقيت 100 نسخة"
        ]
    );
}

// === the demo itself ===

#[tokio::test]
async fn pages_are_whole_in_each_language() {
    let folder = TempDir::new().unwrap();
    let demo = Binary::demo(folder.path()).await;
    for (language, direction) in LANGUAGES {
        for page in PAGES {
            let answer = demo.get(&format!("/{language}/{page}")).await;
            let text = answer.text();
            let html = text.split("<html").nth(1).and_then(|rest| rest.split('>').next()).unwrap();
            assert!(html.contains(&format!("lang=\"{language}\"")), "{language} {page}: {html}");
            assert!(html.contains(&format!("dir=\"{direction}\"")), "{language} {page}: {html}");
            assert_eq!(answer.header("content-language"), Some(*language), "{page}");
            assert_eq!(raw(&text), None, "{language} {page}");
            for (other, _) in LANGUAGES {
                let link = format!("hreflang=\"{other}\" href=\"http");
                assert!(text.contains(&link), "{language} {page} links to {other}: {text}");
            }
            let colophon = tag_with(&text, "data-overprint=\"site.colophon\"");
            let stands_in = colophon.contains("lang=\"en\"");
            assert_eq!(stands_in, *language != "en", "{language} {page}: {colophon}");
            assert_eq!(colophon.contains("dir=\"ltr\""), *language == "ar", "{page}: {colophon}");
        }
    }
    demo.stop().await;
}

/// The tag that has this in it.
fn tag_with<'p>(page: &'p str, attribute: &str) -> &'p str {
    page.split('<').find(|tag| tag.contains(attribute)).unwrap().split('>').next().unwrap()
}

/// The syntax of messages that is left on a page, apart from what labels are made of.
fn raw(page: &str) -> Option<&str> {
    let mut texts = page.split("data-overprint-args='");
    let first = texts.next();
    let rest = texts.filter_map(|text| text.split_once('\'')).map(|(_, text)| text);
    let braced = |text: &&str| text.contains(['{', '}']) || text.contains("plural,");
    first.into_iter().chain(rest).find(braced)
}

#[tokio::test]
async fn a_changed_word_is_seen() {
    let folder = TempDir::new().unwrap();
    let demo = Binary::demo(folder.path()).await;
    let file = folder.path().join("content/ar/home.json");
    let words = fs::read_to_string(&file).unwrap();
    let heading = "كلماتٌ تترك أثرًا.";
    assert!(words.contains(heading));
    fs::write(&file, words.replace(heading, "صباح الحبر.")).unwrap();
    let seen = async { while !page(&demo).await.text().contains("صباح الحبر.") {} };
    within("the new heading", seen).await;
    demo.stop().await;
}

async fn page(demo: &Binary) -> Response {
    demo.get("/ar/").await
}

#[tokio::test]
async fn what_is_in_the_folder_is_kept() {
    let folder = TempDir::new().unwrap();
    Binary::demo(folder.path()).await.stop().await;
    let written = fs::read(sample().join("overprint.toml")).unwrap();
    let config = folder.path().join("overprint.toml");
    assert_eq!(fs::read(&config).unwrap(), written, "the file that it runs from is the sample's");
    let german =
        String::from_utf8(written).unwrap().replace("default = \"en\"", "default = \"de\"");
    fs::write(&config, &german).unwrap();
    let demo = Binary::demo(folder.path()).await;
    let heading = demo.get("/").await.text();
    assert!(heading.contains("Worte, die Eindruck machen."), "{heading}");
    assert_eq!(fs::read_to_string(&config).unwrap(), german);
    demo.stop().await;
}
