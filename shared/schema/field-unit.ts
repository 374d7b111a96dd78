/** The unit that a field's or a type's name implies, by the names that people use. */

/** By the words at the end of a name, in lower case: `cpu_temp_celsius`, `uptimeSeconds`, `latitude`. */
const UNITS: Readonly<Record<string, string>> = {
  celsius: "°C",
  fahrenheit: "°F",
  kelvin: "K",
  percent: "%",
  percentage: "%",
  pct: "%",
  ns: "ns",
  nanos: "ns",
  nanoseconds: "ns",
  us: "µs",
  micros: "µs",
  microseconds: "µs",
  ms: "ms",
  millis: "ms",
  milliseconds: "ms",
  sec: "s",
  secs: "s",
  seconds: "s",
  minutes: "min",
  hours: "h",
  days: "d",
  bytes: "B",
  kb: "kB",
  kib: "KiB",
  mb: "MB",
  mib: "MiB",
  gb: "GB",
  gib: "GiB",
  bps: "bit/s",
  hz: "Hz",
  khz: "kHz",
  mhz: "MHz",
  rpm: "rpm",
  volts: "V",
  mv: "mV",
  amps: "A",
  amperes: "A",
  watts: "W",
  kw: "kW",
  kwh: "kWh",
  pascal: "Pa",
  pascals: "Pa",
  hpa: "hPa",
  kpa: "kPa",
  mbar: "mbar",
  psi: "psi",
  lux: "lx",
  ppm: "ppm",
  ppb: "ppb",
  db: "dB",
  dbm: "dBm",
  mm: "mm",
  cm: "cm",
  km: "km",
  meters: "m",
  metres: "m",
  kmh: "km/h",
  kph: "km/h",
  mps: "m/s",
  grams: "g",
  kg: "kg",
  liters: "L",
  litres: "L",
  degrees: "°",
  latitude: "°",
  longitude: "°",
  lat: "°",
  lon: "°",
  lng: "°",
};

/** Too short, or too much like other words, to be believed alone: only at the end of a longer name. */
const ONLY_BEHIND_OTHERS: ReadonlySet<string> = new Set(["us", "mb", "mm", "cm", "km", "db"]);

export function unitByName(name: string): string | undefined {
  const words = wordsOf(name);
  const last = words.at(-1) ?? "";
  if (words.length === 1 && ONLY_BEHIND_OTHERS.has(last)) return undefined;
  return Object.hasOwn(UNITS, last) ? UNITS[last] : undefined;
}

/** `uptimeSeconds` and `uptime_seconds` alike. */
export function wordsOf(name: string): string[] {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replaceAll(/([A-Z])([A-Z][a-z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9%\u00B0]+/)
    .filter((word) => word !== "");
}
