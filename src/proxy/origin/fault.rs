//! What went wrong on the way to the origin, and what the visitor is told of it.

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

use hyper::Request;

use super::connection::Unanswered;
use super::connector::{BoxError, ConnectTimeout, Usage};
use crate::proxy::error::{Failure, OriginFault, Wait};
use crate::proxy::upload::OriginBody;

/// Why a request has no answer.
pub(super) enum Fault {
    /// There is no connection.
    Connect(BoxError),
    /// It had ended before anything of the request was sent, which is here.
    Unsent(Box<Request<OriginBody>>, hyper::Error),
    /// It broke off; what it was used for.
    Exchange(hyper::Error, Usage),
    /// Whoever drove the connection is gone, which is a mistake here.
    Undriven,
}

impl Fault {
    pub(super) fn unanswered(mut unanswered: Unanswered, usage: Usage) -> Self {
        let request = unanswered.take_message();
        let error = unanswered.into_error();
        match request {
            Some(request) => Self::Unsent(Box::new(request), error),
            None => Self::Exchange(error, usage),
        }
    }

    /// Whether the connection had served before, and nothing was read of this answer.
    pub(super) fn is_stale(&self) -> bool {
        matches!(self, Self::Exchange(_, usage) if usage.is_stale())
    }

    /// What this is called.
    pub(super) fn failure(&self) -> Failure {
        if self.causes().any(|cause| cause.is::<ConnectTimeout>()) {
            return Failure::GatewayTimeout(Wait::Connect);
        }
        if self.causes().any(is_local) {
            return Failure::Unavailable { retry_after: Some(Duration::from_secs(1)) };
        }
        Failure::BadGateway(match self {
            Self::Connect(_) => self.connect_fault(),
            Self::Unsent(..) | Self::Exchange(..) | Self::Undriven => self.exchange_fault(),
        })
    }

    /// For the log.
    pub(super) fn describe(&self) -> String {
        self.causes().map(ToString::to_string).collect::<Vec<_>>().join(": ")
    }

    fn connect_fault(&self) -> OriginFault {
        if self.causes().any(is_tls) {
            OriginFault::Tls
        } else if self.causes().any(|cause| cause.to_string().contains("dns error")) {
            OriginFault::Unresolved
        } else {
            OriginFault::Unreachable
        }
    }

    fn exchange_fault(&self) -> OriginFault {
        let malformed = |cause: &(dyn StdError + 'static)| {
            cause.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_parse)
        };
        if self.causes().any(malformed) { OriginFault::Malformed } else { OriginFault::Closed }
    }

    fn causes(&self) -> impl Iterator<Item = &(dyn StdError + 'static)> {
        let mut next: Option<&(dyn StdError + 'static)> = match self {
            Self::Connect(error) => Some(&**error),
            Self::Unsent(_, error) | Self::Exchange(error, _) => Some(error),
            Self::Undriven => None,
        };
        std::iter::from_fn(move || {
            let error = next?;
            next = error.source();
            Some(error)
        })
    }
}

impl From<hyper::Error> for Fault {
    fn from(error: hyper::Error) -> Self {
        Self::Exchange(error, Usage::default())
    }
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

/// Whether a cause is of TLS, which io errors wrap, in each other too.
fn is_tls(cause: &(dyn StdError + 'static)) -> bool {
    let wrapped = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    cause.is::<rustls::Error>() || wrapped.is_some_and(|inner| is_tls(inner))
}
