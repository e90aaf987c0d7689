//! A visitor's request, from its head to the last byte of the answer.
//!
//! Knows HTTP, the origins, and how to have a page woven. Knows nothing of where content comes
//! from: it reads a live snapshot, and waits for one only where a site is visited for the first time.

mod access;
mod answer;
mod asked;
mod coding;
mod conditional;
mod config;
mod decision;
mod error;
mod exchange;
mod forwarded;
mod hook;
mod hop;
mod host;
mod locale;
mod mapping;
mod origin;
mod percent;
mod pieces;
mod recall;
mod request;
mod rewrite;
mod site;
mod told;
mod tunnel;
mod upload;
mod variables;
mod visit;
mod woven;

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;

use encoding_rs::Encoding;
use hyper::service::Service;
use hyper::{HeaderMap, Request, Response, StatusCode};
use ipnet::IpNet;

pub use config::{
    Alternates, Base, Config, HostHeader, HostPattern, Limits, LocaleConfig, LocaleSource, Origin,
    PathPattern, Segment, Site, Timeouts, Variable, VariableSource,
};

use crate::live::Reader;
use crate::metrics::Metrics;
use crate::serve::{self, Drain, Timer, Upload};
use crate::weave::{Budget, Memory};
use crate::webhook::{Receiver, Secrets};
use answer::Answer;
use exchange::Exchange;
use forwarded::{Peer, is_trusted};
use hook::{Hook, Hooks};
use host::SiteTable;
use origin::{OriginClient, Pools};

/// The proxy, ready to answer.
#[derive(Clone)]
pub(crate) struct Proxy(Arc<Shared>);

/// What all connections have in common.
struct Shared {
    sites: SiteTable<Arc<site::Site>>,
    client: OriginClient,
    timeouts: Timeouts,
    limits: Limits,
    trusted: Vec<IpNet>,
    hooks: Hooks,
    drain: Drain,
    metrics: Metrics,
    /// None where pages are not to be remembered.
    memory: Option<Memory>,
}

/// A site's content, and who may say that there is more of it.
pub(crate) struct Content {
    pub(crate) reader: Reader,
    /// Without secrets the site has no hook.
    pub(crate) secrets: Option<Secrets>,
}

impl Proxy {
    /// A proxy for `config`'s sites, the content of each taken from the same place of `content`.
    ///
    /// # Errors
    /// When the machine's trusted certificate roots cannot be read.
    pub(crate) fn new(
        config: Config,
        content: Vec<Content>,
        drain: Drain,
        metrics: Metrics,
    ) -> Result<Self, rustls::Error> {
        let lookback = Budget::new(config.limits.lookback);
        let mut pools = Pools::new(&config.timeouts, &config.limits);
        let mut hooks = Vec::new();
        let mut sites = Vec::new();
        for (site, Content { reader, secrets }) in config.sites.iter().zip(content) {
            let max_slot = config.limits.max_slot;
            let pool = pools.of(&site.origin);
            let lookback = Arc::clone(&lookback);
            let served = site::Site::new(site, pool, max_slot, lookback, reader.clone());
            let name = Arc::clone(&served.name);
            hooks.extend(secrets.map(|secrets| Hook::new(name, Receiver::new(secrets), reader)));
            sites.push((site.hosts.clone(), Arc::new(served)));
        }
        Ok(Self(Arc::new(Shared {
            sites: sites.into_iter().collect(),
            client: OriginClient::new(&config.timeouts)?,
            timeouts: config.timeouts,
            limits: config.limits,
            trusted: config.trusted,
            hooks: Hooks::new(hooks, metrics.clone()),
            memory: Memory::new(config.limits.memory),
            drain,
            metrics,
        })))
    }

    /// The pages that are remembered; none where none are to be.
    pub(crate) fn memory(&self) -> Option<Memory> {
        self.0.memory.clone()
    }

    /// The answer to a head that never became a request.
    pub(crate) fn refusal(status: StatusCode, peer: serve::Peer) -> Vec<u8> {
        error::refuse(status, peer.addr.ip().to_canonical())
    }

    /// What answers the requests of one connection.
    pub(crate) fn connection(&self, peer: serve::Peer) -> ConnectionService {
        let address = peer.addr.ip().to_canonical();
        let trusted = is_trusted(&self.0.trusted, address);
        let peer = Peer { address, tls: false, trusted };
        ConnectionService { shared: Arc::clone(&self.0), peer, timer: Timer::default() }
    }
}

/// Answers the requests of one connection.
pub(crate) struct ConnectionService {
    shared: Arc<Shared>,
    peer: Peer,
    timer: Timer,
}

impl Service<Request<Upload>> for ConnectionService {
    type Response = Response<Answer>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn call(&self, request: Request<Upload>) -> Self::Future {
        let (shared, timer) = (Arc::clone(&self.shared), self.timer.clone());
        let exchange = Exchange::new(shared, self.peer, timer, &request);
        Box::pin(async move { Ok(exchange.run(request).await) })
    }
}

/// Which charset a page with this head is said to be in, if it would be woven.
///
/// # Errors
/// The name of the reason why it would be passed on.
pub(crate) fn charset_of(
    status: StatusCode,
    headers: &HeaderMap,
) -> Result<Option<&'static Encoding>, &'static str> {
    decision::decide(status, headers).map(|readable| readable.charset).map_err(|pass| pass.name())
}
