import { expect, test } from 'vitest';
import { findTsx, tsxMissing, typescriptFault } from '../../src/execute/tsx.ts';

const byNode = 'Error: …\n    at finalizeResolution (node:internal/modules/esm/resolve:1:1)';
const byUser = 'Error: …\n    at file:///app/train.ts:1:7\n    at ModuleJob.run (node:internal/modules/esm/module_job:1:1)';
const error = (code: string | undefined, message = '…', name = 'Error') => ({ name, message, ...(code === undefined ? {} : { code }), stack: byNode });

test.each([
  [error('ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX'), 'sure'],
  [error('ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING'), 'sure'],
  [error('ERR_UNKNOWN_FILE_EXTENSION', 'Unknown file extension ".ts" for /app/train.ts'), 'sure'],
  [error('ERR_UNKNOWN_FILE_EXTENSION', 'Unknown file extension ".mts" for /app/train.mts'), 'sure'],
  [error('ERR_UNKNOWN_FILE_EXTENSION', 'Unknown file extension ".css" for /app/page.css'), undefined],
  [error('ERR_MODULE_NOT_FOUND', "Cannot find package '@/x' imported from /app/train.ts"), 'perhaps'],
  [error('ERR_MODULE_NOT_FOUND', "Cannot find module '/app/x' imported from /app/train.mjs"), undefined],
  [error('ERR_UNSUPPORTED_DIR_IMPORT', "Directory import '/app/lib' is not supported … imported from /app/train.tsx"), 'perhaps'],
  [error('MODULE_NOT_FOUND', "Cannot find module './x'\nRequire stack:\n- /app/train.cts\n- /app/main.js"), 'perhaps'],
  [error('MODULE_NOT_FOUND', "Cannot find module './x'\nRequire stack:\n- /app/train.cjs"), undefined],
  [error('ERR_INVALID_TYPESCRIPT_SYNTAX', 'Expression expected', 'SyntaxError'), 'perhaps'],
  [error(undefined, 'Invalid or unexpected token', 'SyntaxError'), 'perhaps'],
  [error(undefined, 'x is not a function', 'TypeError'), undefined],
])('%j is the fault of TypeScript: %s', (data, fault) => {
  expect(typescriptFault(data)).toBe(fault);
  expect(typescriptFault({ ...data, stack: byUser })).toBeUndefined(); // its own error, whatever it is called
});

test('tsx is looked for from the module', () => {
  expect(findTsx(import.meta.url)).toMatch(/^file:.*\/tsx\/package\.json$/);
  expect(findTsx('file:///nowhere/train.ts')).toBeUndefined();
});

test('its absence is told with what to install, and with what Node said', () => {
  const missing = tsxMissing(
    'threads',
    'file:///app/train.ts',
    error('ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX', 'TypeScript enum is not supported in strip-only mode'),
  );
  expect(missing.message).toMatch(
    /^threads: .* to load \/app\/train\.ts in a worker, got neither: TypeScript enum .*\. Hint: Run npm i -D tsx\. \[PACKAGE_MISSING\]$/,
  );
  expect(missing.cause).toMatchObject({ code: 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX' });
});
