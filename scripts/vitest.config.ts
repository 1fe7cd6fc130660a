import { packageTests } from './testing/package-tests.ts'

export default packageTests(import.meta.dirname)
