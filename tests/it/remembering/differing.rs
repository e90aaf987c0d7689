//! What is passed over, and what is not.

use encoding_rs::UTF_8;
use overprint::weave::{Audience, Memory, Met};

use super::Setting;
use crate::weaving::{cut, rules, voice};

fn setting() -> Setting {
    Setting { rules: rules(), voice: voice(), audience: Audience::default(), charset: Some(UTF_8) }
}

fn met(old: &str, new: &str) -> Met {
    let memory = Memory::new(1 << 20).unwrap();
    setting().visit(&memory, &[old.as_bytes()]);
    let whole = setting().weave(&[new.as_bytes()]);
    let mut met = None;
    for seed in 0..40 {
        let memory = Memory::new(1 << 20).unwrap();
        setting().visit(&memory, &[old.as_bytes()]);
        let (woven, now) = setting().visit(&memory, &cut(new.as_bytes(), seed));
        assert_eq!(woven, whole, "{old} -> {new}");
        assert!(met.is_none() || met == now, "{old} -> {new}: {met:?}, then {now:?}");
        met = now;
    }
    met.unwrap()
}

#[test]
fn tokens_and_values_are_passed_over() {
    for (old, new) in [
        (
            "<p data-overprint=k0>a</p> built 1732450000.\n",
            "<p data-overprint=k0>a</p> built 17.\n",
        ),
        (
            "<i nonce=\"abc\"></i><p data-overprint=k0>a</p>",
            "<i nonce=\"\"></i><p data-overprint=k0>a</p>",
        ),
        (
            "<script nonce='abc'>a</script><p data-overprint=k0>a</p>",
            "<script nonce='x>y'>a</script><p data-overprint=k0>a</p>",
        ),
        (
            "<input type=hidden value=\"abc\"><p data-overprint=k0>a</p>",
            "<input type=hidden value=\"xyzxyz\"><p data-overprint=k0>a</p>",
        ),
        (
            "<script>var a = {\"t\": 1732450000, \"s\": \"ab-c\"}</script><p data-overprint=k0>a</p>",
            "<script>var a = {\"t\": 1732450001, \"s\": \"abcdef\"}</script><p data-overprint=k0>a</p>",
        ),
        ("<p data-overprint=k0>a 1 b</p>", "<p data-overprint=k0>a 22 b</p>"),
        (
            "<p data-overprint=k0>a</p><a href=\"/?t=1\">b</a>",
            "<p data-overprint=k0>a</p><a href=\"/?t=22\">b</a>",
        ),
    ] {
        assert_eq!(met(old, new), Met::Close, "{old} -> {new}");
        assert_eq!(met(new, old), Met::Close, "{new} -> {old}");
        assert_eq!(met(old, old), Met::Same, "{old}");
    }
}

#[test]
fn what_may_mean_something_is_read() {
    for (old, new) in [
        // Labels and arguments.
        ("<p data-overprint=\"k0\">a</p>", "<p data-overprint=\"k1\">a</p>"),
        (
            "<p data-overprint=k0 data-overprint-args='{\"a\":1}'>a</p>",
            "<p data-overprint=k0 data-overprint-args='{\"a\":2}'>a</p>",
        ),
        // Names, and what makes one of text.
        ("<p data-overprint=k0>a</p><b>", "<p data-overprint=k0>a</p><i>"),
        ("<p data-overprint=k0>a</p>", "<p data-overprint=k0>a</q>"),
        ("<p data-overprint=k0>a &amp; b</p>", "<p data-overprint=k0>a &lt; b</p>"),
        (
            "<svg><![CDATA[ > ]]></svg><p data-overprint=k0>a</p>",
            "<svg><![CDATB[ > ]]></svg><p data-overprint=k0>a</p>",
        ),
        // The end of a tag that was not what it seemed.
        (
            "</p a=\"b><i>\"><p data-overprint=k0>a</p>",
            "</p aa\"b><i>\"><p data-overprint=k0>a</p>",
        ),
        // Of four formatting elements that are alike, one is not rebuilt.
        (
            "<p><b id=\"a\"><b id=\"a\"><b id=\"a\"><b id=\"a\"></p><p data-overprint=k0>a</p>",
            "<p><b id=\"a\"><b id=\"b\"><b id=\"a\"><b id=\"a\"></p><p data-overprint=k0>a</p>",
        ),
        // The document type.
        (
            "<!doctype html x><p data-overprint=k0>a</p>",
            "<!doctype htmm x><p data-overprint=k0>a</p>",
        ),
        // No token where there was one.
        ("<p data-overprint=k0>a 1 b</p>", "<p data-overprint=k0>a  b</p>"),
        // More, and less.
        ("<p data-overprint=k0>a</p>", "<p data-overprint=k0>a</p> "),
        ("<p data-overprint=k0>a</p> ", "<p data-overprint=k0>a</p>"),
    ] {
        assert_eq!(met(old, new), Met::Diverged, "{old} -> {new}");
        assert_eq!(met(new, old), Met::Diverged, "{new} -> {old}");
    }
}
