/** A program: opens the backend that its argument names and prints what came of it, so that native code that crashes ends nobody else. */
import { Lack } from '../backends/backend-kind.ts';
import { openBackend } from '../backends/open-backend.ts';
import { BACKENDS } from '../use-backend.ts';
import type { Trial } from './examine.ts';

const kind = BACKENDS.find(({ name }) => name === process.argv[2]);
if (kind !== undefined) process.stdout.write(`\n${JSON.stringify(await attempt(kind))}\n`, () => process.exit(0)); // a native library may have threads that wait

async function attempt(candidate: (typeof BACKENDS)[number]): Promise<Trial> {
  const opened = await openBackend(candidate, { forced: false });
  if (opened instanceof Lack) return { works: false, what: opened.what, lacks: opened.message, ...(opened.fix === undefined ? {} : { fix: opened.fix }) };
  const { binding } = opened.tf.backend() as unknown as { readonly binding?: { readonly TF_Version: string } };
  const notes = [binding === undefined ? '' : `TensorFlow ${binding.TF_Version}`, opened.note?.replace(/^, /, '') ?? ''];
  return { works: true, note: notes.filter((note) => note !== '').join(', ') };
}
