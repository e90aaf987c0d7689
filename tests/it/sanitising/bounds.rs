//! What may be printed, written down once more so that the list is not its own judge, and URLs as a
//! browser's own parser reads them.

use std::collections::BTreeSet;

use html5ever::ns;
use markup5ever_rcdom::{Handle, NodeData};
use reqwest::Url;

const USUAL: &str = "a abbr acronym article aside b bdi bdo blockquote br caption center cite code col \
    colgroup data dd del details dfn div dl dt em figcaption figure footer h1 h2 h3 h4 h5 h6 header \
    hgroup hr i img ins kbd li mark nav ol p pre q rp rt ruby s samp section small span strike strong \
    sub summary sup table tbody td tfoot th thead time tr tt u ul var wbr";

const TABLE: &str = "caption col colgroup tbody td tfoot th thead tr";

/// Which elements may be there.
pub(super) struct Bounds(BTreeSet<&'static str>);

impl Bounds {
    pub(super) fn new(allow: &[&'static str], deny: &[&'static str]) -> Self {
        let mut names: BTreeSet<_> =
            USUAL.split_whitespace().chain(allow.iter().copied()).collect();
        names.retain(|name| !deny.contains(name));
        if deny.contains(&"table") {
            names.retain(|name| !TABLE.split_whitespace().any(|part| part == *name));
        }
        Self(names)
    }

    /// Whether everything below `node` is within.
    pub(super) fn hold(&self, node: &Handle) -> Result<(), String> {
        for child in node.children.borrow().iter() {
            match &child.data {
                NodeData::Text { .. } => {}
                NodeData::Element { name, attrs, .. } => {
                    if name.ns != ns!(html) || !self.0.contains(&*name.local) {
                        return Err(format!("there is a <{}>", name.local));
                    }
                    for attr in attrs.borrow().iter() {
                        allow(&name.local, &attr.name.local, &attr.value)?;
                    }
                    self.hold(child)?;
                }
                other => return Err(format!("there is {other:?}")),
            }
        }
        Ok(())
    }
}

fn allow(element: &str, name: &str, value: &str) -> Result<(), String> {
    let fault = || format!("there is {name}={value:?} on <{element}>");
    let good = match (element, name) {
        (_, "class" | "dir" | "lang" | "title") => true,
        ("a", "rel") => !value.split_whitespace().any(|word| word.eq_ignore_ascii_case("opener")),
        ("a", "target") => matches!(&*value.to_ascii_lowercase(), "_blank" | "_self"),
        ("a", "href") | ("video", "poster") => is_harmless(value),
        ("img" | "audio" | "video" | "source" | "track", "src") => is_harmless(value),
        ("img" | "source", "srcset") => are_harmless(value),
        ("img" | "source", "sizes" | "width" | "height") => true,
        ("a", "hreflang") | ("img", "alt" | "loading") => true,
        ("col" | "colgroup", "span") | ("data" | "li", "value") => true,
        ("del" | "ins" | "time", "datetime") | ("details", "open") => true,
        ("ol", "reversed" | "start" | "type") => true,
        ("td" | "th", "colspan" | "headers" | "rowspan" | "scope") => true,
        ("source", "media" | "type") => true,
        ("track", "default" | "kind" | "label" | "srclang") => true,
        ("audio" | "video", "autoplay" | "controls" | "loop" | "muted" | "preload") => true,
        ("video", "height" | "playsinline" | "width") => true,
        _ => false,
    };
    if good { Ok(()) } else { Err(fault()) }
}

/// Where a browser would go from an https page.
fn is_harmless(url: &str) -> bool {
    let base = Url::parse("https://page.example/folder/").unwrap();
    let schemes = ["http", "https", "mailto", "tel"];
    // What is no URL leads nowhere.
    base.join(url).map_or(true, |url| schemes.contains(&url.scheme()))
}

/// Every URL that could be a candidate: a comma in parentheses counts like any, so that this is
/// stricter than a browser, and written otherwise than what it judges.
fn are_harmless(srcset: &str) -> bool {
    let mut is_url = true;
    srcset.split_ascii_whitespace().all(|word| {
        let url = match (is_url, word.split_once(',')) {
            (true, _) => Some(word),
            (false, Some((_, url))) => Some(url),
            (false, None) => None,
        };
        is_url = word.ends_with(',');
        url.is_none_or(|url| is_harmless(url.trim_matches(',')))
    })
}
