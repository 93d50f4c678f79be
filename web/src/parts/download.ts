/** Hands the reader a file that was made in the page; nothing leaves it. */
export function download(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  const anchor = document.createElement("a");
  anchor.href = url;
  anchor.download = name;
  anchor.click();
  // The download has taken the file by the time that the page is idle again.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
