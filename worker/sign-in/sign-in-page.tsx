/** `/login`: e-mail and password. */
import type { JSX } from "hono/jsx/jsx-runtime";
import { Problem, pageResponse } from "../pages/page.tsx";

export interface SignInPage {
  /** Where to continue: a path of ours. */
  readonly next: string;
  /** Name of the OpenID provider, if one is configured. */
  readonly provider: string | undefined;
  /** The person is signed in, and has to prove again who they are. */
  readonly isAgain?: boolean;
  readonly problem?: string;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export function signInPage(page: SignInPage): Promise<Response> {
  const { next, provider, isAgain = false, problem, ...answer } = page;
  const body = (
    <section>
      <h1>{isAgain ? "Sign in again" : "Sign in"}</h1>
      <p class="lead">
        {isAgain ? "So that it is surely you who decides." : "To your team's AimDB instances."}
      </p>
      <Problem text={problem} />
      {provider === undefined ? null : (
        <ProviderButton next={next} provider={provider} isAgain={isAgain} />
      )}
      <form class="stack" method="post" action={`/login?next=${encodeURIComponent(next)}`}>
        <label>
          E-mail
          <input type="email" name="email" autocomplete="username" required autofocus />
        </label>
        <label>
          Password
          <input type="password" name="password" autocomplete="current-password" required />
        </label>
        <button>Sign in</button>
      </form>
      <p>
        <small>
          Forgot your password? Whoever runs this installation can give you a link to choose
          another.
        </small>
      </p>
    </section>
  );
  // The sign-in may continue to a client's own address, through its consent page.
  return pageResponse({ title: "Sign in", body, narrow: true, forms: "anywhere", ...answer });
}

function ProviderButton({
  next,
  provider,
  isAgain,
}: {
  next: string;
  provider: string;
  isAgain: boolean;
}): JSX.Element {
  const query = `next=${encodeURIComponent(next)}${isAgain ? "&again=1" : ""}`;
  return (
    <>
      <p class="actions">
        <a class="button" href={`/login/provider?${query}`}>
          Continue with {provider}
        </a>
      </p>
      <p class="or">or</p>
    </>
  );
}
