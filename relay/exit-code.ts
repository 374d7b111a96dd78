/** Exit statuses, as scripts and service managers read them. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  /** EX_CONFIG of sysexits.h: starting again changes nothing until a person has. */
  needsOperator: 78,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
