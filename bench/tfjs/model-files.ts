import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Backend, loadModel, restoreModel, saveModel } from 'attune/tfjs';
import { median, timed } from '../rounds.ts';
import { convnet } from './convnet.ts';

/** What ours took beside its raw part, in milliseconds: medians over the rounds, in which both took turns. */
export interface FileCost {
  readonly what: string;
  readonly ours: number;
  readonly raw: number;
  /** Of the files, in bytes. */
  readonly size: number;
}

type TensorFlow = Backend['tf'];
type Model = ReturnType<typeof convnet>;

/** Four layers of 1024 × 1024: 16.8 MB of weights, and twice that in Adam. */
function denseNet(tf: TensorFlow): Model {
  const layer = (seed: number) => tf.layers.dense({ inputShape: [1024], units: 1024, kernelInitializer: tf.initializers.heNormal({ seed }) });
  return tf.sequential({ layers: [1, 2, 3, 4].map(layer) });
}

/** Loading a model, saving it with its optimizer, and restoring both, beside the same bytes read and written with plain calls. */
export async function modelFiles(tf: TensorFlow, { root, rounds }: { readonly root: string; readonly rounds: number }): Promise<readonly FileCost[]> {
  const costs: FileCost[] = [];
  for (const [name, build] of [
    ['the convnet', convnet],
    ['a dense net', denseNet],
  ] as const) {
    const model = build(tf);
    model.compile({ optimizer: tf.train.adam(0.001), loss: 'meanSquaredError' });
    const [input, output] = [model.inputs[0]?.shape.slice(1), model.outputs[0]?.shape.slice(1)] as [number[], number[]];
    const [x, y] = [tf.ones([1, ...input]), tf.zeros([1, ...output])];
    await model.fit(x, y, { epochs: 1, verbose: 0 }); // gives the optimizer its state
    costs.push(...(await costsOf(tf, model, { name, at: join(root, name.replaceAll(' ', '-')), rounds })));
    tf.dispose([x, y]);
    model.optimizer.dispose();
    model.dispose();
    tf.disposeVariables();
  }
  return costs;
}

interface Subject {
  readonly name: string;
  readonly at: string;
  readonly rounds: number;
}

async function costsOf(tf: TensorFlow, model: Model, { name, at, rounds }: Subject): Promise<readonly FileCost[]> {
  const [bare, whole, copy] = ['model', 'with-optimizer', 'copy'].map((part) => join(at, part)) as [string, string, string];
  await saveModel(model, bare);
  await saveModel(model, whole, { includeOptimizer: true });
  mkdirSync(copy);
  const bytes = readdirSync(whole).map((file) => [file, readFileSync(join(whole, file))] as const);
  const take = async (what: string, from: string, ours: () => Promise<void>, raw: () => void | Promise<void>): Promise<FileCost> => {
    const [ourMs, rawMs]: [number[], number[]] = [[], []];
    for (let round = 0; round <= rounds; round++) {
      const [rawTime, ourTime] = [await timed(raw), await timed(ours)];
      if (round > 0) [rawMs, ourMs].forEach((all, i) => void all.push(i === 0 ? rawTime : ourTime)); // the first warms up
    }
    const size = readdirSync(from).reduce((sum, file) => sum + readFileSync(join(from, file)).byteLength, 0);
    return { what: `${what} ${name}`, ours: median(ourMs), raw: median(rawMs), size };
  };
  const save = async (): Promise<void> => {
    await saveModel(model, whole, { includeOptimizer: true });
    for (const [file] of bytes) sync(join(whole, file));
  };
  const write = (): void => {
    for (const [file, content] of bytes) {
      writeFileSync(join(copy, file), content);
      sync(join(copy, file));
    }
  };
  const load = async (): Promise<void> => void (await loadModel(bare)).dispose();
  return [
    await take('loadModel', bare, load, () => readTensors(tf, bare)),
    await take('saveModel with optimizer, and sync:', whole, save, write),
    await take(
      'restoreModel with optimizer:',
      whole,
      () => restoreModel(model, whole),
      () => readTensors(tf, whole),
    ),
  ];
}

function sync(path: string): void {
  const file = openSync(path, 'r+');
  fsyncSync(file);
  closeSync(file);
}

interface Saved {
  readonly weightsManifest: readonly { readonly weights: readonly { readonly shape: number[] }[] }[];
}

/** The least that loading takes: both files read, and a tensor made of each weight. All are of four bytes a number. */
function readTensors(tf: TensorFlow, from: string): void {
  const { weightsManifest } = JSON.parse(readFileSync(join(from, 'model.json'), 'utf8')) as Saved;
  const { buffer } = Uint8Array.from(readFileSync(join(from, 'weights.bin')));
  let at = 0;
  const tensors = weightsManifest
    .flatMap(({ weights }) => weights)
    .map(({ shape }) => {
      const values = new Float32Array(
        buffer,
        at,
        shape.reduce((size, side) => size * side, 1),
      );
      at += values.byteLength;
      return tf.tensor(values, shape);
    });
  tf.dispose(tensors);
}
