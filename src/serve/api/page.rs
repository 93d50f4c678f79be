//! Pages: a cursor says where the next one begins.

use super::body::hostile;
use super::problem::Problem;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The default number of items of a page.
const USUAL: usize = 50;
/// The most items of a page.
pub(super) const MOST: usize = 500;

/// One page of a list.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct Page<T> {
    /// What is on it.
    pub(super) items: Vec<T>,
    /// Give this as `cursor` to get the next page; null where this is the last.
    pub(super) next: Option<String>,
    /// How many there are on all pages, where that is counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) total: Option<i64>,
}

/// The number of items that a request wants.
pub(super) fn limit(wanted: Option<usize>) -> Result<usize, Problem> {
    let limit = wanted.unwrap_or(USUAL);
    if (1..=MOST).contains(&limit) {
        Ok(limit)
    } else {
        Err(Problem::bad(format!(
            "limit has to be between 1 and {MOST}"
        )))
    }
}

/// A cursor that stands for a place.
pub(super) fn cursor(place: &impl Serialize) -> String {
    // This cannot fail: places are texts and numbers.
    BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(place).unwrap_or_default())
}

/// The place that a cursor stands for.
pub(super) fn place<T: DeserializeOwned>(cursor: &str) -> Result<T, Problem> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor).ok();
    // Places have no control characters. PostgreSQL refuses texts with some of them.
    let bytes = bytes.filter(|bytes| hostile(bytes).is_empty());
    let place = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    place.ok_or_else(|| Problem::bad("cursor is not one that this service gave"))
}

/// A list of words separated by commas. A comma or a backslash of a word has a backslash before it.
pub(super) fn words(text: Option<&str>) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut characters = text.unwrap_or_default().chars();
    while let Some(c) = characters.next() {
        match (c, words.last_mut()) {
            (',', _) => words.push(String::new()),
            ('\\', Some(word)) => word.push(characters.next().unwrap_or(c)),
            (_, Some(word)) => word.push(c),
            (_, None) => {}
        }
    }
    let words = words.iter().map(|word| word.trim().to_owned());
    words.filter(|word| !word.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_a_place_and_nothing_else_is_a_cursor() {
        let place_of = |cursor: &str| place::<(i64, String)>(cursor).map_err(|_| ());
        let (number, text) = (7, "a/b".to_owned());
        assert_eq!(place_of(&cursor(&(number, &text))), Ok((number, text)));
        let null = cursor(&(7, "a\0b"));
        for bad in ["", "x", "../../etc/passwd", "eyJhIjoxfQ", &null] {
            assert_eq!(place_of(bad), Err(()), "{bad}");
        }
        assert_eq!(words(Some("a, b,,")), ["a", "b"]);
        assert_eq!(words(Some("k=a\\,b,c\\\\,\\")), ["k=a,b", "c\\", "\\"]);
        assert!(limit(Some(0)).is_err() && limit(Some(501)).is_err());
    }
}
