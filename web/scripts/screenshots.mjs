// Pictures of every view in light and dark, as the README shows them.
//
//   npm run build && npm run screenshots [-- report.json [folder]]
//
// Without a report it takes one made up by scripts/sample.mjs.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { launch } from "./browser.mjs";
import { embed } from "./embed.mjs";
import { sample } from "./sample.mjs";

const [from, to = new URL("../../docs/screenshots/", import.meta.url).pathname] = process.argv.slice(2);
const report = from ? JSON.parse(readFileSync(from, "utf8")) : sample(3000);
const template = readFileSync(new URL("../dist/index.html", import.meta.url), "utf8");

// The finding that a reader would open first: the worst one that comes with a command.
const order = ["critical", "high", "medium", "low", "info"];
const failed = report.findings.filter(({ verdict, fix }) => verdict === "fail" && fix?.cli);
failed.sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
const finding = failed[0]?.id ?? "";

const views = {
  overview: "#/overview",
  framework: "#/framework?pillar=security",
  findings: "#/findings?f=verdict%3Dfail",
  finding: `#/findings?f=verdict%3Dfail&open=${finding}`,
  groups: "#/findings?f=verdict%3Dfail&group=check",
  plan: "#/plan",
  resources: "#/resources",
  coverage: "#/coverage",
};

const folder = mkdtempSync(join(tmpdir(), "sixpillars-page-"));
const file = join(folder, "report.html");
writeFileSync(file, embed(template, report));
mkdirSync(to, { recursive: true });
const browser = await launch();
try {
  for (const colorScheme of ["light", "dark"]) {
    const page = await browser.newPage({ colorScheme, viewport: { width: 1440, height: 1000 } });
    for (const [name, hash] of Object.entries(views)) await picture(page, hash, `${name}-${colorScheme}`);
    await page.goto("about:blank");
    await page.goto(pathToFileURL(file).href + views.overview);
    await page.getByText("What was not seen").scrollIntoViewIfNeeded();
    await page.mouse.move(700, 500);
    await page.mouse.wheel(0, 10_000);
    await page.getByText("Risk by region").scrollIntoViewIfNeeded();
    await shoot(page, `charts-${colorScheme}`);
    await page.setViewportSize({ width: 390, height: 844 });
    await picture(page, views.overview, `phone-${colorScheme}`);
    await page.close();
  }
} finally {
  await browser.close();
  rmSync(folder, { recursive: true });
}

async function picture(page, hash, name) {
  await page.goto("about:blank");
  await page.goto(pathToFileURL(file).href + hash);
  await page.locator("h1:visible").first().waitFor();
  await shoot(page, name);
}

async function shoot(page, name) {
  await page.getByText("Reading the findings").filter({ visible: true }).first().waitFor({ state: "hidden" });
  // Charts and the panel move into their places.
  await page.waitForFunction(() =>
    document.getAnimations().every(({ playState }) => playState === "finished"),
  );
  await page.waitForTimeout(400);
  await page.screenshot({ path: join(to, `${name}.png`) });
  console.log(join(to, `${name}.png`));
}
