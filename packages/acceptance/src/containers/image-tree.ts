import { execFileSync } from 'node:child_process'
import { cpSync, lstatSync, mkdirSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { repositoryRoot } from '../repository.ts'
import { runToEnd } from '../short-run.ts'
import { buildContext } from './build-context.ts'
import type { Instruction, Stage } from './dockerfile.ts'

export interface ImageTreeOptions {
  readonly stages: ReadonlyMap<string, Stage>
  /** Holds a tree for each stage. */
  readonly directory: string
  /** Stands for the Node of the base image. */
  readonly nodePath: string
}

/** What a stage leaves behind: its file system, without that of the image that it began with. */
interface Tree {
  readonly root: string
  readonly workingDirectory: string
}

const runTimeoutMs = 60_000
/** They say how an image is run, and make no files. */
const ofRunning = ['ENV', 'USER', 'VOLUME', 'EXPOSE', 'HEALTHCHECK', 'ENTRYPOINT', 'STOPSIGNAL']

/**
 * Performs a Dockerfile without a container engine: `/app` of an image is then `<root>/app`. Each stage is made once. The
 * commands of `RUN` may name relative paths only. An instruction that it does not know throws.
 */
export function imageTrees({ stages, directory, nodePath }: ImageTreeOptions): (stage: string) => Promise<Tree> {
  const made = new Map<string, Promise<Tree>>()
  const tree = (name: string): Promise<Tree> => {
    const existing = made.get(name) ?? make(name)
    made.set(name, existing)
    return existing
  }

  async function make(name: string): Promise<Tree> {
    const stage = stages.get(name)
    if (stage === undefined) throw new Error(`the Dockerfile has no stage ${name}`)
    const root = join(directory, name)
    let workingDirectory = '/'
    mkdirSync(root)
    if (stages.has(stage.from)) {
      const base = await tree(stage.from)
      copy(base.root, root)
      workingDirectory = base.workingDirectory
    } else if (stage.from.startsWith('node:')) {
      mkdirSync(join(root, 'usr/local/bin'), { recursive: true })
      symlinkSync(nodePath, join(root, 'usr/local/bin/node'))
    }
    for (const instruction of stage.instructions) {
      if (instruction.name === 'WORKDIR') workingDirectory = instruction.text
      mkdirSync(join(root, workingDirectory), { recursive: true })
      await perform(instruction, root, workingDirectory)
    }
    return { root, workingDirectory }
  }

  async function perform({ name, text }: Instruction, root: string, workingDirectory: string): Promise<void> {
    if (name === 'RUN') return run(text, join(root, workingDirectory))
    if (name === 'COPY') {
      const [, stage, owner, from = '', to = ''] = /^(?:--from=(\S+) )?(?:--chown=(\S+) )?(\S+) (\S+)$/.exec(text) ?? []
      if (from === '') throw new Error(`not understood: COPY ${text}`)
      if (stage === undefined) return copyContext(from, join(root, workingDirectory, to))
      copy(join((await tree(stage)).root, from), join(root, to))
      if (owner !== undefined && process.getuid?.() === 0) execFileSync('chown', ['-R', owner, join(root, to)])
    } else if (name !== 'WORKDIR' && !ofRunning.includes(name)) throw new Error(`not understood: ${name} ${text}`)
  }
  return tree
}

async function run(command: string, directory: string): Promise<void> {
  if (/\s\//.test(command)) throw new Error(`only relative paths can be run here: ${command}`)
  // The way to a registry is this machine’s own; what was fetched before is good.
  const env = { ...(process.env as Record<string, string>), npm_config_prefer_offline: 'true' }
  const { exitCode, stdout, stderr } = await runToEnd('/bin/sh', ['-c', `cd "$0" && ${command}`, directory], {
    env,
    timeoutMs: runTimeoutMs,
  })
  if (exitCode !== 0) throw new Error(`RUN ${command} ended with ${exitCode}:\n${stdout}${stderr}`)
}

/** Of a folder its content, as `COPY` does. Links files instead of copying them: no stage writes into a file of another. */
function copy(from: string, to: string): void {
  const isFolder = lstatSync(from).isDirectory()
  mkdirSync(isFolder ? to : dirname(to), { recursive: true })
  execFileSync('cp', ['-al', isFolder ? `${from}/.` : from, to])
}

function copyContext(from: string, to: string): void {
  const context = join(repositoryRoot, from)
  for (const file of buildContext(context)) cpSync(join(context, file), join(to, file))
}
