//! The composition root: binds, wires, runs, and orders the drain.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tracing::{info, warn};

use crate::config::Config;
use crate::content::{Reader, live};
use crate::proxy::{self, Proxy};
use crate::refresh::Watch;
use crate::serve::{self, Counters, Drain, Drained, Trigger};

/// How long the start waits for content.
const CONTENT_WAIT: Duration = Duration::from_secs(1);

/// A server whose ports are open and whose content is loaded, or being loaded.
pub struct App {
    listeners: Vec<TcpListener>,
    proxy: Proxy,
    watches: JoinSet<()>,
    limits: serve::Config,
    drain: Drain,
    trigger: Trigger,
    deadline: Duration,
}

/// Why the server could not start.
#[derive(Debug)]
pub enum StartError {
    /// An address could not be bound.
    Bind(SocketAddr, io::Error),
    /// The certificate roots of this machine could not be read.
    Roots(rustls::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bind(address, error) => write!(
                f,
                "cannot listen on {address}: {error}; choose another address with --listen or `listen`"
            ),
            Self::Roots(error) => write!(
                f,
                "cannot read this machine's certificate roots: {error}; install them (Debian: ca-certificates)"
            ),
        }
    }
}

impl std::error::Error for StartError {}

impl App {
    /// Binds the ports and begins to load the content. Content that is there soon is live from the
    /// first request on; what takes longer, or cannot be loaded, keeps nothing from starting: its
    /// site's pages pass unchanged until it is there.
    ///
    /// # Errors
    /// When a port cannot be bound, or the machine has no certificate roots.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        let (trigger, drain) = Drain::new();
        let mut listeners = Vec::new();
        for address in &config.listen {
            let bound = TcpListener::bind(address).await;
            listeners.push(bound.map_err(|error| StartError::Bind(*address, error))?);
        }
        let deadline = config.proxy.timeouts.drain;
        let limits = connection_limits(&config.proxy);
        let (watches, readers) = content(&config.proxy).await;
        let proxy = Proxy::new(config.proxy, readers, drain.clone()).map_err(StartError::Roots)?;
        Ok(Self { listeners, proxy, watches, limits, drain, trigger, deadline })
    }

    /// The addresses that are listened on, ports chosen.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.listeners.iter().filter_map(|listener| listener.local_addr().ok()).collect()
    }

    /// Serves until `shutdown`, then stops accepting and lets what is under way end. `true` if all
    /// of it did before the deadline.
    pub async fn run(self, shutdown: impl Future<Output = ()>) -> bool {
        let counters = Arc::new(Counters::default());
        let mut servers = JoinSet::new();
        for listener in self.listeners {
            let (proxy, drain, counters) =
                (self.proxy.clone(), self.drain.clone(), counters.clone());
            let service = move |peer| proxy.connection(peer);
            servers.spawn(serve::run(listener, self.limits, service, drain, counters));
        }
        let mut watches = self.watches;
        shutdown.await;
        info!(deadline = ?self.deadline, "draining: no new connections, open requests may end");
        let drained = self.trigger.drain(self.deadline).await;
        watches.abort_all();
        servers.join_all().await;
        report(drained)
    }
}

fn report(drained: Drained) -> bool {
    match drained {
        Drained::Clean => info!("drained: every request was answered"),
        Drained::Deadline(left) => {
            warn!(left, "the drain's deadline passed: what was left was aborted");
        }
    }
    drained == Drained::Clean
}

/// Begins to load every site's content, and waits for it a little; gives what keeps it fresh and
/// what reads it.
async fn content(config: &proxy::Config) -> (JoinSet<()>, Vec<Reader>) {
    let (mut watches, mut readers, mut awaited) = (JoinSet::new(), Vec::new(), Vec::new());
    for site in &config.sites {
        let (publisher, reader) = live();
        if let Some(root) = &site.content {
            let tried = Arc::new(Notify::new());
            let locale = site.default_locale.clone();
            let watch = Watch::new(&site.name, root, locale, publisher, Arc::clone(&tried));
            watches.spawn(watch.run());
            awaited.push(tried);
        }
        readers.push(reader);
    }
    let all = async {
        for tried in awaited {
            tried.notified().await;
        }
    };
    // Whatever is not there by then is published when it is.
    let _ = timeout(CONTENT_WAIT, all).await;
    (watches, readers)
}

/// What hyper cuts off by itself, with a bare answer, is a little beyond what the proxy answers with a
/// page.
fn connection_limits(config: &proxy::Config) -> serve::Config {
    serve::Config {
        head: config.timeouts.head,
        keep_alive: config.timeouts.keep_alive,
        progress: config.timeouts.progress,
        head_bytes: config.limits.head + (8 << 10),
        headers: config.limits.headers + 50,
        refusal: Proxy::refusal,
    }
}
