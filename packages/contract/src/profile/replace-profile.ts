import { z } from 'zod'
import { operation } from '../operation.ts'
import { acceptedProfile, profile, profileInput } from './profile.ts'
import { acceptedProfileExample, preferencesExample, profileExample } from './profile-examples.ts'

export const replaceProfile = operation(
  {
    operationId: 'replaceProfile',
    kind: 'write',
    method: 'PUT',
    path: '/profile',
    tag: 'Profile',
    summary: 'Replace one’s preferences',
    description: 'Sets every preference.',
    permission: 'profile:write:own',
    input: z.strictObject(profileInput),
    output: profile,
    accepted: acceptedProfile,
    status: 200,
    errors: ['VERSION_STALE'],
  },
  {
    requests: { 'Every preference': preferencesExample },
    output: profileExample,
    accepted: acceptedProfileExample,
  },
)
