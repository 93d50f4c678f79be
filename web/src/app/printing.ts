import { useSyncExternalStore } from "react";
import { flushSync } from "react-dom";

const paper = window.matchMedia("print");
let asked = false;

function subscribe(listener: () => void): () => void {
  const tell = (now: boolean) => () => {
    asked = now;
    // The browser takes the page as it is when this returns: what waits for its turn is not on paper.
    flushSync(listener);
  };
  const [before, after] = [tell(true), tell(false)];
  window.addEventListener("beforeprint", before);
  window.addEventListener("afterprint", after);
  paper.addEventListener("change", listener);
  return () => {
    window.removeEventListener("beforeprint", before);
    window.removeEventListener("afterprint", after);
    paper.removeEventListener("change", listener);
  };
}

/** Whether the page is being printed. What only paper shows is made then, and costs nothing before. */
export function usePrinting(): boolean {
  return useSyncExternalStore(subscribe, () => asked || paper.matches);
}
