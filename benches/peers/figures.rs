//! The figures that Overprint is held to.

use serde_json::{Value, json};

use super::contender::{
    DIVERGING, FIRST, NAIVE, NGINX, NGINX_DEFAULT, NGINX_GZIP, PASS, PASS_DYNAMIC, PASS_GZIP,
    REMEMBERED, REMEMBERED_GZIP, RESYNC, SUB, SUB_GZIP, UNLABELLED,
};
use super::rounds::{Row, find};

/// One contender's requests a second are at least so many times another's.
struct Figure {
    of: &'static str,
    to: &'static str,
    asked: f64,
}

const FIGURES: [Figure; 14] = [
    Figure { of: REMEMBERED, to: PASS, asked: 0.92 },
    Figure { of: REMEMBERED_GZIP, to: PASS_GZIP, asked: 0.85 },
    Figure { of: REMEMBERED, to: NGINX, asked: 0.90 },
    Figure { of: REMEMBERED, to: NGINX_DEFAULT, asked: 0.90 },
    Figure { of: REMEMBERED, to: SUB, asked: 8.0 },
    Figure { of: REMEMBERED_GZIP, to: SUB_GZIP, asked: 20.0 },
    Figure { of: PASS, to: NGINX, asked: 0.95 },
    Figure { of: PASS, to: NGINX_DEFAULT, asked: 0.95 },
    Figure { of: PASS_GZIP, to: NGINX_GZIP, asked: 0.70 },
    Figure { of: RESYNC, to: PASS, asked: 0.80 },
    Figure { of: RESYNC, to: PASS_DYNAMIC, asked: 0.80 },
    Figure { of: FIRST, to: NAIVE, asked: 0.90 },
    Figure { of: UNLABELLED, to: PASS, asked: 0.97 },
    Figure { of: DIVERGING, to: FIRST, asked: 0.90 },
];

/// Whether a figure needs a contender.
pub(crate) fn need(name: &str) -> bool {
    FIGURES.iter().any(|figure| figure.of == name || figure.to == name)
}

/// Prints the figures; the same as JSON.
pub(crate) fn report(page: &str, rows: &[Row]) -> Value {
    println!(
        "\n== figures, {page}: requests/s of one to another, the median of each round's ratio\n"
    );
    println!("{:<50} {:>9} {:>7} {:>7}  ", "figure", "measured", "by CPU", "asked");
    let all = FIGURES.iter().filter_map(|figure| {
        let (of, to) = (find(rows, figure.of)?, find(rows, figure.to)?);
        let measured = of.ratio(to, |sample| sample.rate);
        // What it would be if the proxy's CPU alone decided: what holds where the bench was too slow.
        let by_cpu = 1.0 / of.ratio(to, |sample| sample.cpu);
        let held = measured >= figure.asked;
        let doubtful = !of.doubts().is_empty() || !to.doubts().is_empty();
        println!(
            "{:<50} {measured:>9.2} {by_cpu:>7.2} {:>7.2}  {}{}",
            format!("{} ÷ {}", figure.of, figure.to),
            figure.asked,
            if held { "held" } else { "MISSED" },
            if doubtful { ", DOUBTFUL: see above" } else { "" }
        );
        Some(json!({
            "figure": format!("{} / {}", figure.of, figure.to),
            "page": page,
            "measured": hundredths(measured),
            "by_cpu": hundredths(by_cpu),
            "asked": figure.asked,
            "held": held,
            "doubtful": doubtful,
        }))
    });
    all.collect()
}

fn hundredths(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}
