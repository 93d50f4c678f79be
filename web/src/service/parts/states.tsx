/** What stands where there is nothing to show yet, or at all. */
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { advice } from "../call";

/** Why something cannot be shown, and what to do about it. */
export function Trouble({ what, error, again }: { what: string; error: unknown; again?: () => void }) {
  const { what: why, next } = advice(error);
  return (
    <Alert
      type="error"
      header={what}
      action={again !== undefined && <Button onClick={again}>Try again</Button>}
    >
      <bdi className="name">{why}</bdi> {next}
    </Alert>
  );
}

export function Loading({ what }: { what: string }) {
  return (
    <Box textAlign="center" padding="xxl" color="text-body-secondary">
      <span role="status">
        <Spinner /> Loading {what}
      </span>
    </Box>
  );
}

/** Nothing is there, and how something comes there. */
export function Empty({
  title,
  action,
  children,
}: {
  title: string;
  action?: ReactNode;
  children?: ReactNode;
}) {
  return (
    <Box textAlign="center" padding={{ vertical: "l" }} color="text-body-secondary">
      <SpaceBetween size="xs">
        <Box variant="strong" color="inherit">
          {title}
        </Box>
        {children !== undefined && <div>{children}</div>}
        {action}
      </SpaceBetween>
    </Box>
  );
}

interface Props<T> {
  query: UseQueryResult<T>;
  /** What is loading, as in "Loading the audits". */
  what: string;
  children: (data: T) => ReactNode;
}

/** An answer once it is there; what was known stays where a later answer fails, with a line that says so. */
export function Answer<T>({ query, what, children }: Props<T>) {
  const again = () => void query.refetch();
  if (query.data === undefined) {
    if (query.error === null) return <Loading what={what} />;
    return <Trouble what={`${capital(what)} cannot be shown`} error={query.error} again={again} />;
  }
  return (
    <SpaceBetween size="s">
      {query.error !== null && (
        <Trouble what={`${capital(what)} may be out of date`} error={query.error} again={again} />
      )}
      <SpaceBetween size="l">{children(query.data)}</SpaceBetween>
    </SpaceBetween>
  );
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
