//! Faults, and the orders for them.

use std::sync::{Arc, Mutex};

use tokio::sync::watch;

use crate::support::Gate;

/// What happens instead of an answer in order. A request is read to its end first; unless said
/// otherwise, the store does not do what it asks.
#[derive(Debug, Clone)]
pub(crate) enum Fault {
    /// This status, with an error in XML.
    Status(u16),
    /// No answer before the store is healed or stopped. Then it is served, unless the client left.
    Hang,
    /// A RST before any byte of an answer.
    Reset,
    /// The request is served, but of its answer there comes a RST.
    Lost,
    /// The request is served, but of the answer's body there come as many bytes, then a RST.
    ResetMidBody(usize),
    /// The same, but in order: a FIN.
    Truncate(usize),
    /// A 200 that is someone else's page, under the object's ETag.
    Garbage,
    /// Bytes that are no HTTP, then a FIN.
    NotHttp,
    /// A 301 to this location.
    Redirect(String),
    /// A 200 in chunks that go on until the client leaves, or for 256 MiB; it never completes.
    Endless,
    /// The request is served once the gate is open.
    Held(Gate),
}

/// A fault that was not said yet. It lasts until [`super::S3::heal`].
#[must_use = "nothing fails before it is said how: call `fault`"]
pub(crate) struct Order<'a> {
    faults: &'a Faults,
    rule: Rule,
}

impl Order<'_> {
    /// For this many requests, and no longer.
    pub(crate) fn times(mut self, count: usize) -> Self {
        self.rule.left = Some(count);
        self
    }

    pub(crate) fn fault(self, fault: Fault) {
        self.faults.0.orders.lock().unwrap().push((self.rule, fault));
    }
}

/// Which requests meet a fault.
struct Rule {
    method: String,
    key: String,
    left: Option<usize>,
}

impl Rule {
    /// Whether it meets this request, which then counts.
    fn meets(&mut self, method: &str, key: &str) -> bool {
        let meets = self.left != Some(0)
            && (self.method.is_empty() || self.method == method)
            && key.contains(&self.key);
        if meets && let Some(left) = &mut self.left {
            *left -= 1;
        }
        meets
    }
}

/// All orders, in order. Clones are the same.
#[derive(Clone, Default)]
pub(super) struct Faults(Arc<Shared>);

#[derive(Default)]
struct Shared {
    orders: Mutex<Vec<(Rule, Fault)>>,
    healed: watch::Sender<()>,
}

impl Faults {
    pub(super) fn on(&self, method: &str, key: &str) -> Order<'_> {
        let (method, key) = (method.to_owned(), key.to_owned());
        Order { faults: self, rule: Rule { method, key, left: None } }
    }

    pub(super) fn heal(&self) {
        let mut orders = self.0.orders.lock().unwrap();
        orders.clear();
        self.0.healed.send_replace(());
    }

    /// The fault that a request meets.
    pub(super) fn met_by(&self, method: &str, key: &str) -> Option<Met> {
        let mut orders = self.0.orders.lock().unwrap();
        let met = orders.iter_mut().find_map(|(rule, fault)| {
            let meets = rule.meets(method, key);
            meets.then(|| fault.clone())
        });
        met.map(|fault| Met { fault, healed: self.0.healed.subscribe() })
    }
}

/// A fault, and when it is over.
pub(super) struct Met {
    pub(super) fault: Fault,
    healed: watch::Receiver<()>,
}

impl Met {
    pub(super) async fn healed(mut self) {
        // An error says that the store is gone, and with it the connection.
        let _ = self.healed.changed().await;
    }
}
