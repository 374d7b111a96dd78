/** What a newer release stored. What this one misread it would write over, so it leaves all of it alone. */

const BY_NEWER = "was written by a newer release of the worker";
const STORED = `What is stored ${BY_NEWER}: its form is `;
const REMEDY = "Start that release again, or put back a copy of the state from before.";

/** For who asks. */
export const NEWER_STATE = `What the worker stores ${BY_NEWER}. Nothing was changed. The operator has to do this: ${REMEDY}`;

/** `form`: how many changes its tables went through. */
export function newerState(form: number, known: number): Error {
  return new Error(
    `${STORED}${form}, and this release knows ${known}. Nothing was changed. ${REMEDY}`,
  );
}

/** Also of another object, whose errors come across as their messages; not one that quotes what somebody sent. */
export function isNewerState(error: unknown): boolean {
  return String(error).startsWith(`Error: ${STORED}`);
}
