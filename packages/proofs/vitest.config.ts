import { packageTests } from '../../scripts/testing/package-tests.ts'

export default packageTests(import.meta.dirname, { isFilePerProcess: true })
