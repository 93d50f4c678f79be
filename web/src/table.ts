/** The findings in columns: what the lists filter, sort and group without an object per finding. */
import type { Head, TableData } from "./embed";
import { SEVERITIES, VERDICTS } from "./report";
import type { Change, CheckReport, Resource, Severity, Tags, Verdict } from "./report";

/** A resource, and its position in the table. */
export interface ResourceRow extends Required<Pick<Resource, "kind" | "id" | "name" | "account" | "region">> {
  at: number;
  arn: string | null;
  /** Null where the kind has none. */
  tags: Tags | null;
  /** Names the resource in links: nothing else is unique over accounts and regions. */
  key: string;
}

/** A finding as a list shows it. */
export interface Row {
  at: number;
  id: string;
  check: CheckReport;
  resource: ResourceRow;
  severity: Severity;
  verdict: Verdict;
  say: string;
  /** US dollars a month. */
  saves: number | null;
  change: Change | null;
  /** The day on which it was first seen to fail. */
  firstFailed: string | null;
}

/** A set of findings, by position. */
export type Positions = Uint32Array<ArrayBuffer>;

export class FindingTable {
  readonly size: number;
  readonly checks: CheckReport[];
  readonly resources: ResourceRow[];
  readonly check: Uint32Array;
  readonly resource: Uint32Array;
  readonly severity: Uint8Array;
  readonly verdict: Uint8Array;
  readonly say: string[];
  readonly id: string[];
  private readonly saves: Map<number, number>;
  private readonly change: Map<number, Change>;
  private readonly firstFailed: Map<number, string>;
  private positions: Map<string, number> | null = null;

  constructor(head: Pick<Head, "checks">, data: TableData) {
    const { findings } = data;
    this.size = findings.id.length;
    this.checks = head.checks;
    this.resources = resourceRows(data.resources);
    this.check = Uint32Array.from(findings.check);
    this.resource = Uint32Array.from(findings.resource);
    this.severity = Uint8Array.from(findings.severity);
    this.verdict = Uint8Array.from(findings.verdict);
    this.say = findings.say;
    this.id = findings.id;
    this.saves = new Map(findings.saves);
    this.change = new Map(findings.change);
    this.firstFailed = new Map(findings.first_failed);
  }

  /** All findings. */
  all(): Positions {
    return Uint32Array.from({ length: this.size }, (_, at) => at);
  }

  row(at: number): Row {
    return {
      at,
      id: at_(this.id, at),
      check: at_(this.checks, this.check[at]),
      resource: at_(this.resources, this.resource[at]),
      severity: this.severityOf(at),
      verdict: this.verdictOf(at),
      say: at_(this.say, at),
      saves: this.saves.get(at) ?? null,
      change: this.changeOf(at),
      firstFailed: this.firstFailed.get(at) ?? null,
    };
  }

  rows(positions: ArrayLike<number>): Row[] {
    return Array.from(positions, (at) => this.row(at));
  }

  severityOf(at: number): Severity {
    return at_(SEVERITIES, this.severity[at]);
  }

  verdictOf(at: number): Verdict {
    return at_(VERDICTS, this.verdict[at]);
  }

  checkOf(at: number): CheckReport {
    return at_(this.checks, this.check[at]);
  }

  resourceOf(at: number): ResourceRow {
    return at_(this.resources, this.resource[at]);
  }

  savesOf(at: number): number {
    return this.saves.get(at) ?? 0;
  }

  changeOf(at: number): Change | null {
    return this.change.get(at) ?? null;
  }

  firstFailedOf(at: number): string | null {
    return this.firstFailed.get(at) ?? null;
  }

  /** Whether any finding says what became of it since a baseline. */
  get hasChanges(): boolean {
    return this.change.size > 0;
  }

  /** Whether it is known of any finding when it first failed. */
  get hasAges(): boolean {
    return this.firstFailed.size > 0;
  }

  /** The position of the finding of an id. */
  find(id: string): number | undefined {
    this.positions ??= new Map(this.id.map((known, at) => [known, at]));
    return this.positions.get(id);
  }

  /** The findings that a test holds for, in their order. */
  where(test: (at: number) => boolean): Positions {
    const found = new Uint32Array(this.size);
    let count = 0;
    for (let at = 0; at < this.size; at++) if (test(at)) found[count++] = at;
    return found.slice(0, count);
  }
}

/** The tags as pairs; none where they could not be read. */
export function tagPairs(tags: Tags | null): [string, string][] {
  if (tags === null || tagGap(tags) !== null) return [];
  return Object.entries(tags as Record<string, string>);
}

/** Why the tags could not be read; null where they were. */
export function tagGap(tags: Tags | null): { action: string; cause: string; detail: string } | null {
  const gap: unknown = tags === null ? null : (tags as Record<string, unknown>)["$gap"];
  // A tag may be called `$gap`; its value then is a text.
  return typeof gap === "object" && gap !== null
    ? (gap as { action: string; cause: string; detail: string })
    : null;
}

function resourceRows(data: TableData["resources"]): ResourceRow[] {
  return data.id.map((id, at) => {
    const kind = at_(data.kinds, data.kind[at]);
    const account = at_(data.accounts, data.account[at]);
    const region = at_(data.regions, data.region[at]);
    return {
      at,
      id,
      kind,
      account,
      region,
      name: data.name[at] ?? id,
      arn: data.arn[at] ?? null,
      tags: at_(data.tag_sets, data.tags[at]),
      key: [account, region, kind, id].join("/"),
    };
  });
}

/** The item at a position that the report says is there. */
function at_<T>(items: ArrayLike<T>, at: number | undefined): T {
  if (at === undefined || at >= items.length) throw new Error("The report is damaged: it points at nothing.");
  return items[at] as T;
}
