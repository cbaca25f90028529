import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The page's sweep: `python main.py model.num_units=2,3,4 optimizer.lr=10.,1. seed=1,2,3`. */
export const SWEEP = [2, 3, 4].flatMap((num_units) => [10, 1].flatMap((lr) => [1, 2, 3].map((seed) => ({ num_units, lr, seed }))));
export const EPOCHS = 10;

/** Made so that 1 is the better learning rate for 2 and 4 units, and 10 for 3. */
export const lossOf = ({ num_units, lr, seed }: (typeof SWEEP)[number], epoch: number): number =>
  ((num_units === 3) === (lr === 10) ? 1 : 2) / ((epoch + 1) * num_units) + seed / 1000;

/** What MLXP writes of one run, as PyYAML and Python's json write it. */
export function writeRun(logs: string, id: number, run: (typeof SWEEP)[number], { status = 'COMPLETE', pid = 4242, host = 'node-7' } = {}): string {
  const dir = join(logs, String(id));
  for (const folder of ['metadata', 'metrics/.keys', 'artifacts/pickle', 'artifacts/.keys']) mkdirSync(join(dir, folder), { recursive: true });
  writeFileSync(
    join(dir, 'metadata/config.yaml'),
    `data:\n  d_int: 10\n  device: cpu\nmodel:\n  num_units: ${run.num_units}\nnum_epoch: ${EPOCHS}\noptimizer:\n  lr: ${run.lr.toFixed(1)}\nseed: ${run.seed}\n`,
  );
  writeFileSync(join(dir, 'metadata/info.yaml'), infoYaml(dir, id, { status, pid, host }));
  for (const [log, factor] of [['train', 1] as const, ['test', 10] as const]) {
    const lines = Array.from({ length: EPOCHS }, (_, epoch) => `{"loss": ${lossOf(run, epoch) / factor}, "epoch": ${epoch}}\n`);
    writeFileSync(join(dir, `metrics/${log}.json`), lines.join(''));
    writeFileSync(join(dir, `metrics/.keys/${log}.yaml`), 'epoch: 1\nloss: 1\n');
  }
  writeFileSync(join(dir, 'artifacts/pickle/last_ckpt.pkl'), 'cos\nsystem\n(S"echo harm"\ntR.');
  return dir;
}

const infoYaml = (dir: string, id: number, { status, pid, host }: { readonly status: string; readonly pid: number; readonly host: string }): string =>
  `current_file_path: /home/me/main.py
end_date: 25/08/2023
end_time: '17:45:01'
executable: /usr/bin/python
hostname: ${host}
logger:
  artifacts_dir: ${dir}/artifacts
  log_dir: ${dir}
  log_id: ${id}
  metadata_dir: ${dir}/metadata
  metrics_dir: ${dir}/metrics
process_id: ${pid}
scheduler:
  scheduler_job_id: null
start_date: 25/08/2023
start_time: '17:42:27'
status: ${status}
version_manager:
  commit_hash: 0123abc
work_dir: /home/me
`;

/** The 18 runs of the page. */
export function writeLogs(logs: string): string {
  for (const [i, run] of SWEEP.entries()) writeRun(logs, i + 1, run);
  return logs;
}
