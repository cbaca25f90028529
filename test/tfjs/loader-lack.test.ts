import { expect, test } from 'vitest';
import { loaderLack } from '../../src/tfjs/backends/loader-lack.ts';

const BUILD = 'npx attune tfjs build';

test.each([
  ['libtensorflow.so.2: cannot open shared object file: No such file or directory', `${BUILD} --force`],
  ["/lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.38' not found (required by /p/tfjs_binding.node)", 'the binary comes from a newer system'],
  ['libcudart.so.12: cannot open shared object file: No such file or directory', 'install CUDA 12'],
  ['tfjs_binding.node: file too short', `${BUILD} --force`],
  ["The module 'x'\nwas compiled against a different Node.js version using\nNODE_MODULE_VERSION 93.", 'with this Node'],
])('%s', (message, fix) => {
  const lack = loaderLack(Object.assign(new Error(message), { code: 'ERR_DLOPEN_FAILED' }), BUILD);
  expect(lack.message).toBe(`it does not load: ${message.replaceAll('\n', ' ')}`);
  expect(lack.what).toBe('loading');
  expect(lack.fix).toContain(fix);
});

test('what follows the first line of the loader is left out', () => {
  expect(loaderLack(new Error('no such file\nRequire stack:\n- /x.js'), BUILD).message).toBe('it does not load: no such file');
});
