import "@cloudscape-design/global-styles/index.css";
import "./app/page.css";
import Alert from "@cloudscape-design/components/alert";
import { I18nProvider } from "@cloudscape-design/components/i18n";
import messages from "@cloudscape-design/components/i18n/messages/all.en";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";
import { because } from "./app/data";
import { readHead } from "./embed";

const element = document.getElementById("root");
if (element === null) throw new Error("the page has no root");
const root = createRoot(element);

readHead().then(
  (head) =>
    root.render(
      <StrictMode>
        <I18nProvider locale="en" messages={[messages]}>
          <App head={head} />
        </I18nProvider>
      </StrictMode>,
    ),
  (cause: unknown) =>
    root.render(
      <Alert type="error" header="This report cannot be shown">
        {because(cause)}
      </Alert>,
    ),
);
