/** One thing that was checked, and what to do if it is not as it should be. */

export interface Check {
  readonly check: string;
  readonly status: "PASS" | "FAIL" | "SKIP";
  readonly detail: string;
  /** With FAIL, and with SKIP if something can be done. */
  readonly remedy?: string;
}

export function pass(check: string, detail: string): Check {
  return { check, status: "PASS", detail };
}

export function fail(check: string, detail: string, remedy: string): Check {
  return { check, status: "FAIL", detail, remedy };
}

export function skip(check: string, detail: string, remedy?: string): Check {
  return remedy === undefined
    ? { check, status: "SKIP", detail }
    : { check, status: "SKIP", detail, remedy };
}
