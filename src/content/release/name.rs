//! The name of a snapshot: a digest of everything in it that can reach a page.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use crate::content::catalog::Catalog;
use crate::content::digest::Digest;
use crate::content::policy::Policy;
use crate::content::voice::Voice;
use crate::locale::Tag;

/// Changes whenever the same content must get another name.
const SCHEME: &str = "overprint release 2";

/// 16 hex digits. A locale's texts count by the digest of their object, so that naming costs
/// nothing, and by the policy that it was read under; tags have no white space, so that no two contents are written alike.
pub(in crate::content) fn name(
    default_locale: &Tag,
    policy: &Policy,
    catalogs: &BTreeMap<Tag, Arc<Catalog>>,
    voices: &BTreeMap<Tag, Voice>,
) -> String {
    let mut text = format!("{SCHEME}\n{default_locale}\n");
    // Writing to a string cannot fail.
    if !policy.differences().is_none() {
        // No tag begins with a bracket.
        let _ = writeln!(text, "<{}>", policy.differences());
    }
    for catalog in catalogs.values() {
        let _ = writeln!(text, "{} {}", catalog.tag, catalog.digest);
    }
    for voice in voices.values() {
        let chain: Vec<_> = voice.chain().map(Tag::as_str).collect();
        let _ = writeln!(text, "{}: {}", voice.locale(), chain.join(" "));
    }
    Digest::of(text.as_bytes()).short()
}
