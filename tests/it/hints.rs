//! "Look now": every way to have a proxy find what was published before its next poll, which these
//! stories put an hour away.

#[cfg(feature = "redis")]
mod fan_out;
mod hooks;
mod looks;
mod signatures;
mod signing;
mod telling;

use crate::support::{Origin, Proxy, Request, Response, Script, WebStore, within};
pub(crate) use signing::Delivery;

/// A page with one slot.
pub(crate) const PAGE: &str =
    "<!doctype html><h1 data-overprint=\"title\">Default</h1><p>The tail.";

/// What a proxy and its senders share.
pub(crate) const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// [`PAGE`] printed with [`entries`] of the same text.
pub(crate) fn printed(text: &str) -> String {
    PAGE.replace("Default", text)
}

/// Content for [`PAGE`].
pub(crate) fn entries(text: &str) -> String {
    format!("{{\"title\": \"{text}\"}}")
}

/// An origin that gives [`PAGE`] whatever it is asked.
pub(crate) async fn pages() -> Origin {
    Origin::serve(|_| Script::html(PAGE)).await
}

/// Asks for pages until one is printed with `text`; none is anything but printed before.
pub(crate) async fn until_printed(proxy: &Proxy, text: &str) {
    let seen = async {
        loop {
            let page = proxy.get("/").await.text();
            if page == printed(text) {
                break;
            }
            assert!(page.starts_with("<!doctype html><h1"), "{page}");
        }
    };
    within(&format!("a page that says {text}"), seen).await;
}

/// A store whose release says "First", and a proxy that has printed it and will not look again
/// unless it is told to.
struct Story {
    store: WebStore,
    origin: Origin,
    proxy: Proxy,
}

impl Story {
    async fn begin() -> Self {
        Self::with_secrets(SECRET).await
    }

    async fn with_secrets(text: &str) -> Self {
        let (store, origin) = (WebStore::with(&entries("First")).await, pages().await);
        let proxy = Proxy::before(&origin)
            .named("shop")
            .content_at(store.url())
            .set("refresh.poll = \"1h\"")
            .secret(text)
            .timeout("progress", "500ms")
            .admin()
            .start()
            .await;
        assert_eq!(proxy.get("/").await.text(), printed("First"));
        assert_eq!(store.looks(), 1, "at the start");
        Self { store, origin, proxy }
    }

    /// Sends a request on a connection of its own.
    async fn send(&self, request: &Request) -> Response {
        self.proxy.client().await.fetch(request).await
    }

    /// Sends a good hook, without words.
    async fn hook(&self, id: &str) -> Response {
        self.send(&Delivery::of(id).request()).await
    }

    /// That `refused` looks like a refusal, and has told nobody anything about the secret.
    #[track_caller]
    fn assert_refused(refused: &Response, status: u16, what: &str) {
        assert_eq!(refused.status, status, "{what}");
        assert!(refused.complete, "{what}");
        assert_eq!(refused.header("connection"), Some("close"), "{what}");
        assert!(!refused.text().contains("whsec"), "{what}");
    }

    /// That nothing since the start has had the store asked. A hook that is good shows it: its look
    /// is the second. Anything that had triggered one before would have been in front of it.
    async fn assert_no_look_so_far(&self) {
        assert_eq!(self.store.looks(), 1);
        assert_eq!(self.hook("good").await.status, 202);
        self.store.until_looks(2).await;
        until_printed(&self.proxy, "First").await;
        assert_eq!(self.store.looks(), 2, "only the good one");
    }
}
