import Link from "@cloudscape-design/components/link";
import { findingsLink } from "../app/route";
import { is } from "../filter";
import type { Tags as TagSet } from "../report";
import { tagGap, tagPairs } from "../table";
import { Name } from "./labels";

/** A resource's tags, each a link to what else has it. */
export function Tags({ tags }: { tags: TagSet | null }) {
  const gap = tagGap(tags);
  if (gap !== null) return <span>could not be read: {gap.action}</span>;
  const pairs = tagPairs(tags);
  if (pairs.length === 0) return <span>{tags === null ? "has none" : "none"}</span>;
  return (
    <ul className="tags">
      {pairs.map(([key, value]) => (
        <li key={key}>
          <Link fontSize="body-s" variant="secondary" href={findingsLink(is("tag", `${key}=${value}`))}>
            <Name>{`${key} = ${value}`}</Name>
          </Link>
        </li>
      ))}
    </ul>
  );
}
