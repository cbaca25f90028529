#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { attune } from './attune.ts';

const manifest = new URL('../package.json', import.meta.url); // this file runs from dist/
const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
const { exitCode, stdout = '', stderr = '' } = await attune(process.argv.slice(2), version);
process.stdout.write(stdout);
process.stderr.write(stderr);
if (exitCode !== undefined) process.exitCode = exitCode;
