//! Overprint in the runtime of the test, set up as an operator would: a config file and a content
//! directory. The only file here that knows the product.

use std::fmt::Write as _;
use std::fs;
use std::net::SocketAddr;

use overprint::app::App;
use overprint::config;
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::{Client, Origin, Response, within};

/// What pages are printed with unless a story says otherwise.
const CONTENT: &str = r#"{
    "title": "Printed",
    "intro": {"$html": "some <b>bold</b> words"},
    "alt": "A picture",
    "greeting": "Grüße – ☃"
}"#;

/// The content file that [`Setup`] writes.
const FILE: &str = "en.json";

/// A proxy that was not started yet.
#[derive(Debug, Default)]
pub(crate) struct Setup {
    top: String,
    timeouts: String,
    limits: String,
    sites: Vec<Site>,
    variables: Vec<(&'static str, String)>,
}

#[derive(Debug)]
struct Site {
    /// Its place among the sites unless it is named.
    name: String,
    origin: String,
    lines: String,
    /// What the file of its webhook's secrets says.
    secret: Option<String>,
    /// Where its content is, if not in a directory of its own.
    place: Option<String>,
    /// What [`FILE`] says; none leaves the directory away.
    content: Option<String>,
    /// Its other content files, by name.
    files: Vec<(&'static str, String)>,
    /// Whether the config names a content directory.
    has_content: bool,
}

impl Setup {
    /// One more site; the lines that follow are its own.
    pub(crate) fn site(mut self, origin: impl AsRef<str>) -> Self {
        self.sites.push(Site {
            name: self.sites.len().to_string(),
            origin: origin.as_ref().to_owned(),
            lines: String::new(),
            secret: None,
            place: None,
            content: Some(CONTENT.to_owned()),
            files: Vec::new(),
            has_content: true,
        });
        self
    }

    /// A line of the last site: `.set("compress = true")`.
    pub(crate) fn set(mut self, line: &str) -> Self {
        self.last().lines.push_str(&format!("{line}\n"));
        self
    }

    /// Other content for the last site.
    pub(crate) fn content(mut self, json: &str) -> Self {
        self.last().content = Some(json.to_owned());
        self
    }

    /// One more content file of the last site: `.file("de.json", "{}")`.
    pub(crate) fn file(mut self, name: &'static str, json: &str) -> Self {
        self.last().files.push((name, json.to_owned()));
        self
    }

    /// A content directory that is not there yet.
    pub(crate) fn content_missing(mut self) -> Self {
        self.last().content = None;
        self
    }

    /// The last site's content is at `place`: a store.
    pub(crate) fn content_at(mut self, place: impl Into<String>) -> Self {
        self.last().place = Some(place.into());
        self
    }

    /// Names the last site.
    pub(crate) fn named(mut self, name: &str) -> Self {
        self.last().name = name.to_owned();
        self
    }

    /// The last site has a webhook, with the secrets of `text`.
    pub(crate) fn secret(mut self, text: &str) -> Self {
        self.last().secret = Some(text.to_owned());
        self
    }

    /// The operators' port; [`Proxy::operator`] asks there.
    pub(crate) fn admin(self) -> Self {
        self.top("admin = \"127.0.0.1:0\"")
    }

    /// A variable of its environment.
    pub(crate) fn variable(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.variables.push((name, value.into()));
        self
    }

    /// No content directory in the config.
    pub(crate) fn without_content(mut self) -> Self {
        self.last().has_content = false;
        self
    }

    /// A line above all tables: `.top("trusted_proxies = [\"127.0.0.1\"]")`.
    pub(crate) fn top(mut self, line: &str) -> Self {
        self.top.push_str(&format!("{line}\n"));
        self
    }

    /// `.timeout("idle", "300ms")`
    pub(crate) fn timeout(mut self, key: &str, duration: &str) -> Self {
        self.timeouts.push_str(&format!("{key} = \"{duration}\"\n"));
        self
    }

    /// `.limit("body", "1KiB")`
    pub(crate) fn limit(mut self, key: &str, size: &str) -> Self {
        self.limits.push_str(&format!("{key} = \"{size}\"\n"));
        self
    }

    /// `.count("preload", 0)`: a limit without a unit.
    pub(crate) fn count(mut self, key: &str, count: usize) -> Self {
        self.limits.push_str(&format!("{key} = {count}\n"));
        self
    }

    /// Starts it on a port of its own.
    pub(crate) async fn start(self) -> Proxy {
        let dir = TempDir::new().unwrap();
        for (nth, site) in self.sites.iter().enumerate() {
            let own = site.has_content && site.place.is_none();
            if let Some(content) = site.content.as_ref().filter(|_| own) {
                write(&dir, nth, FILE, content);
                site.files.iter().for_each(|(name, json)| write(&dir, nth, name, json));
            }
            if let Some(secret) = &site.secret {
                fs::write(dir.path().join(format!("secret-{nth}")), secret).unwrap();
            }
        }
        let path = dir.path().join("overprint.toml");
        fs::write(&path, self.toml()).unwrap();
        let variables = self.variables;
        let lookup = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name)?;
            Some(found.1.clone())
        };
        let config = config::load(&path, &lookup).unwrap_or_else(|problems| {
            let problems: Vec<_> = problems.into_iter().map(|problem| problem.message).collect();
            panic!("the config is refused: {problems:#?}")
        });
        let app = App::start(config).await.unwrap();
        let address = app.addresses()[0];
        let admin = app.admin_address();
        let (stop, stopped) = oneshot::channel();
        let running = tokio::spawn(app.run(async {
            // A sender that was dropped stops it as well.
            let _ = stopped.await;
        }));
        Proxy { address, admin, dir, stop: Some(stop), running }
    }

    fn last(&mut self) -> &mut Site {
        self.sites.last_mut().expect("a site to set up")
    }

    fn toml(&self) -> String {
        let Self { top, timeouts, limits, sites, .. } = self;
        let mut toml =
            format!("listen = \"127.0.0.1:0\"\n{top}[timeouts]\n{timeouts}[limits]\n{limits}\n");
        for (nth, site) in sites.iter().enumerate() {
            let Site { name, origin, lines, .. } = site;
            writeln!(toml, "[[site]]\nname = \"{name}\"\norigin = \"{origin}\"").unwrap();
            if site.has_content {
                let own = format!("content-{nth}");
                let place = site.place.as_ref().unwrap_or(&own);
                writeln!(toml, "content = \"{place}\"").unwrap();
            }
            if site.secret.is_some() {
                writeln!(toml, "webhook.secret_file = \"secret-{nth}\"").unwrap();
            }
            writeln!(toml, "{lines}").unwrap();
        }
        toml
    }
}

/// A running proxy. Dropping it aborts it.
pub(crate) struct Proxy {
    address: SocketAddr,
    admin: Option<SocketAddr>,
    dir: TempDir,
    stop: Option<oneshot::Sender<()>>,
    running: JoinHandle<bool>,
}

impl Proxy {
    /// The set-up of a proxy in front of `origin`, with content.
    pub(crate) fn before(origin: &Origin) -> Setup {
        Setup::default().site(origin.url())
    }

    /// [`Proxy::before`] with nothing to set up.
    pub(crate) async fn start(origin: &Origin) -> Self {
        Self::before(origin).start().await
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Whether there is an operators' port.
    pub(crate) fn has_admin(&self) -> bool {
        self.admin.is_some()
    }

    /// The address of the operators' port.
    pub(crate) fn admin(&self) -> SocketAddr {
        self.admin.expect("set up with `admin`")
    }

    /// One of the operators' pages.
    pub(crate) async fn operator(&self, target: &str) -> Response {
        Client::connect(self.admin()).await.get(target).await
    }

    /// A visitor's connection.
    pub(crate) async fn client(&self) -> Client {
        Client::connect(self.address).await
    }

    /// One page over a connection of its own.
    pub(crate) async fn get(&self, target: &str) -> Response {
        self.client().await.get(target).await
    }

    /// Whether it takes connections.
    pub(crate) async fn is_listening(&self) -> bool {
        within("an attempt to connect", TcpStream::connect(self.address)).await.is_ok()
    }

    /// Moves the `nth` site's content directory away and another one to its place.
    pub(crate) fn swap(&self, nth: usize, json: &str) {
        let place = self.dir.path().join(format!("content-{nth}"));
        let (new, old) = (self.dir.path().join("new"), self.dir.path().join("old"));
        fs::create_dir_all(&new).unwrap();
        fs::write(new.join(FILE), json).unwrap();
        fs::rename(&place, old).unwrap();
        fs::rename(new, place).unwrap();
    }

    /// Writes the content of the `nth` site anew, as an editor does. It is live a moment later.
    pub(crate) fn publish(&self, nth: usize, json: &str) {
        self.publish_file(nth, FILE, json);
    }

    /// [`Proxy::publish`] for another file.
    pub(crate) fn publish_file(&self, nth: usize, name: &str, json: &str) {
        write(&self.dir, nth, name, json);
    }

    /// Tells it to stop; [`Proxy::stop`] waits for it.
    pub(crate) fn drain(&mut self) {
        if let Some(stop) = self.stop.take() {
            // A proxy that has ended has nobody listening.
            let _ = stop.send(());
        }
    }

    /// Stops it. `true` when all that was under way came to its end.
    pub(crate) async fn stop(mut self) -> bool {
        self.drain();
        within("the proxy to stop", &mut self.running).await.unwrap()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.running.abort();
    }
}

fn write(dir: &TempDir, nth: usize, name: &str, json: &str) {
    let content = dir.path().join(format!("content-{nth}"));
    fs::create_dir_all(&content).unwrap();
    fs::write(content.join(name), json).unwrap();
}
