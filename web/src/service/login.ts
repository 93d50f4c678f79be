/** Going to log in, and back to where the reader was. */

const KEY = "sixpillars-login";
/** A second attempt so soon after the first means that the first led nowhere, in milliseconds. */
const SOON = 30_000;

/** Whether logging in was not tried a moment ago; where the browser keeps nothing, the reader has to ask. */
export function mayTry(): boolean {
  try {
    const last = Number(sessionStorage.getItem(KEY) ?? 0);
    return Date.now() - last > SOON;
  } catch {
    return false;
  }
}

/** Goes to log in. */
export function logIn(): void {
  try {
    sessionStorage.setItem(KEY, String(Date.now()));
  } catch {
    // Then the reader is asked each time.
  }
  const { pathname, search } = window.location;
  window.location.assign(`/login?to=${encodeURIComponent(pathname + search)}`);
}
