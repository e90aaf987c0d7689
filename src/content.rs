//! Published copy: what an entry is, how a content directory is compiled into a snapshot, and
//! how a text is found in it.
//!
//! Pure: no files, no sockets, no clock. Knows nothing of pages, requests or where content is
//! kept.

mod allowlist;
mod compile;
mod default_locale;
mod drafts;
mod entry;
mod escape;
mod flatten;
mod form;
mod json;
pub mod key;
mod live;
mod markup;
mod members;
mod release;
mod sanitize;
mod site;
mod snapshot;
mod source;
mod voice;

pub use compile::compile;
pub use entry::{Entry, Kind};
pub use live::{Publisher, Reader, live};
pub use sanitize::Rejected;
pub use snapshot::Snapshot;
pub use voice::Voice;
