import CopyToClipboard from "@cloudscape-design/components/copy-to-clipboard";

interface Props {
  /** What it is, for the copy button and for screen readers. */
  label: string;
  text: string;
}

/** Text to copy as it is. */
export function Code({ label, text }: Props) {
  return (
    <div className="code">
      <pre tabIndex={0} role="region" aria-label={label}>
        <code>{text}</code>
      </pre>
      <div className="code-copy">
        <CopyToClipboard
          variant="icon"
          textToCopy={text}
          copyButtonAriaLabel={`Copy: ${label}`}
          copySuccessText="Copied"
          copyErrorText="Could not be copied"
        />
      </div>
    </div>
  );
}
