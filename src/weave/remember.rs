//! Pages that came by before: what was found in them serves again, byte for byte verified.
//!
//! Nothing is taken from a remembered page that the page which comes in has not shown to be its own.
//! So it needs no permission to cache: the origin was asked, and every byte was compared.

mod block;
mod known;
mod memory;
mod output;
mod printed;
mod record;
mod reprint;
mod resync;
mod tags;
mod values;
mod verify;
mod wire;

pub(super) use known::Remembered;
pub(super) use memory::Shelf;
pub use memory::{Kept, Memory, OutputKey, Recollection};
pub use output::{Output, Tape};
pub(super) use printed::Printed;
pub(super) use record::Recording;
pub(super) use reprint::Reprint;
pub(super) use tags::Tags;
pub(super) use verify::{Diverged, Verifier};
pub use wire::Wire;
