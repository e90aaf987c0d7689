//! Everything that can keep a visitor from an answer of the origin's: its status, its name in logs,
//! and (in `page`) what the visitor reads.
//!
//! Knows no request and no origin: nothing internal can leak from here.

mod body;
mod page;
mod raw;

pub(crate) use body::BodyFault;
pub(crate) use raw::refuse;

use std::time::Duration;

use hyper::StatusCode;

/// Why the visitor gets an answer of the proxy's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    /// 400: the request is malformed.
    BadRequest(BadRequest),
    /// 405: a method that no reverse proxy serves, which is `CONNECT`.
    MethodNotAllowed,
    /// 408: the client was too slow to send its request.
    Timeout,
    /// 400: the client left in the middle of its request, and will not read this.
    ClientGone,
    /// 413: the request body is over the limit.
    BodyTooLarge,
    /// 417: an expectation other than `100-continue`.
    ExpectationFailed,
    /// 421: no site answers for the host.
    Misdirected,
    /// 431: the request head is over the limit.
    HeadTooLarge,
    /// 500: a mistake in the proxy.
    Internal,
    /// 501: a transfer coding other than `chunked`.
    NotImplemented,
    /// 502: the origin gave no usable answer.
    BadGateway(OriginFault),
    /// 503: the proxy takes no request now.
    Unavailable {
        /// When to come back, if that is known.
        retry_after: Option<Duration>,
    },
    /// 504: the origin was too slow.
    GatewayTimeout(Wait),
    /// 508: the request has come through this proxy before, and again.
    LoopDetected,
}

/// What is wrong with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BadRequest {
    /// Not HTTP/1, or not as RFC 9112 has it.
    Unreadable,
    /// HTTP/1.1 without `Host`.
    HostMissing,
    /// More than one `Host`.
    HostRepeated,
    /// A `Host`, or a target's authority, that names no host.
    HostInvalid,
    /// A request target in a form that its method does not take, or of another scheme.
    TargetInvalid,
    /// A `Content-Length` that is no number.
    ContentLengthInvalid,
    /// Several `Content-Length` values that differ.
    ContentLengthConflict,
    /// A `Transfer-Encoding` that leaves the end of the body unknown.
    TransferEncodingInvalid,
    /// Both `Content-Length` and `Transfer-Encoding`.
    FramingConflict,
}

/// How the origin failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OriginFault {
    /// Its name has no address.
    Unresolved,
    /// It takes no connection.
    Unreachable,
    /// The TLS handshake failed.
    Tls,
    /// The connection ended before the answer's head.
    Closed,
    /// The answer is not HTTP.
    Malformed,
    /// A 101 that nobody asked for.
    UnsolicitedUpgrade,
}

/// What the origin was too slow to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wait {
    /// Take the connection, TLS included.
    Connect,
    /// Send the head of its answer.
    FirstByte,
}

impl Failure {
    /// The status that the visitor sees.
    pub(crate) fn status(self) -> StatusCode {
        match self {
            Self::BadRequest(_) | Self::ClientGone => StatusCode::BAD_REQUEST,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Timeout => StatusCode::REQUEST_TIMEOUT,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::ExpectationFailed => StatusCode::EXPECTATION_FAILED,
            Self::Misdirected => StatusCode::MISDIRECTED_REQUEST,
            Self::HeadTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::NotImplemented => StatusCode::NOT_IMPLEMENTED,
            Self::BadGateway(_) => StatusCode::BAD_GATEWAY,
            Self::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::GatewayTimeout(_) => StatusCode::GATEWAY_TIMEOUT,
            Self::LoopDetected => StatusCode::LOOP_DETECTED,
        }
    }

    /// The name in logs and metrics; stable from release to release.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::BadRequest(reason) => reason.name(),
            Self::MethodNotAllowed => "method_not_allowed",
            Self::Timeout => "client_timeout",
            Self::ClientGone => "client_gone",
            Self::BodyTooLarge => "body_too_large",
            Self::ExpectationFailed => "expectation_failed",
            Self::Misdirected => "misdirected",
            Self::HeadTooLarge => "head_too_large",
            Self::Internal => "internal",
            Self::NotImplemented => "transfer_coding_unknown",
            Self::BadGateway(fault) => fault.name(),
            Self::Unavailable { .. } => "unavailable",
            Self::GatewayTimeout(wait) => wait.name(),
            Self::LoopDetected => "loop_detected",
        }
    }

    /// Whether the client's connection ends with this answer: the end of the request is unknown, or
    /// not worth waiting for.
    pub(crate) fn closes(self) -> bool {
        matches!(
            self,
            Self::BadRequest(_)
                | Self::MethodNotAllowed
                | Self::Timeout
                | Self::ClientGone
                | Self::BodyTooLarge
                | Self::HeadTooLarge
                | Self::NotImplemented
        )
    }
}

impl BadRequest {
    fn name(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::HostMissing => "host_missing",
            Self::HostRepeated => "host_repeated",
            Self::HostInvalid => "host_invalid",
            Self::TargetInvalid => "target_invalid",
            Self::ContentLengthInvalid => "content_length_invalid",
            Self::ContentLengthConflict => "content_length_conflict",
            Self::TransferEncodingInvalid => "transfer_encoding_invalid",
            Self::FramingConflict => "framing_conflict",
        }
    }
}

impl OriginFault {
    fn name(self) -> &'static str {
        match self {
            Self::Unresolved => "origin_unresolved",
            Self::Unreachable => "origin_unreachable",
            Self::Tls => "origin_tls",
            Self::Closed => "origin_closed",
            Self::Malformed => "origin_malformed",
            Self::UnsolicitedUpgrade => "origin_unsolicited_upgrade",
        }
    }
}

impl Wait {
    fn name(self) -> &'static str {
        match self {
            Self::Connect => "origin_connect_timeout",
            Self::FirstByte => "origin_first_byte_timeout",
        }
    }
}

impl From<BadRequest> for Failure {
    fn from(reason: BadRequest) -> Self {
        Self::BadRequest(reason)
    }
}

/// One of each, for tests that must hold for all.
#[cfg(test)]
const ALL: [Failure; 26] = [
    Failure::BadRequest(BadRequest::HostMissing),
    Failure::BadRequest(BadRequest::HostRepeated),
    Failure::BadRequest(BadRequest::HostInvalid),
    Failure::BadRequest(BadRequest::TargetInvalid),
    Failure::BadRequest(BadRequest::ContentLengthInvalid),
    Failure::BadRequest(BadRequest::ContentLengthConflict),
    Failure::BadRequest(BadRequest::TransferEncodingInvalid),
    Failure::BadRequest(BadRequest::FramingConflict),
    Failure::MethodNotAllowed,
    Failure::Timeout,
    Failure::BodyTooLarge,
    Failure::ExpectationFailed,
    Failure::Misdirected,
    Failure::HeadTooLarge,
    Failure::Internal,
    Failure::NotImplemented,
    Failure::BadGateway(OriginFault::Unresolved),
    Failure::BadGateway(OriginFault::Unreachable),
    Failure::BadGateway(OriginFault::Tls),
    Failure::BadGateway(OriginFault::Closed),
    Failure::BadGateway(OriginFault::Malformed),
    Failure::BadGateway(OriginFault::UnsolicitedUpgrade),
    Failure::Unavailable { retry_after: None },
    Failure::GatewayTimeout(Wait::Connect),
    Failure::GatewayTimeout(Wait::FirstByte),
    Failure::LoopDetected,
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_name_is_one_of_its_own_in_snake_case() {
        let mut seen = HashSet::new();
        for failure in ALL {
            let name = failure.name();
            assert!(seen.insert(name), "{name} names two failures");
            assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{name}");
        }
    }

    #[test]
    fn each_failure_has_its_status() {
        for (failure, status) in [
            (Failure::BadRequest(BadRequest::HostMissing), 400),
            (Failure::MethodNotAllowed, 405),
            (Failure::Timeout, 408),
            (Failure::BodyTooLarge, 413),
            (Failure::ExpectationFailed, 417),
            (Failure::Misdirected, 421),
            (Failure::HeadTooLarge, 431),
            (Failure::Internal, 500),
            (Failure::NotImplemented, 501),
            (Failure::BadGateway(OriginFault::Tls), 502),
            (Failure::Unavailable { retry_after: None }, 503),
            (Failure::GatewayTimeout(Wait::Connect), 504),
            (Failure::LoopDetected, 508),
        ] {
            assert_eq!(failure.status().as_u16(), status, "{failure:?}");
        }
    }
}
