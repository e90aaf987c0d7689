//! The way to the origin: pooled connections, each phase timed, one safe retry.

use std::error::Error as StdError;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::Incoming;
use hyper::{Method, Request, Response, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{self, Client};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::ClientConfig;
use rustls_platform_verifier::BuilderVerifierExt;
use tokio::time::{sleep, timeout};
use tower_service::Service;
use tracing::warn;

use super::config::{Limits, Timeouts};
use super::error::{Failure, OriginFault, Wait};
use super::upload::{OriginBody, Progress};

/// What is read of an answer at a time; also the largest head that an origin may send, as it is in
/// HAProxy (`tune.bufsize`). Each download under way holds a few of these.
const READ: usize = 16 << 10;

/// A client for every origin.
#[derive(Clone)]
pub(crate) struct OriginClient {
    pooled: Client<Timed, OriginBody>,
    /// Keeps nothing: for the retry, which must not meet another connection that is closing.
    fresh: Client<Timed, OriginBody>,
    first_byte: Duration,
}

impl OriginClient {
    /// # Errors
    /// When the machine's trusted roots cannot be read.
    pub(crate) fn new(timeouts: &Timeouts, limits: &Limits) -> Result<Self, rustls::Error> {
        let connector = Timed { inner: connector()?, limit: timeouts.connect };
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
            (Err(Failure::BadGateway(OriginFault::Closed)), Some(head)) => {
                self.attempt(&self.fresh, head.map(|()| OriginBody::Empty), None).await
            }
            (sent, _) => sent,
        }
    }

    async fn attempt(
        &self,
        client: &Client<Timed, OriginBody>,
        request: Request<OriginBody>,
        mut progress: Option<Progress>,
    ) -> Result<Response<Incoming>, Failure> {
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
            () = late => return Err(Failure::GatewayTimeout(Wait::FirstByte)),
        };
        answer.map_err(|error| {
            let client = progress.as_ref().and_then(Progress::fault);
            client.unwrap_or_else(|| {
                let causes: Vec<_> = causes(&error).skip(1).map(ToString::to_string).collect();
                warn!(target: "overprint::origin", error = %causes.join(": "), "the origin gave no answer");
                failure(&error)
            })
        })
    }
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

fn connector() -> Result<HttpsConnector<HttpConnector>, rustls::Error> {
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let tls = ClientConfig::builder_with_provider(provider.into())
        .with_safe_default_protocol_versions()?
        .with_platform_verifier()?
        .with_no_client_auth();
    let mut http = HttpConnector::new();
    http.enforce_http(false);
    http.set_nodelay(true);
    http.set_keepalive(Some(Duration::from_secs(60)));
    Ok(HttpsConnectorBuilder::new()
        .with_tls_config(tls)
        .https_or_http()
        .enable_http1()
        .wrap_connector(http))
}

/// A connector whose connections, handshake included, are made within a limit.
#[derive(Clone)]
struct Timed {
    inner: HttpsConnector<HttpConnector>,
    limit: Duration,
}

#[derive(Debug)]
struct ConnectTimeout;

impl std::fmt::Display for ConnectTimeout {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the origin did not take the connection within `timeouts.connect`")
    }
}

impl StdError for ConnectTimeout {}

type BoxError = Box<dyn StdError + Send + Sync>;

impl Service<Uri> for Timed {
    type Response = <HttpsConnector<HttpConnector> as Service<Uri>>::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connecting = timeout(self.limit, self.inner.call(uri));
        Box::pin(async move { connecting.await.map_err(|_| ConnectTimeout)? })
    }
}
