//! A closed loop: every visitor asks again as soon as it has its page.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::bed::Bed;
use super::contender::Contender;
use super::crowd::{Crowd, Done};
use super::lab::Lab;
use super::procfs;
use super::server::Server;

const VISITORS: usize = 16;
const WARM_UP: Duration = Duration::from_millis(250);

/// What one contender did in one round.
#[derive(Clone, Copy)]
pub(crate) struct Sample {
    /// Requests a second.
    pub(crate) rate: f64,
    /// In microseconds: a request's time, from asking to the last byte, and the proxy's CPU for it.
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    pub(crate) most: f64,
    pub(crate) cpu: f64,
    /// Shares of the time: what nobody took of the two cores, and what other processes took of both.
    pub(crate) proxy_idle: f64,
    pub(crate) bench_idle: f64,
    pub(crate) others: f64,
}

/// Puts a proxy under load for `period`.
pub(crate) fn measure(
    lab: &mut Lab,
    bed: &Bed,
    server: &Server,
    contender: &Contender,
    period: Duration,
) -> Sample {
    let mut crowd = closed(lab, server.address, contender);
    run(lab, &mut crowd, WARM_UP);
    let processes = server.processes();
    let meter = Meter::start(bed, &processes);
    let done = run(lab, &mut crowd, period);
    let sample = meter.read(bed, &processes, &done);
    lab.finish(&mut crowd);
    sample
}

fn closed(lab: &mut Lab, address: SocketAddr, contender: &Contender) -> Crowd {
    let mut crowd = Crowd::new(address, &contender.host, &contender.path, contender.gzip);
    lab.join(&mut crowd, VISITORS, None);
    for visitor in 0..VISITORS {
        crowd.ask(visitor, Instant::now());
    }
    crowd
}

/// Goes on with all visitors; leaves their requests under way.
fn run(lab: &mut Lab, crowd: &mut Crowd, period: Duration) -> Vec<Done> {
    let began = Instant::now();
    let mut all = Vec::with_capacity(65536);
    // A proxy that is slower than that gets the time for an answer to each.
    while began.elapsed() < period || (all.len() < VISITORS && began.elapsed() < period * 10) {
        lab.turn(crowd, Duration::from_millis(50));
        for done in std::mem::take(&mut crowd.done) {
            crowd.ask(done.visitor, Instant::now());
            all.push(done);
        }
    }
    all
}

/// Clocks as they were when the measuring began.
pub(crate) struct Meter {
    began: Instant,
    proxy: Duration,
    proxy_idle: Duration,
    bench_idle: Duration,
    others: Duration,
}

impl Meter {
    pub(crate) fn start(bed: &Bed, processes: &[u32]) -> Self {
        Self {
            began: Instant::now(),
            proxy: procfs::cpu(processes),
            proxy_idle: procfs::idle(bed.proxy_core),
            bench_idle: procfs::idle(bed.bench_core),
            others: procfs::others(),
        }
    }

    pub(crate) fn read(self, bed: &Bed, processes: &[u32], done: &[Done]) -> Sample {
        let now = Self::start(bed, processes);
        let wall = (now.began - self.began).as_secs_f64();
        let share = |now: Duration, then: Duration| now.saturating_sub(then).as_secs_f64() / wall;
        let proxy = share(now.proxy, self.proxy);
        let proxy_idle = share(now.proxy_idle, self.proxy_idle);
        let bench_idle = share(now.bench_idle, self.bench_idle);
        let mut times: Vec<f64> = done.iter().map(|done| micros(done.whole)).collect();
        let count = done.len() as f64;
        Sample {
            rate: count / wall,
            p50: percentile(&mut times, 0.5),
            p99: percentile(&mut times, 0.99),
            most: percentile(&mut times, 1.0),
            cpu: proxy * wall * 1e6 / count,
            proxy_idle,
            bench_idle,
            others: share(now.others, self.others),
        }
    }
}

pub(crate) fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// The value that `share` of them do not exceed; none of none.
pub(crate) fn percentile(values: &mut [f64], share: f64) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let last = values.len().saturating_sub(1) as f64;
    values.get((last * share).round() as usize).copied().unwrap_or(f64::NAN)
}

pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    percentile(&mut values, 0.5)
}
