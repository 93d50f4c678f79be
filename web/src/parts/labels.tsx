/** Words of the report with their colours and icons; never colour alone. */
import Badge from "@cloudscape-design/components/badge";
import type { BadgeProps } from "@cloudscape-design/components/badge";
import Link from "@cloudscape-design/components/link";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import type { StatusIndicatorProps } from "@cloudscape-design/components/status-indicator";
import type { ReactNode } from "react";
import type { Attestation, Cause, Practice, PracticeStatus, Risk, Severity, Verdict } from "../report";
import { ATTESTED, CAUSE, RISK, SEVERITY, STATUS, VERDICT } from "../words";

const SEVERITY_COLOR: Record<Severity, NonNullable<BadgeProps["color"]>> = {
  critical: "severity-critical",
  high: "severity-high",
  medium: "severity-medium",
  low: "severity-low",
  info: "severity-neutral",
};

export function SeverityBadge({ severity }: { severity: Severity }) {
  return <Badge color={SEVERITY_COLOR[severity]}>{SEVERITY[severity]}</Badge>;
}

const VERDICT_TYPE: Record<Verdict, StatusIndicatorProps.Type> = {
  fail: "error",
  unknown: "warning",
  exempt: "stopped",
  pass: "success",
  not_applicable: "not-started",
};

export function VerdictLabel({ verdict }: { verdict: Verdict }) {
  return <StatusIndicator type={VERDICT_TYPE[verdict]}>{VERDICT[verdict]}</StatusIndicator>;
}

const STATUS_TYPE: Record<PracticeStatus, StatusIndicatorProps.Type> = {
  at_risk: "error",
  unknown: "warning",
  exempt: "stopped",
  met: "success",
  no_evidence: "pending",
};

export function StatusLabel({ status }: { status: PracticeStatus }) {
  return <StatusIndicator type={STATUS_TYPE[status]}>{STATUS[status]}</StatusIndicator>;
}

const ATTESTED_TYPE: Record<Attestation["status"], StatusIndicatorProps.Type> = {
  met: "success",
  not_met: "error",
  not_applicable: "not-started",
};

/** What people say of a practice; nothing where nobody said anything. */
export function AttestationLabel({ practice }: { practice: Practice }) {
  const { attestation } = practice;
  if (attestation == null) return null;
  const label = ATTESTED[attestation.status];
  if (attestation.state === "expired")
    return <StatusIndicator type="stopped">{label}, expired</StatusIndicator>;
  if (attestation.state === "contradicted") {
    return <StatusIndicator type="warning">{label}, contradicted</StatusIndicator>;
  }
  return <StatusIndicator type={ATTESTED_TYPE[attestation.status]}>{label}</StatusIndicator>;
}

const RISK_COLOR: Record<Risk, NonNullable<BadgeProps["color"]>> = {
  high: "severity-high",
  medium: "severity-medium",
  low: "severity-low",
};

export function RiskBadge({ risk }: { risk: Risk }) {
  return <Badge color={RISK_COLOR[risk]}>{RISK[risk]}</Badge>;
}

const CAUSE_TYPE: Record<Cause, StatusIndicatorProps.Type> = {
  denied: "error",
  throttled: "warning",
  unreachable: "error",
  unsupported: "not-started",
  failed: "error",
  unpaid: "stopped",
  expired: "error",
  uncollected: "stopped",
  undecided: "info",
  off: "info",
};

export function CauseLabel({ cause }: { cause: Cause }) {
  return <StatusIndicator type={CAUSE_TYPE[cause]}>{CAUSE[cause]}</StatusIndicator>;
}

/** A text that somebody else chose: its direction does not reach its neighbours, and it wraps anywhere. */
export function Name({ children }: { children: string }) {
  return <bdi className="name">{children}</bdi>;
}

/** A link to another site, only where the address says `https`; else the text. */
export function WebLink({ href, children }: { href: string; children?: ReactNode }) {
  if (!/^https:\/\/[^\s]+$/i.test(href)) return <Name>{href}</Name>;
  return (
    <Link href={href} external rel="noopener noreferrer">
      {children ?? <Name>{href.replace(/^https:\/\//i, "")}</Name>}
    </Link>
  );
}
