/** Makes the JavaScript of the package: one flat folder, so that `./worker.js` and `../package.json` are right from whatever file their code lands in. */
import { chmodSync, copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';

rmSync('dist', { recursive: true, force: true });
const { outputFiles } = await build({
  write: false,
  entryPoints: {
    index: 'src/index.ts',
    algorithms: 'algorithms/index.ts',
    schedulers: 'schedulers/index.ts',
    tfjs: 'src/tfjs/index.ts',
    testing: 'src/testing/index.ts',
    analysis: 'src/analysis/index.ts',
    cli: 'src/cli/main.ts',
    worker: 'src/execute/worker.ts',
    'process-worker': 'src/execute/process-worker.ts',
    watchdog: 'src/execute/watchdog.ts',
    'try-backend': 'src/tfjs/build/try-backend.ts',
  },
  outdir: 'dist',
  bundle: true,
  splitting: true, // what two entry points share exists once: a registry, a class that instanceof asks for
  chunkNames: 'shared-[hash]',
  packages: 'external',
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  sourcemap: 'linked',
  sourcesContent: false, // the sources are in the package
  logLevel: 'warning',
});

mkdirSync('dist');
for (const { path, text } of outputFiles) {
  // A class that names itself inside is `var Tuner = class _Tuner` to esbuild, and would call itself so in every stack and inspection.
  const renamed = [...text.matchAll(/^var (\w+) = class (_\1) /gm)].map(([, , name = '']) => name);
  writeFileSync(
    path,
    renamed.reduce((code, name) => code.replaceAll(new RegExp(`\\b${name}\\b`, 'g'), name.slice(1)), text),
  );
}
// The font of the pictures, so that they are the same on every machine.
copyFileSync('node_modules/dejavu-fonts-ttf/ttf/DejaVuSans.ttf', 'dist/DejaVuSans.ttf');
copyFileSync('node_modules/dejavu-fonts-ttf/LICENSE', 'dist/DejaVuSans-LICENSE.txt');
chmodSync('dist/cli.js', 0o755);
