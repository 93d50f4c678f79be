//! Truncates lists in pages of limited length: what does not fit is counted.

/// Adds what `entry` makes of items while there are at most `most` of them and the page has at most
/// `full` bytes, which are never fewer than characters. Returns those that are left out.
pub(super) fn add<'a, T>(
    page: &mut String,
    full: usize,
    most: usize,
    items: &'a [T],
    entry: impl Fn(&T) -> String,
) -> &'a [T] {
    for (number, item) in items.iter().enumerate() {
        let left = &items[number..];
        if number == most {
            return left;
        }
        let text = entry(item);
        if page.len() + text.len() > full {
            return left;
        }
        page.push_str(&text);
    }
    &[]
}

/// Names on one line, of which at most `most` are there and the rest is counted.
pub(super) fn named<T>(
    items: &[T],
    most: usize,
    what: &str,
    name: impl Fn(&T) -> String,
) -> String {
    let names: Vec<String> = items.iter().take(most).map(name).collect();
    let names = names.join(", ");
    match items.len().saturating_sub(most) {
        0 => names,
        left => format!("{names} and {left} more{what}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_left_over() {
        let items = ["aa", "bb", "cccc", "d"];
        let entry = |item: &&str| (*item).to_owned();
        let added = |full, most| {
            let mut page = String::new();
            let left = add(&mut page, full, most, &items, entry);
            (page, left.len())
        };
        assert_eq!(added(100, 9), ("aabbccccd".to_owned(), 0));
        assert_eq!(added(100, 2), ("aabb".to_owned(), 2));
        // Items are never reordered to fill a page.
        assert_eq!(added(5, 9), ("aabb".to_owned(), 2));
        assert_eq!(added(0, 9), (String::new(), 4));
        assert_eq!(named(&items, 4, "", entry), "aa, bb, cccc, d");
        assert_eq!(
            named(&items, 3, " ids", entry),
            "aa, bb, cccc and 1 more ids"
        );
    }
}
