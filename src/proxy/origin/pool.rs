//! Idle connections to one origin.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use hyper::Uri;
use tokio::runtime::Handle;
use tokio::time::sleep;

use super::connection::Connection;
use crate::proxy::config::{Limits, Origin, Timeouts};

/// The pools of all origins. Sites of one origin share one.
pub(crate) struct Pools {
    pools: HashMap<Uri, Arc<Pool>>,
    bound: usize,
    patience: Duration,
}

impl Pools {
    pub(crate) fn new(timeouts: &Timeouts, limits: &Limits) -> Self {
        Self { pools: HashMap::new(), bound: limits.pool, patience: timeouts.pool_idle }
    }

    pub(crate) fn of(&mut self, origin: &Origin) -> Arc<Pool> {
        let root = origin.root();
        let (bound, patience) = (self.bound, self.patience);
        let pool = self.pools.entry(root.clone()).or_insert_with(|| {
            Arc::new(Pool { origin: root, idle: Mutex::default(), bound, patience })
        });
        Arc::clone(pool)
    }
}

/// The connections to one origin that wait for a request.
pub(crate) struct Pool {
    /// The origin's root.
    pub(super) origin: Uri,
    idle: Mutex<Idle>,
    bound: usize,
    patience: Duration,
}

#[derive(Default)]
struct Idle {
    /// The one used last is last.
    connections: Vec<(Box<Connection>, Instant)>,
    /// Whether a task looks after them.
    watched: bool,
}

impl Pool {
    /// The connection used last, since the others are nearer to their end.
    pub(super) fn take(&self) -> Option<Box<Connection>> {
        let (connection, since) = self.lock().connections.pop()?;
        (since.elapsed() < self.patience).then_some(connection)
    }

    /// Keeps a connection for the next request; one that is not ready, or is one too many, is closed.
    pub(super) fn put(self: &Arc<Self>, connection: Box<Connection>) {
        if !connection.is_ready() {
            return;
        }
        connection.rest();
        let mut idle = self.lock();
        if idle.connections.len() < self.bound {
            idle.connections.push((connection, Instant::now()));
            self.watch(&mut idle);
        }
    }

    /// Sees to it that connections are closed in time, where no request comes that would notice.
    fn watch(self: &Arc<Self>, idle: &mut Idle) {
        if !idle.watched
            && let Ok(runtime) = Handle::try_current()
        {
            idle.watched = true;
            runtime.spawn(close_in_time(Arc::downgrade(self), self.patience));
        }
    }

    /// Closes what has waited for too long. Whether anything is left.
    fn close_old(&self) -> bool {
        let mut idle = self.lock();
        let young = idle.connections.partition_point(|(_, since)| since.elapsed() >= self.patience);
        let old: Vec<_> = idle.connections.drain(..young).collect();
        idle.watched = !idle.connections.is_empty();
        let left = idle.watched;
        drop(idle);
        drop(old);
        left
    }

    fn lock(&self) -> MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn close_in_time(pool: Weak<Pool>, patience: Duration) {
    loop {
        sleep(patience).await;
        let left = pool.upgrade().is_some_and(|pool| pool.close_old());
        if !left {
            return;
        }
    }
}
