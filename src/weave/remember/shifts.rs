//! Where the bytes of a remembered page are in one that differs from it a little.

/// Places where two pages are out of step, in their order.
#[derive(Debug, Default)]
pub(in crate::weave) struct Shifts(Vec<Shift>);

#[derive(Debug, Clone, Copy)]
struct Shift {
    /// From this place of the remembered page on,
    from: usize,
    /// its bytes are this much further back in the other; less than nothing wraps around.
    by: usize,
}

impl Shifts {
    /// From `from` of the remembered page on, its bytes are at `to` and what follows.
    pub(super) fn add(&mut self, from: usize, to: usize) {
        self.0.push(Shift { from, by: to.wrapping_sub(from) });
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Where `place` of the remembered page is in the other.
    pub(in crate::weave) fn place(&self, place: usize) -> usize {
        let Some(last) = self.0.last() else { return place };
        if place >= last.from {
            return place.wrapping_add(last.by);
        }
        let before = self.0.partition_point(|shift| shift.from <= place);
        let by = before.checked_sub(1).map_or(0, |at| self.0[at].by);
        place.wrapping_add(by)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_move_with_what_is_in_front_of_them() {
        let mut shifts = Shifts::default();
        assert_eq!(shifts.place(7), 7);
        shifts.add(10, 13);
        shifts.add(20, 18);
        let places = [0, 9, 10, 19, 20, 30].map(|place| shifts.place(place));
        assert_eq!(places, [0, 9, 13, 22, 18, 28]);
    }
}
