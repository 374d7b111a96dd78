/** The write policy as a form. It needs no script: each button sends everything that was typed. */
import type { JSX } from "hono/jsx/jsx-runtime";
import { MAX_TEAM_LIMITS } from "#shared/link/limits.ts";
import type { Confirm, WriteRule } from "../../access/write-policy.ts";
import type { OpenedPage } from "../../dashboard/open-page.ts";
import { teamUrl } from "../../dashboard/team-url.ts";
import { CsrfField } from "../../pages/page.tsx";
import {
  LIMIT_FIELDS,
  limitName,
  MAX_LIMIT_ROWS,
  ruleName,
  type FormRows,
  type LimitRow,
  type RuleRow,
} from "./form-rows.ts";
import { ChoiceField, FieldProblem, RowButton, TextField, type Typing } from "./form-field.tsx";
import { RuleInWords } from "./rule-in-words.tsx";
import { SeenField } from "./seen-field.tsx";

const WHO_CONFIRMS: Readonly<Record<Confirm, string>> = {
  human: "a person, here",
  client: "the client's user",
  never: "nobody",
};

export interface PolicyDraft extends Typing {
  readonly rows: FormRows;
  /** The version of the policy that the form began with. */
  readonly seen: string;
  /** The rule that each row expresses; undefined if it is not a rule yet. */
  readonly rules: readonly (WriteRule | undefined)[];
}

export function PolicyForm({
  opened,
  draft,
}: {
  opened: OpenedPage;
  draft: PolicyDraft;
}): JSX.Element {
  const { rows, rules } = draft;
  const limitCount = rows.rules.reduce((sum, { limits }) => sum + limits.length, 0);
  return (
    <form class="stack" method="post" action={teamUrl(opened.place, "/policy")}>
      <CsrfField token={opened.session.csrfToken} />
      <SeenField version={draft.seen} />
      {/* The Enter key presses a form's first button. */}
      <button class="hidden" name="action" value="save" tabindex={-1} aria-hidden="true">
        Save
      </button>
      {rows.rules.length === 0 ? <p>There is no rule: nothing is written.</p> : null}
      {rows.rules.map((row, index) => (
        <Rule
          draft={draft}
          row={row}
          index={index}
          rule={rules[index]}
          mayGrow={limitCount < MAX_LIMIT_ROWS}
        />
      ))}
      {rows.rules.length < MAX_TEAM_LIMITS ? (
        <p class="actions">
          <RowButton typing={draft} action="add_rule" label="Add a rule" />
        </p>
      ) : null}
      <Rates draft={draft} />
      <p class="actions">
        <button name="action" value="save">
          Save
        </button>
        <button class="plain" name="action" value="check">
          Check without saving
        </button>
      </p>
    </form>
  );
}

function Rates({ draft }: { draft: PolicyDraft }): JSX.Element {
  return (
    <fieldset>
      <legend>How often one person or program may write</legend>
      <div class="columns">
        <TextField
          typing={draft}
          name="writes_per_minute"
          label="Times a minute at one relay"
          value={draft.rows.writes_per_minute}
        />
        <TextField
          typing={draft}
          name="writes_per_minute_per_record"
          label="Times a minute to one record"
          value={draft.rows.writes_per_minute_per_record}
        />
      </div>
      <small class="muted">0 is no limit.</small>
    </fieldset>
  );
}

interface RuleProps {
  readonly draft: PolicyDraft;
  readonly row: RuleRow;
  readonly index: number;
  readonly rule: WriteRule | undefined;
  readonly mayGrow: boolean;
}

function Rule({ draft, row, index, rule, mayGrow }: RuleProps): JSX.Element {
  const title = `rule ${index + 1}`;
  return (
    <fieldset>
      <legend>Rule {index + 1}</legend>
      {rule === undefined ? null : (
        <p>
          <RuleInWords rule={rule} />
        </p>
      )}
      <FieldProblem typing={draft} name={ruleName(index)} />
      <RuleFields draft={draft} row={row} index={index} />
      {row.limits.map((limit, at) => (
        <Limit draft={draft} row={limit} rule={index} index={at} />
      ))}
      <p class="actions">
        {mayGrow ? (
          <RowButton
            typing={draft}
            action={`add_limit.${index}`}
            label="Limit a field"
            of={`of ${title}`}
          />
        ) : null}
        <RowButton
          typing={draft}
          action={`remove_rule.${index}`}
          label={`Remove ${title}`}
          isDanger
        />
      </p>
    </fieldset>
  );
}

function RuleFields({ draft, row, index }: Omit<RuleProps, "rule" | "mayGrow">): JSX.Element {
  const name = ruleName(index);
  return (
    <div class="columns">
      <TextField
        typing={draft}
        name={`${name}.record`}
        label="Record"
        value={row.record}
        placeholder="app.settings or app.*"
      />
      <TextField
        typing={draft}
        name={`${name}.instance`}
        label="On instance"
        value={row.instance}
        placeholder="every one, or gw-1/*"
      />
      <ChoiceField
        typing={draft}
        name={`${name}.confirm`}
        label="Confirmed by"
        value={row.confirm}
        choices={WHO_CONFIRMS}
      />
      <TextField
        typing={draft}
        name={`${name}.max_per_minute`}
        label="Times a minute each, by all"
        value={row.max_per_minute}
        placeholder="no limit"
      />
    </div>
  );
}

const LIMIT_LABELS = {
  path: ["Field", ". is the value itself"],
  min: ["At least", ""],
  max: ["At most", ""],
  max_change: ["Largest change", ""],
  enum: ["One of", "low, high"],
} as const;

interface LimitProps {
  readonly draft: PolicyDraft;
  readonly row: LimitRow;
  readonly rule: number;
  readonly index: number;
}

function Limit({ draft, row, rule, index }: LimitProps): JSX.Element {
  const name = `${ruleName(rule)}.${limitName(index)}`;
  const title = `limit ${index + 1} of rule ${rule + 1}`;
  return (
    <div class="columns limit" role="group" aria-label={title}>
      {LIMIT_FIELDS.map((field) => (
        <TextField
          typing={draft}
          name={`${name}.${field}`}
          label={LIMIT_LABELS[field][0]}
          placeholder={LIMIT_LABELS[field][1]}
          value={row[field]}
        />
      ))}
      <RowButton
        typing={draft}
        action={`remove_limit.${rule}.${index}`}
        label="Remove"
        of={title}
        isDanger
      />
    </div>
  );
}
