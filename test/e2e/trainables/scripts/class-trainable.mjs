import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineTrainable, run, Trainable } from 'attune';
import { workers } from './chosen-executor.mjs';
import { printGrid } from './print-grid.mjs';

class Counter extends Trainable {
  setup() {
    this.count = 0;
  }
  step() {
    this.count += 1;
    return { loss: -this.count, done: this.count === 4 };
  }
  save(dir) {
    writeFileSync(join(dir, 'count'), String(this.count));
  }
  restore(dir) {
    this.count = Number(readFileSync(join(dir, 'count'), 'utf8'));
  }
}
const counter = defineTrainable(import.meta.url, Counter);
const grid = await run(counter, { metric: 'loss', mode: 'min', executor: workers({ workers: 1 }), verbose: 0 });
const saved = await grid.at(0).checkpoint.withDirectory((dir) => readFileSync(join(dir, 'count'), 'utf8'));
printGrid(grid, { saved });
