/** `/login`: e-mail and password. */
import { Problem, pageResponse } from "../pages/page.tsx";

export interface SignInPage {
  /** Where to go on to: a path of ours. */
  readonly next: string;
  readonly email?: string;
  readonly problem?: string;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export function signInPage({ next, email, problem, ...answer }: SignInPage): Promise<Response> {
  const body = (
    <section>
      <h1>Sign in</h1>
      <p class="lead">To your team's AimDB instances.</p>
      <Problem text={problem} />
      <form class="stack" method="post" action={`/login?next=${encodeURIComponent(next)}`}>
        <label>
          E-mail
          <input
            type="email"
            name="email"
            value={email}
            autocomplete="username"
            required
            autofocus={email === undefined}
          />
        </label>
        <label>
          Password
          <input
            type="password"
            name="password"
            autocomplete="current-password"
            required
            autofocus={email !== undefined}
          />
        </label>
        <button>Sign in</button>
      </form>
    </section>
  );
  // The way may go on to a client's own address, by way of its consent page.
  return pageResponse({ title: "Sign in", body, narrow: true, forms: "anywhere", ...answer });
}
