//! Alternating rounds: everybody once, then everybody again, so that what disturbs the machine for a
//! while disturbs all of them, and ratios are of neighbours. Every round begins with new processes.

use std::time::Duration;

use serde_json::{Value, json};

use super::bed::Bed;
use super::check::check;
use super::contender::{Contender, Expect, Servers};
use super::lab::Lab;
use super::load::{Sample, measure, median};

/// One contender, and what it did in every round.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    expect: Expect,
    pub(crate) samples: Vec<Sample>,
}

/// Checks what each contender answers, then measures them `rounds` times.
pub(crate) fn rounds(
    lab: &mut Lab,
    bed: &Bed,
    servers: &mut Servers,
    contenders: &[Contender],
    rounds: usize,
    period: Duration,
) -> Vec<Row> {
    for contender in contenders {
        check(lab, contender, servers.of(contender).address);
    }
    let row = |contender: &Contender| {
        let Contender { name, expect, .. } = *contender;
        Row { name, expect, samples: Vec::new() }
    };
    let mut rows: Vec<_> = contenders.iter().map(row).collect();
    for round in 0..rounds {
        if round > 0 {
            servers.renew(bed);
        }
        for (contender, row) in contenders.iter().zip(&mut rows) {
            let sample = measure(lab, bed, servers.of(contender), contender, period);
            row.samples.push(sample);
        }
    }
    rows
}

impl Row {
    /// The median of a value.
    pub(crate) fn median(&self, value: impl Fn(&Sample) -> f64) -> f64 {
        median(self.samples.iter().map(value))
    }

    /// The median of a value's ratio to another's of the same round.
    pub(crate) fn ratio(&self, other: &Self, value: impl Fn(&Sample) -> f64) -> f64 {
        let pairs = self.samples.iter().zip(&other.samples);
        median(pairs.map(|(own, other)| value(own) / value(other)))
    }

    /// What makes the row doubtful.
    pub(crate) fn doubts(&self) -> String {
        let mut doubts = Vec::new();
        if let Expect::Partly { printed, of } = self.expect {
            doubts.push(format!("prints {printed} of {of} texts"));
        }
        let (proxy_idle, bench_idle) =
            (self.median(|one| one.proxy_idle), self.median(|one| one.bench_idle));
        if bench_idle < 0.04 && proxy_idle > 0.06 {
            doubts.push("THE BENCH WAS THE BOTTLENECK, go by CPU".to_owned());
        } else if bench_idle > 0.1 && proxy_idle > 0.1 {
            doubts.push(format!("both cores waited, the proxy's {:.0} %", proxy_idle * 100.0));
        }
        let others = self.median(|one| one.others);
        if others > 0.06 {
            doubts.push(format!("others took {:.0} % of a core", others * 100.0));
        }
        doubts.join("; ")
    }

    pub(crate) fn json(&self) -> Value {
        let rounds: Vec<_> = self.samples.iter().map(|one| one.rate.round()).collect();
        json!({
            "name": self.name,
            "requests_per_second": self.median(|one| one.rate).round(),
            "p50_us": self.median(|one| one.p50).round(),
            "p99_us": self.median(|one| one.p99).round(),
            "cpu_us_per_request": (self.median(|one| one.cpu) * 10.0).round() / 10.0,
            "bench_core_busy": (self.median(|one| 1.0 - one.bench_idle) * 100.0).round() / 100.0,
            "proxy_core_busy": (self.median(|one| 1.0 - one.proxy_idle) * 100.0).round() / 100.0,
            "doubts": self.doubts(),
            "rounds": rounds,
        })
    }
}

/// The row of a name, if it was measured.
pub(crate) fn find<'a>(rows: &'a [Row], name: &str) -> Option<&'a Row> {
    rows.iter().find(|row| row.name == name)
}
