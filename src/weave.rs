//! The engine: finds the slots of a page as it streams by and prints content into them.
//!
//! Bytes in, bytes out. Scanning makes a [`Plan`], which knows the page and no content; weaving
//! interleaves slices of the page with content. No sockets, no HTTP, no files.

mod audience;
mod charset;
mod fit;
mod follow;
mod label;
mod markup;
mod page;
mod plan;
mod prefix;
mod reason;
mod rope;
mod scan;
mod tag;
mod tally;
mod tokenizer;
mod tree;
mod weaver;

pub use audience::{Audience, Variables};
pub use label::{Arguments, LabelName};
pub use page::{Page, Rules, plan, weave};
pub use plan::{Plan, Slot};
pub use prefix::Lookback;
pub use reason::Reason;
pub use tally::Tally;
pub use weaver::Outcome;
