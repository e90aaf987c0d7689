//! Requests a second of everybody, on a page of 120 KB and one of 700 KB.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::bed::Bed;
use super::contender::{Contender, NGINX, NGINX_GZIP, PASS, PASS_GZIP, SERVERS, Servers, all};
use super::figures;
use super::lab::Lab;
use super::page::Size;
use super::report::Options;
use super::rounds::{Row, find, rounds};

pub(crate) const PAGES: [(&str, Size); 2] =
    [("120k", Size { bytes: 120_000, labels: 60 }), ("700k", Size { bytes: 700_000, labels: 600 })];

const ROUNDS: usize = 5;
/// Where only the figures are wanted, there is time for more.
const FIGURE_ROUNDS: usize = 9;
const PERIOD: Duration = Duration::from_secs(1);

/// The whole comparison; every page's rows as JSON, and the figures.
pub(crate) fn run(lab: &mut Lab, bed: &Bed, options: &Options) -> Value {
    let mut servers = Servers::start(bed, &SERVERS, &PAGES.map(|(_, size)| size.labels));
    let mut pages = Map::new();
    let mut held = Vec::new();
    for (page, size) in PAGES {
        let contenders =
            servers.able(all(page, size)).into_iter().filter(|one| options.wants(one.name));
        let contenders: Vec<_> = contenders.collect();
        let rows = rounds(lab, bed, &mut servers, &contenders, ROUNDS, PERIOD);
        print(&title(lab, page, size), &contenders, &rows);
        held.push(figures::report(page, &rows));
        pages.insert(page.to_owned(), rows.iter().map(Row::json).collect());
    }
    json!({ "pages": pages, "figures": held[0], "figures_700k": held[1] })
}

/// Only what the figures need.
pub(crate) fn run_figures(lab: &mut Lab, bed: &Bed, options: &Options) -> Value {
    let mut servers =
        Servers::start(bed, &["overprint", "forgetful", "naive", "nginx"], &[PAGES[0].1.labels]);
    let (page, size) = PAGES[0];
    let needed = |one: &Contender| figures::need(one.name) && options.wants(one.name);
    let contenders: Vec<_> = servers.able(all(page, size)).into_iter().filter(needed).collect();
    let rows = rounds(lab, bed, &mut servers, &contenders, FIGURE_ROUNDS, PERIOD);
    print(&title(lab, page, size), &contenders, &rows);
    json!({ "pages": { page: rows.iter().map(Row::json).collect::<Value>() }, "figures": figures::report(page, &rows) })
}

fn title(lab: &Lab, page: &str, size: Size) -> String {
    let bytes =
        |path: &str| lab.origin.answers.last_body(&format!("/{page}/{path}")).len() as f64 / 1e3;
    format!(
        "a page of {:.0} KB, gzip {:.0} KB, {} labels",
        bytes("plain"),
        bytes("gzip"),
        size.labels
    )
}

fn print(title: &str, contenders: &[Contender], rows: &[Row]) {
    println!(
        "\n== {title}: 16 visitors, medians of {} rounds; times in µs\n",
        rows.first().map_or(0, |row| row.samples.len())
    );
    println!(
        "{:<31} {:>10} {:>8} {:>8} {:>8} {:>9} {:>8} {:>8} {:>6}  doubts",
        "", "requests/s", "p50", "p99", "most", "CPU/req", "÷ pass", "÷ nginx", "bench"
    );
    for (contender, row) in contenders.iter().zip(rows) {
        let (pass, nginx) = if contender.gzip { (PASS_GZIP, NGINX_GZIP) } else { (PASS, NGINX) };
        let ratio = |name| {
            let other = find(rows, name);
            other.map_or("-".to_owned(), |other| format!("{:.2}", row.ratio(other, |one| one.rate)))
        };
        println!(
            "{:<31} {:>10.0} {:>8.0} {:>8.0} {:>8.0} {:>9.1} {:>8} {:>8} {:>4.0} %  {}",
            row.name,
            row.median(|one| one.rate),
            row.median(|one| one.p50),
            row.median(|one| one.p99),
            row.median(|one| one.most),
            row.median(|one| one.cpu),
            ratio(pass),
            ratio(nginx),
            row.median(|one| 1.0 - one.bench_idle) * 100.0,
            row.doubts()
        );
    }
}
