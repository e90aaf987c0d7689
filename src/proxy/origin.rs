//! The way to the origin: pooled connections, each phase timed, one safe retry.

mod connector;

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::http::Extensions;
use hyper::{Method, Request, Response};
use hyper_util::client::legacy::{self, Client};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::time::sleep;
use tracing::warn;

use super::config::{Limits, Timeouts};
use super::error::{Failure, OriginFault, Wait};
use super::upload::{OriginBody, Progress};
use connector::{ConnectTimeout, Connector, Usage};

/// What is read of an answer at a time; also the largest head that an origin may send, as it is in
/// HAProxy (`tune.bufsize`). Each download under way holds a few of these.
const READ: usize = 16 << 10;

/// A client for every origin.
#[derive(Clone)]
pub(crate) struct OriginClient {
    pooled: Client<Connector, OriginBody>,
    /// Keeps nothing: for the retry, which must not meet another connection that is closing.
    fresh: Client<Connector, OriginBody>,
    first_byte: Duration,
}

impl OriginClient {
    /// # Errors
    /// When the machine's trusted roots cannot be read.
    pub(crate) fn new(timeouts: &Timeouts, limits: &Limits) -> Result<Self, rustls::Error> {
        let connector = Connector::new(timeouts.connect)?;
        let build = |idle: usize| {
            Client::builder(TokioExecutor::new())
                .timer(TokioTimer::new())
                .pool_timer(TokioTimer::new())
                .pool_idle_timeout(timeouts.pool_idle)
                .pool_max_idle_per_host(idle)
                .set_host(false)
                .http1_read_buf_exact_size(READ)
                .build(connector.clone())
        };
        Ok(Self { pooled: build(limits.pool), fresh: build(0), first_byte: timeouts.first_byte })
    }

    /// Sends a request and waits for the head of its answer. A request that may safely be repeated
    /// is, once, when its connection turns out to be closed before a byte of the answer.
    ///
    /// # Errors
    /// What the visitor is told.
    pub(crate) async fn send(
        &self,
        head: Request<()>,
        body: OriginBody,
        progress: Option<Progress>,
    ) -> Result<Response<Incoming>, Failure> {
        let again = is_repeatable(head.method()) && matches!(body, OriginBody::Empty);
        let second = again.then(|| head.clone());
        match (self.attempt(&self.pooled, head.map(|()| body), progress).await, second) {
            (Err(Lost::Stale), Some(head)) => {
                let request = head.map(|()| OriginBody::Empty);
                self.attempt(&self.fresh, request, None).await.map_err(Failure::from)
            }
            (sent, _) => sent.map_err(Failure::from),
        }
    }

    async fn attempt(
        &self,
        client: &Client<Connector, OriginBody>,
        request: Request<OriginBody>,
        mut progress: Option<Progress>,
    ) -> Result<Response<Incoming>, Lost> {
        let answer = client.request(request);
        let late = async {
            if let Some(progress) = &mut progress {
                progress.finished().await;
            }
            sleep(self.first_byte).await;
        };
        let answer = tokio::select! {
            biased;
            answer = answer => answer,
            () = late => return Err(Failure::GatewayTimeout(Wait::FirstByte).into()),
        };
        let error = match answer {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        if let Some(fault) = progress.as_ref().and_then(Progress::fault) {
            return Err(fault.into());
        }
        let causes: Vec<_> = causes(&error).skip(1).map(ToString::to_string).collect();
        warn!(target: "overprint::origin", error = %causes.join(": "), "the origin gave no answer");
        Err(lost(&error))
    }
}

/// Why there is no answer.
enum Lost {
    /// A connection that had served before was closed, and not a byte of this answer was seen.
    Stale,
    Otherwise(Failure),
}

impl From<Failure> for Lost {
    fn from(failure: Failure) -> Self {
        Self::Otherwise(failure)
    }
}

impl From<Lost> for Failure {
    fn from(lost: Lost) -> Self {
        match lost {
            Lost::Stale => Self::BadGateway(OriginFault::Closed),
            Lost::Otherwise(failure) => failure,
        }
    }
}

fn lost(error: &legacy::Error) -> Lost {
    let failure = failure(error);
    let mut extensions = Extensions::new();
    if let Some(connection) = error.connect_info() {
        connection.get_extras(&mut extensions);
    }
    let stale = extensions.get::<Usage>().is_some_and(Usage::is_stale);
    if stale && failure == Failure::BadGateway(OriginFault::Closed) {
        return Lost::Stale;
    }
    failure.into()
}

/// Methods whose request may reach the origin twice without harm (RFC 9110 §9.2.2).
fn is_repeatable(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE)
}

/// What a failed exchange with the origin is called.
fn failure(error: &legacy::Error) -> Failure {
    if causes(error).any(|cause| cause.is::<ConnectTimeout>()) {
        return Failure::GatewayTimeout(Wait::Connect);
    }
    if causes(error).any(is_local) {
        return Failure::Unavailable { retry_after: Some(Duration::from_secs(1)) };
    }
    let fault = if error.is_connect() { connect_fault(error) } else { exchange_fault(error) };
    Failure::BadGateway(fault)
}

/// Whether this machine, and not the origin, has run out: of descriptors, ports or memory.
fn is_local(cause: &(dyn StdError + 'static)) -> bool {
    const ENOMEM: i32 = 12;
    const ENFILE: i32 = 23;
    const EMFILE: i32 = 24;
    const EADDRNOTAVAIL: i32 = 99;
    const ENOBUFS: i32 = 105;
    let code = cause.downcast_ref::<io::Error>().and_then(io::Error::raw_os_error);
    matches!(code, Some(ENOMEM | ENFILE | EMFILE | EADDRNOTAVAIL | ENOBUFS))
}

fn connect_fault(error: &legacy::Error) -> OriginFault {
    if causes(error).any(is_tls) {
        OriginFault::Tls
    } else if causes(error).any(|cause| cause.to_string().contains("dns error")) {
        OriginFault::Unresolved
    } else {
        OriginFault::Unreachable
    }
}

/// Whether a cause is of TLS, which io errors wrap, in each other too.
fn is_tls(cause: &(dyn StdError + 'static)) -> bool {
    let wrapped = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    cause.is::<rustls::Error>() || wrapped.is_some_and(|inner| is_tls(inner))
}

fn exchange_fault(error: &legacy::Error) -> OriginFault {
    let malformed = |cause: &(dyn StdError + 'static)| {
        cause.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_parse)
    };
    if causes(error).any(malformed) { OriginFault::Malformed } else { OriginFault::Closed }
}

fn causes<'a>(error: &'a legacy::Error) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    let mut next: Option<&'a (dyn StdError + 'static)> = Some(error);
    std::iter::from_fn(move || {
        let error = next?;
        next = error.source();
        Some(error)
    })
}
