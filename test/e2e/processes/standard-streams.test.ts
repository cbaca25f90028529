import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, test } from 'vitest';

/** The worker's program as something else than the pool would start it, such as ssh: all it has is standard input and output. */

const program = resolve(import.meta.dirname, '../../../dist/process-worker.js');
const attune = pathToFileURL(resolve(import.meta.dirname, '../../../dist/index.js')).href;
const folder = mkdtempSync(join(tmpdir(), 'attune-streams-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('frames go over standard input and output, whatever else is written there, and their end is the end of the worker', async () => {
  const file = join(folder, 'train.mjs');
  writeFileSync(
    file,
    `import { writeSync } from 'node:fs';
     import { defineTrainable } from '${attune}';
     console.log('loading');
     defineTrainable(import.meta.url, async function train({ x }, trial) {
       writeSync(1, 'from native code');
       await trial.report({ loss: x });
       await trial.report({ loss: -0, text: 'x'.repeat(1_000_000) });
     });`,
  );
  const worker = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] });
  const say = (message: unknown): void => void worker.stdin.write(`\x1e${JSON.stringify(message)}\n`);
  const target = { module: pathToFileURL(file).href, name: 'train', by: 'test' };
  const trial = { id: 'a_00000', name: 'train_a_00000', config: { x: { $number: 'NaN' } }, dir: folder, step: 0, seed: 1, resources: {} };

  const said: unknown[] = [];
  const answers: Readonly<Record<string, () => unknown>> = {
    hello: () => say({ kind: 'probe', target }),
    probed: () => say({ kind: 'task', task: { run: 7, target, trial, echo: false } }),
    reported: () => say({ kind: 'answer', run: 7, answer: { then: 'continue' } }),
    done: () => worker.stdin.end(),
  };
  const ended = once(worker, 'exit');
  for await (const line of createInterface({ input: worker.stdout })) {
    const [foreign, frame = ''] = line.split('\x1e');
    const message = JSON.parse(frame) as { readonly kind: string };
    if (foreign !== '') said.push(foreign);
    said.push(message);
    answers[message.kind]?.();
  }
  expect(said).toEqual([
    expect.objectContaining({ kind: 'hello', pid: worker.pid }),
    { kind: 'print', text: 'loading\n' },
    { kind: 'probed', result: {} },
    { kind: 'started', run: 7 },
    'from native code',
    expect.objectContaining({ kind: 'reported', run: 7, step: 1, metrics: { loss: { $number: 'NaN' } } }),
    expect.objectContaining({ kind: 'reported', run: 7, step: 2, metrics: { loss: { $number: '-0' }, text: 'x'.repeat(1_000_000) } }),
    { kind: 'done', ended: { kind: 'ended', run: 7, how: 'completed' } },
  ]);
  expect(await ended).toEqual([null, 'SIGKILL']); // its host was gone, and so it is
});
