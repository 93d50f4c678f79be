import type { FlashbarProps } from "@cloudscape-design/components/flashbar";
import { useMemo, useState } from "react";
import { advice } from "./call";
import type { Tell } from "./data";

interface Line {
  id: string;
  type: "success" | "error";
  header?: string;
  text: string;
}

/** As many lines as are kept. */
const MOST = 4;

let number = 0;

/** Lines that say what became of what somebody did. */
export function useFlashes(): { flashes: FlashbarProps.MessageDefinition[]; tell: Tell } {
  const [lines, setLines] = useState<Line[]>([]);
  const tell = useMemo<Tell>(() => {
    const add = (line: Omit<Line, "id">) =>
      setLines((before) => [{ ...line, id: `line-${number++}` }, ...before].slice(0, MOST));
    return {
      done: (text) => add({ type: "success", text }),
      failed: (what, error) => {
        const { what: why, next } = advice(error);
        add({ type: "error", header: what, text: `${why} ${next}`.trim() });
      },
    };
  }, []);
  const flashes = lines.map(({ id, type, header, text }) => ({
    id,
    type,
    ...(header !== undefined && { header }),
    content: <bdi className="name">{text}</bdi>,
    dismissible: true,
    dismissLabel: "Dismiss",
    ariaRole: type === "error" ? ("alert" as const) : ("status" as const),
    onDismiss: () => setLines((before) => before.filter((line) => line.id !== id)),
  }));
  return { flashes, tell };
}
