import { useEffect, useRef, useState } from "react";
import type { ReactNode } from "react";
import { usePrinting } from "../app/printing";

/** Shows what takes long to draw once the reader comes near it, or prints. */
export function WhenNear({ height, children }: { height: number; children: ReactNode }) {
  const place = useRef<HTMLDivElement>(null);
  const [near, setNear] = useState(false);
  const printing = usePrinting();
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (entry?.isIntersecting !== true) return;
        setNear(true);
        observer.disconnect();
      },
      { rootMargin: "300px" },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return (
    <div ref={place} style={near ? undefined : { minBlockSize: height }}>
      {(near || printing) && children}
    </div>
  );
}
