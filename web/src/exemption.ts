/** A snippet for a policy file that exempts one finding; its form is `schemas/policy.schema.json`. */
import type { Row } from "./table";
import { isAltered } from "./visible";

const DAYS = 90;

/** Holds for 90 days after the scan. The reason and the owner are for people to fill in. */
export function exemption(row: Row, scanned: string): string {
  const expires = new Date(Date.parse(scanned) + DAYS * 86_400_000).toISOString().slice(0, 10);
  return [
    `# ${oneLine(row.check.title)}: ${oneLine(row.resource.name)}`,
    "exemptions:",
    ...selectors(row),
    '    reason: "<why this is accepted>"',
    '    owner: "<who answers for it>"',
    `    expires: ${expires}`,
    "",
  ].join("\n");
}

function selectors({ id, check, resource }: Row): string[] {
  // `*` and `?` are patterns in a policy, and an altered name is not the one that AWS knows.
  if (isAltered(resource.id) || /[*?]/.test(resource.id)) return [`  - findings: [${JSON.stringify(id)}]`];
  return [
    `  - checks: [${JSON.stringify(check.id)}]`,
    `    resources: [${JSON.stringify(resource.id)}]`,
    `    accounts: [${JSON.stringify(resource.account)}]`,
    `    regions: [${JSON.stringify(resource.region)}]`,
  ];
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ");
}
