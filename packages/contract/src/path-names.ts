/** The names of the parameters in a path such as `/tasks/{id}`, in order. */
export const pathNames = (path: string): readonly string[] => [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '')
