/** Words and times as the service's page shows them. */
import { VERDICT } from "../words";
import type { Role, RunState, Stored } from "./types";

export const STATE: Record<RunState, string> = {
  queued: "Queued",
  running: "Running",
  finished: "Finished",
  failed: "Failed",
  cancelled: "Cancelled",
};

export const STORED_VERDICT: Record<Stored, string> = { ...VERDICT, gone: "Resource gone" };

export const ROLE: Record<Role, string> = {
  viewer: "Viewer",
  operator: "Operator",
  approver: "Approver",
  admin: "Admin",
};

/** What the audit log calls what somebody did. */
export const ACTION: Record<string, string> = {
  "audit.start": "Started an audit",
  "audit.cancel": "Cancelled an audit",
  "milestone.make": "Made a milestone",
  "schedule.add": "Added a schedule",
  "schedule.change": "Changed a schedule",
  "schedule.remove": "Removed a schedule",
  "exemption.request": "Asked for an exemption",
  "exemption.approve": "Approved an exemption",
  "exemption.refuse": "Refused an exemption",
  "exemption.revoke": "Revoked an exemption",
  "attestation.make": "Attested a best practice",
  "attestation.withdraw": "Withdrew an attestation",
  "token.make": "Made a token",
  "token.revoke": "Revoked a token",
  "message.send": "Sent a message again",
  login: "Logged in",
  "login.refuse": "Was refused at the login",
  logout: "Logged out",
  "session.end": "Ended all sessions",
};

const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** How long ago something was, or in how long it will be. */
export function ago(timestamp: string, now: number): string {
  const seconds = (Date.parse(timestamp) - now) / 1000;
  for (const [unit, length] of UNITS) {
    if (Math.abs(seconds) >= length) return relative.format(Math.trunc(seconds / length), unit);
  }
  return Math.abs(seconds) < 10 ? "now" : relative.format(Math.trunc(seconds), "second");
}

/** A time in a time zone, with its weekday; in UTC where the browser does not know the zone. */
export function inZone(timestamp: string, zone: string): string {
  const write = (timeZone: string) =>
    new Intl.DateTimeFormat("en-GB", {
      weekday: "short",
      day: "numeric",
      month: "short",
      year: "numeric",
      hour: "2-digit",
      minute: "2-digit",
      timeZoneName: "short",
      timeZone,
    }).format(new Date(timestamp));
  try {
    return write(zone);
  } catch {
    return write("UTC");
  }
}

/** A day from today on, `2027-03-31`. */
export function day(from: number, days: number): string {
  return new Date(from + days * 86_400_000).toISOString().slice(0, 10);
}

/** What the audit log says of an action besides, piece by piece, without what is empty. */
export function detailWords(detail: object): string[] {
  return Object.entries(detail).flatMap(([name, value]: [string, unknown]) => {
    if (value === null || value === undefined || value === "") return [];
    if (Array.isArray(value)) {
      const all = value.map((one) => (typeof one === "object" ? JSON.stringify(one) : String(one)));
      return all.length === 0 ? [] : [`${plain(name)}: ${all.join(", ")}`];
    }
    if (typeof value === "object") return detailWords(value);
    return [`${plain(name)}: ${typeof value === "string" ? value : JSON.stringify(value)}`];
  });
}

function plain(name: string): string {
  return name.replaceAll("_", " ");
}
