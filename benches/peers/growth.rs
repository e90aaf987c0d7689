//! How the cost of a page grows with its slots and its bytes.

use std::time::Duration;

use serde_json::{Value, json};

use super::bed::Bed;
use super::contender::{Expect, FIRST, PASS, REMEMBERED, Servers, contender};
use super::lab::Lab;
use super::ours;
use super::page::Size;
use super::report::Options;
use super::rounds::{Row, find, rounds};

const ROUNDS: usize = 5;
const PERIOD: Duration = Duration::from_millis(500);

/// First by slots on the same bytes, then by bytes with the same slots.
pub(crate) const PAGES: [(&str, Size); 8] = [
    ("slots-1", Size { bytes: 400_000, labels: 1 }),
    ("slots-10", Size { bytes: 400_000, labels: 10 }),
    ("slots-100", Size { bytes: 400_000, labels: 100 }),
    ("slots-1000", Size { bytes: 400_000, labels: 1000 }),
    ("bytes-10k", Size { bytes: 10_000, labels: 10 }),
    ("bytes-100k", Size { bytes: 100_000, labels: 10 }),
    ("bytes-1m", Size { bytes: 1_000_000, labels: 10 }),
    ("bytes-5m", Size { bytes: 5_000_000, labels: 10 }),
];

pub(crate) fn run(lab: &mut Lab, bed: &Bed, options: &Options) -> Value {
    let mut servers = Servers::start(bed, &["overprint", "forgetful"], &[1000]);
    println!("\n== growth: requests/s, and µs of CPU for each\n");
    println!(
        "{:<12} {:>9} {:>6} {:>13} {:>13} {:>13} {:>10} {:>10} {:>10}",
        "page", "bytes", "slots", PASS, REMEMBERED, FIRST, "CPU pass", "remember", "first"
    );
    let mut all = Vec::new();
    for (page, size) in PAGES {
        let printed = Expect::Printed(size.labels);
        let ours = |name, server, host, expect| {
            contender(name, server, host, page, "plain", false, expect)
        };
        let contenders = [
            ours(PASS, "overprint", ours::PASSES, Expect::Same),
            ours(REMEMBERED, "overprint", ours::PRINTS, printed),
            ours(FIRST, "forgetful", ours::PRINTS, printed),
        ];
        let contenders = contenders.into_iter().filter(|one| options.wants(one.name)).collect();
        let contenders = servers.able(contenders);
        let rows = rounds(lab, bed, &mut servers, &contenders, ROUNDS, PERIOD);
        print(page, size, &rows);
        let rows: Vec<_> = rows.iter().map(Row::json).collect();
        all.push(json!({ "page": page, "bytes": size.bytes, "slots": size.labels, "rows": rows }));
    }
    all.into()
}

fn print(page: &str, size: Size, rows: &[Row]) {
    let value = |name, digits, value: fn(&Row) -> f64| {
        find(rows, name).map_or("-".to_owned(), |row| format!("{:.digits$}", value(row)))
    };
    let rate = |name| value(name, 0, |row| row.median(|one| one.rate));
    let cpu = |name| value(name, 1, |row| row.median(|one| one.cpu));
    println!(
        "{page:<12} {:>9} {:>6} {:>13} {:>13} {:>13} {:>10} {:>10} {:>10}",
        size.bytes,
        size.labels,
        rate(PASS),
        rate(REMEMBERED),
        rate(FIRST),
        cpu(PASS),
        cpu(REMEMBERED),
        cpu(FIRST)
    );
}
