/** A page with a report, opened from disk in a real browser. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { launch } from "../scripts/browser.mjs";
import { embed } from "../scripts/embed.mjs";
import type { Report } from "../src/report";
import type { Finding } from "../src/report.gen";

export type FullReport = Report & { findings: Finding[] };

/** The built page without a report. */
export const template = readFileSync(new URL("../dist/index.html", import.meta.url), "utf8");

/** The views, and a word that each shows once it stands. */
export const VIEWS = {
  "#/overview": "Fix these first",
  "#/framework?pillar=security": "Framework",
  "#/findings?f=verdict%3Dfail": "Findings",
  "#/findings?group=check": "Findings",
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

  static async of(report: FullReport): Promise<Shown> {
    const folder = mkdtempSync(join(tmpdir(), "sixpillars-page-"));
    const file = join(folder, "report.html");
    const html = embed(template, report);
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
