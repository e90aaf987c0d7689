//! The engine: finds the slots of a page as it streams by and prints content into them.
//!
//! Bytes in, bytes out. Scanning makes a [`Plan`], which knows the page and no content; weaving
//! interleaves slices of the page with content. No sockets, no HTTP, no files.

mod arguments;
mod audience;
mod budget;
mod charset;
mod fit;
mod follow;
mod head;
mod label;
mod labelled;
mod markup;
mod matcher;
mod page;
mod plan;
mod prefix;
mod reason;
mod remember;
mod rope;
mod rules;
mod scan;
mod selectors;
mod tag;
mod tally;
mod tokenizer;
mod tree;
mod weaver;
mod written;

pub use arguments::Given;
pub use audience::{Audience, Variables};
pub use budget::Budget;
pub use label::{Arguments, LabelName};
pub use page::{Met, Page, plan, weave};
pub use plan::{Plan, Slot};
pub use reason::Reason;
pub use remember::{Kept, Memory, Output, OutputKey, Recollection, Tape, Wire};
pub use rules::Rules;
pub use selectors::{Misfit, Rule, Selectors};
pub use tally::Tally;
pub use weaver::Outcome;
