/** The management API as an operator's script calls it. */

export const ADMIN_TOKEN = "admin-token-of-the-end-to-end-tests-0123456789";

/** What a test that is about something else wants of the first team. */
export const UNCONFIRMED_WRITES = {
  rules: [{ record: "*", confirm: "never" }],
  writes_per_minute: 0,
  writes_per_minute_per_record: 0,
};

export function postAdmin(url: URL, body: unknown, token = ADMIN_TOKEN): Promise<Response> {
  return sendAdmin(url, "POST", body, token);
}

export function sendAdmin(
  url: URL,
  method: string,
  body: unknown,
  token = ADMIN_TOKEN,
): Promise<Response> {
  return fetch(url, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}
