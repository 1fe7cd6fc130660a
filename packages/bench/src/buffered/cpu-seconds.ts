import { readFileSync } from 'node:fs'

/** The kernel counts in hundredths of a second, whatever its own clock. */
const ticksPerSecond = 100

/** What a process has used of the CPU, all threads, its own code and the system’s for it; `null` where that cannot be told: it needs Linux. */
export function cpuSecondsOf(pid: number): number | null {
  if (process.platform !== 'linux') return null
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
}
