//! Published copy: what an entry is, how a content directory is compiled into a snapshot, and
//! how a text is found in it.
//!
//! Pure: no files, no sockets, no clock. Knows nothing of pages, requests or where content is
//! kept.

mod allowlist;
mod attributes;
mod bidi;
mod catalog;
mod changes;
mod compile;
mod default_locale;
mod digest;
mod drafts;
mod entry;
mod escape;
mod flatten;
mod form;
mod json;
pub mod key;
mod markup;
mod members;
mod policy;
pub mod release;
mod removed;
mod sanitize;
mod site;
mod snapshot;
mod source;
pub(crate) mod url;
mod voice;

pub use changes::Changes;
pub use compile::{Compiled, compile, compile_with_notes};
pub use digest::Digest;
pub use entry::{Entry, Kind, Landing, Refused, Unprintable};
pub use policy::{Differences, Policy};
pub use sanitize::Rejected;
pub use snapshot::Snapshot;
pub use voice::{ForeignTongue, Voice};
