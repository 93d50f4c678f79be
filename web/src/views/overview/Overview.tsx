import Alert from "@cloudscape-design/components/alert";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useData } from "../../app/data";
import { Name } from "../../parts/labels";
import { WhenNear } from "../../parts/WhenNear";
import type { Head } from "../../embed";
import { counted, PILLARS, SEVERITY, when } from "../../words";
import { Charts } from "./Charts";
import { NotSeen } from "./NotSeen";
import { PillarCard } from "./PillarCard";
import { Scanned } from "./Scanned";
import { Since } from "./Since";
import { TopSteps } from "./TopSteps";

/** Where the accounts stand, in one look. */
export function Overview() {
  const { head } = useData();
  const { scan } = head;
  return (
    <ContentLayout
      header={
        <Header variant="h1" description={`Scanned ${when(scan.started)} · ${scan.policies.join(", ")}`}>
          Well-Architected review of {subject(head)}
        </Header>
      }
    >
      <SpaceBetween size="l">
        <Notices head={head} />
        <div className="wide">
          <div className="pillars">
            {head.pillars.map((pillar) => (
              <PillarCard
                key={pillar.pillar}
                pillar={pillar}
                delta={head.comparison?.pillars.find((delta) => delta.pillar === pillar.pillar)}
              />
            ))}
          </div>
        </div>
        <TopSteps />
        <div className="wide">
          <div className="halves">
            <Scanned />
            <NotSeen />
          </div>
        </div>
        {head.comparison != null && <Since comparison={head.comparison} />}
        <WhenNear height={320}>
          <Charts />
        </WhenNear>
      </SpaceBetween>
    </ContentLayout>
  );
}

function subject({ scan }: Head) {
  const [first] = scan.accounts;
  if (scan.accounts.length !== 1 || first === undefined) return counted(scan.accounts.length, "account");
  return <Name>{first.alias ?? first.id}</Name>;
}

/** What a reader must know before believing the numbers. */
function Notices({ head }: { head: Head }) {
  const broken = head.gates.filter((gate) => gate.broken);
  if (head.scan.complete && broken.length === 0 && head.problems.length === 0) return null;
  return (
    <SpaceBetween size="xs">
      {!head.scan.complete && (
        <Alert type="warning" header="The scan is incomplete">
          An account, a region or a list could not be read. The coverage view says which.
        </Alert>
      )}
      {broken.map((gate, at) => (
        <Alert
          key={at}
          type="error"
          header={counted(gate.count, "finding breaks a gate", "findings break a gate")}
        >
          The policy allows {gate.max} {gate.new_only && "new "}
          {SEVERITY[gate.severity].toLowerCase()} or worse
          {gate.pillar == null ? "" : ` in ${PILLARS[gate.pillar]}`}.
        </Alert>
      ))}
      {head.problems.map((problem, at) => (
        <Alert key={at} type="info" header={problem.where == null ? undefined : <Name>{problem.where}</Name>}>
          <Name>{problem.message}</Name>
        </Alert>
      ))}
    </SpaceBetween>
  );
}
