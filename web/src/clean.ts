/** Text as files hold it: what `src/report/text_safe.rs` makes of names that strangers chose. */
import { hidden } from "./visible";

// The same characters as there: those that are not seen, or that change how their neighbours are seen.
const UNSEEN = new RegExp(
  String.raw`[\p{Cc}\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\uffff` +
    String.raw`\u{e0000}-\u{e007f}]`,
  "gu",
);

// A complete control sequence of a terminal. Whatever else follows an escape is text, and stays.
const SEQUENCE = new RegExp(String.raw`\u001b\[[0-9;:?<=> -/]{0,31}[@-~]`, "g");

/**
 * The text on one line without anything that a terminal acts on or that is not seen. A file has no need of the
 * numbers by which the page shows such characters: they are the characters again, and then taken out.
 */
export function clean(text: string): string {
  return hidden(text)
    .replace(SEQUENCE, "")
    .replace(/\p{White_Space}/gu, " ")
    .replace(UNSEEN, "");
}

/** By code points, as the program sorts. */
export function inOrder(a: string, b: string): number {
  const [left, right] = [Array.from(a), Array.from(b)];
  for (let at = 0; at < Math.min(left.length, right.length); at++) {
    const difference = (left[at]?.codePointAt(0) ?? 0) - (right[at]?.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
