/** A form that is sent to the API, and what the API says of its fields. */
import { useState } from "react";
import { fieldErrors, Refusal } from "./call";

interface Form {
  busy: boolean;
  /** What is wrong with all of it; null where only fields are. */
  error: unknown;
  /** What is wrong with a field, by its pointer or by those below it. */
  at: (pointer: string) => string;
  submit: () => void;
}

/** Sends a form; says what is wrong until it is sent again. */
export function useForm(send: () => Promise<void>): Form {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const submit = () => {
    setBusy(true);
    setError(null);
    send()
      .catch((cause: unknown) => setError(cause))
      .finally(() => setBusy(false));
  };
  return { busy, error, at: (pointer) => errorAt(fieldErrors(error), pointer), submit };
}

/** What is wrong with a field, or with one of those in it, such as `/spec/targets/2`. */
export function errorAt(errors: Record<string, string>, pointer: string): string {
  const found = Object.entries(errors).filter(([at]) => at === pointer || at.startsWith(`${pointer}/`));
  return found.map(([, detail]) => detail).join(" ");
}

/** What is wrong with fields that a form does not show. */
export function elsewhere(error: unknown, shown: readonly string[]): string[] {
  if (!(error instanceof Refusal)) return [];
  return error.errors
    .filter(({ pointer }) => !shown.some((at) => pointer === at || pointer.startsWith(`${at}/`)))
    .map(({ pointer, detail }) => `${pointer}: ${detail}`);
}
