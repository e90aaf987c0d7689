//! What minds the traps of a tab: it takes what Chromium tells, and answers for whoever looks.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};

use super::browser::{Event, Wire};
use super::tab::{State, Trap};

/// See above.
pub(super) struct Trapper {
    pub(super) wire: Wire,
    pub(super) session: String,
    pub(super) target: String,
    pub(super) state: Arc<Mutex<State>>,
    pub(super) loaded: watch::Sender<usize>,
}

impl Trapper {
    /// Until the tab is closed.
    pub(super) async fn run(self, mut events: mpsc::UnboundedReceiver<Event>) {
        while let Some(Event { method, params }) = events.recv().await {
            self.mind(&method, &params);
        }
    }

    fn mind(&self, method: &str, params: &Value) {
        let text = |name: &str| params[name].as_str().unwrap_or_default();
        match method {
            "Page.loadEventFired" => self.loaded.send_modify(|loads| *loads += 1),
            "Page.javascriptDialogOpening" => {
                self.caught(Trap::Dialog, params);
                self.tell("Page.handleJavaScriptDialog", json!({"accept": true}));
            }
            "Runtime.consoleAPICalled" => self.caught(Trap::Console, &params["args"]),
            "Runtime.exceptionThrown" => self.caught(Trap::Exception, &params["exceptionDetails"]),
            "Runtime.bindingCalled" => self.caught(Trap::Call, &params["payload"]),
            "Page.frameAttached" => self.caught(Trap::Frame, params),
            "Page.windowOpen" => self.caught(Trap::Target, params),
            "Page.frameRequestedNavigation" if self.is_main(params) => self.left(params),
            "Target.attachedToTarget" => self.caught(Trap::Target, &params["targetInfo"]),
            // What is fetched from nowhere is not stopped below.
            "Network.requestWillBeSent" => {
                let url = params["request"]["url"].as_str().unwrap();
                if !url.starts_with("http") {
                    self.state.lock().unwrap().requests.push(url.to_owned());
                }
            }
            "Fetch.requestPaused" => {
                let url = params["request"]["url"].as_str().unwrap();
                let is_page = text("resourceType") == "Document" && self.is_main(params);
                self.request(text("requestId"), url, is_page);
            }
            _ => {}
        }
    }

    /// The page's own frame has the name of its tab.
    fn is_main(&self, params: &Value) -> bool {
        params["frameId"] == *self.target
    }

    /// Lets the page through that is visited, and nothing else.
    fn request(&self, id: &str, url: &str, is_page: bool) {
        let mut state = self.state.lock().unwrap();
        if state.expected.as_deref() == Some(url) {
            state.expected = None;
            self.tell("Fetch.continueRequest", json!({"requestId": id}));
        } else if url.ends_with("/the-end-of-the-look") {
            let answer = json!({"requestId": id, "responseCode": 204});
            self.tell("Fetch.fulfillRequest", answer);
        } else if url.ends_with("/favicon.ico") {
            // Which Chromium wants for itself.
            self.tell("Fetch.failRequest", json!({"requestId": id, "errorReason": "Aborted"}));
        } else {
            if !is_page {
                state.requests.push(url.to_owned());
            }
            let refusal = json!({"requestId": id, "errorReason": "Aborted"});
            self.tell("Fetch.failRequest", refusal);
            drop(state);
            if is_page {
                self.left(&json!(url));
            }
        }
    }

    fn left(&self, where_to: &Value) {
        self.caught(Trap::Navigation, where_to);
        self.loaded.send_modify(|loads| *loads += 1);
    }

    fn caught(&self, trap: Trap, what: &Value) {
        self.state.lock().unwrap().catch(trap, what.to_string());
    }

    fn tell(&self, method: &str, params: Value) {
        drop(self.wire.tell(&self.session, method, params));
    }
}
