//! A store of releases behind a web server of the test: filled by `overprint publish`, read by the
//! proxy, with every look at it kept. It can be held, hide what is new, and break down.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use tempfile::TempDir;

use super::command::NO_ENV;
use super::{Gate, Origin, RawRequest, Script, overprint};

/// The folder of the store, which is also the site's name unless a story says otherwise.
const NAME: &str = "shop";
const ALIAS: &str = "/shop/aliases/production.json";

/// A store on loopback for as long as it is held.
pub(crate) struct WebStore {
    folder: TempDir,
    shelf: Arc<Shelf>,
    origin: Origin,
}

/// What the web server has and does.
#[derive(Default)]
struct Shelf {
    /// By target.
    files: Mutex<BTreeMap<String, Vec<u8>>>,
    /// Where looks at the alias wait.
    gate: Mutex<Option<Gate>>,
    down: Mutex<bool>,
}

impl WebStore {
    /// A store whose first release has `json`, the entries of one locale.
    pub(crate) async fn with(json: &str) -> Self {
        let shelf = Arc::new(Shelf::default());
        let served = Arc::clone(&shelf);
        let origin = Origin::serve(move |request| served.answer(request)).await;
        let store = Self { folder: TempDir::new().unwrap(), shelf, origin };
        store.publish(json).await;
        store
    }

    /// Publishes `json`; the next look finds it.
    pub(crate) async fn publish(&self, json: &str) {
        self.publish_hidden(json).await;
        self.show();
    }

    /// Publishes `json`; the web server goes on to show what it showed before.
    pub(crate) async fn publish_hidden(&self, json: &str) {
        self.write(json);
        overprint(self.folder(), &["publish", "content", "--to", NAME], NO_ENV).await.well();
    }

    /// Writes what is to be published next.
    pub(crate) fn write(&self, json: &str) {
        let content = self.folder().join("content");
        fs::create_dir_all(&content).unwrap();
        fs::write(content.join("en.json"), json).unwrap();
    }

    /// Shows everything that was published.
    pub(crate) fn show(&self) {
        let mut files = self.shelf.files.lock().unwrap();
        for kind in ["objects", "releases", "aliases"] {
            for entry in fs::read_dir(self.folder().join(NAME).join(kind)).unwrap() {
                let path: PathBuf = entry.unwrap().path();
                let name = path.file_name().unwrap().to_str().unwrap();
                files.insert(format!("/{NAME}/{kind}/{name}"), fs::read(&path).unwrap());
            }
        }
    }

    /// From now on looks wait for their answer before the gate.
    pub(crate) fn hold(&self) -> Gate {
        let gate = Gate::new();
        *self.shelf.gate.lock().unwrap() = Some(gate.clone());
        gate
    }

    /// Every answer is a 503 from now on, or not any more.
    pub(crate) fn is_down(&self, down: bool) {
        *self.shelf.down.lock().unwrap() = down;
    }

    /// The directory that has `content` and the store, [`NAME`].
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What a config has as `content`.
    pub(crate) fn url(&self) -> String {
        format!("{}/{NAME}", self.origin.url())
    }

    /// How often somebody has asked where the alias points.
    pub(crate) fn looks(&self) -> usize {
        looks(&self.origin.requests())
    }

    /// Waits until somebody has asked that often, or more often.
    pub(crate) async fn until_looks(&self, count: usize) {
        let awaited = format!("look {count} at the alias");
        self.origin.until(&awaited, |log| looks(&log.requests) >= count).await;
    }
}

fn looks(requests: &[RawRequest]) -> usize {
    requests.iter().filter(|request| request.target == ALIAS).count()
}

impl Shelf {
    fn answer(&self, request: &RawRequest) -> Script {
        let gate = self.gate.lock().unwrap().clone().filter(|_| request.target == ALIAS);
        let answer = self.file(request);
        match gate {
            Some(gate) => Script::new().wait(&gate).then(answer),
            None => answer,
        }
    }

    fn file(&self, request: &RawRequest) -> Script {
        if *self.down.lock().unwrap() {
            return Script::empty(503);
        }
        let files = self.files.lock().unwrap();
        let Some(bytes) = files.get(&request.target) else { return Script::empty(404) };
        let mut hasher = DefaultHasher::new();
        bytes.hash(&mut hasher);
        let tag = format!("\"{:x}\"", hasher.finish());
        if request.header("if-none-match") == Some(&tag) {
            return Script::empty(304).header("etag", &tag);
        }
        Script::answer("application/json", bytes).header("etag", &tag)
    }
}
