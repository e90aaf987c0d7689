//! What of hostile markup reaches a page, held against html5ever's tree: only what the site allows,
//! no URL that a browser would run, and nothing outside the place where it is printed.

mod attacks;
mod bounds;
mod soup;

use std::rc::Rc;
use std::time::{Duration, Instant};

use bounds::Bounds;
use encoding_rs::UTF_8;
use html5ever::tendril::TendrilSink;
use html5ever::{QualName, local_name, ns, parse_fragment};
use markup5ever_rcdom::{Handle, NodeData, RcDom};
use overprint::content::compile;
use serde_json::{Value, json};

use crate::weaving::dom::{attribute, dump, near_difference, parse};

/// No source of these tests is large; this is far from what any takes, even on a busy machine.
const LONG: Duration = Duration::from_secs(10);

/// What a site says of its HTML.
pub(crate) struct Site {
    json: Value,
    bounds: Bounds,
}

impl Site {
    fn new(allow: &[&'static str], deny: &[&'static str]) -> Self {
        let json = json!({"default_locale": "en", "html": {"allow": allow, "deny": deny}});
        Self { json, bounds: Bounds::new(allow, deny) }
    }

    /// As most are, as generous as can be, and strict.
    fn each() -> [Self; 3] {
        let extras = ["address", "audio", "picture", "source", "track", "video"];
        let denied = ["a", "b", "img", "p", "table", "ul"];
        [Self::new(&[], &[]), Self::new(&extras, &[]), Self::new(&["video"], &denied)]
    }

    /// What is printed of `source`; none where it is refused.
    fn printed(&self, source: &str) -> Option<String> {
        let entry = json!({"x": {"$html": source}}).to_string();
        let files = [("en.json", entry), ("site.json", self.json.to_string())];
        let files = files.map(|(path, text)| (path.to_owned(), text.into_bytes()));
        let snapshot = compile(files).ok()?;
        let voice = snapshot.voice(snapshot.default_locale()).unwrap();
        Some(voice.find("x").unwrap().source().to_owned())
    }

    /// Whether what is printed of `source` is harmless; none where it is refused.
    fn check(&self, source: &str) -> Result<Option<()>, String> {
        let begun = Instant::now();
        let Some(html) = self.printed(source) else { return Ok(None) };
        if begun.elapsed() > LONG {
            return Err(format!("it took {:?}", begun.elapsed()));
        }
        self.judge(&html).map(Some).map_err(|fault| format!("{fault}\n{source:?} gave\n{html:?}"))
    }

    fn judge(&self, html: &str) -> Result<(), String> {
        let document = fragment(html);
        let root = Rc::clone(&document.children.borrow()[0]);
        self.bounds.hold(&root)?;
        match self.printed(html) {
            Some(again) if again == html => {}
            again => return Err(format!("sanitised again it is {again:?}")),
        }
        contained(html, &dump(&root))
    }
}

/// The document whose first child is the root of `html`.
fn fragment(html: &str) -> Handle {
    let context = QualName::new(None, ns!(html), local_name!("div"));
    let parser = parse_fragment(RcDom::default(), Default::default(), context, vec![], false);
    parser.one(html).document
}

/// Whether `html` in an element of a page gives the tree `inside` in it, and changes nothing else.
fn contained(html: &str, inside: &str) -> Result<(), String> {
    for doctype in ["<!doctype html>", ""] {
        let page = |content: &str| {
            let page = format!(
                "{doctype}<title>t</title><p>before<div id=slot>{content}</div>\
                 <p>after <b>b</b><ul><li>c</ul><table><tr><td>d</table><a href=e>f</a>"
            );
            parse(page.as_bytes(), UTF_8)
        };
        let (with, without) = (page(html), page(""));
        let slot = slot(&with).ok_or("the slot is gone")?;
        if dump(&slot) != inside {
            return Err(format!("in a page it is\n{}", near_difference(&dump(&slot), inside)));
        }
        slot.children.borrow_mut().clear();
        let (with, without) = (dump(&with), dump(&without));
        if with != without {
            return Err(format!("the page becomes\n{}", near_difference(&with, &without)));
        }
    }
    Ok(())
}

fn slot(node: &Handle) -> Option<Handle> {
    if let NodeData::Element { .. } = &node.data
        && attribute(node, "id").is_some_and(|id| id == "slot")
    {
        return Some(Rc::clone(node));
    }
    node.children.borrow().iter().find_map(slot)
}
