//! The way to the origin: pooled connections, each phase timed, one safe retry.

mod attention;
mod connection;
mod connector;
mod fault;
mod incoming;
mod pool;
mod uploading;

use std::sync::Arc;
use std::time::Duration;

use hyper::body::Body;
use hyper::{Method, Request, Response};
use tokio::time::{Instant, sleep};
use tracing::warn;

use super::config::Timeouts;
use super::error::{Failure, OriginFault, Wait};
use super::upload::{OriginBody, Progress};
use crate::serve::Timer;
use connection::Connection;
use connector::Connector;
use fault::Fault;
use incoming::Lease;

pub(crate) use incoming::Incoming;
pub(crate) use pool::{Pool, Pools};

/// A client for every origin.
pub(crate) struct OriginClient {
    connector: Connector,
    first_byte: Duration,
}

/// When an exchange must be over, and what wakes whoever waits until then.
#[derive(Clone, Copy)]
pub(crate) struct Patience<'a> {
    pub(crate) deadline: Instant,
    pub(crate) timer: &'a Timer,
}

impl OriginClient {
    /// # Errors
    /// When the machine's trusted roots cannot be read.
    pub(crate) fn new(timeouts: &Timeouts) -> Result<Self, rustls::Error> {
        let connector = Connector::new(timeouts.connect)?;
        Ok(Self { connector, first_byte: timeouts.first_byte })
    }

    /// Sends a request and waits for the head of its answer. A request that may safely be repeated
    /// is, once, when its connection turns out to be closed before a byte of the answer. `head`
    /// makes its head, as often as it is sent.
    ///
    /// # Errors
    /// What the visitor is told.
    pub(crate) async fn send(
        &self,
        pool: &Arc<Pool>,
        head: impl Fn() -> Result<Request<()>, Failure>,
        body: OriginBody,
        progress: Option<Progress>,
        patience: Patience<'_>,
    ) -> Result<Response<Incoming>, Failure> {
        let first = head()?.map(|()| body);
        let again = is_repeatable(first.method()) && first.body().is_end_stream();
        match self.attempt(pool, pool.take(), first, progress, patience).await {
            Err(Lost::Stale) if again => {
                // On a fresh connection: a kept one may be another that is closing.
                let second = head()?.map(|()| OriginBody::Empty);
                let sent = Box::pin(self.attempt(pool, None, second, None, patience)).await;
                sent.map_err(Failure::from)
            }
            sent => sent.map_err(Failure::from),
        }
    }

    /// Tries once, on `kept` if it is there and still open.
    async fn attempt(
        &self,
        pool: &Arc<Pool>,
        kept: Option<Box<Connection>>,
        request: Request<OriginBody>,
        mut progress: Option<Progress>,
        patience: Patience<'_>,
    ) -> Result<Response<Incoming>, Lost> {
        let Patience { deadline, timer } = patience;
        let sent = self.exchange(pool, kept, request);
        let answer = match &mut progress {
            None => timer.limit(deadline.min(Instant::now() + self.first_byte), sent).await,
            Some(progress) => {
                let either = Box::pin(self.after_upload(progress, sent));
                timer.limit(deadline, either).await.flatten()
            }
        };
        let fault = match answer {
            Some(Ok(answer)) => return Ok(answer),
            Some(Err(fault)) => fault,
            None => return Err(Failure::GatewayTimeout(Wait::FirstByte).into()),
        };
        if let Some(failure) = progress.as_ref().and_then(Progress::fault) {
            return Err(failure.into());
        }
        warn!(target: "overprint::origin", error = fault.describe(), "the origin gave no answer");
        Err(lost(&fault))
    }

    /// What `sent` gives, unless the origin has been told everything and is waited for too long.
    async fn after_upload<T>(
        &self,
        progress: &mut Progress,
        sent: impl Future<Output = T>,
    ) -> Option<T> {
        let late = async {
            progress.finished().await;
            sleep(self.first_byte).await;
        };
        tokio::select! {
            biased;
            answer = sent => Some(answer),
            () = late => None,
        }
    }

    /// Asks on `kept`, on another that was kept if it had ended before anything was sent, or on a
    /// new connection.
    async fn exchange(
        &self,
        pool: &Arc<Pool>,
        mut kept: Option<Box<Connection>>,
        mut request: Request<OriginBody>,
    ) -> Result<Response<Incoming>, Fault> {
        loop {
            let is_new = kept.is_none();
            let connection = match kept {
                Some(connection) => connection,
                None => Box::pin(self.connect(pool)).await?,
            };
            match ask(Lease::new(connection, pool), request).await {
                Err(Fault::Unsent(unsent, _)) if !is_new => request = *unsent,
                answer => return answer,
            }
            kept = pool.take();
        }
    }

    async fn connect(&self, pool: &Pool) -> Result<Box<Connection>, Fault> {
        let io = self.connector.connect(pool.origin.clone()).await.map_err(Fault::Connect)?;
        Ok(Box::new(Connection::open(io).await?))
    }
}

/// Asks on a connection, and has it driven until the answer has ended. Futures of what is rare are
/// boxed here and above: their size is paid for by every request.
async fn ask(mut lease: Lease, request: Request<OriginBody>) -> Result<Response<Incoming>, Fault> {
    if !request.body().is_end_stream() {
        return Box::pin(uploading::ask(lease, request)).await;
    }
    let usage = lease.connection.usage().clone();
    match lease.connection.ask(request).await {
        Ok(answer) => Ok(answer.map(|body| Incoming::on(lease, body))),
        Err(unanswered) => Err(Fault::unanswered(unanswered, usage)),
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

fn lost(fault: &Fault) -> Lost {
    let failure = fault.failure();
    if fault.is_stale() && failure == Failure::BadGateway(OriginFault::Closed) {
        return Lost::Stale;
    }
    failure.into()
}

/// Methods whose request may reach the origin twice without harm (RFC 9110 §9.2.2).
fn is_repeatable(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE)
}
