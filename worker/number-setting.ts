/** Settings are numbers in text; what is none is the default. */
export function numberSetting(text: string | undefined, fallback: number): number {
  return text !== undefined && /^\d{1,7}$/.test(text) ? Number(text) : fallback;
}
