//! The composition root: binds, wires, runs, and orders the drain.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tracing::{info, warn};

use crate::admin::Admin;
use crate::config::{Config, SecretSource};
use crate::live::{Reader, Shelf};
use crate::metrics::Metrics;
use crate::proxy::{self, Content, Proxy};
use crate::refresh::Refresh;
use crate::serve::{self, Counters, Drain, Drained, Trigger};
use crate::webhook::Secrets;

/// How long the start waits for content.
const CONTENT_WAIT: Duration = Duration::from_secs(1);

/// A server whose ports are open and whose content is loaded, or being loaded.
pub struct App {
    listeners: Vec<TcpListener>,
    admin: Option<TcpListener>,
    proxy: Proxy,
    refresh: Refresh,
    pages: Admin,
    limits: serve::Config,
    counters: Arc<Counters>,
    drain: Drain,
    trigger: Trigger,
    deadline: Duration,
}

/// Why the server could not start.
#[derive(Debug)]
pub enum StartError {
    /// An address could not be bound.
    Bind(SocketAddr, io::Error),
    /// The operators' address could not be bound.
    Admin(SocketAddr, io::Error),
    /// The certificate roots of this machine could not be read.
    Roots(rustls::Error),
    /// Content cannot be obtained as it is configured.
    Content(String),
    /// A webhook's secret could not be had: the site, and why.
    Secret(String, String),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bind(address, error) => write!(
                f,
                "cannot listen on {address}: {error}; choose another address with --listen or `listen`"
            ),
            Self::Admin(address, error) => {
                write!(f, "cannot listen on {address}: {error}; choose another `admin`")
            }
            Self::Roots(error) => write!(
                f,
                "cannot read this machine's certificate roots: {error}; install them (Debian: ca-certificates)"
            ),
            Self::Content(fault) => write!(f, "content cannot be loaded: {fault}"),
            Self::Secret(site, fault) => {
                write!(f, "site {site}: no secret for its webhook: {fault}")
            }
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
    /// When a port cannot be bound, the machine has no certificate roots, or a secret is missing.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        let (trigger, drain) = Drain::new();
        let mut listeners = Vec::new();
        for address in &config.listen {
            listeners.push(bind(*address).await?);
        }
        let admin = match config.admin {
            Some(address) => {
                let bound = TcpListener::bind(address).await;
                Some(bound.map_err(|error| StartError::Admin(address, error))?)
            }
            None => None,
        };
        let secrets = secrets(&config)?;
        let deadline = config.proxy.timeouts.drain;
        let limits = connection_limits(&config.proxy);
        let (shelf, metrics) = (Shelf::new(config.content.limits.content), Metrics::default());
        let refresh =
            Refresh::start(&config.content, &shelf, &metrics).map_err(StartError::Content)?;
        first_content(&refresh.readers, config.content.limits.preload).await;
        refresh.started();
        let content = refresh.readers.iter().cloned().zip(secrets);
        let content = content.map(|(reader, secrets)| Content { reader, secrets }).collect();
        let proxy = Proxy::new(config.proxy, content, drain.clone(), metrics.clone())
            .map_err(StartError::Roots)?;
        let counters = Arc::new(Counters::default());
        let board = refresh.board.clone();
        let (memory, counted) = (proxy.memory(), Arc::clone(&counters));
        let pages = Admin::new(board, metrics, shelf, memory, counted, drain.clone());
        Ok(Self {
            listeners,
            admin,
            proxy,
            refresh,
            pages,
            limits,
            counters,
            drain,
            trigger,
            deadline,
        })
    }

    /// The addresses that are listened on, ports chosen.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.listeners.iter().filter_map(|listener| listener.local_addr().ok()).collect()
    }

    /// The address of the operator's own pages, port chosen.
    pub fn admin_address(&self) -> Option<SocketAddr> {
        self.admin.as_ref()?.local_addr().ok()
    }

    /// Serves until `shutdown`, then stops accepting and lets what is under way end. `true` if all
    /// of it did before the deadline.
    pub async fn run(self, shutdown: impl Future<Output = ()>) -> bool {
        let mut servers = JoinSet::new();
        for listener in self.listeners {
            let (proxy, drain, counters) =
                (self.proxy.clone(), self.drain.clone(), self.counters.clone());
            let service = move |peer| proxy.connection(peer);
            servers.spawn(serve::run(listener, self.limits, service, drain, counters));
        }
        // Not drained: it is asked how the drain goes, and ends with the process.
        let admin =
            self.admin.map(|listener| tokio::spawn(serve_admin(listener, self.pages, self.limits)));
        shutdown.await;
        info!(deadline = ?self.deadline, "draining: no new connections, open requests may end");
        let drained = self.trigger.drain(self.deadline).await;
        servers.join_all().await;
        if let Some(admin) = admin {
            admin.abort();
        }
        drop(self.refresh);
        report(drained)
    }
}

async fn bind(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).await.map_err(|error| StartError::Bind(address, error))
}

/// Its connections are counted apart from visitors', and it knows no drain.
async fn serve_admin(listener: TcpListener, pages: Admin, limits: serve::Config) {
    let (_trigger, drain) = Drain::new();
    let service = move |_| pages.clone();
    serve::run(listener, limits, service, drain, Arc::default()).await;
}

/// Waits a little for the content of the first `preload` sites. Whatever is not there by then is
/// printed when it is.
async fn first_content(readers: &[Reader], preload: usize) {
    let mut awaited: Vec<_> = readers.iter().take(preload).filter_map(Reader::soon).collect();
    let all = async {
        for soon in &mut awaited {
            soon.get().await;
        }
    };
    let _ = timeout(CONTENT_WAIT, all).await;
}

/// Who may say that something was published, site by site.
fn secrets(config: &Config) -> Result<Vec<Option<Secrets>>, StartError> {
    let named = config.proxy.sites.iter().zip(&config.hooks);
    let read = named.map(|(site, sources)| {
        read_secrets(sources).map_err(|fault| StartError::Secret(site.name.clone(), fault))
    });
    read.collect()
}

/// Reads the secrets that are kept at `sources`; none where there are no sources.
///
/// # Errors
/// What is wrong with them, without a word of what they say.
pub(crate) fn read_secrets(sources: &[SecretSource]) -> Result<Option<Secrets>, String> {
    if sources.is_empty() {
        return Ok(None);
    }
    let (mut places, mut texts) = (Vec::new(), Vec::new());
    for source in sources {
        let (place, text) = match source {
            SecretSource::File(path) => {
                let text = std::fs::read_to_string(path).map_err(|error| error.to_string());
                (path.display().to_string(), text)
            }
            SecretSource::Variable(name) => {
                (name.clone(), std::env::var(name).map_err(|error| error.to_string()))
            }
        };
        texts.push(text.map_err(|error| format!("{place}: {error}"))?);
        places.push(place);
    }
    let secrets = Secrets::parse(&texts.join("\n"));
    secrets.map(Some).map_err(|fault| format!("{}: {fault}", places.join(" and ")))
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
