import CopyToClipboard from "@cloudscape-design/components/copy-to-clipboard";
import Link from "@cloudscape-design/components/link";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import type { TableProps } from "@cloudscape-design/components/table";
import { useData } from "../../app/data";
import { changed } from "../../app/route";
import type { Route } from "../../app/route";
import { AttestationLabel, RiskBadge, StatusLabel } from "../../parts/labels";
import { VerdictBar } from "../../parts/meters";
import { answer, questionNotes } from "../../review";
import type { Practice, PracticeCounts, QuestionReport } from "../../report";
import { count, RISK } from "../../words";

/** A line of the framework. */
export type Line =
  | { type: "question"; question: QuestionReport; practices: Practice[] }
  | { type: "practice"; practice: Practice };

type Column = TableProps.ColumnDefinition<Line>;

/** The columns of the framework's table. */
export function columns(route: Route): Column[] {
  return [
    {
      id: "title",
      header: "Question and best practice",
      isRowHeader: true,
      width: 520,
      minWidth: 240,
      cell: (line) => <Title line={line} route={route} />,
    },
    {
      id: "status",
      header: "Evidence says",
      width: 230,
      cell: (line) =>
        line.type === "practice" ? (
          <StatusLabel status={line.practice.status} />
        ) : (
          <Summary counts={line.question.practices} />
        ),
    },
    {
      id: "risk",
      header: "AWS’s level of risk",
      width: 170,
      cell: (line) => {
        if (line.type === "practice") {
          // Colour is for what is at risk now.
          const { risk } = line.practice;
          return answer(line.practice) === "at_risk" ? <RiskBadge risk={risk} /> : RISK[risk];
        }
        return line.question.risk == null ? "–" : <RiskBadge risk={line.question.risk} />;
      },
    },
    {
      id: "attested",
      header: "People say",
      width: 210,
      cell: (line) =>
        line.type === "practice" ? <Attested practice={line.practice} /> : <AttestedCount line={line} />,
    },
    {
      id: "findings",
      header: "Evaluations",
      width: 150,
      cell: (line) =>
        line.type === "practice" && line.practice.checks.length > 0 ? (
          <VerdictBar counts={line.practice.counts} />
        ) : (
          ""
        ),
    },
    {
      id: "checks",
      header: "Checks",
      width: 90,
      cell: (line) =>
        line.type === "practice" ? count(line.practice.checks.length) : <Notes question={line.question} />,
    },
  ];
}

function Title({ line, route }: { line: Line; route: Route }) {
  if (line.type === "question") {
    return (
      <span className="strong">
        {line.question.id} {line.question.title}
      </span>
    );
  }
  const { practice } = line;
  const isOpen = route.open === practice.id;
  return (
    <span {...(isOpen && { "aria-current": "true" as const, className: "strong" })}>
      <Link href={changed(route, { open: practice.id })}>{practice.id}</Link> {practice.title}
    </span>
  );
}

function Summary({ counts }: { counts: PracticeCounts }) {
  const parts = [
    counts.at_risk > 0 && `${counts.at_risk} at risk`,
    counts.unknown > 0 && `${counts.unknown} unknown`,
    counts.exempt > 0 && `${counts.exempt} exempt`,
    counts.met > 0 && `${counts.met} met`,
    counts.no_evidence > 0 && `${counts.no_evidence} for people`,
  ].filter((part) => part !== false);
  const type =
    counts.at_risk > 0 ? "error" : counts.unknown > 0 ? "warning" : counts.met > 0 ? "success" : "pending";
  return <StatusIndicator type={type}>{parts.join(", ")}</StatusIndicator>;
}

function Attested({ practice }: { practice: Practice }) {
  return practice.attestation == null ? "–" : <AttestationLabel practice={practice} />;
}

function AttestedCount({ line }: { line: Extract<Line, { type: "question" }> }) {
  const valid = line.practices.filter(({ attestation }) => attestation?.state === "valid");
  const notMet = valid.filter(({ attestation }) => attestation?.status === "not_met").length;
  const attested = valid.length - notMet;
  return [attested > 0 && `${count(attested)} attested`, notMet > 0 && `${count(notMet)} not met`]
    .filter((part) => part !== false)
    .join(", ");
}

function Notes({ question }: { question: QuestionReport }) {
  const { head } = useData();
  return (
    <CopyToClipboard
      variant="icon"
      textToCopy={questionNotes(question, head)}
      copyButtonAriaLabel={`Copy notes on ${question.id} for the AWS Well-Architected Tool`}
      copySuccessText={`Notes on ${question.id} copied`}
      copyErrorText="Could not be copied"
    />
  );
}
