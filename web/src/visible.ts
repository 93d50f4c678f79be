/**
 * Names, tags and error details are chosen by whoever may create resources. React shows them as text and
 * never as markup; what is left are characters that are not seen, or that reorder their neighbours. They
 * are shown by their number, `⟨U+202E⟩`, so that nothing passes for what it is not.
 */

// The same characters as `src/report/text_safe.rs` takes out, but for line feeds and tabs, which snippets of
// several lines need.
const UNSEEN = new RegExp(
  String.raw`[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e` +
    String.raw`\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]`,
  "gu",
);

/** The text with every unseen character shown by its number. */
export function visible(text: string): string {
  return text.replace(UNSEEN, (c) => {
    const code = (c.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
    return `⟨U+${code}⟩`;
  });
}

/** The text that `visible` was given: characters again where it has their numbers. */
export function hidden(text: string): string {
  return text.replace(/⟨U\+([0-9A-F]{4,6})⟩/g, (number, code: string) => {
    const c = String.fromCodePoint(Math.min(parseInt(code, 16), 0x10ffff));
    // Somebody may have written the number itself, of a character that is seen.
    return c.match(UNSEEN) === null ? number : c;
  });
}

/** Whether `visible` has changed the text: it then is not the name that AWS knows. */
export function isAltered(text: string): boolean {
  return /⟨U\+[0-9A-F]{4,6}⟩/.test(text);
}

/** The same for every text in a JSON value, keys included. */
export function visibleDeep<T>(value: T): T {
  return walk(value) as T;
}

function walk(value: unknown): unknown {
  if (typeof value === "string") return visible(value);
  if (Array.isArray(value)) return value.map(walk);
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [visible(key), walk(inner)]));
  }
  return value;
}
