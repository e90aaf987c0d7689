//! What is remembered, and for how long.

use encoding_rs::{SHIFT_JIS, UTF_8};
use overprint::weave::{Audience, Memory, Met};

use super::Setting;
use crate::weaving::{rules, voice};

fn setting() -> Setting {
    Setting { rules: rules(), voice: voice(), audience: Audience::default(), charset: Some(UTF_8) }
}

fn labelled(text: &str) -> String {
    format!("<p data-overprint=k0>{text}</p>")
}

#[test]
fn a_page_that_is_another_each_time_is_left_alone_for_a_while() {
    let memory = Memory::new(1 << 20).unwrap();
    let visit = |tag: &str| {
        let page = format!("<{tag}>{}", labelled("a"));
        setting().visit(&memory, &[page.as_bytes()]).1
    };
    let seen: Vec<_> = ["a", "b", "i", "u", "s", "s"].map(visit).into();
    let diverged = Some(Met::Diverged);
    assert_eq!(seen, [Some(Met::Unknown), diverged, diverged, diverged, None, None]);
}

#[test]
fn one_that_is_the_same_again_is_forgiven() {
    let memory = Memory::new(1 << 20).unwrap();
    for round in 0..10 {
        let page = format!("<{}>{}", if round / 2 % 2 == 0 { "i" } else { "b" }, labelled("a"));
        let expected = match round {
            0 => Met::Unknown,
            _ if round % 2 == 0 => Met::Diverged,
            _ => Met::Same,
        };
        assert_eq!(setting().visit(&memory, &[page.as_bytes()]).1, Some(expected), "{round}");
    }
}

#[test]
fn a_page_in_another_charset_is_another_page() {
    let memory = Memory::new(1 << 20).unwrap();
    let page = labelled("a");
    setting().visit(&memory, &[page.as_bytes()]);
    let japanese = Setting { charset: Some(SHIFT_JIS), ..setting() };
    assert_eq!(japanese.visit(&memory, &[page.as_bytes()]).1, Some(Met::Unknown));
    assert_eq!(japanese.visit(&memory, &[page.as_bytes()]).1, Some(Met::Same));
}

#[test]
fn what_is_too_large_is_not_remembered() {
    let memory = Memory::new(64 << 20).unwrap();
    let page = labelled("a") + &" ".repeat(1 << 20);
    for _ in 0..2 {
        assert_eq!(setting().visit(&memory, &[page.as_bytes()]).1, Some(Met::Unknown));
    }
    assert!(memory.weight() < 1 << 10, "{}", memory.weight());
    assert!(Memory::new(0).is_none());
}

#[test]
fn a_page_without_labels_is_kept_when_it_comes_again() {
    let memory = Memory::new(1 << 20).unwrap();
    let page = "<!doctype html><p>nothing to print";
    let met: Vec<_> =
        (0..3).map(|_| setting().visit(&memory, &[page.as_bytes()]).1.unwrap()).collect();
    assert_eq!(met, [Met::Unknown, Met::Unknown, Met::Same]);
    let other = format!("{page}{}", labelled("a"));
    let (woven, met) = setting().visit(&memory, &[other.as_bytes()]);
    assert_eq!((woven, met), (setting().weave(&[other.as_bytes()]), Some(Met::Diverged)));
}

#[test]
fn nothing_goes_out_before_the_charset_that_may_decide_it_is_certain() {
    // A key that a space of windows-1252 ends, and that is another one in UTF-8.
    let page = |charset: &str| {
        let start = &b"<!doctype html><title data-overprint='k0\xa0'>D</title><meta charset="[..];
        [start, charset.as_bytes(), b"><p>the rest"].concat()
    };
    let setting = Setting { charset: None, ..setting() };
    let memory = Memory::new(1 << 20).unwrap();
    let (one, other) = (page("utf-8"), page("windows-1252"));
    setting.visit(&memory, &[&one]);
    let cut = other.len() - 25;
    let pieces = [&other[..cut], &other[cut..cut + 1], &other[cut + 1..]];
    assert_eq!(setting.visit(&memory, &pieces).0, setting.weave(&[&other]));
}

#[test]
fn a_page_on_which_too_much_is_printed_is_read_each_time() {
    let memory = Memory::new(1 << 20).unwrap();
    let page = labelled("a").repeat(20_000);
    for _ in 0..3 {
        let (woven, _) = setting().visit(&memory, &[page.as_bytes()]);
        assert_eq!(woven, setting().weave(&[page.as_bytes()]));
    }
    assert!(memory.weight() < 1 << 20, "{}", memory.weight());
}
