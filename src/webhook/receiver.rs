//! Judges deliveries, and remembers the ids of those it believed.

use std::time::Duration;

use hyper::HeaderMap;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;

use super::hub;
use super::refused::{Refused, TOLERANCE};
use super::secret::Secrets;
use super::standard::{self, Signed};

/// How long an id is remembered. One delivery is acceptable from a tolerance before its time to a
/// tolerance after it, and a second more, because `now` is whole seconds.
const REMEMBERED: Duration = Duration::from_secs(2 * TOLERANCE + 1);

/// How many ids are remembered: 2.5 MB of the longest. Only who has a secret adds one.
const MAX_IDS: u64 = 10_000;

/// What a believed delivery is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// Its id is new, or its scheme has none.
    First,
    /// Its id was here: a retry of a sender that missed the answer, or a replay.
    Repeated,
}

/// Judges deliveries by the secrets of one hook.
pub(crate) struct Receiver {
    secrets: Secrets,
    ids: Cache<String, ()>,
}

impl Receiver {
    /// A receiver that has seen nothing.
    pub(crate) fn new(secrets: Secrets) -> Self {
        let ids = Cache::builder()
            .max_capacity(MAX_IDS)
            .time_to_live(REMEMBERED)
            // The default policy keeps what is asked for often and would forget a new id at once.
            .eviction_policy(EvictionPolicy::lru())
            .build();
        Self { secrets, ids }
    }

    /// Judges a request at the time `now`, in seconds since 1970. `body` is all of it, as it came.
    ///
    /// The signature is judged before the time: whoever has no secret learns nothing of our clock.
    /// A delivery by GitHub's scheme has neither time nor id, and is always the first: sent again
    /// by anybody who saw it, it passes again, so let it be no more than a hint. Of threads that
    /// bring one id at once, exactly one is told that it is the first.
    ///
    /// # Errors
    /// The first thing that is wrong, in the order of [`Refused`].
    pub(crate) fn receive(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        now: u64,
    ) -> Result<Delivery, Refused> {
        if standard::is_absent(headers) {
            return hub::verify(&self.secrets, headers, body).map(|()| Delivery::First);
        }
        let signed = Signed::read(headers)?;
        signed.verify(&self.secrets, body)?;
        judge_time(signed.sent, now)?;
        Ok(self.remember(signed.id))
    }

    /// Looks and writes in one step, so that no other thread comes between. (In moka 0.12,
    /// `or_insert` looks and then writes; `or_insert_with` holds the others back.)
    fn remember(&self, id: &str) -> Delivery {
        let fresh = self.ids.entry_by_ref(id).or_insert_with(|| ()).is_fresh();
        if fresh { Delivery::First } else { Delivery::Repeated }
    }
}

fn judge_time(sent: u64, now: u64) -> Result<(), Refused> {
    if now.saturating_sub(sent) > TOLERANCE {
        return Err(Refused::TooOld);
    }
    if sent.saturating_sub(now) > TOLERANCE { Err(Refused::TooNew) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::thread;

    use hyper::header::{HeaderName, HeaderValue};

    use super::super::standard::{ID, SIGNATURE, TIMESTAMP, sign};
    use super::*;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const NOW: u64 = 1_614_265_330;
    const BODY: &[u8] = br#"{"test": 2432232314}"#;
    const HUB: HeaderName = HeaderName::from_static("x-hub-signature-256");

    fn receiver() -> Receiver {
        Receiver::new(Secrets::parse(SECRET).unwrap())
    }

    /// What a sender with `secrets` sends.
    fn sent(secrets: &str, id: &str, timestamp: u64) -> HeaderMap {
        let signature = sign(&Secrets::parse(secrets).unwrap(), id, timestamp, BODY);
        let lines =
            [(ID, id.to_owned()), (TIMESTAMP, timestamp.to_string()), (SIGNATURE, signature)];
        lines.into_iter().map(|(name, value)| (name, value.parse().unwrap())).collect()
    }

    /// What GitHub sends.
    fn sent_by_github(value: &'static str) -> HeaderMap {
        [(HUB, HeaderValue::from_static(value))].into_iter().collect()
    }

    #[test]
    fn a_delivery_is_first_and_every_one_after_it_repeated() {
        let receiver = receiver();
        let map = sent(SECRET, "msg_1", NOW);
        assert_eq!(receiver.receive(&map, BODY, NOW), Ok(Delivery::First));
        assert_eq!(receiver.receive(&map, BODY, NOW), Ok(Delivery::Repeated), "a replay");
        let retry = sent(SECRET, "msg_1", NOW + 60);
        assert_eq!(receiver.receive(&retry, BODY, NOW + 60), Ok(Delivery::Repeated), "a retry");
        let next = sent(SECRET, "msg_2", NOW + 60);
        assert_eq!(receiver.receive(&next, BODY, NOW + 60), Ok(Delivery::First), "another");
    }

    #[test]
    fn either_clock_may_be_five_minutes_off() {
        for (timestamp, judged) in [
            (NOW - 300, Ok(Delivery::First)),
            (NOW + 300, Ok(Delivery::First)),
            (NOW - 301, Err(Refused::TooOld)),
            (NOW + 301, Err(Refused::TooNew)),
            (0, Err(Refused::TooOld)),
            (u64::MAX, Err(Refused::TooNew)),
        ] {
            let map = sent(SECRET, "msg_1", timestamp);
            assert_eq!(receiver().receive(&map, BODY, NOW), judged, "{timestamp}");
        }
        assert_eq!(receiver().receive(&sent(SECRET, "a", 0), BODY, 0), Ok(Delivery::First));
    }

    #[test]
    fn the_signature_is_judged_before_the_time() {
        let foreign = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
        for timestamp in [NOW - 301, NOW, NOW + 301] {
            let map = sent(foreign, "msg_1", timestamp);
            assert_eq!(receiver().receive(&map, BODY, NOW), Err(Refused::BadSignature));
        }
    }

    #[test]
    fn what_was_refused_is_not_remembered() {
        let receiver = receiver();
        let map = sent(SECRET, "msg_1", NOW);
        assert_eq!(receiver.receive(&map, b"tampered", NOW), Err(Refused::BadSignature));
        assert_eq!(receiver.receive(&map, BODY, NOW + 301), Err(Refused::TooOld));
        assert_eq!(receiver.receive(&map, BODY, NOW - 301), Err(Refused::TooNew));
        assert_eq!(receiver.receive(&map, BODY, NOW), Ok(Delivery::First));
    }

    #[test]
    fn both_sides_may_be_amid_a_rotation() {
        let receiver =
            Receiver::new(Secrets::parse(&format!("0123456789abcdef\n{SECRET}")).unwrap());
        let map = sent(&format!("a secret of later\n{SECRET}"), "msg_1", NOW);
        assert_eq!(receiver.receive(&map, BODY, NOW), Ok(Delivery::First));
        assert_eq!(receiver.receive(&map, BODY, NOW), Ok(Delivery::Repeated));
    }

    #[test]
    fn nothing_signed_is_unsigned() {
        assert_eq!(receiver().receive(&HeaderMap::new(), BODY, NOW), Err(Refused::Unsigned));
    }

    #[test]
    fn github_is_believed_without_time_or_id_and_never_repeated() {
        let receiver = Receiver::new(Secrets::parse("It's a Secret to Everybody").unwrap());
        let map = sent_by_github(
            "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
        );
        for now in [0, NOW, u64::MAX] {
            assert_eq!(receiver.receive(&map, b"Hello, World!", now), Ok(Delivery::First));
        }
    }

    #[test]
    fn githubs_header_does_not_count_beside_the_standard_ones() {
        let good = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
        let body = b"Hello, World!";
        let github = Receiver::new(Secrets::parse("It's a Secret to Everybody").unwrap());
        for (name, refused) in [
            (ID, Refused::Unsigned),
            (TIMESTAMP, Refused::Unsigned),
            (SIGNATURE, Refused::Unsigned),
        ] {
            let mut map = sent_by_github(good);
            map.insert(name, HeaderValue::from_static("1"));
            assert_eq!(github.receive(&map, body, NOW), Err(refused), "a good one saves nothing");
        }
        let mut map = sent(SECRET, "msg_1", NOW);
        map.insert(HUB, HeaderValue::from_static("sha256=nonsense"));
        assert_eq!(
            receiver().receive(&map, BODY, NOW),
            Ok(Delivery::First),
            "a bad one spoils nothing"
        );
    }

    #[test]
    fn of_racing_threads_one_is_first() {
        for round in 0..50 {
            let (receiver, map) = (receiver(), sent(SECRET, "msg_1", NOW));
            let barrier = Barrier::new(8);
            let judge = || {
                barrier.wait();
                receiver.receive(&map, BODY, NOW).unwrap()
            };
            let judged: Vec<_> = thread::scope(|scope| {
                let threads: Vec<_> = (0..8).map(|_| scope.spawn(judge)).collect();
                threads.into_iter().map(|thread| thread.join().unwrap()).collect()
            });
            let first = judged.iter().filter(|&&delivery| delivery == Delivery::First).count();
            assert_eq!((first, judged.len()), (1, 8), "round {round}");
        }
    }

    #[test]
    fn an_id_is_remembered_as_long_as_its_delivery_is_acceptable() {
        let policy = receiver().ids.policy();
        assert_eq!(policy.time_to_live(), Some(Duration::from_secs(601)));
        assert_eq!(policy.time_to_idle(), None);
    }

    #[test]
    fn the_oldest_ids_go_when_there_are_too_many() {
        let receiver = receiver();
        let ids = || (0..MAX_IDS + 500).map(|n| n.to_string());
        assert!(ids().all(|id| receiver.remember(&id) == Delivery::First));
        receiver.ids.run_pending_tasks();
        assert_eq!(receiver.ids.entry_count(), MAX_IDS);
        let newest = ids().skip(1000);
        assert!(newest.into_iter().all(|id| receiver.remember(&id) == Delivery::Repeated));
    }

    #[test]
    fn garbage_is_refused_without_a_panic() {
        let mut random = fastrand::Rng::with_seed(1);
        let receiver = receiver();
        for _ in 0..20_000 {
            let mut map = sent(SECRET, "msg_1", NOW);
            if random.bool() {
                map.clear();
            }
            for name in [ID, TIMESTAMP, SIGNATURE, HUB] {
                if random.bool() {
                    map.insert(name, garbage(&mut random));
                }
            }
            // Three good headers are left in a few rounds, GitHub's being garbage beside them.
            let judged = receiver.receive(&map, BODY, NOW);
            let intact = map.get(&SIGNATURE) == sent(SECRET, "msg_1", NOW).get(&SIGNATURE)
                && map.get(&ID).is_some_and(|id| id == "msg_1")
                && map.get(&TIMESTAMP).is_some_and(|timestamp| timestamp == "1614265330");
            assert_eq!(judged.is_ok(), intact, "{map:?}");
        }
    }

    /// Bytes that a header can carry, often behind a start that looks right.
    fn garbage(random: &mut fastrand::Rng) -> HeaderValue {
        let starts: [&[u8]; 6] = [b"", b"v1,", b"v1,g0hM9SsE ", b"sha256=", b"sha256=75", b"1614"];
        let mut bytes = starts[random.usize(..starts.len())].to_vec();
        let more = random.usize(..100);
        bytes.extend((0..more).map(|_| random.u8(..)).filter(|&b| b >= 0x20 && b != 0x7f));
        HeaderValue::from_bytes(&bytes).unwrap()
    }
}
