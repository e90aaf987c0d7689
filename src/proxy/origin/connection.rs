//! One connection to an origin, driven by whoever waits for it.
//!
//! hyper's connection is a future of its own, meant for a task of its own; then every step of an
//! answer wakes one task to wake the other. A visitor who is answered waits for the origin anyway, so
//! the connection is polled where its answer is: one task, and what the origin has sent goes on
//! together.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use hyper::Request;
use hyper::body::Incoming;
use hyper::client::conn::TrySendError;
use hyper::client::conn::http1::{Builder, SendRequest};
use hyper::{Response, StatusCode};
use hyper_util::rt::TokioIo;
use tracing::debug;

use super::attention::Attention;
use super::connector::{Usage, Watched};
use crate::proxy::upload::OriginBody;

/// What is read of an answer at a time; also the largest head that an origin may send, as it is in
/// HAProxy (`tune.bufsize`). Each download under way holds a few of these.
const READ: usize = 16 << 10;

/// A request that was not answered; with the request itself where nothing of it was sent.
pub(super) type Unanswered = TrySendError<Request<OriginBody>>;

/// An open connection.
pub(super) struct Connection {
    /// Gone when the connection has ended.
    driver: Option<Pin<Box<dyn Future<Output = hyper::Result<()>> + Send>>>,
    sender: SendRequest<OriginBody>,
    attention: Arc<Attention>,
    /// `attention`, as what the driver wakes.
    waker: Waker,
    usage: Usage,
}

impl Connection {
    /// # Errors
    /// hyper's, which has none here.
    pub(super) async fn open(io: Watched) -> hyper::Result<Self> {
        let usage = io.usage();
        let (sender, driver) =
            Builder::new().read_buf_exact_size(Some(READ)).handshake(TokioIo::new(io)).await?;
        let attention = Arc::new(Attention::default());
        let waker = Waker::from(Arc::clone(&attention));
        let driver = Some(Box::pin(driver.with_upgrades()) as _);
        Ok(Self { driver, sender, attention, waker, usage })
    }

    pub(super) fn usage(&self) -> &Usage {
        &self.usage
    }

    /// Whether it can take a request, the last one answered and gone.
    pub(super) fn is_ready(&self) -> bool {
        self.sender.is_ready()
    }

    /// Sends `request` and waits for the head of its answer.
    ///
    /// # Errors
    /// When the connection ends before that.
    pub(super) async fn ask(
        &mut self,
        request: Request<OriginBody>,
    ) -> Result<Response<Incoming>, Unanswered> {
        // Polled without a waker, it must not be put off for having been polled often.
        let sent = tokio::task::unconstrained(self.sender.try_send_request(request));
        let mut sent = std::pin::pin!(sent);
        let answer = std::future::poll_fn(|cx| self.wait(cx, |cx| sent.as_mut().poll(cx))).await?;
        if answer.status() == StatusCode::SWITCHING_PROTOCOLS {
            self.let_go();
        }
        Ok(answer)
    }

    /// Waits for something that nothing but this connection makes ready. `what` is polled without a
    /// waker, since the one who waits is who drives.
    pub(super) fn wait<T>(
        &mut self,
        cx: &mut Context<'_>,
        mut what: impl FnMut(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        let unwoken = &mut Context::from_waker(Waker::noop());
        self.attention.begin(cx.waker());
        let mut polled = what(unwoken);
        if polled.is_pending() {
            self.attention.disregard();
            self.drive();
            polled = what(unwoken);
        }
        self.leave(cx, polled.is_pending());
        polled
    }

    /// Waits until it is ready for another request, or has ended.
    pub(super) fn finish(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.attention.begin(cx.waker());
        self.drive();
        let finished = self.driver.is_none() || self.is_ready();
        self.leave(cx, !finished);
        if finished { Poll::Ready(()) } else { Poll::Pending }
    }

    /// Does what can be done without waiting, for nobody.
    pub(super) fn settle(&mut self) {
        self.attention.begin(Waker::noop());
        self.drive();
        self.attention.end();
    }

    /// Nobody waits any more: wakes nobody.
    pub(super) fn rest(&self) {
        self.attention.forget();
    }

    /// What was noted since it was last driven is looked at in another poll.
    fn leave(&self, cx: &Context<'_>, waits: bool) {
        if self.attention.end() && waits {
            cx.waker().wake_by_ref();
        }
    }

    fn drive(&mut self) {
        let Some(driver) = &mut self.driver else { return };
        if let Poll::Ready(ended) = driver.as_mut().poll(&mut Context::from_waker(&self.waker)) {
            if let Err(error) = ended {
                debug!(target: "overprint::origin", %error, "connection failed");
            }
            // What still waits in it is told by this.
            self.driver = None;
        }
    }

    /// It becomes a tunnel, which takes it over as soon as the rest of hyper's work is done.
    fn let_go(&mut self) {
        if let Some(driver) = self.driver.take() {
            tokio::spawn(driver);
        }
    }
}
