/** Adds up the reports of vitest (`--reporter=json`) that are named as arguments, and prints one line: `N passed, N failed`. */
import { readFileSync } from 'node:fs';

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  /** False also when a file could not be loaded, or an error reached nobody. */
  readonly success: boolean;
}

let [passed, failed] = [0, 0];
for (const file of process.argv.slice(2)) {
  const report = readReport(file);
  passed += report?.numPassedTests ?? 0;
  failed += report?.numFailedTests ?? 0;
  if (!report?.success && !report?.numFailedTests) failed++; // the run itself failed
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

function readReport(file: string): Report | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Report;
  } catch {
    return undefined;
  }
}
