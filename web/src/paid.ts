/** Calls that AWS bills. */
import type { CallRow } from "./report";

/** The billed operations that a scan makes. A test holds them to the program's calls that have a price. */
export const BILLED: readonly string[] = ["cloudwatch:GetMetricData"];

/** How many billed calls were made. */
export function paidCalls(calls: readonly CallRow[]): number {
  const paid = calls.filter(({ service, operation }) => BILLED.includes(`${service}:${operation}`));
  return paid.reduce((sum, call) => sum + call.calls, 0);
}
