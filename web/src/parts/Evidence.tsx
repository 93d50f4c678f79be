import { Name } from "./labels";

/** The fields that a check read, as they were. */
export function Evidence({ evidence }: { evidence: Record<string, unknown> }) {
  const fields = Object.entries(evidence);
  if (fields.length === 0)
    return <p className="quiet small">The check read nothing but what the list shows.</p>;
  return (
    <dl className="evidence">
      {fields.map(([name, value]) => (
        <FieldRow key={name} name={name} value={value} />
      ))}
    </dl>
  );
}

function FieldRow({ name, value }: { name: string; value: unknown }) {
  return (
    <>
      <dt>
        <Name>{name}</Name>
      </dt>
      <dd>{typeof value === "string" ? value : JSON.stringify(value, null, 2)}</dd>
    </>
  );
}
