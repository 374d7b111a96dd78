/** The answer to a form post that no page of ours sent. */
import { messagePage } from "./page.tsx";

export function foreignForm(): Promise<Response> {
  return messagePage({
    title: "This form came from elsewhere",
    status: 403,
    text: "Open the page again and send the form from there.",
  });
}
