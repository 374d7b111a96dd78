/** How often each fault happens: once where other tests follow, more where somebody looks for what is rare. */
const rounds = Number(process.env["FAULT_ROUNDS"] ?? "1");

export const isLong = rounds > 1;
export const EACH = { repeats: rounds - 1 };
