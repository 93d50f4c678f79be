import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import Pagination from "@cloudscape-design/components/pagination";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import TextFilter from "@cloudscape-design/components/text-filter";
import { useCollection } from "@cloudscape-design/collection-hooks";
import { Name } from "../../parts/labels";
import { ScoreRing } from "../../parts/meters";
import { count, counted, PILLARS } from "../../words";
import { useApi } from "../data";
import { piece } from "../call";
import { to } from "../route";
import { ofPillar } from "../trend";
import { PILLAR_IDS } from "../types";
import type { PillarPoint, Target, Trend } from "../types";
import { Ago } from "./labels";
import { Sparkline } from "./Sparkline";
import { Empty } from "./states";

/** As many at once: each asks for its trend. */
const PAGE = 20;
/** Points of a small line. */
const POINTS = 40;
const DAYS = 90;

/** All targets, a column for each pillar. */
export function TargetTable({ targets }: { targets: Target[] }) {
  const { items, collectionProps, filterProps, paginationProps, filteredItemsCount } = useCollection(
    targets,
    {
      filtering: {
        empty: <Empty title="No targets">The service&#39;s configuration names them.</Empty>,
        noMatch: <Empty title="Nothing matches" />,
        filteringFunction: ({ name, owners }, text) =>
          [name, ...owners].some((word) => word.toLowerCase().includes(text.toLowerCase())),
      },
      pagination: { pageSize: PAGE },
      sorting: {},
    },
  );
  return (
    <Table<Target>
      {...collectionProps}
      items={items}
      trackBy="name"
      variant="container"
      wrapLines
      stickyColumns={{ first: 1 }}
      enableKeyboardNavigation
      ariaLabels={{ tableLabel: "Targets" }}
      header={
        <Header
          variant="h2"
          counter={`(${count(targets.length)})`}
          description={`Scores with their trend over ${DAYS} days`}
        >
          Targets
        </Header>
      }
      filter={
        targets.length > 5 && (
          <TextFilter
            {...filterProps}
            filteringPlaceholder="Search for names and owners"
            filteringAriaLabel="Search for targets"
            countText={counted(filteredItemsCount ?? 0, "match", "matches")}
          />
        )
      }
      pagination={targets.length > PAGE && <Pagination {...paginationProps} />}
      columnDefinitions={[
        {
          id: "name",
          header: "Target",
          isRowHeader: true,
          sortingField: "name",
          minWidth: 160,
          cell: (target) => <TargetCell target={target} />,
        },
        ...PILLAR_IDS.map((pillar) => ({
          id: pillar,
          header: PILLARS[pillar],
          minWidth: 150,
          sortingComparator: (a: Target, b: Target) => scoreOf(a, pillar) - scoreOf(b, pillar),
          cell: (target: Target) => <PillarCell target={target} pillar={pillar} />,
        })),
      ]}
    />
  );
}

/** What has no score comes before what has the worst. */
function scoreOf(target: Target, pillar: string): number {
  return target.pillars.find((point) => point.pillar === pillar)?.score ?? -1;
}

function TargetCell({ target }: { target: Target }) {
  const [last] = target.pillars;
  return (
    <div>
      <Link href={to("targets", target.name)} fontSize="heading-s">
        <Name>{target.name}</Name>
      </Link>
      {target.owners.length > 0 && (
        <div className="quiet small">
          <Name>{target.owners.join(", ")}</Name>
        </div>
      )}
      <div className="quiet small">
        {target.removed != null ? (
          <StatusIndicator type="stopped" wrapText={false}>
            No longer audited
          </StatusIndicator>
        ) : last === undefined ? (
          "Not audited yet"
        ) : (
          <>
            Audited <Ago at={last.at} />
          </>
        )}
      </div>
    </div>
  );
}

function PillarCell({ target, pillar }: { target: Target; pillar: PillarPoint["pillar"] }) {
  // One question for each target: the six columns share its answer.
  const trend = useApi<Trend>(`/targets/${piece(target.name)}/trend`, {
    params: { days: DAYS, most: POINTS },
    enabled: target.pillars.length > 0,
    every: 60_000,
  });
  const point = target.pillars.find((candidate) => candidate.pillar === pillar);
  if (point === undefined) return <span className="quiet">–</span>;
  const urgent = point.fails.critical + point.fails.high;
  const known = PILLAR_IDS.find((id) => id === pillar);
  return (
    <div className="cell-pillar">
      <ScoreRing score={point.score ?? null} size={42} />
      <Sparkline points={known === undefined ? [] : ofPillar(trend.data?.points ?? [], known)} />
      <span className="under small">
        <Link
          fontSize="body-s"
          variant="secondary"
          href={to("findings", [], {
            f: ["verdict=fail", `target=${target.name}`, `pillar=${pillar}`, "severity>=high"],
          })}
        >
          {`${count(urgent)} critical or high`}
        </Link>
      </span>
    </div>
  );
}
