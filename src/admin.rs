//! The operators' own port: whether the process lives and is ready, what each site's pages are
//! printed with, and what was counted.
//!
//! Owns the paths and the form of the answers. Reads what others write and changes nothing. Must
//! not know how content is loaded, nor what a visitor's request means.

mod accept;
mod gauges;
mod page;
mod process;
mod ready;
mod report;
mod site;
#[cfg(test)]
mod tests;
mod words;

use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{
    ALLOW, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap,
    HeaderValue, X_CONTENT_TYPE_OPTIONS,
};
use hyper::service::Service;
use hyper::{Method, Request, Response, StatusCode, Uri};

use crate::live::Shelf;
use crate::metrics::Metrics;
use crate::serve::{Counters, Drain, Upload};
use crate::status::{Board, Status};
use crate::weave::Memory;

/// What answers operators. Cloning shares it; a clone is the service of one connection.
#[derive(Debug, Clone)]
pub(crate) struct Admin(Arc<Known>);

/// Everything the answers are made of.
#[derive(Debug)]
struct Known {
    board: Board,
    metrics: Metrics,
    shelf: Shelf,
    /// None where pages are not to be remembered.
    memory: Option<Memory>,
    counters: Arc<Counters>,
    drain: Drain,
    started: SystemTime,
    /// The same moment, by a clock that nobody sets.
    up: Instant,
}

const TEXT: &str = "text/plain; charset=utf-8";
const JSON: &str = "application/json";
const HTML: &str = "text/html; charset=utf-8";
const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

const PATHS: &str = "\
/healthz      the process answers
/readyz       it takes visitors; /readyz?strict: and every site has its content
/status       what each site's pages are printed with
/status.json  the same as JSON
/metrics      what was counted, for Prometheus
";

/// Names and notes are other people's text: even markup that slipped through would do nothing.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; \
     form-action 'none'",
);

impl Admin {
    /// Of a process that starts now. `counters` and `drain` are those of the visitors' ports.
    pub(crate) fn new(
        board: Board,
        metrics: Metrics,
        shelf: Shelf,
        memory: Option<Memory>,
        counters: Arc<Counters>,
        drain: Drain,
    ) -> Self {
        let (started, up) = (SystemTime::now(), Instant::now());
        Self(Arc::new(Known { board, metrics, shelf, memory, counters, drain, started, up }))
    }

    /// The answer to a request, whose body nobody reads.
    fn answer(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Response<Full<Bytes>> {
        let answer = match *method {
            Method::GET | Method::HEAD => self.0.find(uri, headers),
            _ => Answer::text(StatusCode::METHOD_NOT_ALLOWED, "this port takes GET and HEAD\n"),
        };
        answer.respond(*method == Method::HEAD)
    }
}

impl Service<Request<Upload>> for Admin {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    /// Beside the threads that serve visitors: with ten thousand sites an answer takes a while.
    fn call(&self, request: Request<Upload>) -> Self::Future {
        let (admin, head) = (self.clone(), request.into_parts().0);
        let answer = move || admin.answer(&head.method, &head.uri, &head.headers);
        Box::pin(async move {
            let answered = tokio::task::spawn_blocking(answer).await;
            let failed = || Answer::text(StatusCode::INTERNAL_SERVER_ERROR, "it failed\n");
            Ok(answered.unwrap_or_else(|_| failed().respond(false)))
        })
    }
}

impl Known {
    fn find(&self, uri: &Uri, headers: &HeaderMap) -> Answer {
        match uri.path() {
            "/healthz" => Answer::text(StatusCode::OK, "ok\n"),
            "/readyz" => ready::answer(&self.statuses(), self.drain.is_signaled(), is_strict(uri)),
            "/status" if !accept::is_json(headers) => self.page(),
            "/status" | "/status.json" => self.json(),
            "/metrics" => self.openmetrics(),
            _ => Answer::text(StatusCode::NOT_FOUND, format!("there is:\n\n{PATHS}")),
        }
    }

    fn page(&self) -> Answer {
        Answer { kind: HTML, ..Answer::text(StatusCode::OK, page::html(self, SystemTime::now())) }
    }

    fn json(&self) -> Answer {
        let report = report::Report::new(self, SystemTime::now());
        Answer::written(JSON, serde_json::to_string_pretty(&report).map(|text| text + "\n"))
    }

    fn openmetrics(&self) -> Answer {
        let now = SystemTime::now();
        let text = self.metrics.render(|registry| gauges::register(registry, self, now));
        Answer::written(OPENMETRICS, text)
    }

    /// What remembered pages take, in bytes, and how many entries that is.
    fn remembered(&self) -> (u64, u64) {
        self.memory.as_ref().map_or((0, 0), |memory| (memory.weight(), memory.len()))
    }

    /// Every site as it is now, in the order of the config.
    fn statuses(&self) -> Vec<Status> {
        self.board.sites().iter().map(crate::status::Site::read).collect()
    }
}

/// `?strict`, with or without a value.
fn is_strict(uri: &Uri) -> bool {
    let pairs = uri.query().unwrap_or_default().split('&');
    pairs.map(|pair| pair.split_once('=').map_or(pair, |(key, _)| key)).any(|key| key == "strict")
}

/// An answer before it has headers.
#[derive(Debug)]
struct Answer {
    status: StatusCode,
    kind: &'static str,
    text: String,
}

impl Answer {
    fn text(status: StatusCode, text: impl Into<String>) -> Self {
        Self { status, kind: TEXT, text: text.into() }
    }

    /// What was written to memory, which does not fail; if it does, that is said.
    fn written<E: fmt::Display>(kind: &'static str, text: Result<String, E>) -> Self {
        match text {
            Ok(text) => Self { status: StatusCode::OK, kind, text },
            Err(error) => Self::text(
                StatusCode::INTERNAL_SERVER_ERROR,
                format!("cannot be written: {error}\n"),
            ),
        }
    }

    /// `head` leaves the body away and its length stated, as RFC 9110 section 9.3.2 asks.
    fn respond(self, head: bool) -> Response<Full<Bytes>> {
        let length = HeaderValue::from(self.text.len());
        let body = if head { Bytes::new() } else { Bytes::from(self.text) };
        let mut response = Response::new(Full::new(body));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.kind));
        headers.insert(CONTENT_LENGTH, length);
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        if self.kind == HTML {
            headers.insert(CONTENT_SECURITY_POLICY, POLICY);
        }
        if self.status == StatusCode::METHOD_NOT_ALLOWED {
            headers.insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        }
        response
    }
}
