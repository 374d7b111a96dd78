import { expect, test } from "vitest";
import { tlsRemedy } from "../../../relay/doctor/tls-remedy.ts";

test.each([
  ["CERT_HAS_EXPIRED", "This device's clock says 1970-01-01T00:01Z. Set it if that is wrong"],
  ["CERT_NOT_YET_VALID", "This device's clock says 1970-01-01T00:01Z. Set it if that is wrong"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "Check the worker's address, and enroll with the right one."],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", "Set ca_file to "],
  ["SELF_SIGNED_CERT_IN_CHAIN", "Set ca_file to "],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "Set ca_file to "],
  ["EPROTO", "The worker's port must speak https."],
  ["", "The worker's port must speak https."],
])("what to do about %j", (code, remedy) => {
  expect(tlsRemedy(code, 60_000)).toContain(remedy);
});
