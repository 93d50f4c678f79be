/** When a cadence would be due, asked of the service while it is typed. */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { call, fieldErrors } from "./call";
import type { Times } from "./types";

/** So long nobody has to type before the service is asked, in milliseconds. */
const PAUSE = 300;

export interface Preview {
  /** Null until the answer is there. */
  next: string[] | null;
  /** What is wrong with `/cron` or `/time_zone`. */
  errors: Record<string, string>;
  /** Anything else. */
  error: Error | null;
}

export function usePreview(cron: string, timeZone: string): Preview {
  const asked = useSettled(JSON.stringify({ cron, time_zone: timeZone.trim() || null }));
  const { data, error } = useQuery<Times>({
    queryKey: ["/schedules/preview", asked],
    queryFn: ({ signal }) =>
      call<Times>("/schedules/preview", { method: "POST", body: JSON.parse(asked), signal }),
    retry: false,
  });
  const errors = fieldErrors(error);
  return {
    next: error === null ? (data?.next ?? null) : null,
    errors,
    error: Object.keys(errors).length > 0 ? null : error,
  };
}

/** A value once it has not changed for a moment. */
function useSettled<T>(value: T): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = window.setTimeout(() => setSettled(value), PAUSE);
    return () => window.clearTimeout(timer);
  }, [value]);
  return settled;
}
