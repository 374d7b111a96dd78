/** The process's own environment, for the programs it starts. The one place that reads it. */

export function inheritedEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env };
}
