import Box from "@cloudscape-design/components/box";
import SplitPanel from "@cloudscape-design/components/split-panel";
import { useData } from "../app/data";
import { useRoute } from "../app/route";
import { FindingPanel } from "./FindingPanel";
import { PracticePanel } from "./PracticePanel";
import { ResourcePanel } from "./ResourcePanel";
import { StepPanel } from "./StepPanel";

/** What is open beside the view. */
export function Panel() {
  const { head, table } = useData();
  const { view, open } = useRoute();
  if (open === null || table === null)
    return <Nothing text={open === null ? "Nothing is open." : "Reading the findings."} />;
  switch (view) {
    case "framework": {
      const practice = head.practices.find(({ id }) => id === open);
      return practice === undefined ? <Nothing /> : <PracticePanel practice={practice} table={table} />;
    }
    case "plan": {
      const check = head.checks.find(({ id }) => id === open);
      return check === undefined ? <Nothing /> : <StepPanel check={check} table={table} />;
    }
    case "resources": {
      const resource = table.resources.find(({ key }) => key === open);
      return resource === undefined ? <Nothing /> : <ResourcePanel resource={resource} table={table} />;
    }
    default: {
      const at = table.find(open);
      return at === undefined ? <Nothing /> : <FindingPanel row={table.row(at)} />;
    }
  }
}

function Nothing({ text = "This report has nothing of that name." }: { text?: string }) {
  return (
    <SplitPanel header="Details" closeBehavior="hide">
      <Box>{text}</Box>
    </SplitPanel>
  );
}
