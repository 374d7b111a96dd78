/** One field of the policy's form: its name, what was typed, and what is wrong with that. */
import type { JSX } from "hono/jsx/jsx-runtime";
import type { Problems } from "./read-rule.ts";

/** The state of the form. */
export interface Typing {
  readonly problems: Problems;
  /** The name of the field or the button that has the focus. */
  readonly focus: string | undefined;
}

interface FieldProps {
  readonly typing: Typing;
  readonly name: string;
  readonly label: string;
  readonly value: string;
}

export function TextField({
  typing,
  name,
  label,
  value,
  placeholder = "",
}: FieldProps & { placeholder?: string }): JSX.Element {
  return (
    <label>
      {label}
      <input
        name={name}
        value={value}
        placeholder={placeholder}
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        autofocus={typing.focus === name}
        {...described(typing, name)}
      />
      <FieldProblem typing={typing} name={name} />
    </label>
  );
}

export function ChoiceField({
  typing,
  name,
  label,
  value,
  choices,
}: FieldProps & { choices: Readonly<Record<string, string>> }): JSX.Element {
  return (
    <label>
      {label}
      <select name={name} {...described(typing, name)}>
        {Object.entries(choices).map(([choice, words]) => (
          <option value={choice} selected={choice === value}>
            {words}
          </option>
        ))}
      </select>
      <FieldProblem typing={typing} name={name} />
    </label>
  );
}

function described({ problems }: Typing, name: string): Record<string, string> {
  return problems.has(name)
    ? { "aria-invalid": "true", "aria-describedby": `${name}.problem` }
    : {};
}

/** Also for a whole row, beside no field. */
export function FieldProblem({ typing, name }: Pick<FieldProps, "typing" | "name">): JSX.Element {
  const problem = typing.problems.get(name);
  if (problem === undefined) return <></>;
  return (
    <small class="wrong" id={`${name}.problem`}>
      {problem}
    </small>
  );
}

/** A button that changes the form's rows and saves nothing. */
export function RowButton({
  typing,
  action,
  label,
  of = "",
  isDanger = false,
}: {
  typing: Typing;
  action: string;
  label: string;
  /** Which row, for screen readers. */
  of?: string;
  isDanger?: boolean;
}): JSX.Element {
  return (
    <button
      class={isDanger ? "danger small" : "plain small"}
      name="action"
      value={action}
      autofocus={typing.focus === action}
      {...(of === "" ? {} : { "aria-label": `${label} ${of}` })}
    >
      {label}
    </button>
  );
}
