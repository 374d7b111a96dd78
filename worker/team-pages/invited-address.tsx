/** The field for whom an invitation is, and what is wrong with what was typed there. */
import type { JSX } from "hono/jsx/jsx-runtime";

/** `wrong` is what was typed and is no address. */
export function InvitedAddress({ wrong }: { wrong: string | undefined }): JSX.Element {
  const described =
    wrong === undefined
      ? {}
      : { "aria-invalid": "true" as const, "aria-describedby": "email.problem", autofocus: true };
  return (
    <>
      <input
        type="email"
        name="email"
        placeholder="E-mail, or empty"
        aria-label="E-mail"
        value={wrong}
        {...described}
      />
      {wrong === undefined ? null : (
        <small class="wrong" id="email.problem" role="alert">
          Write an address such as name@example.com, or leave it empty.
        </small>
      )}
    </>
  );
}
