/** A page with a report, opened from disk in a real browser. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gunzipSync } from "node:zlib";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { launch } from "../scripts/browser.mjs";
import { embed } from "../scripts/embed.mjs";
import { sample } from "../scripts/sample.mjs";
import { earlier } from "../scripts/sample-since.mjs";
import type { Details, Head } from "../src/embed";
import type { FindingTable } from "../src/table";
import { decoded } from "../src/testing";
import type { Parts } from "../src/testing";

/** The built page without a report. */
export const template = readFileSync(new URL("../dist/index.html", import.meta.url), "utf8");

/** A page, and what it holds, as the page itself reads it. */
export interface Written {
  html: string;
  head: Head;
  table: FindingTable;
  details: Details[];
}

/** A made-up report of so many findings; `diff` makes it one that `diff` wrote. */
export function madeUp(size: number, { diff = false, extra = true } = {}): Written {
  const report = sample(size, { extra });
  return read(embed(template, report, diff ? earlier(report) : null));
}

/** A page as it is, whoever wrote it. */
export function read(html: string): Written {
  const parts: Parts = { head: "", tables: [], details: [], differences: [] };
  const element =
    /<script type="application\/octet-stream;base64" id="report-([a-z]+)(?:-\d+)?">([\w+/=]*)<\/script>/g;
  const fields = { table: parts.tables, details: parts.details, differences: parts.differences };
  for (const [, name = "", packed = ""] of html.matchAll(element)) {
    const text = gunzipSync(Buffer.from(packed, "base64")).toString("utf8");
    if (name === "head") parts.head = text;
    else fields[name as keyof typeof fields].push(text);
  }
  return { html, ...decoded(parts) };
}

/** The made-up report, and the page that REPORT_HTML names: one that the program wrote. */
export function pages(): [string, () => Written][] {
  const given = process.env["REPORT_HTML"];
  const own: [string, () => Written] = ["a made-up report", () => madeUp(3000, { diff: true })];
  return given === undefined ? [own] : [own, [given, () => read(readFileSync(given, "utf8"))]];
}

/** The views, and a word that each shows once it stands. */
export const VIEWS = {
  "#/overview": "Fix these first",
  "#/framework?pillar=security": "Framework",
  "#/findings": "Findings",
  "#/findings?f=verdict%3Dfail": "Findings",
  "#/findings?group=check&all=1": "Findings",
  "#/plan": "Improvement plan",
  "#/resources": "Kinds",
  "#/coverage": "Accounts and regions",
  "#/coverage?tab=gaps": "Gaps",
  "#/coverage?tab=calls": "Calls",
} as const;

export interface Opened {
  page: Page;
  /** What the page complained of, and what it asked of the network. */
  complaints: string[];
  requests: string[];
}

export class Shown {
  private constructor(
    readonly browser: Browser,
    private readonly folder: string,
    readonly address: string,
    /** The size of the file in bytes. */
    readonly size: number,
  ) {}

  static async of(html: string): Promise<Shown> {
    const folder = mkdtempSync(join(tmpdir(), "sixpillars-page-"));
    const file = join(folder, "report.html");
    writeFileSync(file, html);
    return new Shown(await launch(), folder, pathToFileURL(file).href, Buffer.byteLength(html));
  }

  /** Opens a link into the report. */
  async open(hash: string, options: BrowserContextOptions = {}): Promise<Opened> {
    const context = await this.browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
    const page = await context.newPage();
    // Long enough for a busy machine: these waits end as soon as there is what they wait for.
    page.setDefaultTimeout(90_000);
    const opened: Opened = { page, complaints: [], requests: [] };
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") opened.complaints.push(message.text());
    });
    page.on("pageerror", (error) => opened.complaints.push(error.message));
    page.on("request", (request) => {
      if (!request.url().startsWith(this.address) && !/^(data|blob):/.test(request.url()))
        opened.requests.push(request.url());
    });
    await page.goto(this.address + hash);
    await settled(page);
    return opened;
  }

  async close(): Promise<void> {
    await this.browser.close();
    rmSync(this.folder, { recursive: true });
  }
}

/** Waits until a view stands with its data. */
export async function settled(page: Page): Promise<void> {
  await page.locator("h1:visible").first().waitFor();
  await page.getByText("Reading the findings").filter({ visible: true }).first().waitFor({ state: "hidden" });
  await page.waitForFunction(() =>
    document.getAnimations().every(({ playState }) => playState === "finished"),
  );
}

/** Waits until the list of findings says how many match. */
export async function matches(page: Page, number: number): Promise<void> {
  const words = `${number.toLocaleString("en")} ${number === 1 ? "match" : "matches"}`;
  await page.getByText(words, { exact: true }).first().waitFor();
}
