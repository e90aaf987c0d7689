//! "Look now": what wakes a site's loader before its next poll. However many hints come, one look
//! is under way and one waits.

use std::sync::{Arc, Mutex};

use futures_util::FutureExt;
use tokio::sync::Notify;

use super::lock;

/// What a hint says there is to be found; nothing where it does not say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The alias's `move` counter is at least this.
    pub r#move: Option<u64>,
    /// The release's number is this.
    pub seq: Option<u64>,
}

impl Wanted {
    /// Reads `{"move": 12, "seq": 7}`; of anything else, nothing: a hint without words.
    pub fn from_json(body: &[u8]) -> Self {
        let body: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
        let number = |name: &str| body.get(name).and_then(serde_json::Value::as_u64);
        Self { r#move: number("move"), seq: number("seq") }
    }

    /// What satisfies both.
    fn and(self, other: Self) -> Self {
        // Of two moves the later one; a release only where nothing newer is known.
        Self { r#move: self.r#move.max(other.r#move), seq: other.seq.or(self.seq) }
    }
}

/// The Redis channel on which hints for `site` are published.
pub fn channel(site: &str) -> String {
    format!("overprint:{site}")
}

/// A pair of ends.
pub fn hints() -> (Hinter, Hints) {
    let shared = Arc::new(Shared { wanted: Mutex::default(), wake: Notify::new() });
    (Hinter(Arc::clone(&shared)), Hints(shared))
}

#[derive(Debug)]
struct Shared {
    wanted: Mutex<Wanted>,
    wake: Notify,
}

/// Gives hints.
#[derive(Debug, Clone)]
pub struct Hinter(Arc<Shared>);

impl Hinter {
    /// Something may have been published.
    pub fn hint(&self, wanted: Wanted) {
        let mut known = lock(&self.0.wanted);
        *known = known.and(wanted);
        drop(known);
        self.0.wake.notify_one();
    }

    /// A visitor waits.
    pub fn look(&self) {
        self.hint(Wanted::default());
    }
}

/// Takes hints.
#[derive(Debug)]
pub struct Hints(Arc<Shared>);

impl Hints {
    /// Waits for a hint; gives what all that came since the last one want. Cancel safe.
    pub async fn next(&mut self) -> Wanted {
        self.0.wake.notified().await;
        std::mem::take(&mut lock(&self.0.wanted))
    }

    /// What came and was not waited for: a look that begins now is the answer to it.
    pub fn pending(&mut self) -> Option<Wanted> {
        self.next().now_or_never()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_flood_is_one_hint() {
        let (hinter, mut hints) = hints();
        for r#move in [3, 9, 4] {
            hinter.hint(Wanted { r#move: Some(r#move), seq: None });
        }
        hinter.hint(Wanted { r#move: None, seq: Some(7) });
        assert_eq!(hints.next().await, Wanted { r#move: Some(9), seq: Some(7) });
        let another =
            tokio::time::timeout(std::time::Duration::from_millis(20), hints.next()).await;
        assert!(another.is_err());
        assert_eq!(hints.pending(), None);
        hinter.look();
        assert_eq!(hints.pending(), Some(Wanted::default()));
        assert_eq!(hints.pending(), None);
    }
}
