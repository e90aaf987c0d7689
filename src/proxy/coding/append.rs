//! Lets a codec write at the end of a growing buffer, within a bound.

use bytes::BytesMut;
use compression_core::util::WriteBuffer;

/// Offers `room` bytes behind `out` to `write` and keeps the ones it wrote, also when it fails:
/// what was decoded before a fault is good.
pub(super) fn append<T>(
    out: &mut BytesMut,
    room: usize,
    write: impl FnOnce(&mut WriteBuffer<'_>) -> T,
) -> T {
    let start = out.len();
    // Zeroed because handing a codec uninitialised memory is unsafe; a fraction of its own cost.
    out.resize(start + room, 0);
    let mut target = WriteBuffer::new_initialized(&mut out[start..]);
    let result = write(&mut target);
    let written = target.written_len();
    out.truncate(start + written);
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_what_was_written_and_no_more() {
        let mut out = BytesMut::from("page ");
        let room = append(&mut out, 8, |target| {
            let room = target.capacity();
            target.initialize_unwritten()[..3].copy_from_slice(b"two");
            target.advance(3);
            room
        });
        assert_eq!((room, &out[..]), (8, &b"page two"[..]));
    }
}
