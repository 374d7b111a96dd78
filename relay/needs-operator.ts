/** What a person has to mend: the message says what. Starting again changes nothing. */
export class NeedsOperator extends Error {
  override readonly name = "NeedsOperator";
}
