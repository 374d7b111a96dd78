/** The fields of the form that posts to `/authorize`, as a browser would send them untouched. */
export function consentFields(page: string): Record<string, string> {
  const form = /<form[^>]*action="\/authorize"[^>]*>(.*?)<\/form>/s.exec(page)?.[1] ?? "";
  const inputs = [...form.matchAll(/<input[^>]*>/g)].map(([tag]) => tag);
  return Object.fromEntries(
    inputs.flatMap((tag) => {
      const name = /name="([^"]*)"/.exec(tag)?.[1];
      const isOpen = /type="(checkbox|radio)"/.test(tag) && !/checked/.test(tag);
      return name === undefined || isOpen ? [] : [[name, /value="([^"]*)"/.exec(tag)?.[1] ?? ""]];
    }),
  );
}
