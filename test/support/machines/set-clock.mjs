/**
 * Loaded before a relay: its wall clock stands five minutes behind a full hour when it starts, and is set an hour on by
 * each SIGUSR2.
 */
const HOUR_MS = 3_600_000;
const BEGIN_MS = 300_000;

const now = Date.now;
let offsetMs = BEGIN_MS - (now() % HOUR_MS);
Date.now = () => now() + offsetMs;
process.on("SIGUSR2", () => {
  offsetMs += HOUR_MS;
});
