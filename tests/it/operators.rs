//! The operators' port: who gets what there, and what is true of it while the proxy works.

mod counting;
mod openmetrics;
mod readiness;
mod status;

use crate::binary::Binary;
use crate::hints::{PAGE, entries, pages, printed, until_printed};
use crate::support::{
    Client, NO_ENV, Origin, Proxy, Request, Response, Script, Setup, WebStore, within,
};
use openmetrics::Metrics;

/// A site `shop` whose content is in `store`, looked for at the start and then when a hook says so.
fn shop(origin: &Origin, store: &WebStore) -> Setup {
    Proxy::before(origin)
        .named("shop")
        .content_at(store.url())
        .set("refresh.poll = \"1h\"")
        .secret(crate::hints::SECRET)
        .admin()
}

/// Asks for one of the operators' pages until it is as it should be; gives the last.
async fn until(
    proxy: &Proxy,
    target: &str,
    awaited: &str,
    condition: impl Fn(&Response) -> bool,
) -> Response {
    let asking = async {
        loop {
            let page = proxy.operator(target).await;
            if condition(&page) {
                break page;
            }
        }
    };
    within(&format!("{awaited} on {target}"), asking).await
}

async fn metrics(proxy: &Proxy) -> Metrics {
    let page = proxy.operator("/metrics").await;
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    assert_eq!((page.status, page.header("content-type")), (200, Some(kind)));
    Metrics::parse(&page.text())
}

/// Reads the metrics until `condition` holds of them: an answer is counted when it is out, and its
/// reader may be faster.
async fn until_counted(
    proxy: &Proxy,
    awaited: &str,
    condition: impl Fn(&Metrics) -> bool,
) -> Metrics {
    let asking = async {
        loop {
            let read = metrics(proxy).await;
            if condition(&read) {
                break read;
            }
        }
    };
    within(awaited, asking).await
}

const PATHS: [&str; 5] = ["/healthz", "/readyz", "/status", "/status.json", "/metrics"];

#[tokio::test]
async fn what_operators_read_is_not_for_visitors() {
    let origin = Origin::serve(|_| Script::html(PAGE)).await;
    let proxy = Proxy::before(&origin).admin().start().await;
    for path in PATHS {
        assert_eq!(proxy.get(path).await.text(), printed("Printed"), "{path}");
        assert_eq!(proxy.operator(path).await.status, 200, "{path}");
    }
    let seen: Vec<_> = origin.requests().into_iter().map(|seen| seen.target).collect();
    assert_eq!(seen, PATHS, "the origin's own pages");
}

#[tokio::test]
async fn what_visitors_read_is_not_on_the_operators_port() {
    let (store, origin) = (WebStore::with(&entries("First")).await, pages().await);
    let proxy = shop(&origin, &store).start().await;
    for path in ["/", "/index.html", "/_overprint/hooks/shop", "/healthz/x", "/Metrics"] {
        let answer = proxy.operator(path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.text().contains("/readyz"), "it says what there is");
    }
    for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
        for path in ["/_overprint/hooks/shop", "/metrics", "/"] {
            let request = Request::new(method, path);
            let answer = Client::connect(proxy.admin()).await.fetch(&request).await;
            assert_eq!((answer.status, answer.header("allow")), (405, Some("GET, HEAD")));
        }
    }
    assert_eq!((origin.requests().len(), store.looks()), (0, 1));
    until_printed(&proxy, "First").await;
}

#[tokio::test]
async fn every_page_is_fresh_and_has_its_length() {
    let origin = pages().await;
    let proxy = Proxy::before(&origin).admin().start().await;
    let mut client = Client::connect(proxy.admin()).await;
    for path in PATHS {
        let page = client.get(path).await;
        assert_eq!(page.header("cache-control"), Some("no-store"), "{path}");
        assert_eq!(page.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(page.header("content-length"), Some(&*page.body.len().to_string()), "{path}");
        let head = client.fetch(&Request::head(path)).await;
        assert_eq!((head.status, head.body.len()), (200, 0), "{path}");
        assert_ne!(head.header("content-length"), Some("0"), "{path}");
        assert_eq!(head.header("content-type"), page.header("content-type"), "{path}");
    }
}

/// There is none unless somebody says where.
#[tokio::test]
async fn without_admin_there_is_no_such_port() {
    let origin = pages().await;
    let proxy = Proxy::start(&origin).await;
    assert!(!proxy.has_admin());
    assert_eq!(proxy.get("/metrics").await.text(), printed("Printed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_says_where_its_operators_port_is() {
    let (folder, origin) = (tempfile::tempdir().unwrap(), pages().await);
    let (content, config) = (folder.path().join("content"), folder.path().join("overprint.toml"));
    std::fs::create_dir(&content).unwrap();
    std::fs::write(content.join("en.json"), entries("First")).unwrap();
    let text = format!(
        "listen = \"127.0.0.1:0\"\nadmin = \"127.0.0.1:0\"\n\
         [[site]]\norigin = \"{}\"\ncontent = \"content\"\n",
        origin.url()
    );
    std::fs::write(&config, text).unwrap();
    let proxy = Binary::with_config(&config, NO_ENV).await;
    assert_eq!(proxy.get("/").await.text(), printed("First"));
    assert_eq!(proxy.operator("/readyz?strict").await.text(), "ready\n");
    Metrics::parse(&proxy.operator("/metrics").await.text());
    let accessed = proxy.logged(&["outcome=\"woven\""]).await;
    assert!(accessed.contains("path=/"), "{accessed}");
    assert!(!proxy.log().iter().any(|line| line.contains("path=/readyz")), "{:#?}", proxy.log());
    proxy.stop().await;
}
