//! The proxy at its sockets, as stories: an origin that answers and misbehaves by script, a visitor
//! at the raw socket, and Overprint between them.

mod alternates;
mod coding;
mod conditional;
mod content;
mod draining;
mod failures;
mod limits;
mod locale;
mod pages;
mod passing;
mod pooling;
mod remembered;
mod requests;
mod streaming;
mod stripping;
mod upgrades;
mod variables;

use crate::support::{Origin, Proxy, Request, Response, Script};

/// A page with one slot.
const PAGE: &str = "<!doctype html><title>Prints</title>\
                    <h1 data-overprint=\"title\">Default</h1><p>The tail.";

/// What visitors get of [`PAGE`].
const PRINTED: &str = "<!doctype html><title>Prints</title>\
                       <h1 data-overprint=\"title\">Printed</h1><p>The tail.";

/// All that a browser takes.
const CODINGS: &str = "gzip, deflate, br, zstd";

/// Asks for a page as a browser does.
fn document(target: &str) -> Request {
    Request::get(target)
        .header("Accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8")
        .header("Accept-Encoding", CODINGS)
        .header("Sec-Fetch-Dest", "document")
}

/// An origin that always gives [`PAGE`], and a proxy before it.
async fn plain() -> (Origin, Proxy) {
    let origin = Origin::serve(|_| Script::html(PAGE)).await;
    let proxy = Proxy::start(&origin).await;
    (origin, proxy)
}

/// Fetches over a connection of its own.
async fn fetch(proxy: &Proxy, request: &Request) -> Response {
    proxy.client().await.fetch(request).await
}

/// Whether the proxy serves as ever, whatever happened before: `/` is [`PAGE`] at the origin.
async fn assert_serves(proxy: &Proxy) {
    assert_eq!(proxy.get("/").await.text(), PRINTED);
}
