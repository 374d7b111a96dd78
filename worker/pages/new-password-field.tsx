/** The field where a person chooses a password: one to a page. */
import type { JSX } from "hono/jsx/jsx-runtime";
import { MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH } from "../auth/password.ts";

export function NewPasswordField({
  label,
  isFirst = false,
}: {
  label: string;
  /** Whether the field has the focus at first. */
  isFirst?: boolean;
}): JSX.Element {
  return (
    <label>
      {label}
      <input
        type="password"
        name="password"
        autocomplete="new-password"
        minlength={MIN_PASSWORD_LENGTH}
        required
        autofocus={isFirst}
        aria-describedby="password-rule"
      />
      <small id="password-rule">
        {MIN_PASSWORD_LENGTH} characters or more. A few words do well.
      </small>
    </label>
  );
}

/** Undefined if the password is acceptable. */
export function newPasswordProblem(password: string): string | undefined {
  if (password.length < MIN_PASSWORD_LENGTH) {
    return `The password needs ${MIN_PASSWORD_LENGTH} characters or more.`;
  }
  if (password.length <= MAX_PASSWORD_LENGTH) return undefined;
  return `The password may have ${MAX_PASSWORD_LENGTH} characters at most.`;
}
