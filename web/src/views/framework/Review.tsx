import Button from "@cloudscape-design/components/button";
import { useData } from "../../app/data";
import { download } from "../../parts/download";
import { questionNotes } from "../../review";
import type { QuestionReport } from "../../report";

/** The notes on all questions as one text, for the AWS Well-Architected Tool. */
export function Review({ questions }: { questions: QuestionReport[] }) {
  const { head } = useData();
  const text = () => questions.map((question) => questionNotes(question, head)).join("\n\n") + "\n";
  return (
    <Button
      iconName="download"
      disabled={questions.length === 0}
      onClick={() => download(`review-${head.scan.id}.txt`, "text/plain", text())}
    >
      Notes for the AWS WA Tool
    </Button>
  );
}
