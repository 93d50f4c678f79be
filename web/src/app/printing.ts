import { useSyncExternalStore } from "react";

const paper = window.matchMedia("print");
let asked = false;

function subscribe(listener: () => void): () => void {
  const tell = (now: boolean) => () => {
    asked = now;
    listener();
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
