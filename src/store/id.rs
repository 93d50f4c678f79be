//! Ids that sort by the time at which they were made.

use jiff::Timestamp;
use std::fmt::Write;

/// A new id: the time in milliseconds and 64 random bits, in hexadecimal digits. Ids of one process
/// sort by time, which makes them cursors of pages.
#[must_use]
pub fn new_id(now: Timestamp) -> String {
    let mut random = [0_u8; 8];
    // Without the system's randomness, ids differ by time alone; the database refuses a second row of one id.
    let _ = getrandom::fill(&mut random);
    let mut id = format!("{:011x}", now.as_millisecond());
    for byte in random {
        // Writing to a string cannot fail.
        let _ = write!(id, "{byte:02x}");
    }
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_differ_and_sort_by_time() {
        let at = |ms| Timestamp::from_millisecond(ms).unwrap();
        let (a, b, c) = (new_id(at(1)), new_id(at(1)), new_id(at(1_800_000_000_000)));
        assert_ne!(a, b);
        assert!(a < c && b < c);
        assert_eq!(a.len(), c.len());
    }
}
