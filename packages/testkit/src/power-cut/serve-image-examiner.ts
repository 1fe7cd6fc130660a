import { createInterface } from 'node:readline'
import type { ImageVerdict, PresentedImage } from './examine-images.ts'

/**
 * The program that examines images: for each that it is given it calls `examine`, which opens what is there, looks, writes once
 * more and closes, and answers with what is wrong, as sentences. It may die of an image; it is then started again for the next.
 */
export async function serveImageExaminer(examine: (image: PresentedImage) => Promise<readonly string[]>): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    const image = JSON.parse(line) as PresentedImage
    const problems = await examine(image).catch((error: unknown) => [`it threw ${describe(error)}`])
    const verdict: ImageVerdict = { number: image.number, problems }
    process.stdout.write(`${JSON.stringify(verdict)}\n`)
  }
}

const describe = (error: unknown): string => (error instanceof Error ? `${error.stack}` : String(error))
