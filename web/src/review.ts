/** Texts for a Well-Architected review: what a reviewer takes from the page into the AWS Well-Architected Tool. */
import type { Head } from "./embed";
import type { Attestation, Practice, QuestionReport } from "./report";
import { ATTESTED, counted, RISK, STATUS } from "./words";

/** A status that the evidence or, where it has none, a valid attestation gives. */
export type Answer = Practice["status"] | "attested";

/**
 * What to answer of a practice. An attestation counts only where it is valid; one that admits a practice is not
 * met leaves its question at risk whatever the evidence says, as `src/report/practices.rs` counts it.
 */
export function answer({ status, attestation }: Practice): Answer {
  if (attestation?.state !== "valid") return status;
  if (attestation.status === "not_met") return "at_risk";
  return status === "no_evidence" || status === "unknown" ? "attested" : status;
}

/** What a list of practices can be narrowed to: an answer, or what became of what people said. */
export type Shown = Answer | "contradicted" | "expired";

/** Whether a list that is narrowed shows a practice. */
export function shows(practice: Practice, show: Shown): boolean {
  return show === "contradicted" || show === "expired"
    ? practice.attestation?.state === show
    : answer(practice) === show;
}

/** What is known of a practice, in a few lines of text. */
export function notes(practice: Practice, head: Pick<Head, "checks" | "scan">): string {
  const { id, title, risk, status, attestation } = practice;
  const lines = [`${id} ${title} (${RISK[risk].toLowerCase()}): ${STATUS[status]}`];
  for (const check of head.checks) {
    if (!practice.checks.includes(check.id)) continue;
    const { fail = 0, unknown = 0, exempt = 0 } = check.counts ?? {};
    const parts = [
      fail > 0 && `${fail} failed`,
      unknown > 0 && `${unknown} undecided`,
      exempt > 0 && `${exempt} exempt`,
    ].filter((part) => part !== false);
    if (parts.length > 0) lines.push(`- ${check.title}: ${parts.join(", ")}`);
  }
  if (attestation != null) lines.push(...attestationNotes(attestation));
  return lines.join("\n");
}

/** What people say, with all that a reviewer needs to follow it up: who, when, until when, and the proof. */
function attestationNotes({ status, owner, date, expires, state, note, link }: Attestation): string[] {
  const holds = state === "valid" ? `holds until ${expires}` : `${state}, was to hold until ${expires}`;
  return [
    `- ${ATTESTED[status]} by ${owner} on ${date}, ${holds}`,
    ...(note == null || note === "" ? [] : [`  ${note.replaceAll("\n", "\n  ")}`]),
    ...(link == null ? [] : [`  Proof: ${link}`]),
  ];
}

/** The notes on all practices of a question, for its notes field in the tool. */
export function questionNotes(
  question: QuestionReport,
  head: Pick<Head, "checks" | "scan" | "practices">,
): string {
  const practices = head.practices.filter((practice) => practice.question === question.id);
  const atRisk = practices.filter((practice) => answer(practice) === "at_risk").length;
  const source = `Six Pillars scan ${head.scan.id}, ${head.scan.started.slice(0, 10)}`;
  return [
    `${question.id} ${question.title}: ${counted(atRisk, "best practice")} at risk of ${practices.length}. ${source}.`,
    ...practices.map((practice) => notes(practice, head)),
  ].join("\n");
}

/** A snippet for a policy file in which people answer what no API can. */
export function attestation({ id }: Practice, scanned: string): string {
  const day = scanned.slice(0, 10);
  const year = Number(day.slice(0, 4)) + 1;
  return [
    "attestations:",
    `  - practice: ${id}`,
    "    status: met # or not_met, not_applicable",
    '    owner: "<who answers for it>"',
    `    date: ${day}`,
    `    expires: ${year}${day.slice(4).replace("-02-29", "-02-28")}`,
    '    link: "https://<where the proof is>"',
    "",
  ].join("\n");
}
