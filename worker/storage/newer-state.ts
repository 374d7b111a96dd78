/**
 * State that a newer release stored. If this one misread it, it would overwrite it, so it leaves all of it alone.
 */

const BY_NEWER = "was written by a newer release of the worker";
const STORED = `What is stored ${BY_NEWER}: its form is `;
const REMEDY = "Start that release again, or put back a copy of the state from before.";

/** For the caller. */
export const NEWER_STATE = `What the worker stores ${BY_NEWER}. Nothing was changed. The operator has to do this: ${REMEDY}`;

/** `form`: how many changes its tables have gone through. */
export function newerState(form: number, known: number): Error {
  return new Error(
    `${STORED}${form}, and this release knows ${known}. Nothing was changed. ${REMEDY}`,
  );
}

/**
 * Also recognizes another object's error, which arrives as its message; but not a message that quotes what
 * somebody sent.
 */
export function isNewerState(error: unknown): boolean {
  return String(error).startsWith(`Error: ${STORED}`);
}
