import { z } from 'zod'
import { operation } from '../operation.ts'
import { profile } from './profile.ts'
import { profileExample } from './profile-examples.ts'

export const getProfile = operation(
  {
    operationId: 'getProfile',
    kind: 'read',
    method: 'GET',
    path: '/profile',
    tag: 'Profile',
    summary: 'Read one’s preferences',
    description: 'Defaults until they are first written. Names and addresses live in the identity provider alone.',
    permission: 'profile:read:own',
    input: z.strictObject({}),
    output: profile,
    accepted: null,
    status: 200,
    errors: [],
  },
  { requests: { 'One’s own': {} }, output: profileExample, accepted: null },
)
