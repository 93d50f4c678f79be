//! One resource of an account that is computed, not stored: all of its properties follow from its
//! kind, region and number.

use jiff::{SignedDuration, Timestamp};

/// Names and tags as strangers write them, to break tables, terminals, spreadsheets and pages.
pub(super) const HOSTILE: &[&str] = &[
    "<script>alert('six')</script>",
    "=cmd|' /C calc'!A0",
    "\u{1b}[31mred\u{1b}[0m",
    "\u{202e}gpj.exe",
    "a|b\\|c`d`",
    "\"><img src=x onerror=alert(1)>",
    "line one\nline two",
    "{r.id} ${jndi:ldap://x}",
];

/// A text that looks like a password, in a tag.
const TAG_PASSWORD: &str = "planted-in-a-tag-5fzQ";

/// The secrets that are planted in tags. Tags are shown and kept, so these are no more than what
/// the account's owner wrote on the outside.
pub(crate) const PLANTED_IN_TAGS: &[&str] = &[TAG_PASSWORD];

/// A resource: the `index`th of its kind in a region.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item<'a> {
    pub(super) kind: &'static str,
    pub(super) region: &'a str,
    pub(super) index: usize,
    pub(super) now: Timestamp,
}

impl Item<'_> {
    /// A number below `sides` that depends on the resource and on what it decides, and on nothing
    /// else (FNV-1a).
    pub(super) fn draw(&self, what: &str, sides: usize) -> usize {
        let index = self.index.to_le_bytes();
        let texts = [self.kind, "/", self.region, "/", what];
        let bytes = texts.iter().flat_map(|t| t.bytes()).chain(index);
        let mut hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        // The last byte hardly reaches the high bits, and the low ones repeat.
        hash ^= hash >> 29;
        hash = hash.wrapping_mul(0xbf58_476d_1ce4_e5b9);
        hash ^= hash >> 32;
        usize::try_from(hash % sides as u64).expect("smaller than a usize")
    }

    /// Whether this is one of those, `sides` resources apart on average, that something is true of.
    pub(super) fn one_in(&self, sides: usize, what: &str) -> bool {
        self.draw(what, sides) == 0
    }

    pub(super) fn pick<T: Copy>(&self, what: &str, from: &[T]) -> T {
        from[self.draw(what, from.len())]
    }

    /// `vol-0a1b2…`: the middle tells the region, and the end is the number. The kind has no say
    /// in it, so that others can refer to a resource by its number.
    pub(super) fn id(&self, prefix: &str) -> String {
        let region = Item {
            kind: "",
            index: 0,
            ..*self
        };
        let region = region.draw("region", 0xf_ffff);
        format!("{prefix}-{region:05x}{:012x}", self.index)
    }

    /// A time in the past, up to so many days ago.
    pub(super) fn past(&self, what: &str, days: usize) -> Timestamp {
        days_before(self.now, self.draw(what, days) + 1)
    }

    /// Tags: most have a name and an owner, some are there to do harm.
    pub(super) fn tags(&self) -> Vec<(String, String)> {
        let mut tags = Vec::new();
        let mut add = |key: &str, value: &str| tags.push((key.to_owned(), value.to_owned()));
        if self.one_in(9, "hostile name") {
            add("Name", self.pick("name", HOSTILE));
        } else if !self.one_in(4, "nameless") {
            add("Name", &format!("{}-{:04}", self.kind, self.index));
        }
        if !self.one_in(3, "owner") {
            add("owner", self.pick("team", &["platform", "shop", "data"]));
        }
        if !self.one_in(3, "cost") {
            add("cost-center", self.pick("centre", &["1001", "2002"]));
        }
        add(
            "environment",
            self.pick("environment", &["production", "staging", "test"]),
        );
        if self.one_in(7, "hostile tag") {
            add(self.pick("key", HOSTILE), self.pick("value", HOSTILE));
        }
        if self.one_in(11, "password tag") {
            add("db-password", TAG_PASSWORD);
        }
        tags
    }
}

/// The number at the end of an id that [`Item::id`] made.
pub(super) fn index_of(id: &str) -> Option<usize> {
    let digits = id.get(id.len().checked_sub(12)?..)?;
    usize::from_str_radix(digits, 16).ok()
}

pub(super) fn days_before(now: Timestamp, days: usize) -> Timestamp {
    let hours = i64::try_from(days * 24).expect("a few years");
    now - SignedDuration::from_hours(hours)
}

pub(super) fn days_after(now: Timestamp, days: usize) -> Timestamp {
    let hours = i64::try_from(days * 24).expect("a few years");
    now + SignedDuration::from_hours(hours)
}
