//! A tab with traps in it: whatever a page does by itself, or when it is used, is caught.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::browser::Wire;
use super::trapper::Trapper;
use crate::support::within;

/// Looks at the page and uses it; see there.
const LOOK: &str = include_str!("look.js");

/// How long a page that is being left may take to be looked at.
const PATIENCE: Duration = Duration::from_secs(3);

/// The traps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Trap {
    /// `alert()` and its like.
    Dialog,
    /// Something was written to the console.
    Console,
    /// A script failed: it ran.
    Exception,
    /// `pwned()` was called, by whatever means.
    Call,
    /// Something was asked for that no printed link or image stands for.
    Request,
    /// The page wanted to go elsewhere.
    Navigation,
    /// A window or a worker was opened.
    Target,
    /// A frame was opened.
    Frame,
    /// In a slot: an element, or an attribute, that no content may have.
    Markup,
    /// A URL that a browser reads as another scheme than content may name.
    Url,
    /// Around the slots, the page is not the origin's.
    Structure,
    /// Text around a slot is not shown in the order it is written in.
    Order,
}

impl Trap {
    pub(super) const COUNT: usize = 12;
}

/// What a trap caught.
#[derive(Debug, Clone)]
pub(super) struct Catch {
    pub(super) trap: Trap,
    pub(super) what: String,
}

impl fmt::Display for Catch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.trap, self.what)
    }
}

/// What was seen on a page.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) caught: Vec<Catch>,
    /// The page without what is in its slots.
    pub(super) outside: String,
    pub(super) charset: String,
    /// The arguments that its labels have.
    pub(super) told: Vec<String>,
    pub(super) slots: Vec<Filled>,
}

impl Seen {
    /// Which traps caught something.
    pub(super) fn traps(&self) -> BTreeSet<Trap> {
        self.caught.iter().map(|catch| catch.trap).collect()
    }
}

/// What a slot holds.
#[derive(Debug)]
pub(super) struct Filled {
    pub(super) key: String,
    /// The element's name, and the attribute's.
    pub(super) place: String,
    /// Its text, or the attribute's value; `None` for an attribute that is missing.
    pub(super) says: Option<String>,
}

/// A tab.
pub(super) struct Tab {
    wire: Wire,
    session: String,
    state: Arc<Mutex<State>>,
    loads: watch::Receiver<usize>,
}

/// What is known of the page that is being visited.
#[derive(Default)]
pub(super) struct State {
    /// The page that was asked for, until the request for it is seen.
    pub(super) expected: Option<String>,
    caught: Vec<Catch>,
    pub(super) requests: Vec<String>,
}

impl Tab {
    pub(super) async fn open(wire: &Wire) -> Self {
        let context = wire.ask("", "Target.createBrowserContext", json!({})).await;
        let context = &context["browserContextId"];
        let target = json!({"url": "about:blank", "browserContextId": context, "newWindow": true});
        let target = wire.ask("", "Target.createTarget", target).await;
        let target = target["targetId"].as_str().unwrap().to_owned();
        let attach = json!({"targetId": target, "flatten": true});
        let session = wire.ask("", "Target.attachToTarget", attach).await;
        let session = session["sessionId"].as_str().unwrap().to_owned();
        let state = Arc::new(Mutex::new(State::default()));
        let (loaded, loads) = watch::channel(0);
        let trapper =
            Trapper { wire: wire.clone(), session: session.clone(), target, state, loaded };
        let state = Arc::clone(&trapper.state);
        tokio::spawn(trapper.run(wire.listen(&session)));
        for (method, params) in [
            ("Page.enable", json!({})),
            ("Runtime.enable", json!({})),
            ("Runtime.addBinding", json!({"name": "pwned"})),
            ("Network.enable", json!({})),
            ("Fetch.enable", json!({"patterns": [{"urlPattern": "*"}]})),
            ("Emulation.setFocusEmulationEnabled", json!({"enabled": true})),
            (
                "Target.setAutoAttach",
                json!({"autoAttach": true, "waitForDebuggerOnStart": false, "flatten": true}),
            ),
        ] {
            wire.ask(&session, method, params).await;
        }
        Self { wire: wire.clone(), session, state, loads }
    }

    /// Opens a page, looks at it, and uses all that is on it.
    pub(super) async fn visit(&mut self, url: &str) -> Seen {
        *self.state.lock().unwrap() = State { expected: Some(url.to_owned()), ..State::default() };
        self.loads.mark_unchanged();
        let page = self.wire.ask(&self.session, "Page.navigate", json!({"url": url}));
        let page = within(url, page).await;
        assert!(page.get("errorText").is_none(), "{url}: {page}");
        within(&format!("{url} to load"), self.loads.changed()).await.unwrap();
        let look = json!({
            "expression": format!("({LOOK})()"), "awaitPromise": true, "returnByValue": true,
        });
        let look = self.wire.tell(&self.session, "Runtime.evaluate", look);
        let awaited = format!("a look at {url}");
        let look = tokio::select! {
            look = within(&awaited, look) => look,
            () = Self::gone(&self.state, &mut self.loads) => return self.come_back().await,
        };
        let look = look.unwrap_or_else(|_| panic!("Chromium ended on {url}"));
        if look.get("error").is_some() {
            // The page went away under the look.
            self.state.lock().unwrap().catch(Trap::Navigation, look.to_string());
            return self.come_back().await;
        }
        let look = &look["result"];
        assert!(look.get("exceptionDetails").is_none(), "{url}: {look}");
        let mut state = std::mem::take(&mut *self.state.lock().unwrap());
        state.seen(&look["result"]["value"])
    }

    /// A page that is left while it loads may never answer. Nobody waits for this but on such pages.
    async fn gone(state: &Mutex<State>, loads: &mut watch::Receiver<usize>) {
        while !state.lock().unwrap().has_left() {
            loads.changed().await.unwrap();
        }
        tokio::time::sleep(PATIENCE).await;
    }

    async fn come_back(&mut self) -> Seen {
        let caught = std::mem::take(&mut self.state.lock().unwrap().caught);
        self.wire.ask(&self.session, "Page.navigate", json!({"url": "about:blank"})).await;
        Seen { caught, ..Seen::default() }
    }
}

impl State {
    pub(super) fn catch(&mut self, trap: Trap, mut what: String) {
        what.truncate(what.floor_char_boundary(300));
        self.caught.push(Catch { trap, what });
    }

    fn has_left(&self) -> bool {
        self.caught.iter().any(|catch| catch.trap == Trap::Navigation)
    }

    fn seen(&mut self, look: &Value) -> Seen {
        let strings = |value: &Value| -> Vec<String> {
            let texts = value.as_array().unwrap().iter();
            texts.map(|text| text.as_str().unwrap().to_owned()).collect()
        };
        for (name, trap) in [("markup", Trap::Markup), ("urls", Trap::Url), ("order", Trap::Order)]
        {
            strings(&look[name]).into_iter().for_each(|what| self.catch(trap, what));
        }
        let loads = strings(&look["loads"]);
        let requests = std::mem::take(&mut self.requests).into_iter();
        let unasked = requests.filter(|url| !loads.contains(url) || !url.starts_with("http"));
        unasked.for_each(|what| self.catch(Trap::Request, what));
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let slots = look["slots"].as_array().unwrap().iter().map(|slot| Filled {
            key: text(&slot["key"]).unwrap(),
            place: text(&slot["place"]).unwrap(),
            says: text(&slot["says"]),
        });
        Seen {
            caught: std::mem::take(&mut self.caught),
            outside: text(&look["outside"]).unwrap(),
            charset: text(&look["charset"]).unwrap(),
            told: strings(&look["told"]),
            slots: slots.collect(),
        }
    }
}
