/** Asking the API. */
import { visibleDeep } from "../visible";
import type { FieldProblem, Problem } from "./types";

/** Why the API refused a request. */
export class Refusal extends Error {
  constructor(
    /** The status; 0 where there was no answer. */
    readonly status: number,
    detail: string,
    readonly errors: readonly FieldProblem[] = [],
  ) {
    super(detail);
    this.name = "Refusal";
  }
}

function escaped(value: string): string {
  return value.replace(/[\\,]/g, "\\$&");
}

export type Params = Record<string, string | number | readonly string[] | null | undefined>;

/**
 * An address of the API; values that are null or empty are left out, and lists are separated by commas. A comma in
 * a value has a backslash before it, and so has a backslash.
 */
export function address(path: string, params: Params = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    const text = Array.isArray(value) ? value.map(escaped).join(",") : value == null ? "" : String(value);
    if (text !== "") query.set(name, text);
  }
  const search = query.toString();
  return `/api/v1${path}${search === "" ? "" : `?${search}`}`;
}

/** A piece of a path. */
export function piece(text: string): string {
  return encodeURIComponent(text);
}

const ME = address("/me");

interface Asked {
  method?: "GET" | "POST" | "PUT" | "DELETE";
  params?: Params;
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** What requests that change something carry, where somebody is logged in. */
let csrf: string | null = null;

export function setCsrf(token: string | null): void {
  csrf = token;
}

/** Called when an answer says that nobody is logged in any more. */
let onLoggedOut: () => void = () => undefined;

export function setOnLoggedOut(call: () => void): void {
  onLoggedOut = call;
}

/** Asks, and gives what is answered. Every text of it is shown as it is read: unseen characters by number. */
export async function call<T>(path: string, asked: Asked = {}): Promise<T> {
  const response = await send(address(path, asked.params), asked);
  if (response.status === 204) return undefined as T;
  return visibleDeep((await response.json()) as T);
}

/** Logs out here or in every browser; gives the page of the provider that logs out there too, where it has one. */
export async function logOut(where: "here" | "everywhere"): Promise<string | null> {
  const response =
    where === "here"
      ? await send("/logout", { method: "POST" })
      : await send(address("/me/sessions"), { method: "DELETE" });
  const { to } = (await response.json()) as { to: string };
  return /^https?:\/\//.test(to) ? to : null;
}

async function send(url: string, { method = "GET", body, headers = {}, signal }: Asked): Promise<Response> {
  const all = new Headers({ accept: "application/json", ...headers });
  if (method !== "GET" && csrf !== null) all.set("x-csrf-token", csrf);
  if (body !== undefined) all.set("content-type", "application/json");
  let response: Response;
  try {
    response = await fetch(url, {
      method,
      headers: all,
      credentials: "same-origin",
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (cause) {
    if (signal?.aborted === true) throw cause;
    throw new Refusal(
      0,
      "The service does not answer. It may be stopping or starting, or the network is gone.",
    );
  }
  if (response.ok) return response;
  if (response.status === 401 && url !== ME) onLoggedOut();
  throw await refusal(response);
}

async function refusal(response: Response): Promise<Refusal> {
  try {
    const problem = visibleDeep((await response.json()) as Partial<Problem>);
    return new Refusal(response.status, problem.detail ?? response.statusText, problem.errors ?? []);
  } catch {
    // Something in between answered: a proxy, a load balancer.
    return new Refusal(response.status, `The answer was ${response.status} ${response.statusText}`.trim());
  }
}

/** What is wrong with fields, by their pointers, such as `/spec/cron`. */
export function fieldErrors(error: unknown): Record<string, string> {
  if (!(error instanceof Refusal)) return {};
  return Object.fromEntries(error.errors.map(({ pointer, detail }) => [pointer, detail]));
}

/** What is wrong, and what to do next. */
export function advice(error: unknown): { what: string; next: string } {
  if (!(error instanceof Refusal)) {
    return { what: error instanceof Error ? error.message : String(error), next: "Load the page again." };
  }
  return { what: error.message, next: NEXT[error.status] ?? "" };
}

const NEXT: Record<number, string> = {
  0: "This page asks again by itself.",
  403: "Ask somebody with that role, or an admin of this service.",
  404: "It may be gone, or not be yours to see.",
  410: "Its numbers and findings are still here.",
  421: "Open the page at the address that the service's configuration names.",
  429: "Wait a moment, then try again.",
  500: "The service's log has the cause.",
  503: "Try again in a moment.",
};
