//! An alias only moves forward. Who can write to a store, or stands between it and the proxy, may
//! hold back what is new, and may not bring back what is old.

use crate::content::release::Invalid;
use crate::content::release::pointer::{Pinned, Pointer};

/// The last pointer that was trusted.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Trust(Option<(u64, Pinned)>);

impl Trust {
    /// Whether `pointer` is as far as the last one, or further.
    ///
    /// # Errors
    /// That it is not, or is another one with the same count.
    pub(super) fn check(self, pointer: &Pointer) -> Result<(), Invalid> {
        let Some((last, release)) = self.0 else { return Ok(()) };
        let now = pointer.r#move;
        let fault = if now < last {
            format!("the alias went back from move {last} to move {now}")
        } else if now == last && pointer.release != release {
            let (is, was) = (pointer.release.seq, release.seq);
            format!(
                "move {now} is release {is}, and was release {was}, or its manifest was another"
            )
        } else {
            return Ok(());
        };
        Err(Invalid::new(format!("{fault}; {WHAT_TO_DO}")))
    }

    /// Trusts `pointer` from now on, unless a later one is trusted already.
    pub(super) fn advance(&mut self, pointer: &Pointer) {
        if self.check(pointer).is_ok() {
            self.0 = Some((pointer.r#move, pointer.release));
        }
    }

    /// Whether the alias has come as far as `wanted`.
    pub(super) fn reached(self, wanted: u64) -> bool {
        self.0.is_some_and(|(last, _)| last >= wanted)
    }

    /// Whether it is at release `seq`, or beyond.
    pub(super) fn has(self, seq: u64) -> bool {
        self.0.is_some_and(|(_, release)| release.seq >= seq)
    }
}

/// A place to publish past is in front of it.
const WHAT_TO_DO: &str = "where the store was restored or rebuilt, `overprint publish --past` with the \
    first of these moves goes on from there";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::Digest;

    fn pointer(r#move: u64, seq: u64) -> Pointer {
        let release = Pinned { seq, sha256: Digest::of(&seq.to_be_bytes()) };
        Pointer { r#move, ..Pointer::moved("production", None, release, String::new()) }
    }

    #[test]
    fn only_forward() {
        let mut trust = Trust::default();
        assert!(trust.check(&pointer(1, 9)).is_ok());
        trust.advance(&pointer(5, 9));
        for (now, seq, allowed) in
            [(4, 9, false), (4, 10, false), (5, 9, true), (5, 8, false), (6, 9, true), (6, 2, true)]
        {
            assert_eq!(trust.check(&pointer(now, seq)).is_ok(), allowed, "{now} {seq}");
        }
        assert!(trust.reached(5) && !trust.reached(6));
        assert!(trust.has(9) && !trust.has(10));
    }
}
