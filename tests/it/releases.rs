//! Releases, from the publisher's command to the visitor's page, as stories: a store that misbehaves
//! when told to, the program as a process on both sides of it, and a visitor at the raw socket.

mod copies;
mod directories;
mod faults;
mod follows;
mod http;
mod killed;
mod markup;
mod publishing;
mod racing;
mod refused;
mod rolling;
mod signed;

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::Stdio;

use aws_lc_rs::{digest, hmac};
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::binary::Binary;
use crate::support::{Client, Done, Origin, Request, Response, S3, Script, overprint, within};

/// A page whose slots are filled from the objects of two locales.
const PAGE: &str = "<!doctype html><title>Prints</title><h1 data-overprint=\"title\">Default</h1>\
                    <p data-overprint=\"intro\">Default</p>";

/// What proxies and publishers share.
const SECRET: &str = "it-is-a-secret-to-everybody";

/// What visitors get of [`PAGE`] once `text` is live.
fn printed(text: &str) -> String {
    PAGE.replace("Default", text)
}

/// A page without what it says of languages, which is of no interest here: the text that stands in
/// for one in German says so.
fn unsaid(page: &str) -> String {
    page.replace(" lang=\"en\"", "")
}

/// An origin that always gives [`PAGE`].
async fn pages() -> Origin {
    Origin::serve(|_| Script::html(PAGE)).await
}

// === Who publishes ===

/// A publisher's folder, and the store it publishes to.
struct Desk {
    folder: TempDir,
    /// As `--to` and a config have it.
    store: String,
    env: Vec<(&'static str, String)>,
}

impl Desk {
    /// Publishes to a bucket.
    fn at(s3: &S3) -> Self {
        Self::new("s3://content/shop".to_owned(), s3.env())
    }

    /// Publishes to a directory.
    fn beside_a_directory() -> Self {
        let desk = Self::new(String::new(), Vec::new());
        let store = desk.path("shop").to_str().unwrap().to_owned();
        Self { store, ..desk }
    }

    fn new(store: String, env: Vec<(&'static str, String)>) -> Self {
        let desk = Self { folder: TempDir::new().unwrap(), store, env };
        desk.write("hook.secret", SECRET);
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Content that prints `text` in both slots, one from each locale.
    fn edit(&self, text: &str) {
        self.edit_in("content", text);
    }

    fn edit_in(&self, content: &str, text: &str) {
        let site = r#"{"default_locale": "de", "fallback": {"de": ["en"]}}"#;
        self.write(&format!("{content}/site.json"), site);
        self.write(&format!("{content}/de.json"), format!("{{\"title\": \"{text}\"}}"));
        let intro = format!("{{\"intro\": {{\"$html\": \"{text}\"}}}}");
        self.write(&format!("{content}/en.json"), intro);
    }

    /// A command about the store: `desk.run("rollback", &["3"])`.
    async fn run(&self, command: &str, more: &[&str]) -> Done {
        overprint(self.folder.path(), &self.args(command, more), &self.env).await
    }

    /// Publishes what the folder `content` has.
    async fn publish(&self, more: &[&str]) -> Done {
        self.run("publish", &[&["content"], more].concat()).await
    }

    /// Edits and publishes, which must go well.
    async fn release(&self, text: &str) -> Done {
        self.edit(text);
        self.publish(&[]).await.well()
    }

    /// A command that was begun; whoever drops it kills it.
    fn begin(&self, command: &str, more: &[&str]) -> Child {
        Command::new(env!("CARGO_BIN_EXE_overprint"))
            .args(self.args(command, more))
            .current_dir(self.folder.path())
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap()
    }

    fn args<'a>(&'a self, command: &'a str, more: &[&'a str]) -> Vec<&'a str> {
        [&[command, "--to", &self.store], more].concat()
    }

    /// What `overprint check` says of the store.
    async fn check(&self) -> Done {
        let args = ["check", "--content", &self.store];
        overprint(self.folder.path(), &args, &self.env).await
    }

    /// A proxy that follows the store, before `origin`.
    fn proxy(&self, origin: &Origin) -> Setup<'_> {
        let (origin, content) = (origin.url(), self.store.clone());
        Setup { desk: self, origin, content, tables: String::new(), lines: String::new() }
    }
}

/// What became of a command that was begun.
async fn ended(command: Child) -> Done {
    let output = within("a command to end", command.wait_with_output()).await.unwrap();
    Done {
        code: output.status.code(),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

// === Who follows ===

/// A proxy that was not started yet. It looks when a hook says so, and else once an hour.
struct Setup<'d> {
    desk: &'d Desk,
    origin: String,
    content: String,
    tables: String,
    lines: String,
}

impl Setup<'_> {
    /// Where the content comes from, if not from the desk's store.
    fn content(mut self, content: &str) -> Self {
        content.clone_into(&mut self.content);
        self
    }

    /// A line of a table above the site's: `.set("limits", "object = \"1KiB\"")`.
    fn set(mut self, table: &str, line: &str) -> Self {
        writeln!(self.tables, "{table}.{line}").unwrap();
        self
    }

    /// Keeps a copy on disk.
    fn keeping_a_copy(mut self) -> Self {
        self.tables.push_str("state_dir = \"state\"\n");
        self
    }

    /// A line of the site's.
    fn site(mut self, line: &str) -> Self {
        writeln!(self.lines, "{line}").unwrap();
        self
    }

    /// Writes the config; gives its place.
    fn write(&self) -> PathBuf {
        let Self { desk, origin, content, tables, lines } = self;
        let poll = if lines.contains("refresh.poll") { "" } else { "refresh.poll = \"1h\"\n" };
        let config = format!(
            "listen = \"127.0.0.1:0\"\nadmin = \"127.0.0.1:0\"\nlog.access = false\n{tables}\
             [[site]]\nname = \"shop\"\norigin = \"{origin}\"\ncontent = \"{content}\"\n\
             webhook.secret_file = \"hook.secret\"\n{poll}{lines}"
        );
        desk.write("overprint.toml", config);
        desk.path("overprint.toml")
    }

    async fn start(self) -> Proxy {
        Proxy(Binary::with_config(&self.write(), &self.desk.env).await)
    }
}

/// A running proxy.
struct Proxy(Binary);

impl Proxy {
    async fn page(&self) -> String {
        let page = unsaid(&self.0.get("/").await.text());
        assert_whole(&page);
        page
    }

    /// Says "look now".
    async fn hint(&self) {
        self.hint_at("{}").await;
    }

    /// Says so, and what there is to be found.
    async fn hint_at(&self, what: &str) {
        let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
        let signature = format!("sha256={}", hex(hmac::sign(&key, what.as_bytes()).as_ref()));
        let hook = Request::post("/_overprint/hooks/shop").body(what);
        let hook = hook.header("X-Hub-Signature-256", signature);
        let answer = Client::connect(self.0.address).await.fetch(&hook).await;
        assert_eq!(answer.status, 202);
    }

    /// Waits until pages have `text`. Pages before it are whole, too.
    async fn until_printed(&self, text: &str) {
        let printed = printed(text);
        let shown = async { while self.page().await != printed {} };
        within(&format!("{text:?} on a page"), shown).await;
    }

    /// Has it look, and waits for that.
    async fn until_looked(&self, result: &str) {
        let before = self.loads(result).await;
        self.hint().await;
        let looked = async { while self.loads(result).await == before {} };
        within(&format!("a look whose result is {result}"), looked).await;
    }

    /// Says so until pages have `text`: a store that was ill may take more than one look.
    async fn until_healed(&self, text: &str) {
        let printed = printed(text);
        let shown = async {
            while self.page().await != printed {
                self.hint().await;
            }
        };
        within(&format!("{text:?} on a page"), shown).await;
        self.until_status("/state", "live").await;
        assert_eq!(self.ready().await.text(), "ready\n");
    }

    /// Has it look, which comes to nothing: `text` stays on the pages, and all who ask are told.
    async fn assert_refuses(&self, reason: &str, says: &str, text: &str) {
        self.until_looked(reason).await;
        let status = self.until_status("/failure/reason", reason).await;
        let message = status["failure"]["message"].as_str().unwrap();
        assert!(message.contains(says), "{says}: {status:#}");
        assert_eq!(status["state"], "stale");
        self.0.logged(&["content ", &format!("reason=\"{reason}\""), says]).await;
        assert_eq!(self.page().await, printed(text), "{says}");
        let ready = self.ready().await;
        assert_eq!(ready.status, 200);
        assert!(ready.text().starts_with("ready\nshop: stale: "), "{}", ready.text());
    }

    /// How many looks had this result.
    async fn loads(&self, result: &str) -> u64 {
        let metrics = self.0.operator("/metrics").await.text();
        let name = format!("overprint_content_loads_total{{site=\"shop\",result=\"{result}\"}} ");
        let found = metrics.lines().find_map(|line| line.strip_prefix(&name));
        found.map_or(0, |count| count.parse().unwrap())
    }

    async fn ready(&self) -> Response {
        self.0.operator("/readyz").await
    }

    /// What `/status.json` says of the site.
    async fn status(&self) -> Value {
        let status: Value =
            serde_json::from_str(&self.0.operator("/status.json").await.text()).unwrap();
        status["sites"][0].clone()
    }

    /// Waits until `/status.json` has `value` at `pointer`; gives the site's part of it.
    async fn until_status(&self, pointer: &str, value: impl Into<Value>) -> Value {
        let value = value.into();
        let reached = async {
            loop {
                let status = self.status().await;
                if status.pointer(pointer) == Some(&value) {
                    return status;
                }
            }
        };
        within(&format!("{pointer} to be {value}"), reached).await
    }

    async fn stop(self) {
        self.0.stop().await;
    }
}

/// Both slots have been printed, with the same release, or neither was.
fn assert_whole(page: &str) {
    let of = |open: &str, close: &str| {
        let text = page.split_once(open).and_then(|(_, rest)| rest.split_once(close));
        text.unwrap_or_else(|| panic!("not the page: {page}")).0
    };
    assert_eq!(of("\"title\">", "</h1>"), of("\"intro\">", "</p>"), "two releases on a page");
}

// === What lies in a store ===

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn sha256(bytes: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, bytes).as_ref())
}

/// Every file of a store, by its path below it.
trait Files {
    fn paths(&self) -> Vec<String>;
    fn file(&self, path: &str) -> Option<Vec<u8>>;
    fn lose(&self, path: &str);
    fn write(&self, path: &str, text: &str);

    /// Every file with its bytes.
    fn all(&self) -> Vec<(String, Vec<u8>)> {
        let with_bytes = |path: String| (path.clone(), self.file(&path).unwrap());
        self.paths().into_iter().map(with_bytes).collect()
    }

    fn json(&self, path: &str) -> Value {
        let bytes = self.file(path).unwrap_or_else(|| panic!("there is no {path}"));
        serde_json::from_slice(&bytes).unwrap()
    }

    /// The paths in a folder: `objects/`.
    fn within(&self, folder: &str) -> Vec<String> {
        self.paths().into_iter().filter(|path| path.starts_with(folder)).collect()
    }

    /// Every alias leads to a manifest, and that to objects, each the one that is pinned.
    fn assert_consistent(&self) {
        for alias in self.within("aliases/") {
            let pointer = self.json(&alias);
            let path = pointer["manifest"].as_str().unwrap();
            let manifest = self.file(path).unwrap_or_else(|| panic!("{alias}: no {path}"));
            assert_eq!(pointer["sha256"], sha256(&manifest), "{alias}");
        }
        for path in self.within("releases/") {
            let manifest = self.json(&path);
            assert_eq!(path, format!("releases/{}.json", manifest["seq"]));
            for (tag, named) in manifest["locales"].as_object().unwrap() {
                let object = named["object"].as_str().unwrap();
                let bytes = self.file(object).unwrap_or_else(|| panic!("{path}: no {object}"));
                assert_eq!(named["sha256"], sha256(&bytes), "{tag} of {path}");
                assert_eq!(named["bytes"], bytes.len(), "{tag} of {path}");
            }
        }
    }
}

impl Files for S3 {
    fn paths(&self) -> Vec<String> {
        let keys = self.keys();
        keys.iter().map(|key| key.strip_prefix("shop/").unwrap().to_owned()).collect()
    }

    fn file(&self, path: &str) -> Option<Vec<u8>> {
        self.object(&format!("shop/{path}"))
    }

    fn lose(&self, path: &str) {
        self.remove(&format!("shop/{path}"));
    }

    fn write(&self, path: &str, text: &str) {
        self.put(&format!("shop/{path}"), text);
    }
}

impl Files for PathBuf {
    fn paths(&self) -> Vec<String> {
        let mut paths = Vec::new();
        for folder in ["aliases", "objects", "releases"] {
            let Ok(entries) = fs::read_dir(self.join(folder)) else { continue };
            for entry in entries {
                paths.push(format!("{folder}/{}", entry.unwrap().file_name().to_str().unwrap()));
            }
        }
        paths.sort();
        paths
    }

    fn file(&self, path: &str) -> Option<Vec<u8>> {
        fs::read(self.join(path)).ok()
    }

    fn lose(&self, path: &str) {
        fs::remove_file(self.join(path)).unwrap();
    }

    fn write(&self, path: &str, text: &str) {
        fs::write(self.join(path), text).unwrap();
    }
}

/// What behaves alike over a bucket and over a directory.
async fn stores() -> [(Desk, Box<dyn Files>); 2] {
    let (s3, directory) = (S3::start().await, Desk::beside_a_directory());
    let root = directory.path("shop");
    [(Desk::at(&s3), Box::new(s3)), (directory, Box::new(root))]
}

/// The lines of a request log: `PUT shop/aliases/production.json 200`.
fn asked(s3: &S3) -> Vec<String> {
    s3.requests().iter().map(ToString::to_string).collect()
}

/// The keys that were written, in order.
fn written(s3: &S3) -> Vec<String> {
    let requests = s3.requests().into_iter();
    requests.filter(|seen| seen.method == "PUT").map(|seen| seen.key).collect()
}

/// Of an environment.
fn with(
    env: &[(&'static str, String)],
    name: &'static str,
    value: &str,
) -> Vec<(&'static str, String)> {
    let rest = env.iter().filter(|(other, _)| *other != name).cloned();
    rest.chain([(name, value.to_owned())]).collect()
}
