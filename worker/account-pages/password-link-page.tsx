/** `/password/<token>`: where a person who forgot their password chooses a new one. */
import { NewPasswordField } from "../pages/new-password-field.tsx";
import { pageResponse, Problem } from "../pages/page.tsx";
import { passwordLinkAction } from "./password-link-url.ts";

export interface PasswordLinkPage {
  readonly token: string;
  readonly email: string;
  readonly problem?: string;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export function passwordLinkPage(page: PasswordLinkPage): Promise<Response> {
  const { token, email, problem, ...answer } = page;
  const body = (
    <section>
      <h1>Choose a password</h1>
      <p class="lead">
        It replaces the one you had. Every browser in which you are signed in has to sign in again;
        connected clients and access tokens stay.
      </p>
      <Problem text={problem} />
      <form class="stack" method="post" action={passwordLinkAction(token)}>
        <label>
          E-mail
          <input type="email" autocomplete="username" value={email} readonly />
        </label>
        <NewPasswordField label="New password" isFirst />
        <button>Set the password and sign in</button>
      </form>
    </section>
  );
  return pageResponse({ title: "Choose a password", body, narrow: true, forms: "self", ...answer });
}
