import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { GrowingFile } from '../../src/watch/growing-file.ts';
import { temporaryDirectory } from './story.ts';

const fileIn = (...path: string[]) => new GrowingFile(join(temporaryDirectory(onTestFinished), ...path));
const read = ({ path }: GrowingFile) => readFileSync(path, 'utf8');

describe('a growing file', () => {
  test('is made with its directory by the first piece, and begins empty', () => {
    const file = fileIn('deep', 'er', 'file');
    expect(existsSync(file.path)).toBe(false);
    file.append('a');
    expect(read(file)).toBe('a');
    const again = new GrowingFile(file.path);
    again.append('b');
    expect(read(again)).toBe('b');
    again.close();
    file.close();
  });

  test('grows on after it was closed', () => {
    const file = fileIn('file');
    file.append('a');
    file.close();
    file.close();
    file.append(Uint8Array.of(0x62));
    file.close();
    expect(read(file)).toBe('ab');
  });

  test('is replaced whole, and grows on', () => {
    const file = fileIn('file');
    file.append('longer than before');
    file.replace((text) => text.slice(0, 6));
    expect(read(file)).toBe('longer');
    file.append('!');
    file.close();
    expect(read(file)).toBe('longer!');
  });

  test('stays as it was when it cannot be replaced, and nothing is left behind', () => {
    const file = fileIn('file');
    file.append('kept');
    const temporary = join(file.path, '..', '.tmp-file');
    mkdirSync(temporary);
    expect(() => file.replace(() => 'new')).toThrow(expect.objectContaining({ code: 'STORAGE_UNWRITABLE', message: expect.stringContaining(file.path) }));
    expect(read(file)).toBe('kept');
    file.append('!');
    file.close();
    expect(read(file)).toBe('kept!');
  });

  test('names itself when the disk is full', (context) => {
    if (!existsSync('/dev/full')) return context.skip('there is no /dev/full here');
    const file = fileIn('file');
    symlinkSync('/dev/full', file.path);
    for (let attempt = 0; attempt < 2; attempt++) {
      expect(() => file.append('a')).toThrow(
        expect.objectContaining({ code: 'STORAGE_UNWRITABLE', message: expect.stringMatching(`"${file.path}", got ENOSPC`) }),
      );
    }
    file.close();
  });

  test('says what stands in the way of its directory', () => {
    const file = fileIn('taken', 'file');
    writeFileSync(join(file.path, '..'), '');
    expect(() => file.append('a')).toThrow(/ENOTDIR|EEXIST/);
    expect(readdirSync(join(file.path, '..', '..'))).toEqual(['taken']);
  });
});
