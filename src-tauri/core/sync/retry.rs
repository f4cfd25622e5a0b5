//! How long to wait after a try without an answer: full jitter, so that many programs that lost the same feed do not come
//! back at the same instant. Pure: the randomness is handed in.

/// The first wait is at most this long: two seconds.
pub const FIRST_MILLIS: i64 = 2_000;
/// No wait is longer than this: fifteen minutes.
pub const LONGEST_MILLIS: i64 = 15 * 60 * 1_000;

/// Milliseconds to wait after so many tries without an answer (the first is 0): evenly spread between 1 and the bound, which
/// doubles with every try. `random` is any number, all equally likely.
pub fn delay(tries: u32, random: u64) -> i64 {
    let doubled = FIRST_MILLIS.checked_shl(tries.min(20)).unwrap_or(LONGEST_MILLIS);
    let bound = doubled.min(LONGEST_MILLIS).unsigned_abs();
    i64::try_from(random % bound).unwrap_or(LONGEST_MILLIS) + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_quarter_of_an_hour_and_never_are_zero() {
        let longest =
            |tries| (0..100_000).step_by(7).chain([u64::MAX]).map(|random| delay(tries, random)).max().unwrap();
        assert_eq!(delay(0, 0), 1);
        assert_eq!(delay(0, 1_999), 2_000);
        assert!(longest(0) <= 2_000 && longest(3) <= 16_000);
        for tries in [9, 20, 63, 64, u32::MAX] {
            assert_eq!(delay(tries, 899_999), LONGEST_MILLIS, "{tries} tries");
        }
    }
}
