import { address, piece } from "../call";

/** The report of an audit as a page of its own. */
export function reportLink(audit: string, format = "html"): string {
  return address(`/audits/${piece(audit)}/report`, { format });
}

/** How two audits differ, as a page of its own. */
export function diffLink(audit: string, earlier: string): string {
  return address(`/audits/${piece(audit)}/diff`, { with: earlier, format: "html" });
}

/** The formats of a report that can be downloaded. */
export const FORMATS = [
  ["json", "JSON, complete"],
  ["csv", "CSV"],
  ["markdown", "Markdown"],
  ["text", "Text"],
  ["ndjson", "NDJSON"],
  ["ocsf", "OCSF"],
  ["asff", "ASFF for Security Hub"],
  ["sarif", "SARIF"],
  ["junit", "JUnit"],
  ["prometheus", "Prometheus"],
] as const;
