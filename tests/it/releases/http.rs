//! A store behind a web server, which can only be read.

use std::sync::{Arc, Mutex};

use super::*;
use crate::support::RawRequest;

/// How a web server answers for a file; nothing means that it is not there.
type Answers = fn(&RawRequest, Option<Vec<u8>>) -> Script;

/// A web server in front of a desk's directory, that answers one way or another.
struct Web {
    server: Origin,
    /// For which paths, and how.
    ill: Arc<Mutex<Option<(&'static str, Answers)>>>,
}

impl Web {
    async fn before(desk: &Desk, well: Answers) -> Self {
        let ill = Arc::new(Mutex::new(None::<(&'static str, Answers)>));
        let (root, how) = (desk.path("shop"), Arc::clone(&ill));
        let server = Origin::serve(move |request| {
            let file = request.target.strip_prefix("/shop/").and_then(|path| root.file(path));
            match *how.lock().unwrap() {
                Some((part, answers)) if request.target.contains(part) => answers(request, file),
                _ => well(request, file),
            }
        })
        .await;
        Self { server, ill }
    }

    fn url(&self) -> String {
        format!("{}/shop", self.server.url())
    }

    fn falls_ill(&self, part: &'static str, answers: Answers) {
        *self.ill.lock().unwrap() = Some((part, answers));
    }

    fn heals(&self) {
        *self.ill.lock().unwrap() = None;
    }
}

fn json(bytes: impl AsRef<[u8]>) -> Script {
    Script::answer("application/json", bytes)
}

/// Without a name for what it answers.
fn plain(_: &RawRequest, file: Option<Vec<u8>>) -> Script {
    file.map_or_else(|| Script::empty(404), json)
}

fn with_etags(request: &RawRequest, file: Option<Vec<u8>>) -> Script {
    let Some(bytes) = file else { return Script::empty(404) };
    let etag = format!("\"{}\"", sha256(&bytes));
    if request.header("if-none-match") == Some(&etag) {
        return Script::empty(304).header("etag", etag);
    }
    json(bytes).header("etag", etag)
}

fn with_dates(request: &RawRequest, file: Option<Vec<u8>>) -> Script {
    let Some(bytes) = file else { return Script::empty(404) };
    // A date of its own for each state.
    let second = u32::from_str_radix(&sha256(&bytes)[..8], 16).unwrap() % (24 * 60 * 60);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let date = format!("Mon, 01 Jan 2024 {hour:02}:{minute:02}:{second:02} GMT");
    if request.header("if-modified-since") == Some(&date) {
        return Script::empty(304).header("last-modified", date);
    }
    json(bytes).header("last-modified", date)
}

/// As a CDN does.
fn compressed(request: &RawRequest, file: Option<Vec<u8>>) -> Script {
    let takes = request.header("accept-encoding").unwrap_or_default().contains("gzip");
    let script = with_etags(request, file);
    if takes { script.gzip() } else { script }
}

#[tokio::test]
async fn releases_are_followed_whatever_the_server_calls_their_states() {
    let origin = pages().await;
    let servers: [(Answers, bool); 4] =
        [(with_etags, true), (with_dates, true), (plain, false), (compressed, true)];
    for (well, conditional) in servers {
        let desk = Desk::beside_a_directory();
        desk.release("one").await;
        let web = Web::before(&desk, well).await;
        let polled = "refresh.poll = \"500ms\"";
        let proxy = desk.proxy(&origin).content(&web.url()).site(polled).start().await;
        proxy.until_printed("one").await;
        let condition = |request: &RawRequest| {
            request.header("if-none-match").or(request.header("if-modified-since")).is_some()
        };
        let polls = async {
            while conditional && !web.server.requests().iter().any(condition) {
                proxy.status().await;
            }
        };
        within("a poll with a condition", polls).await;
        desk.release("two").await;
        proxy.until_healed("two").await;
        desk.run("rollback", &[]).await.well();
        proxy.until_healed("one").await;
        assert_eq!(proxy.status().await["source"], format!("{}/", web.url()));
    }
}

#[tokio::test]
async fn a_server_that_fails_costs_no_page() {
    let faults: [(Answers, &str, &str); 13] = [
        (|_, _| Script::empty(404), "missing", "there is no such file"),
        (|_, _| Script::empty(410), "missing", "there is no such file"),
        (|_, _| Script::empty(403), "denied", "403"),
        (|_, _| Script::empty(500), "unavailable", "the answer is 500"),
        (|_, _| Script::empty(204), "unavailable", "the answer is 204"),
        (
            |_, _| Script::empty(302).header("location", "https://127.0.0.1:1/shop"),
            "unavailable",
            "a redirect to another scheme is not followed",
        ),
        (
            |_, _| Script::empty(302).header("location", "file:///etc/passwd"),
            "unavailable",
            "the answer is 302",
        ),
        (
            |request, _| Script::empty(302).header("location", request.target.as_str()),
            "unavailable",
            "there are too many redirects",
        ),
        (|_, _| json("x").content_length_lie(1 << 40), "too_large", "it has more than"),
        (|_, _| json(vec![b' '; 9 << 20]).gzip(), "too_large", "it has more than"),
        (|_, _| json(vec![b' '; 9 << 20]).chunked(), "too_large", "it has more than"),
        (|_, file| json(file.unwrap()).chunked().unfinished(), "unavailable", "shop/"),
        (|_, _| Script::raw("SSH-2.0-OpenSSH_9.9\r\n").close(), "unavailable", "shop/"),
    ];
    let (desk, origin) = (Desk::beside_a_directory(), pages().await);
    desk.release("start").await;
    let web = Web::before(&desk, with_etags).await;
    let proxy = desk.proxy(&origin).content(&web.url()).set("limits", "object = \"1MiB\"");
    let proxy = proxy.start().await;
    proxy.until_printed("start").await;
    let mut live = "start".to_owned();
    for (nth, (answers, reason, says)) in faults.into_iter().enumerate() {
        for part in ["aliases/", "releases/", "objects/"] {
            // Of an object it is known beforehand how large it is.
            let (reason, says) = match (part, reason) {
                ("objects/", "too_large") => ("invalid_object", "the manifest says"),
                _ => (reason, says),
            };
            eprintln!("{says} at {part}");
            let next = format!("release {nth} {part}");
            desk.release(&next).await;
            web.falls_ill(part, answers);
            proxy.assert_refuses(reason, says, &live).await;
            web.heals();
            proxy.until_healed(&next).await;
            live = next;
        }
    }
}

#[tokio::test]
async fn someone_elses_page_is_no_release() {
    let (desk, origin) = (Desk::beside_a_directory(), pages().await);
    desk.release("start").await;
    let web = Web::before(&desk, with_etags).await;
    let proxy = desk.proxy(&origin).content(&web.url()).start().await;
    proxy.until_printed("start").await;
    desk.release("next").await;
    for (part, reason) in [
        ("aliases/", "invalid_pointer"),
        ("releases/", "invalid_manifest"),
        ("objects/", "invalid_object"),
    ] {
        web.falls_ill(part, |_, _| Script::html("<!doctype html><title>Sign in</title>"));
        proxy.assert_refuses(reason, part, "start").await;
    }
    web.heals();
    proxy.until_healed("next").await;
}

#[tokio::test]
async fn a_redirect_on_the_same_scheme_is_followed() {
    let (desk, origin) = (Desk::beside_a_directory(), pages().await);
    desk.release("one").await;
    let web = Web::before(&desk, with_etags).await;
    web.falls_ill("/old/", |request, _| {
        Script::empty(308).header("location", request.target.replace("/old/", "/shop/"))
    });
    let old = format!("{}/old", web.server.url());
    let proxy = desk.proxy(&origin).content(&old).start().await;
    proxy.until_printed("one").await;
    let check = overprint(desk.folder.path(), &["check", "--content", &old], &desk.env).await;
    assert!(check.well().out.contains("number 1 (production, move 1)"));
}

#[tokio::test]
async fn a_server_that_is_down_at_the_start_is_followed_when_it_is_up() {
    let (desk, origin) = (Desk::beside_a_directory(), pages().await);
    desk.release("one").await;
    let mut web = Web::before(&desk, with_etags).await;
    let (address, root) = (web.server.address(), desk.path("shop"));
    web.server.stop().await;
    let proxy = desk.proxy(&origin).content(&web.url()).start().await;
    assert_eq!(proxy.page().await, PAGE);
    proxy.until_status("/state", "empty").await;
    assert_eq!(proxy.ready().await.status, 200);
    let _server = Origin::serve_at(address, move |request| {
        plain(request, root.file(request.target.strip_prefix("/shop/").unwrap()))
    })
    .await;
    proxy.until_healed("one").await;
}

/// As a web server does that was told twice within a second.
#[tokio::test]
async fn two_states_with_one_name_are_told_apart_when_a_hint_comes() {
    fn ever_the_same(request: &RawRequest, file: Option<Vec<u8>>) -> Script {
        let date = "Mon, 01 Jan 2024 00:00:00 GMT";
        match (request.header("if-modified-since"), file) {
            (Some(_), Some(_)) => Script::empty(304).header("last-modified", date),
            (_, Some(bytes)) => json(bytes).header("last-modified", date),
            (_, None) => Script::empty(404),
        }
    }
    let (desk, origin) = (Desk::beside_a_directory(), pages().await);
    desk.release("one").await;
    let web = Web::before(&desk, ever_the_same).await;
    let proxy = desk.proxy(&origin).content(&web.url()).start().await;
    proxy.until_printed("one").await;
    desk.release("two").await;
    proxy.until_healed("two").await;
}
