/**
 * The real service, in a browser. `tests/serve/page.rs` runs these tests: it plays AWS from memory, and says
 * by variables where the program and its endpoints are.
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer, request } from "node:http";
import type { Server } from "node:http";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { launch } from "../../scripts/browser.mjs";

/** What `tests/serve/page.rs` says. */
interface Given {
  /** The built program. */
  program: string;
  /** Variables that lead to an endpoint which answers as a small account. */
  environment: Record<string, string>;
  /** How people log in, as `login` of a configuration; null where no provider could be started. */
  login: string | null;
  /** The file with the provider's secret, where there is one. */
  secret: string | null;
}

const text = process.env["SIXPILLARS_PAGE_TESTS"];
export const given: Given | null = text === undefined ? null : (JSON.parse(text) as Given);

if (given === null) {
  console.warn(
    "NOT CHECKED: the service's page; `cargo test --test serve page -- --ignored` runs these tests",
  );
}

/** So long anything is waited for: these waits end as soon as there is what they wait for. */
export const PATIENCE = 90_000;

const SCOPE = { services: ["s3", "iam", "lambda"] };

interface Options {
  hanging?: boolean;
  /** More of the configuration. */
  more?: string;
  /** A file that the configuration names beside itself, `secret`. */
  secret?: string | null;
}

export class Service {
  private child: ChildProcess | null = null;
  readonly complaints: string[] = [];

  private constructor(
    readonly folder: string,
    readonly address: string,
    private readonly account: Account | null,
    private readonly browser: Browser,
  ) {}

  static async start({ hanging = false, more = "", secret = null }: Options = {}): Promise<Service> {
    if (given === null) throw new Error("there is no service to start");
    const folder = mkdtempSync(join(tmpdir(), "sixpillars-service-"));
    const port = await freePort();
    const config =
      `listen: 127.0.0.1:${port}\nstore: store\nlease: 5s\n` +
      `targets:\n  shop:\n    regions: [eu-west-1]\n    owners: [payments]\n  bank:\n    regions: [eu-west-1]\n${more}`;
    writeFileSync(join(folder, "service.yaml"), config);
    if (secret !== null) copyFileSync(secret, join(folder, "secret"));
    const account = hanging ? await Account.start(given.environment["AWS_ENDPOINT_URL"] ?? "") : null;
    const service = new Service(folder, `http://127.0.0.1:${port}`, account, await launch());
    await service.resume();
    return service;
  }

  /** Starts the program, again after {@link halt}. */
  async resume(): Promise<void> {
    this.child = spawn(given?.program ?? "", ["serve", "--config", join(this.folder, "service.yaml")], {
      env: this.environment(),
      stdio: ["ignore", "pipe", "ignore"],
    });
    if (this.child.stdout === null) throw new Error("no output");
    for await (const line of createInterface(this.child.stdout)) {
      if (line.startsWith("Listening on ")) return;
    }
    throw new Error("the service did not begin");
  }

  /** Ends the program at once, as a machine that loses power does. */
  async halt(): Promise<void> {
    const child = this.child;
    this.child = null;
    if (child === null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }

  /** Runs the program to its end, and gives what it printed. */
  async run(...words: string[]): Promise<string> {
    const child = spawn(given?.program ?? "", [...words, "--config", join(this.folder, "service.yaml")], {
      env: this.environment(),
      stdio: ["ignore", "pipe", "ignore"],
    });
    const pieces: string[] = [];
    child.stdout.on("data", (piece: Buffer) => pieces.push(piece.toString()));
    const [code] = (await once(child, "close")) as [number];
    if (code !== 0) throw new Error(`${words.join(" ")}: exit code ${code}`);
    return pieces.join("").trim();
  }

  private environment(): NodeJS.ProcessEnv {
    return {
      PATH: process.env["PATH"],
      HOME: this.folder,
      ...given?.environment,
      ...(this.account !== null && { AWS_ENDPOINT_URL: this.account.url }),
    };
  }

  /** A browser's window of somebody: nobody else's cookies are in it. */
  async visit(options: BrowserContextOptions = {}): Promise<Visitor> {
    const context = await this.browser.newContext({
      viewport: { width: 1440, height: 900 },
      reducedMotion: "reduce",
      ...options,
    });
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE);
    return new Visitor(this, context, page);
  }

  /** Asks the API. */
  async api<T>(path: string, body?: unknown, headers: Record<string, string> = {}): Promise<T> {
    const response = await fetch(`${this.address}/api/v1${path}`, {
      ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
      headers: { "content-type": "application/json", ...headers },
    });
    const answer = await response.text();
    if (!response.ok) throw new Error(`${path}: ${response.status} ${answer}`);
    return JSON.parse(answer) as T;
  }

  /** Audits a target, and waits for the end. */
  async audit(target: string): Promise<string> {
    const { id } = await this.api<{ id: string }>("/audits", { target, scope: SCOPE });
    await this.until(id, ["finished"]);
    return id;
  }

  /** Waits until an audit is in one of some states. */
  async until(id: string, states: string[]): Promise<void> {
    const end = Date.now() + PATIENCE;
    while (Date.now() < end) {
      const { state } = await this.api<{ state: string }>(`/audits/${id}`);
      if (states.includes(state)) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`audit ${id} is not ${states.join(" or ")} in time`);
  }

  async stop(): Promise<void> {
    await this.halt();
    await this.browser.close();
    this.account?.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** An account in which the functions are never listed. */
class Account {
  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(endpoint: string): Promise<Account> {
    const to = new URL(endpoint);
    const server = createHttpServer((asked, answer) => {
      if (asked.url?.startsWith("/2015-03-31/functions") === true) return;
      const { method, url, headers } = asked;
      const options = {
        host: to.hostname,
        port: to.port,
        ...(method && { method }),
        ...(url && { path: url }),
      };
      const passed = request({ ...options, headers }, (response) => {
        answer.writeHead(response.statusCode ?? 500, response.headers);
        response.pipe(answer);
      });
      passed.on("error", () => answer.destroy());
      asked.pipe(passed);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new Account(server, `http://localhost:${(server.address() as AddressInfo).port}`);
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}

/** Somebody who looks at the page. */
export class Visitor {
  /** What the page complained of, and what it asked of other addresses. */
  readonly complaints: string[] = [];
  readonly requests: string[] = [];

  constructor(
    private readonly service: Service,
    readonly context: BrowserContext,
    readonly page: Page,
  ) {
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") this.complaints.push(message.text());
    });
    page.on("pageerror", (error) => this.complaints.push(error.message));
    page.on("request", (request) => {
      if (!request.url().startsWith(service.address) && !/^(data|blob):/.test(request.url()))
        this.requests.push(request.url());
    });
  }

  /** Opens a link of the service, and waits until its view stands. */
  async open(path: string): Promise<void> {
    await this.page.goto(this.service.address + path);
    await this.settled();
  }

  async settled(): Promise<void> {
    await this.page.locator("h1:visible").first().waitFor();
    await this.page
      .getByText(/^Loading /)
      .filter({ visible: true })
      .first()
      .waitFor({ state: "hidden" });
  }

  button(name: string | RegExp) {
    return this.page.getByRole("button", { name, ...(typeof name === "string" && { exact: true }) }).first();
  }

  /** Waits for a text that is seen. */
  async sees(words: string | RegExp): Promise<void> {
    await this.page.getByText(words).filter({ visible: true }).first().waitFor();
  }

  async close(): Promise<void> {
    await this.context.close();
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
