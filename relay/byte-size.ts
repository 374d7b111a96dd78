/** Sizes as people write them, in the units of mobile tariffs: 1 kB is 1000 bytes. */
const UNITS = [
  { name: "GB", bytes: 1e9 },
  { name: "MB", bytes: 1e6 },
  { name: "kB", bytes: 1e3 },
] as const;

const SIZE = /^(\d{1,6}(?:\.\d{1,3})?) ?(kB|MB|GB)$/;

/** Undefined if the text is not a size. */
export function parseByteSize(text: string): number | undefined {
  const [, digits, name] = SIZE.exec(text) ?? [];
  const unit = UNITS.find((unit) => unit.name === name);
  return unit === undefined ? undefined : Math.round(Number(digits) * unit.bytes);
}

export function showByteSize(bytes: number): string {
  const unit = UNITS.find((unit) => bytes >= unit.bytes);
  if (unit === undefined) return `${bytes} bytes`;
  const size = bytes / unit.bytes;
  return `${Number(size.toFixed(size < 10 ? 2 : 1))} ${unit.name}`;
}
