/** A text's length in UTF-8: most texts are ASCII, and then nothing has to be encoded. */
const NOT_ASCII = /[\u0080-\uffff]/;

const encoder = new TextEncoder();

export function utf8Length(text: string): number {
  return NOT_ASCII.test(text) ? encoder.encode(text).length : text.length;
}
