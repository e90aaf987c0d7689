//! HMAC-SHA256 over a message in parts, and comparing without telling how much was right.

use aws_lc_rs::constant_time;
use aws_lc_rs::hmac::{Context, Key, Tag};

/// A signature as bytes.
pub(super) type Mac = [u8; 32];

/// Authenticates the concatenation of `parts`, without making it.
pub(super) fn authenticate(key: &Key, parts: &[&[u8]]) -> Tag {
    let mut context = Context::with_key(key);
    for part in parts {
        context.update(part);
    }
    context.sign()
}

/// Whether one of `keys` made one of `signatures` over the concatenation of `parts`.
///
/// Compares each with each to the end, in constant time: how long that takes tells their numbers
/// and the message's length, and neither which matched nor how far the others were right. A key
/// authenticates the message once, however many signatures came with it: hashing a body is the
/// costly part, and anybody may send one with a long list.
pub(super) fn any_matches<'k>(
    keys: impl Iterator<Item = &'k Key>,
    parts: &[&[u8]],
    signatures: &[Mac],
) -> bool {
    let mut matched = false;
    for key in keys {
        let expected = authenticate(key, parts);
        for signature in signatures {
            // `|`, not `||`: a match must not save the rest.
            matched |= constant_time::verify_slices_are_equal(expected.as_ref(), signature).is_ok();
        }
    }
    matched
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::hmac::HMAC_SHA256;

    use super::*;

    fn mac(key: &Key, parts: &[&[u8]]) -> Mac {
        authenticate(key, parts).as_ref().try_into().unwrap()
    }

    #[test]
    fn parts_are_one_message() {
        // RFC 4231, test case 2.
        let key = Key::new(HMAC_SHA256, b"Jefe");
        let whole = mac(&key, &[b"what do ya want for nothing?"]);
        assert_eq!(whole[..4], [0x5b, 0xdc, 0xc1, 0x46]);
        assert_eq!(mac(&key, &[b"what do ya want ", b"", b"for nothing?"]), whole);
    }

    #[test]
    fn any_key_may_match_any_signature() {
        let [one, two, three] = [b"1", b"2", b"3"].map(|key| Key::new(HMAC_SHA256, key));
        let message: &[&[u8]] = &[b"body"];
        let [by_one, by_two, by_three] = [&one, &two, &three].map(|key| mac(key, message));
        for (signatures, matches) in [
            (vec![], false),
            (vec![by_three], false),
            (vec![by_one], true),
            (vec![by_two], true),
            (vec![by_three, by_two], true),
            (vec![by_one, by_three], true),
        ] {
            let keys = [&one, &two].into_iter();
            assert_eq!(any_matches(keys, message, &signatures), matches, "{signatures:?}");
        }
        assert!(!any_matches([&one].into_iter(), &[b"Body"], &[by_one]));
    }

    #[test]
    fn one_bit_anywhere_is_enough_to_differ() {
        let key = Key::new(HMAC_SHA256, b"key");
        let good = mac(&key, &[b"body"]);
        for bit in 0..256 {
            let mut bad = good;
            bad[bit / 8] ^= 1 << (bit % 8);
            assert!(!any_matches([&key].into_iter(), &[b"body"], &[bad]), "bit {bit}");
        }
    }
}
