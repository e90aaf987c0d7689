//! What a page says of the language it is in: `<html>`, elements whose text stands in for another,
//! links to the other languages.

use bytes::Bytes;
use encoding_rs::UTF_8;
use overprint::content::{Snapshot, Voice};
use overprint::locale::Tag;
use overprint::weave::{Audience, Outcome, Reason};

use super::{cut, rules, weave_for};

const LINKS: &str = "<link rel=\"alternate\" hreflang=\"de\" href=\"https://a/de/\">";

fn snapshot() -> Snapshot {
    let files = [
        ("site.json", r#"{"default_locale": "en", "fallback": {"ar": ["de"]}}"#),
        ("en.json", r#"{"all": "Hello", "en": "Only English", "url": "/en.png", "alt": "A cat"}"#),
        ("de.json", r#"{"all": "Hallo", "de": "Nur Deutsch"}"#),
        ("de-AT.json", r#"{"at": "Servus"}"#),
        ("ar.json", r#"{"all": "\u0645"}"#),
    ];
    overprint::content::compile(files.map(|(p, t)| (p.to_owned(), t.as_bytes().to_vec()))).unwrap()
}

fn voice(locale: &str) -> Voice {
    snapshot().voice(&Tag::parse(locale).unwrap()).unwrap()
}

/// What becomes of `page` for a visitor of `locale`, at many cuts.
fn woven(locale: &str, audience: &Audience, page: &str) -> String {
    let voice = voice(locale);
    let whole =
        weave_for(rules(), (voice.clone(), audience.clone()), Some(UTF_8), &[page.as_bytes()]);
    for seed in 0..40 {
        let pieces = cut(page.as_bytes(), seed);
        let cut = weave_for(rules(), (voice.clone(), audience.clone()), Some(UTF_8), &pieces);
        assert_eq!(cut, whole, "{page} (cut with seed {seed})");
    }
    String::from_utf8(whole.0).unwrap()
}

fn chosen() -> Audience {
    Audience { chosen: true, ..Audience::default() }
}

fn linked() -> Audience {
    Audience { alternates: Some(Bytes::from(LINKS)), ..Audience::default() }
}

#[test]
fn a_chosen_locale_is_said_on_the_document() {
    for (locale, page, expected) in [
        ("de", "<!doctype html><html><p>x", "<!doctype html><html lang=\"de\" dir=\"ltr\"><p>x"),
        ("ar", "<html lang=en class=a>x", "<html dir=\"rtl\" lang=\"ar\" class=a>x"),
        ("ar", "<html dir='ltr' LANG>x", "<html dir=\"rtl\" LANG=\"ar\">x"),
        ("de-AT", " <!-- c --> <HTML lang='en'>", " <!-- c --> <HTML dir=\"ltr\" lang=\"de-AT\">"),
        // Too late: its attributes count only where the element has none of that name.
        ("de", "<p>x<html lang=en>", "<p>x<html lang=en>"),
        ("de", "x<html lang=en>", "x<html lang=en>"),
        ("de", "<html><html lang=en>", "<html lang=\"de\" dir=\"ltr\"><html lang=en>"),
        ("de", "<p>a piece of a page</p>", "<p>a piece of a page</p>"),
        ("de", "<html lang=en", "<html lang=en"),
    ] {
        assert_eq!(woven(locale, &chosen(), page), expected);
        assert_eq!(woven(locale, &Audience::default(), page), page);
    }
}

#[test]
fn a_label_for_lang_wins() {
    let page = "<html lang=x data-overprint-attr='lang: all'>";
    let expected = "<html dir=\"ltr\" lang=\"Hallo\" data-overprint-attr='lang: all'>";
    assert_eq!(woven("de", &chosen(), page), expected);
}

#[test]
fn an_element_says_which_language_stands_in() {
    for (locale, page, expected) in [
        // In the page's language, or one that its readers read.
        ("de", "<p data-overprint=all>x</p>", "<p data-overprint=all>Hallo</p>"),
        ("de-AT", "<p data-overprint=de>x</p>", "<p data-overprint=de>Nur Deutsch</p>"),
        ("de", "<p data-overprint=en>x</p>", "<p lang=\"en\" data-overprint=en>Only English</p>"),
        (
            "ar",
            "<p data-overprint=de>x</p>",
            "<p lang=\"de\" dir=\"ltr\" data-overprint=de>Nur Deutsch</p>",
        ),
        (
            "ar",
            "<p dir=rtl title=x data-overprint=en>x</p>",
            "<p lang=\"en\" dir=\"ltr\" title=x data-overprint=en>Only English</p>",
        ),
        (
            "de",
            "<p lang='de' data-overprint=en>x</p>",
            "<p lang=\"en\" data-overprint=en>Only English</p>",
        ),
        // Left alone, whatever speaks against it: then nothing is said of it either.
        ("de", "<p data-overprint=none>x</p>", "<p data-overprint=none>x</p>"),
        ("de", "<p data-overprint=en>x<b>y</p>z", "<p data-overprint=en>x<b>y</p>z"),
        ("de", "<div data-overprint=en>x", "<div data-overprint=en>x"),
        (
            "de",
            "<div data-overprint=all><p data-overprint=en>x</p></div>",
            "<div data-overprint=all>Hallo</div>",
        ),
        (
            "de",
            "<div data-overprint=none><p data-overprint=en>x</p></div>",
            "<div data-overprint=none><p lang=\"en\" data-overprint=en>Only English</p></div>",
        ),
        // What has no content of its own speaks by its attributes.
        (
            "de",
            "<img data-overprint-attr='alt: alt; src: url'>",
            "<img alt=\"A cat\" src=\"/en.png\" lang=\"en\" data-overprint-attr='alt: alt; src: url'>",
        ),
        (
            "de",
            "<img data-overprint-attr='src: url'>",
            "<img src=\"/en.png\" data-overprint-attr='src: url'>",
        ),
        (
            "de",
            "<img data-overprint-attr='alt: alt; title: all'>",
            "<img alt=\"A cat\" title=\"Hallo\" data-overprint-attr='alt: alt; title: all'>",
        ),
        (
            "de",
            "<p title='' data-overprint-attr='title: en'>x</p>",
            "<p title=\"Only English\" data-overprint-attr='title: en'>x</p>",
        ),
    ] {
        assert_eq!(woven(locale, &Audience::default(), page), expected, "{locale}");
    }
}

/// What was written for the default text is not true of what is printed.
#[test]
fn an_elements_own_language_does_not_contradict_its_text() {
    for (page, expected) in [
        (
            "<p lang=en data-overprint=all>x</p>",
            "<p dir=\"rtl\" lang=\"ar\" data-overprint=all>\u{645}</p>",
        ),
        (
            "<p dir=ltr lang=en data-overprint=all>x</p>",
            "<p dir=\"rtl\" lang=\"ar\" data-overprint=all>\u{645}</p>",
        ),
        (
            "<p lang=fr data-overprint=en>x</p>",
            "<p dir=\"ltr\" lang=\"en\" data-overprint=en>Only English</p>",
        ),
        ("<p lang=en data-overprint=none>x</p>", "<p lang=en data-overprint=none>x</p>"),
        (
            "<code dir=ltr data-overprint=all>x</code>",
            "<code dir=ltr data-overprint=all>\u{645}</code>",
        ),
        ("<p data-overprint=all>x</p>", "<p data-overprint=all>\u{645}</p>"),
    ] {
        assert_eq!(woven("ar", &chosen(), page), expected);
    }
    // Where nobody chose, the site's own words of its language hold.
    let page = "<p lang=en data-overprint=all>x</p>";
    assert!(woven("ar", &Audience::default(), page).starts_with("<p lang=en "));
}

#[test]
fn nothing_is_held_back_for_a_language_that_is_not_said() {
    let mut page = overprint::weave::Page::new(rules(), voice("de"), Some(UTF_8));
    let mut sent = |piece: &str| {
        let mut out = Vec::new();
        page.push(Bytes::from(piece.to_owned()), &mut out);
        String::from_utf8(out.concat()).unwrap()
    };
    assert_eq!(sent("<p data-overprint=all>x"), "<p data-overprint=all>");
    assert_eq!(sent("</p><p data-overprint=en>x"), "Hallo</p><p");
    assert_eq!(sent("</p>"), " lang=\"en\" data-overprint=en>Only English</p>");
}

#[test]
fn links_to_other_languages_end_the_head() {
    for (page, expected) in [
        (
            "<!doctype html><html><head><title>t</title> </head><body>x",
            "<!doctype html><html><head><title>t</title> [LINKS]</head><body>x",
        ),
        ("<!doctype html><title>t</title><p>x", "<!doctype html><title>t</title>[LINKS]<p>x"),
        ("<!doctype html>\n\n text", "<!doctype html>\n\n [LINKS]text"),
        ("<html><body>x", "<html>[LINKS]<body>x"),
        (
            "<head><script>'</head>'</script><style><p></style><noscript><p></noscript></head>",
            "<head><script>'</head>'</script><style><p></style><noscript><p></noscript>[LINKS]</head>",
        ),
        (
            "<head><template><p>x</p></template><!-- </head> --></head>",
            "<head><template><p>x</p></template><!-- </head> -->[LINKS]</head>",
        ),
        ("<head></p></head>", "<head></p>[LINKS]</head>"),
        ("<head><title>t</title></html>", "<head><title>t</title>[LINKS]</html>"),
        // The page has its own, or is a piece of one.
        (
            "<head><link rel=alternate hreflang=de href=/de></head>",
            "<head><link rel=alternate hreflang=de href=/de></head>",
        ),
        ("<p>a piece</p><head></head>", "<p>a piece</p><head></head>"),
        ("<title>t</title>", "<title>t</title>"),
        ("\u{FEFF}<!doctype html><head></head>", "\u{FEFF}<!doctype html><head>[LINKS]</head>"),
        ("<head></head><link hreflang=de><body>", "<head>[LINKS]</head><link hreflang=de><body>"),
    ] {
        assert_eq!(woven("de", &linked(), page), expected.replace("[LINKS]", LINKS));
    }
}

#[test]
fn a_reason_is_the_same_in_every_language() {
    let page = "<div data-overprint=en><p data-overprint=none>";
    let audience = Audience::default();
    let (_, seen) = weave_for(rules(), (voice("de"), audience), Some(UTF_8), &[page.as_bytes()]);
    let seen: Vec<_> = seen.iter().map(|seen| (&*seen.key, seen.outcome)).collect();
    let left = |key, reason| (key, Outcome::Left(reason));
    assert_eq!(seen, [left("en", Reason::UnclosedElement), left("none", Reason::MissingKey)]);
}
