import Alert from "@cloudscape-design/components/alert";
import { useMe } from "../data";
import type { Role } from "../types";
import { ROLE } from "../words";
import { View } from "./View";

/** A view that takes a role which the reader does not have. */
export function NotAllowed({ title, role, why }: { title: string; role: Role; why?: string }) {
  const me = useMe();
  return (
    <View title={title}>
      <Alert type="info" header={`This requires the role ${ROLE[role].toLowerCase()}`}>
        {why ?? `You are here as ${ROLE[me.role].toLowerCase()}.`} An admin of this service gives roles.
      </Alert>
    </View>
  );
}
