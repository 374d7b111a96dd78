/** A read during which its host's connection broke: a caller that counts its attempts may repeat it. */
import type { Failure } from "../failure.ts";

export function brokenRead(failed: Failure): Failure {
  if (failed.code !== "instance_down") return failed;
  return { ...failed, details: { ...failed.details, retry_after_s: 0 } };
}

export function isBrokenRead({ code, details }: Failure): boolean {
  return code === "instance_down" && details?.retry_after_s === 0;
}
