/** Characters of any script, for texts that nobody thought of. */
import fc from "fast-check";

const FIRST_SURROGATE = 0xd800;
const SURROGATES = 0x800;
const CODE_POINTS = 0x110000;

/** All but halves of pairs, as fast-check's "binary" has, which takes more than a second to begin with. */
export const anyCharacter = fc
  .nat(CODE_POINTS - SURROGATES - 1)
  .map((n) => String.fromCodePoint(n < FIRST_SURROGATE ? n : n + SURROGATES));
