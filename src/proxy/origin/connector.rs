//! The way to a new connection to an origin: within a limit, verified by the machine's roots, and
//! watched for what a failed request may be excused by.

use std::error::Error as StdError;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::Uri;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls_platform_verifier::BuilderVerifierExt;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tower_service::Service;

/// Makes connections, handshake included, within a limit.
#[derive(Clone)]
pub(super) struct Connector {
    inner: HttpsConnector<HttpConnector>,
    limit: Duration,
}

impl Connector {
    /// # Errors
    /// When the machine's trusted roots cannot be read.
    pub(super) fn new(limit: Duration) -> Result<Self, rustls::Error> {
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        let tls = ClientConfig::builder_with_provider(provider.into())
            .with_safe_default_protocol_versions()?
            .with_platform_verifier()?
            .with_no_client_auth();
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_nodelay(true);
        http.set_keepalive(Some(Duration::from_secs(60)));
        let inner = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .wrap_connector(http);
        Ok(Self { inner, limit })
    }

    /// A new connection to `origin`.
    ///
    /// # Errors
    /// [`ConnectTimeout`], or why there is none.
    pub(super) async fn connect(&self, origin: Uri) -> Result<Watched, BoxError> {
        // The connector is asked by way of a copy, as its trait wants it: two reference counts.
        let connecting = self.inner.clone().call(origin);
        let io = timeout(self.limit, connecting).await.map_err(|_| ConnectTimeout)??;
        Ok(Watched { io: TokioIo::new(io), usage: Usage::default() })
    }
}

#[derive(Debug)]
pub(super) struct ConnectTimeout;

impl std::fmt::Display for ConnectTimeout {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the origin did not take the connection within `timeouts.connect`")
    }
}

impl StdError for ConnectTimeout {}

pub(super) type BoxError = Box<dyn StdError + Send + Sync>;

/// What a connection was used for so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Usage(Arc<Flags>);

#[derive(Debug, Default)]
struct Flags {
    /// Something was written after something was read: it has served a request before this one.
    reused: AtomicBool,
    /// Something was read since the last write.
    answering: AtomicBool,
}

impl Usage {
    /// Whether it had served before, and nothing was read of the answer to its last request.
    pub(super) fn is_stale(&self) -> bool {
        self.0.reused.load(Relaxed) && !self.0.answering.load(Relaxed)
    }

    fn wrote(&self) {
        if self.0.answering.swap(false, Relaxed) {
            self.0.reused.store(true, Relaxed);
        }
    }
}

/// A connection that keeps its [`Usage`].
pub(super) struct Watched {
    io: TokioIo<MaybeHttpsStream<TokioIo<TcpStream>>>,
    usage: Usage,
}

impl Watched {
    pub(super) fn usage(&self) -> Usage {
        self.usage.clone()
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.io).poll_read(cx, buf);
        if buf.filled().len() > before {
            self.usage.0.answering.store(true, Relaxed);
        }
        read
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.usage.wrote();
        Pin::new(&mut self.io).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.usage.wrote();
        Pin::new(&mut self.io).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}
