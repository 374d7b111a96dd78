import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { mayPass, needsOperator, NeedsOperator } from "../../relay/needs-operator.ts";
import { freshFolder } from "./support/device/fresh-folder.ts";

function failedWith(code: string): Error {
  return Object.assign(new Error(code), { code, errno: -1, syscall: "open" });
}

test("mayPass is so for a read that the disk fails", async () => {
  const error: unknown = await readFile("/proc/self/mem").catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "EIO" });
  expect(mayPass(error)).toBe(true);
});

test.each(["ENOSPC", "EDQUOT", "EMFILE", "ENFILE", "EIO", "EAGAIN", "ENOMEM", "EBUSY"])(
  "mayPass is so for %s",
  (code) => {
    expect(mayPass(failedWith(code))).toBe(true);
  },
);

test.each(["EACCES", "EPERM", "EROFS", "ELOOP", "ENAMETOOLONG", "ENXIO"])(
  "mayPass is not so for %s",
  (code) => {
    expect(mayPass(failedWith(code))).toBe(false);
  },
);

test("mayPass is not so for paths that lead nowhere, or to a folder", async () => {
  const folder = await freshFolder();
  const paths = [folder, join(folder, "none", "a.log"), "/etc/hostname/a.log"];
  const errors = await Promise.all(
    paths.map((path) => open(path, "a").catch((error: unknown) => error)),
  );
  expect(errors).toMatchObject([{ code: "EISDIR" }, { code: "ENOENT" }, { code: "ENOTDIR" }]);
  expect(errors.map(mayPass)).toEqual([false, false, false]);
});

test.each([new Error("is damaged"), new DOMException("not a key", "DataError"), "ENOSPC"])(
  "mayPass is not so for %o, which is no system call's",
  (error) => {
    expect(mayPass(error)).toBe(false);
  },
);

test.each([
  new NeedsOperator("is damaged"),
  failedWith("EACCES"),
  failedWith("ENOTDIR"),
  new Error("The file can't be read.", { cause: failedWith("ENOENT") }),
])("needsOperator is so for %o", (error) => {
  expect(needsOperator(error)).toBe(true);
});

test.each([
  new Error("a mistake"),
  failedWith("ENOSPC"),
  new Error("It can't be read now.", { cause: failedWith("EIO") }),
  "EACCES",
])("needsOperator is not so for %o", (error) => {
  expect(needsOperator(error)).toBe(false);
});
