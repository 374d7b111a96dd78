/** The process's own environment, for the programs that it starts. Only read here. */

export function inheritedEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env };
}
