/** Who is logged in, and who is whom. */
import type { Me, Session } from "./types";

/** Somebody who is logged in, in one browser or in several. */
export interface Person {
  /** The provider's name for them, which stays the same. */
  subject: string;
  name: string;
  role: string;
  /** In how many browsers. */
  sessions: number;
  /** The first of their logins. */
  since: string;
  /** Their last request. */
  seen: string;
  /** When the last of their sessions ends. */
  until: string;
}

/** The people of sessions. The newest session of each, which the API gives first, says name and role. */
export function people(sessions: readonly Session[]): Person[] {
  const all = new Map<string, Person>();
  for (const { subject, name, role, made, seen, expires } of sessions) {
    const known = all.get(subject);
    if (known === undefined) {
      all.set(subject, { subject, name, role, sessions: 1, since: made, seen, until: expires });
    } else {
      known.sessions += 1;
      known.since = earlier(known.since, made);
      known.seen = later(known.seen, seen);
      known.until = later(known.until, expires);
    }
  }
  return [...all.values()];
}

function earlier(one: string, other: string): string {
  return Date.parse(other) < Date.parse(one) ? other : one;
}

function later(one: string, other: string): string {
  return Date.parse(other) > Date.parse(one) ? other : one;
}

/** How the service writes down a person: the display name, and the name that stays. */
export function written({ name, subject }: Pick<Person, "name" | "subject">): string {
  return `${name} (${subject})`;
}

/**
 * Whether somebody whom the service names is the reader: a person who changes their display name stays the
 * same. Where nobody has to log in, nobody is told apart.
 */
export function isOwn(me: Pick<Me, "name" | "how">, by: string): boolean {
  if (me.how === "loopback") return false;
  // The name that stays has no spaces and no brackets, and follows the display name in brackets.
  const at = me.how === "session" ? me.name.lastIndexOf(" (") : -1;
  return by === me.name || (at >= 0 && by.endsWith(me.name.slice(at)));
}
