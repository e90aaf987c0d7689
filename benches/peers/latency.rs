//! What a proxy adds to the time to the first byte: under the same moderate load for everybody, from
//! 1, 32 and 256 connections. A request counts from when it was due, even if nobody was free to send it.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::bed::Bed;
use super::check::check;
use super::contender::{self, Contender, Expect, FIRST, HAPROXY, NGINX, PASS, REMEMBERED, Servers};
use super::crowd::Crowd;
use super::lab::Lab;
use super::load::{Meter, median, micros, percentile};
use super::report::Options;
use super::throughput::PAGES;

const CONNECTIONS: [usize; 3] = [1, 32, 256];
/// Requests a second over all connections.
const RATE: u32 = 500;
const ROUNDS: usize = 5;
const PERIOD: Duration = Duration::from_secs(1);
const NAMES: [&str; 5] = [PASS, REMEMBERED, FIRST, NGINX, HAPROXY];
/// The origin gives way to visitors so often: on their common core, its sending would otherwise hide
/// what the proxy does meanwhile.
const PIECE: usize = 16384;

/// What a round gave.
#[derive(Clone, Copy)]
struct Times {
    /// In microseconds.
    p50: f64,
    p99: f64,
    /// What others took of the two cores, as a share of one.
    others: f64,
}

pub(crate) fn run(lab: &mut Lab, bed: &Bed, options: &Options) -> Value {
    let (page, size) = PAGES[0];
    let servers =
        Servers::start(bed, &["overprint", "forgetful", "nginx", "haproxy"], &[size.labels]);
    let wanted = |one: &Contender| NAMES.contains(&one.name) && options.wants(one.name);
    let contenders: Vec<_> =
        servers.able(contender::all(page, size)).into_iter().filter(wanted).collect();
    for contender in &contenders {
        check(lab, contender, servers.of(contender).address);
    }
    println!(
        "\n== time to first byte, µs more than without a proxy: {RATE} requests/s of the 120 KB page in all\n"
    );
    println!(
        "{:<23} {:>12} {:>10} {:>10} {:>12} {:>12} {:>8}",
        "", "connections", "p50 more", "p99 more", "p50 direct", "p99 direct", "others"
    );
    lab.origin.piece = PIECE;
    let rows = CONNECTIONS
        .into_iter()
        .flat_map(|count| compare(lab, bed, &servers, &contenders, count))
        .collect();
    lab.origin.piece = usize::MAX;
    rows
}

/// Everybody in alternating rounds, and the origin itself in each.
fn compare(
    lab: &mut Lab,
    bed: &Bed,
    servers: &Servers,
    contenders: &[Contender],
    connections: usize,
) -> Vec<Value> {
    let (page, _) = PAGES[0];
    let direct =
        contender::contender("direct", "", "direct.test", page, "plain", false, Expect::Same);
    let mut all: Vec<Vec<(Times, Times)>> = vec![Vec::new(); contenders.len()];
    for _ in 0..ROUNDS {
        let without = paced(lab, bed, (lab.origin.address, &[]), &direct, connections);
        for (contender, rounds) in contenders.iter().zip(&mut all) {
            let server = servers.of(contender);
            let proxy = (server.address, &*server.processes());
            rounds.push((paced(lab, bed, proxy, contender, connections), without));
        }
    }
    let rows = contenders.iter().zip(&all);
    rows.map(|(contender, rounds)| row(contender.name, connections, rounds)).collect()
}

fn row(name: &str, connections: usize, rounds: &[(Times, Times)]) -> Value {
    let of = |value: fn(&(Times, Times)) -> f64| median(rounds.iter().map(value));
    let p50 = of(|(with, without)| with.p50 - without.p50);
    let p99 = of(|(with, without)| with.p99 - without.p99);
    let (direct_p50, direct_p99) = (of(|(_, without)| without.p50), of(|(_, without)| without.p99));
    let others = of(|(with, _)| with.others);
    println!(
        "{name:<23} {connections:>12} {p50:>10.0} {p99:>10.0} {direct_p50:>12.0} {direct_p99:>12.0} {:>6.0} %",
        others * 100.0
    );
    json!({
        "name": name, "connections": connections, "requests_per_second": RATE,
        "added_p50_us": p50.round(), "added_p99_us": p99.round(),
        "direct_p50_us": direct_p50.round(), "direct_p99_us": direct_p99.round(),
        "others_took": (others * 100.0).round() / 100.0,
    })
}

/// Requests at even distances, whoever is free sends the next one.
fn paced(
    lab: &mut Lab,
    bed: &Bed,
    (address, processes): (SocketAddr, &[u32]),
    contender: &Contender,
    connections: usize,
) -> Times {
    let meter = Meter::start(bed, processes);
    let mut crowd = Crowd::new(address, &contender.host, &contender.path, contender.gzip);
    lab.join(&mut crowd, connections, None);
    let mut free: VecDeque<usize> = (0..connections).collect();
    let distance = Duration::from_secs(1) / RATE;
    // Everybody once before it counts.
    let warm_up = distance * u32::try_from(connections).unwrap_or(0);
    let (began, mut due) = (Instant::now(), Duration::ZERO);
    let mut times = Vec::new();
    while due < warm_up + PERIOD || free.len() < connections {
        while due < warm_up + PERIOD && began.elapsed() >= due {
            let Some(visitor) = free.pop_front() else { break };
            crowd.ask(visitor, began + due);
            due += distance;
        }
        // Without a pause: to be woken takes longer than what is measured.
        lab.turn(&mut crowd, Duration::ZERO);
        for done in std::mem::take(&mut crowd.done) {
            free.push_back(done.visitor);
            if began.elapsed() > warm_up {
                times.push(micros(done.first));
            }
        }
    }
    let others = meter.read(bed, processes, &[]).others;
    Times { p50: percentile(&mut times, 0.5), p99: percentile(&mut times, 0.99), others }
}
