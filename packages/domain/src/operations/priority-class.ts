import type { EntityKind } from '../entities/entity-kinds.ts'

/** 0: security, which is drained first, never expires and has room kept for it; 1: all other work. */
export type PriorityClass = 0 | 1

const classes: Readonly<Record<EntityKind, PriorityClass>> = { session: 0, grant: 0, user: 0, task: 1, profile: 1 }

/** The class follows from the kind, so that the commands of one entity are all of one class and keep their order. */
export const priorityClassOf = (kind: EntityKind): PriorityClass => classes[kind]
