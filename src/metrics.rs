//! What is counted. Handles are passed in; there are no globals.
//!
//! Knows the names of counters and labels, and nothing of what they mean.

use std::sync::Arc;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

/// Upper bounds in seconds: from what a cached page takes to what no visitor waits for.
const SECONDS: [f64; 12] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];

/// Every counter. Cloning shares them.
#[derive(Debug, Clone)]
pub struct Metrics(Arc<Families>);

#[derive(Debug)]
struct Families {
    registry: Registry,
    requests: Family<Outcome, Counter>,
    seconds: Family<Kind, Histogram, fn() -> Histogram>,
    bytes: Family<Site, Counter>,
    slots: Family<Slot, Counter>,
    pages: Family<Page, Counter>,
    loads: Family<Load, Counter>,
    hooks: Family<Load, Counter>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Site {
    site: Arc<str>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    site: Arc<str>,
    outcome: &'static str,
    /// `2xx` and so on.
    status: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Kind {
    woven: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Slot {
    site: Arc<str>,
    /// `printed`, or why it was left alone.
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Page {
    site: Arc<str>,
    /// What it was beside the one that was remembered.
    met: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Load {
    site: Arc<str>,
    result: &'static str,
}

/// A request that was answered, or could not be.
#[derive(Debug)]
pub struct Request<'a> {
    /// The site's name; none where no site answers.
    pub site: Option<&'a Arc<str>>,
    /// `woven`, why it was passed on, or why it failed.
    pub outcome: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// From its head to the last byte of the answer.
    pub took: Duration,
    /// Bytes of the answer's body.
    pub bytes: u64,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("overprint");
        let histogram: fn() -> Histogram = || Histogram::new(SECONDS);
        let seconds = Family::new_with_constructor(histogram);
        registry.register_with_unit(
            "request_duration",
            "From a request's head to the last byte of its answer, by whether the page was woven",
            Unit::Seconds,
            seconds.clone(),
        );
        let requests =
            family(&mut registry, "requests", "Requests by site, outcome and status class");
        let bytes = family(&mut registry, "response_bytes", "Bytes of answers' bodies, as sent");
        let slots = family(&mut registry, "slots", "Slots printed, and left alone by reason");
        let pages = family(
            &mut registry,
            "pages",
            "Woven pages, by what they were beside the page that was remembered",
        );
        let loads = family(&mut registry, "content_loads", "Looks at a site's content, by result");
        let hooks = family(&mut registry, "webhooks", "Webhooks received, by result");
        Self(Arc::new(Families { requests, seconds, bytes, slots, pages, loads, hooks, registry }))
    }
}

fn family<L>(registry: &mut Registry, name: &str, help: &str) -> Family<L, Counter>
where
    L: EncodeLabelSet + Clone + Eq + std::hash::Hash + std::fmt::Debug + Send + Sync + 'static,
{
    let family = Family::<L, Counter>::default();
    registry.register(name, help, family.clone());
    family
}

impl Metrics {
    /// A request's end.
    pub fn request(&self, request: &Request<'_>) {
        let site = request.site.cloned().unwrap_or_default();
        let (outcome, status) = (request.outcome, class(request.status));
        let woven = if outcome == "woven" { "true" } else { "false" };
        self.0.seconds.get_or_create(&Kind { woven }).observe(request.took.as_secs_f64());
        self.0.bytes.get_or_create(&Site { site: Arc::clone(&site) }).inc_by(request.bytes);
        self.0.requests.get_or_create(&Outcome { site, outcome, status }).inc();
    }

    /// `count` slots of a page had this `outcome`: `printed`, or the name of a reason.
    pub fn slots(&self, site: &Arc<str>, outcome: &'static str, count: usize) {
        if count > 0 {
            let slot = Slot { site: Arc::clone(site), outcome };
            self.0.slots.get_or_create(&slot).inc_by(count as u64);
        }
    }

    /// A woven page: `same` as the one that was remembered, `close` to it, and so on.
    pub fn page(&self, site: &Arc<str>, met: &'static str) {
        self.0.pages.get_or_create(&Page { site: Arc::clone(site), met }).inc();
    }

    /// A look at a site's content: `loaded`, `unchanged`, or why it failed.
    pub fn load(&self, site: &Arc<str>, result: &'static str) {
        self.0.loads.get_or_create(&Load { site: Arc::clone(site), result }).inc();
    }

    /// A webhook: `accepted`, `repeated`, or why it was refused.
    pub fn hook(&self, site: &Arc<str>, result: &'static str) {
        self.0.hooks.get_or_create(&Load { site: Arc::clone(site), result }).inc();
    }

    /// How often slots of `site` had this `outcome` so far.
    pub fn slots_of(&self, site: &Arc<str>, outcome: &'static str) -> u64 {
        let slot = Slot { site: Arc::clone(site), outcome };
        self.0.slots.get(&slot).map_or(0, |counter| counter.get())
    }

    /// Everything in the text format of OpenMetrics 1.0, with what `more` registers at this moment.
    ///
    /// # Errors
    /// Never, but for a failure to write to memory.
    pub fn render(&self, more: impl FnOnce(&mut Registry)) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        prometheus_client::encoding::text::encode_registry(&mut text, &self.0.registry)?;
        let mut moment = Registry::with_prefix("overprint");
        more(&mut moment);
        encode(&mut text, &moment)?;
        Ok(text)
    }
}

fn class(status: u16) -> &'static str {
    match status / 100 {
        1 => "1xx",
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        _ => "5xx",
    }
}
