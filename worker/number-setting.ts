/** Settings are numbers in text; anything else means the default. */
export function numberSetting(text: string | undefined, fallback: number, maxDigits = 7): number {
  const isNumber = text !== undefined && /^\d+$/.test(text) && text.length <= maxDigits;
  return isNumber ? Number(text) : fallback;
}
