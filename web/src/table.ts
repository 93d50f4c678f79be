/** The findings in columns: what the lists filter, sort and group without an object per finding. */
import type { Difference, Head, TableData } from "./embed";
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
  /** What only a comparison knows of it. */
  difference: Difference | null;
  /** Whether only the earlier report has it: its verdict is the one that it had there. */
  former: boolean;
}

/** A set of findings, by position. */
export type Positions = Uint32Array<ArrayBuffer>;

/**
 * Findings of the earlier report alone stand behind those of this one, so that lists can show both. Whatever
 * counts, counts the first {@link size}.
 */
export class FindingTable {
  /** How many findings this report has. */
  readonly size: number;
  readonly checks: CheckReport[];
  readonly resources: ResourceRow[];
  /** How many of the resources this report tells of. */
  readonly judged: number;
  readonly check: Uint32Array;
  readonly resource: Uint32Array;
  readonly severity: Uint8Array;
  readonly verdict: Uint8Array;
  readonly say: string[];
  readonly id: string[];
  private readonly saves: Map<number, number>;
  private readonly change: Map<number, Change>;
  private readonly firstFailed: Map<number, string>;
  private readonly differences: Map<number, Difference>;
  private positions: Map<string, number> | null = null;

  constructor(head: Pick<Head, "checks" | "comparison">, data: TableData, differences: Difference[] = []) {
    const { findings } = data;
    this.size = findings.id.length;
    const known = new Map(differences.length === 0 ? [] : findings.id.map((id, at) => [id, at]));
    const former = differences.filter(({ id }) => !known.has(id));
    this.checks = [...head.checks, ...(head.comparison?.checks ?? [])];
    this.resources = resourceRows(data.resources);
    this.judged = this.resources.length;
    const checkAt = new Map(this.checks.map(({ id }, at) => [id, at]));
    // What the report has no check for points at none, and fails where it is looked at.
    const ofChecks = former.map(({ check }) => checkAt.get(check) ?? this.checks.length);
    this.check = Uint32Array.from([...findings.check, ...ofChecks]);
    this.resource = Uint32Array.from([...findings.resource, ...this.addResources(former)]);
    const codes = former.map(({ severity }) => SEVERITIES.indexOf(severity));
    this.severity = Uint8Array.from([...findings.severity, ...codes]);
    const verdicts = former.map(({ was }) => VERDICTS.indexOf(was ?? "fail"));
    this.verdict = Uint8Array.from([...findings.verdict, ...verdicts]);
    this.say = [...findings.say, ...former.map(({ say }) => say)];
    this.id = [...findings.id, ...former.map(({ id }) => id)];
    this.saves = new Map(findings.saves);
    this.change = new Map(findings.change);
    this.firstFailed = new Map(findings.first_failed);
    this.differences = new Map();
    former.forEach(({ id }, n) => known.set(id, this.size + n));
    for (const difference of differences) this.note(known.get(difference.id) ?? -1, difference);
  }

  private note(at: number, difference: Difference): void {
    this.differences.set(at, difference);
    this.change.set(at, difference.change);
    if (difference.first_failed != null) this.firstFailed.set(at, difference.first_failed);
  }

  /** The positions of the resources of rows; those that are not there yet are added. */
  private addResources(rows: Difference[]): number[] {
    if (rows.length === 0) return [];
    const positions = new Map(this.resources.map(({ key }, at) => [key, at]));
    return rows.map(({ resource }) => {
      const row = resourceRow(this.resources.length, resource);
      const known = positions.get(row.key);
      if (known !== undefined) return known;
      positions.set(row.key, row.at);
      this.resources.push(row);
      return row.at;
    });
  }

  /** All findings; `former` adds those of the earlier report alone. */
  all({ former = false } = {}): Positions {
    return Uint32Array.from({ length: former ? this.id.length : this.size }, (_, at) => at);
  }

  /** Whether only the earlier report has the finding. */
  isFormer(at: number): boolean {
    return at >= this.size;
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
      difference: this.differences.get(at) ?? null,
      former: this.isFormer(at),
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

  /** The findings that a test holds for, in their order; `former` asks of those of the earlier report too. */
  where(test: (at: number) => boolean, { former = false } = {}): Positions {
    const length = former ? this.id.length : this.size;
    const found = new Uint32Array(length);
    let count = 0;
    for (let at = 0; at < length; at++) if (test(at)) found[count++] = at;
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
  return data.id.map((id, at) =>
    resourceRow(at, {
      id,
      kind: at_(data.kinds, data.kind[at]),
      account: at_(data.accounts, data.account[at]),
      region: at_(data.regions, data.region[at]),
      name: data.name[at] ?? id,
      arn: data.arn[at] ?? null,
      tags: at_(data.tag_sets, data.tags[at]),
    }),
  );
}

function resourceRow(
  at: number,
  { id, kind, account, region, name, arn, tags }: Omit<Resource, "tags"> & { tags?: Tags | null },
): ResourceRow {
  const key = [account, region, kind, id].join("/");
  return { at, id, kind, account, region, name, arn: arn ?? null, tags: tags ?? null, key };
}

/** The item at a position that the report says is there. */
function at_<T>(items: ArrayLike<T>, at: number | undefined): T {
  if (at === undefined || at >= items.length) throw new Error("The report is damaged: it points at nothing.");
  return items[at] as T;
}
