/** Tests go through no proxy but their own, whatever the machine that runs them has. */
import { vi } from "vitest";

/** For `beforeEach`. */
export function hideProxy(): () => void {
  for (const name of ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"]) {
    vi.stubEnv(name, "");
    vi.stubEnv(name.toLowerCase(), "");
  }
  return () => void vi.unstubAllEnvs();
}
