import CollectionPreferences from "@cloudscape-design/components/collection-preferences";
import type { CollectionPreferencesProps } from "@cloudscape-design/components/collection-preferences";

const COLUMNS: { id: string; label: string; visible: boolean; alwaysVisible?: boolean }[] = [
  { id: "finding", label: "Finding", visible: true, alwaysVisible: true },
  { id: "severity", label: "Severity", visible: true },
  { id: "verdict", label: "Verdict", visible: true },
  { id: "resource", label: "Resource", visible: true },
  { id: "account", label: "Account", visible: true },
  { id: "region", label: "Region", visible: true },
  { id: "pillar", label: "Pillar", visible: false },
  { id: "practices", label: "Best practices", visible: false },
  { id: "saves", label: "Saves a month", visible: true },
  { id: "change", label: "Since baseline", visible: true },
  { id: "since", label: "Failing since", visible: false },
];

export interface Preferred {
  pageSize: number;
  wrapLines: boolean;
  columns: { id: string; visible: boolean }[];
}

export const PREFERRED: Preferred = {
  pageSize: 50,
  wrapLines: true,
  columns: COLUMNS.map(({ id, visible }) => ({ id, visible })),
};

interface Props {
  value: Preferred;
  onChange: (value: Preferred) => void;
  /** Columns that this report has nothing for. */
  without: string[];
}

/** How many lines, which columns. */
export function Preferences({ value, onChange, without }: Props) {
  const columns = COLUMNS.filter(({ id }) => !without.includes(id));
  const change = ({ detail }: { detail: CollectionPreferencesProps.Preferences }) =>
    onChange({
      pageSize: detail.pageSize ?? value.pageSize,
      wrapLines: detail.wrapLines ?? value.wrapLines,
      columns: detail.contentDisplay?.map(({ id, visible }) => ({ id, visible })) ?? value.columns,
    });
  return (
    <CollectionPreferences
      title="Preferences"
      confirmLabel="Confirm"
      cancelLabel="Cancel"
      preferences={{
        pageSize: value.pageSize,
        wrapLines: value.wrapLines,
        contentDisplay: value.columns,
      }}
      pageSizePreference={{
        options: [20, 50, 100, 200].map((n) => ({ value: n, label: `${n} lines` })),
      }}
      wrapLinesPreference={{}}
      contentDisplayPreference={{
        options: columns.map(({ id, label, alwaysVisible }) => ({
          id,
          label,
          ...(alwaysVisible && { alwaysVisible }),
        })),
      }}
      onConfirm={change}
    />
  );
}
