//! Where bytes are cut on their way, and the seed that makes a random cut repeatable.

use std::any::Any;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;

use bytes::Bytes;
use fastrand::Rng;

/// Pins the seed of [`with_seed`].
const SEED: &str = "OVERPRINT_SEED";

/// How a body is cut into pieces that travel apart.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Cut {
    /// Not at all.
    Whole,
    /// Every so many bytes.
    Every(usize),
    /// By [`chunks`], with this seed.
    Random(u64),
}

impl Cut {
    pub(super) fn apply(self, bytes: &[u8]) -> Vec<Bytes> {
        match self {
            Self::Whole => vec![Bytes::copy_from_slice(bytes)],
            Self::Every(size) => bytes.chunks(size).map(Bytes::copy_from_slice).collect(),
            Self::Random(seed) => chunks(bytes, seed),
        }
    }
}

/// Splits `bytes` at random places: mostly short pieces, some of one byte, some empty, some long.
pub(crate) fn chunks(bytes: &[u8], seed: u64) -> Vec<Bytes> {
    let mut rng = Rng::with_seed(seed);
    let mut rest = Bytes::copy_from_slice(bytes);
    let mut pieces = Vec::new();
    while !rest.is_empty() {
        let length = piece_length(&mut rng).min(rest.len());
        pieces.push(rest.split_to(length));
    }
    pieces
}

/// Tells a story with random numbers. When it fails, the panic names the seed and how to pin it.
pub(crate) async fn with_seed<T>(story: impl AsyncFnOnce(Rng) -> T) -> T {
    with_this_seed(seed(std::env::var(SEED).ok()), story).await
}

pub(super) async fn with_this_seed<T>(seed: u64, story: impl AsyncFnOnce(Rng) -> T) -> T {
    let mut story = pin!(story(Rng::with_seed(seed)));
    poll_fn(|context| {
        let poll = catch_unwind(AssertUnwindSafe(|| story.as_mut().poll(context)));
        poll.unwrap_or_else(|panic| failed(seed, &*panic))
    })
    .await
}

/// The pinned seed, or a new one.
pub(super) fn seed(pinned: Option<String>) -> u64 {
    match pinned {
        Some(pinned) => pinned.parse().unwrap_or_else(|_| panic!("{SEED}={pinned}: not a number")),
        None => fastrand::u64(..),
    }
}

fn piece_length(rng: &mut Rng) -> usize {
    match rng.u8(..8) {
        0 => 0,
        1 | 2 => 1,
        3..=6 => rng.usize(2..40),
        _ => rng.usize(40..4000),
    }
}

fn failed(seed: u64, panic: &(dyn Any + Send)) -> ! {
    let message = panic.downcast_ref::<String>().map(String::as_str);
    let message = message.or_else(|| panic.downcast_ref().copied()).unwrap_or("it panicked");
    panic!("with {SEED}={seed}: {message}")
}
