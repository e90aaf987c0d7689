//! Random differences. `OVERPRINT_FUZZ=3600 cargo test remembering::fuzz` goes on for an hour; a case that
//! fails is named by its seed, which `OVERPRINT_SEED` repeats.

use std::time::{Duration, Instant};

use encoding_rs::{SHIFT_JIS, UTF_8};
use fastrand::Rng;
use overprint::weave::{Audience, LabelName, Memory, Met, Rule, Rules, Selectors};

use super::Setting;
use super::mutate::mutate;
use super::pages::Pages;
use crate::weaving::{cut, rules, stand_ins, voice};

#[derive(Debug, Default)]
struct Seen {
    compared: u64,
    same: u64,
    close: u64,
    diverged: u64,
}

#[test]
fn random_differences_change_no_byte() {
    let pages = Pages::load();
    let mut seen = Seen::default();
    if let Some(seed) = number("OVERPRINT_SEED") {
        return case(&pages, seed, &mut seen);
    }
    let until = Instant::now() + Duration::from_secs(number("OVERPRINT_FUZZ").unwrap_or(2));
    let mut seeds = Rng::new();
    while Instant::now() < until {
        case(&pages, seeds.u64(..), &mut seen);
    }
    eprintln!("{seen:?}");
    assert!(seen.close > 0 && seen.diverged > 0 && seen.same > 0, "{seen:?}");
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

/// One page, remembered, and some that are like it.
fn case(pages: &Pages, seed: u64, seen: &mut Seen) {
    let mut rng = Rng::with_seed(seed);
    let (page, setting) = (pages.choose(&mut rng), setting(&mut rng));
    for _ in 0..4 {
        let memory = Memory::new(16 << 20).unwrap();
        // The second visit leaves what it printed for the third.
        for _ in 0..rng.usize(1..=2) {
            setting.visit(&memory, &cut(&page, rng.u64(..)));
        }
        let other = if rng.u8(..16) == 0 { page.clone() } else { mutate(&page, &mut rng) };
        let pieces = cut(&other, rng.u64(..));
        let (found, met) = setting.visit(&memory, &pieces);
        let expected = setting.weave(&[&other]);
        assert!(
            found.out == expected.out && found.tally == expected.tally,
            "seed {seed}: {met:?}\n--- remembered\n{}\n--- page\n{}\n--- expected {:?}\n{}\n--- found {:?}\n{}",
            page.escape_ascii(),
            other.escape_ascii(),
            expected.tally,
            expected.out.escape_ascii(),
            found.tally,
            found.out.escape_ascii(),
        );
        seen.compared += 1;
        match met {
            Some(Met::Same) => seen.same += 1,
            Some(Met::Close) => seen.close += 1,
            Some(Met::Diverged) => seen.diverged += 1,
            Some(Met::Unknown) | None => {}
        }
    }
}

fn setting(rng: &mut Rng) -> Setting {
    let alternates = "<link rel=\"alternate\" hreflang=\"de\" href=\"/de\">";
    let audience = match rng.usize(..3) {
        0 => Audience::default(),
        1 => Audience { chosen: true, ..Audience::default() },
        _ => Audience { chosen: true, alternates: Some(alternates.into()), ..Audience::default() },
    };
    let selectors = if rng.u8(..4) == 0 { every_tag() } else { Selectors::default() };
    let max_slot = if rng.u8(..4) == 0 { rng.usize(1..200) } else { 256 << 10 };
    Setting {
        rules: Rules { selectors, max_slot, ..rules() },
        voice: if rng.bool() { voice() } else { stand_ins() },
        audience,
        charset: *rng.choice(&[None, Some(UTF_8), Some(SHIFT_JIS)]).unwrap(),
    }
}

/// Prints an attribute into each start tag: where tags are is seen in what comes out.
fn every_tag() -> Selectors {
    let rule = Rule::new(&LabelName::default(), "*", None, Some("data-seen: k0"));
    Selectors::from_iter([rule.unwrap()])
}
