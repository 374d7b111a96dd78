/** Local bounds on an AimX connection. Hosts have none of their own on a Unix socket. */

/** A `record.list` or a drain can be megabytes; beyond this the connection is dropped. */
export const MAX_LINE_BYTES = 4 * 1024 * 1024;

/** A probe of a socket that may belong to anything: connect and hello together. */
export const PROBE_TIMEOUT_MS = 500;

/** The hello of a host that is known to be AimDB but may be busy. */
export const HELLO_TIMEOUT_MS = 5_000;

/** One request on a standing connection, if the caller does not ask for less. */
export const REQUEST_TIMEOUT_MS = 5_000;
