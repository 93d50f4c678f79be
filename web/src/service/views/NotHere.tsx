import Button from "@cloudscape-design/components/button";
import { View } from "../parts/View";
import { to } from "../route";

/** An address that is no view's. */
export function NotHere() {
  return (
    <View title="There is nothing at this address">
      <div>
        The link may be wrong, or of another version.{" "}
        <Button href={to("overview")} variant="inline-link">
          Go to the overview
        </Button>
      </div>
    </View>
  );
}
