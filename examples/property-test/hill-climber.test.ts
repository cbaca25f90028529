import { test } from 'node:test';
import { searcherLaws } from 'attune/testing';
import { hillClimber } from './hill-climber.ts';

for (const { name, law, run, skipped } of searcherLaws(hillClimber)) test(`${name}: ${law}`, { skip: skipped ?? false }, () => run());
