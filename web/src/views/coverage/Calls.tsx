import { useData } from "../../app/data";
import { DataTable } from "../../parts/DataTable";
import { paidCalls } from "../../paid";
import type { CallRow } from "../../report";
import { count, counted, usd } from "../../words";

/** Calls per operation. */
export function Calls() {
  const { head } = useData();
  const { calls, cost } = head;
  const made = calls.reduce((sum, call) => sum + call.calls, 0);
  return (
    <DataTable<CallRow>
      title="Calls"
      description={
        `${counted(made, "call")}, all of them reads. ${counted(paidCalls(calls), "paid call")}: ${usd(cost.spent_usd)} spent, ` +
        `${usd(cost.limit_usd)} allowed, ${usd(cost.estimated_usd)} for all.`
      }
      keyOf={({ account, region, service, operation }) => [account, region, service, operation].join(" ")}
      items={calls}
      sortedBy={{ field: "calls", descending: true }}
      empty="No calls were made."
      columns={[
        {
          id: "operation",
          header: "Operation",
          sortingField: "operation",
          isRowHeader: true,
          width: 320,
          cell: (call) => `${call.service}:${call.operation}`,
        },
        {
          id: "account",
          header: "Account",
          sortingField: "account",
          width: 150,
          cell: (call) => call.account,
        },
        {
          id: "region",
          header: "Region",
          sortingField: "region",
          width: 150,
          cell: (call) => call.region,
        },
        {
          id: "calls",
          header: "Calls",
          sortingField: "calls",
          width: 90,
          cell: (call) => count(call.calls),
        },
        {
          id: "attempts",
          header: "Attempts",
          sortingField: "attempts",
          width: 110,
          cell: (call) => count(call.attempts),
        },
        {
          id: "throttled",
          header: "Throttled",
          sortingField: "throttled",
          width: 110,
          cell: (call) => count(call.throttled),
        },
        {
          id: "denied",
          header: "Denied",
          sortingField: "denied",
          width: 100,
          cell: (call) => count(call.denied),
        },
        {
          id: "failed",
          header: "Failed",
          sortingField: "failed",
          width: 100,
          cell: (call) => count(call.failed),
        },
        {
          id: "ms",
          header: "Waited",
          sortingField: "ms",
          width: 110,
          cell: (call) => `${(call.ms / 1000).toFixed(1)} s`,
        },
      ]}
    />
  );
}
