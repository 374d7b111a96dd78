import { describe, expect, test } from "vitest";
import { messagePage } from "../../../worker/pages/page.tsx";

const READER = { displayName: '<b>Ada</b> "L"', csrfToken: "a-token" };

describe("a page", () => {
  test("escapes what it is given", async () => {
    const text = await (
      await messagePage({ title: "<i>T</i>", text: "<script>x</script>", reader: READER })
    ).text();

    expect(text).not.toMatch(/<script|<i>|<b>/);
    expect(text).toContain("&lt;b&gt;Ada&lt;/b&gt;");
  });

  test("begins as HTML of a language, fits a phone, and loads nothing", async () => {
    const text = await (await messagePage({ title: "T", text: "x" })).text();

    expect(text).toMatch(/^<!doctype html><html lang="en">/);
    expect(text).toContain('content="width=device-width, initial-scale=1"');
    expect(text).not.toMatch(/<link|<img|src=|url\(|@import|https?:/);
  });

  test("has its style under its own nonce, and both color schemes", async () => {
    const answer = await messagePage({ title: "T", text: "x" });
    const [, nonce] =
      /'nonce-(\w+)'/.exec(answer.headers.get("content-security-policy") ?? "") ?? [];
    const text = await answer.text();

    expect(text).toContain(`<style nonce="${nonce}">`);
    expect(text).toContain("color-scheme: light dark");
    expect(text).not.toContain('style="');
  });

  test("without a form allows none; with its reader's name has the one to sign out", async () => {
    const policyOf = ({ headers }: Response) => headers.get("content-security-policy");
    const bare = await messagePage({ title: "T", text: "x" });
    const read = await messagePage({ title: "T", text: "x", reader: READER });
    const text = await read.text();

    expect(policyOf(bare)).toContain("form-action 'none'");
    expect(policyOf(read)).toContain("form-action 'self'");
    expect(text).toContain('<form method="post" action="/logout">');
    expect(text).toContain('<input type="hidden" name="csrf" value="a-token"/>');
  });

  test("lets browsers send our own Origin with its forms, and no address elsewhere", async () => {
    const bare = await messagePage({ title: "T", text: "x" });
    const read = await messagePage({ title: "T", text: "x", reader: READER });

    expect(bare.headers.get("referrer-policy")).toBe("no-referrer");
    expect(read.headers.get("referrer-policy")).toBe("same-origin");
  });
});
