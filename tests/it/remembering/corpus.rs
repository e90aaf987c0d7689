//! The corpus: pairs of pages of which `tests/resync/expected.txt` says whether the one may be taken for
//! the other (`S`), must not be (`D`), or may or not, as long as what comes out is right (`=`).

use std::path::Path;

use encoding_rs::UTF_8;
use overprint::weave::{Audience, Memory, Met, Rules};

use super::Setting;
use crate::weaving::{cut, rules, voice};

#[test]
fn pages_are_taken_for_one_another_only_where_that_changes_nothing() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/resync");
    let expected = std::fs::read_to_string(folder.join("expected.txt")).unwrap();
    for line in expected.lines() {
        let (kind, name) = line.split_once(' ').unwrap();
        let read =
            |which: &str| std::fs::read(folder.join(format!("{name}.{which}.html"))).unwrap();
        let (one, other) = (read("a"), read("b"));
        for charset in [Some(UTF_8), None] {
            let setting = Setting {
                rules: Rules { max_slot: 1 << 10, ..rules() },
                voice: voice(),
                audience: Audience { chosen: true, ..Audience::default() },
                charset,
            };
            let met = [meet(name, &setting, &one, &other), meet(name, &setting, &other, &one)];
            match kind {
                "D" => assert_eq!(met, [Met::Diverged; 2], "{name}"),
                "S" if charset.is_some() => assert_eq!(met, [Met::Close; 2], "{name}"),
                _ => {}
            }
        }
    }
}

/// What `page` is found to be where `known` is remembered, at many cuts.
fn meet(name: &str, setting: &Setting, known: &[u8], page: &[u8]) -> Met {
    let expected = setting.weave(&[page]);
    let met: Vec<Met> = (0..20)
        .map(|seed| {
            let memory = Memory::new(1 << 20).unwrap();
            setting.visit(&memory, &[known]);
            let (found, met) = setting.visit(&memory, &cut(page, seed));
            assert_eq!(found, expected, "{name}, cut with seed {seed}");
            met.unwrap()
        })
        .collect();
    assert!(met.windows(2).all(|two| two[0] == two[1]), "{name}: {met:?}");
    met[0]
}
