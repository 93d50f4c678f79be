import { createHash } from "node:crypto";
import type { Plugin } from "vite";

/** Where the program puts the report; see `src/embed.ts`. The script goes between the two. */
const HEAD = "<!-- @@SIXPILLARS_HEAD@@ -->";
const FINDINGS = "<!-- @@SIXPILLARS_FINDINGS@@ -->";
/** Where the hash of the page's script goes in the content security policy. */
const SCRIPT_HASH = "@@SCRIPT_HASH@@";

/**
 * Puts the script and the styles into the page, and the script's hash into its content security policy,
 * so that `dist/index.html` is all there is: it opens from disk and loads nothing.
 */
export function singleFile(): Plugin {
  return {
    name: "single-file",
    apply: "build",
    enforce: "post",
    generateBundle(_options, bundle) {
      const page = bundle["index.html"];
      if (page?.type !== "asset") throw new Error("the build has no index.html");
      let html = String(page.source);
      for (const [name, file] of Object.entries(bundle)) {
        if (name === "index.html") continue;
        if (file.type === "chunk") html = inlineScript(html, name, file.code);
        else if (name.endsWith(".css")) html = inlineStyle(html, name, String(file.source));
        else throw new Error(`${name} would be a file of its own`);
        // Vite's way to leave a file out of the output.
        // eslint-disable-next-line @typescript-eslint/no-dynamic-delete
        delete bundle[name];
      }
      for (const place of [HEAD, FINDINGS]) assertOnce(html, place);
      page.source = html;
    },
  };
}

function inlineScript(html: string, name: string, code: string): string {
  // In a script element these end the script or change how its end is found; in JavaScript both
  // forms mean the same.
  const safe = code.trim().replace(/<(?=\/script|script|!--)/gi, "\\x3C");
  const hash = createHash("sha256").update(safe).digest("base64");
  const tag = new RegExp(`<script[^>]*src="\\./${escape(name)}"[^>]*></script>`);
  // Not as a module, which would wait for the end of the page: it runs where it stands, when the
  // browser has read the head of the report and nothing of the findings.
  const place = replace(replace(html, tag, ""), FINDINGS, `<script>${safe}</script>\n${FINDINGS}`);
  return replace(place, SCRIPT_HASH, `'sha256-${hash}'`);
}

function inlineStyle(html: string, name: string, css: string): string {
  const tag = new RegExp(`<link[^>]*href="\\./${escape(name)}"[^>]*>`);
  return replace(html, tag, `<style>${css.trim().replace(/<\/style/gi, "<\\/style")}</style>`);
}

/** Replaces what must be there. A function, as `$` in the text has no meaning. */
function replace(html: string, what: string | RegExp, text: string): string {
  const replaced = html.replace(what, () => text);
  if (replaced === html) throw new Error(`the page has no ${String(what)}`);
  return replaced;
}

function assertOnce(html: string, text: string): void {
  const times = html.split(text).length - 1;
  if (times !== 1) throw new Error(`${text} is in the page ${times} times, not once`);
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
