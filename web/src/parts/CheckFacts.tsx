import Box from "@cloudscape-design/components/box";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Link from "@cloudscape-design/components/link";
import type { ReactNode } from "react";
import { findingsLink, link } from "../app/route";
import { is } from "../filter";
import type { CheckReport } from "../report";
import { Name, WebLink } from "./labels";

/** A heading and what belongs below it. */
export function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <Box variant="h3" padding={{ bottom: "xxs" }}>
        {title}
      </Box>
      {children}
    </section>
  );
}

/** Links to the best practices that a check gives evidence for. */
export function PracticeLinks({ ids }: { ids: string[] }) {
  return (
    <SpaceBetween direction="horizontal" size="xs">
      {ids.map((id) => (
        <Link key={id} href={link("framework", { open: id })}>
          {id}
        </Link>
      ))}
    </SpaceBetween>
  );
}

interface MappedProps {
  check: Pick<CheckReport, "maps">;
  /** Whether there is a list of findings here that a mapping can filter. */
  linked?: boolean;
}

/** The same check in other tools and standards. */
export function Mapped({ check, linked = true }: MappedProps) {
  const maps = Object.entries(check.maps);
  if (maps.length === 0) return null;
  return (
    <Section title="Elsewhere">
      <dl className="evidence">
        {maps.map(([name, ids]) => (
          <FactRow key={name} name={name}>
            {ids.map((id, at) => (
              <span key={id}>
                {at > 0 && ", "}
                {linked ? (
                  <Link fontSize="body-s" href={findingsLink(is("framework", `${name} ${id}`))}>
                    {id}
                  </Link>
                ) : (
                  id
                )}
              </span>
            ))}
          </FactRow>
        ))}
      </dl>
    </Section>
  );
}

function FactRow({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>
        <Name>{name}</Name>
      </dt>
      <dd>{children}</dd>
    </>
  );
}

/** Where to read on. */
export function References({ check }: { check: Pick<CheckReport, "see"> }) {
  if (check.see.length === 0) return null;
  return (
    <Section title="References">
      <ul className="links">
        {check.see.map((address) => (
          <li key={address}>
            <WebLink href={address} />
          </li>
        ))}
      </ul>
    </Section>
  );
}
