import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { runNode } from '../run-node.ts';
import { expectAlike, type GoneOn } from './expect-alike.ts';

const CHROMIUM = '/usr/bin/chromium';
const TFJS = resolve(import.meta.dirname, '../../../node_modules/@tensorflow/tfjs/dist/tf.min.js');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attune-models-'));
  if (!existsSync(CHROMIUM)) console.warn(`NO MODEL IS LOADED IN A BROWSER: there is no ${CHROMIUM}`);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** In the page: stock tfjs, which knows nothing of us. */
const PAGE = `<script src="tf.js"></script><pre></pre><script>
  (async () => {
    await tf.setBackend('cpu');
    const model = await tf.loadLayersModel('model/model.json');
    const pixels = Float32Array.from({ length: 12 * 36 }, (_, i) => Math.sin(i * i) ** 2);
    const classes = Float32Array.from({ length: 12 * 2 }, (_, i) => Number(i % 2 === Math.floor(i / 2) % 2));
    const [x, y] = [tf.tensor4d(pixels, [12, 6, 6, 1]), tf.tensor2d(classes, [12, 2])];
    const { history } = await model.fit(x, y, { epochs: 1, batchSize: 6, shuffle: false });
    return { loss: history.loss[0], predictions: [...model.predict(x).dataSync()] };
  })().then(JSON.stringify, String).then((text) => document.querySelector('pre').textContent = text);
</script>`;

async function inBrowser(model: string): Promise<GoneOn> {
  const files: Readonly<Record<string, string>> = {
    '/tf.js': TFJS,
    '/model/model.json': join(model, 'model.json'),
    '/model/weights.bin': join(model, 'weights.bin'),
  };
  const server = createServer((request, response) => {
    const file = files[request.url ?? ''];
    if (file === undefined) return void response.setHeader('content-type', 'text/html').end(request.url === '/' ? PAGE : '');
    void readFile(file).then((bytes) => response.end(bytes));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run', '--disable-quic'];
  const flags = [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    ...quiet,
    `--user-data-dir=${join(folder, 'profile')}`,
    '--virtual-time-budget=60000',
    '--dump-dom',
  ];
  const { stdout } = await promisify(execFile)(CHROMIUM, [...flags, url], { timeout: 90_000 }).finally(() => server.close());
  return JSON.parse(/<pre>(.*?)<\/pre>/s.exec(stdout)?.[1] ?? '') as GoneOn;
}

describe('a checkpoint', () => {
  test('goes on alike on wasm and cpu, whichever wrote it, and in a browser with stock tfjs', async () => {
    const { stdout } = await runNode([join(import.meta.dirname, 'scripts/exchange.mjs'), 'wasm', folder]);
    const went = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as readonly GoneOn[];
    expectAlike(went);
    if (existsSync(CHROMIUM)) expectAlike([...went.slice(0, 3), await inBrowser(join(folder, 'wasm'))]);
  });
});
