/**
 * The first segments of all paths that the service answers. A base path may not begin with one of them: where a proxy may or may
 * not drop the base path, `/api/v1/tasks` under a base path `/api` would mean two things.
 */
export const ownPaths = [
  'api',
  'dev',
  'docs',
  'errors',
  'health',
  'iam',
  'livez',
  'metrics',
  'openapi.json',
  'readyz',
  'startupz',
  'status',
  'trpc',
] as const
