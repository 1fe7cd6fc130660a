/** The environment for the tools that a test run starts. Colours only for a terminal: `CI` alone would make them paint log files. */
export function toolEnvironment(): NodeJS.ProcessEnv {
  const wantsColour = process.stdout.isTTY || process.env['FORCE_COLOR'] !== undefined
  return wantsColour ? process.env : { ...process.env, NO_COLOR: '1' }
}
