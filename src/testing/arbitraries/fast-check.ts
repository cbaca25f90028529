import { AttuneError } from '../../base/errors.ts';

/** @ts-ignore an optional peer: without it, what is made of it is `any` */
export type FastCheck = typeof import('fast-check')['default'];

/** @ts-ignore an optional peer: without it, what is made of it is `any` */
export type Arbitrary<T> = import('fast-check').Arbitrary<T>;

/** @throws {AttuneError} `PACKAGE_MISSING` when it is not installed */
export async function loadFastCheck(): Promise<FastCheck> {
  try {
    return (await import('fast-check')).default;
  } catch (cause) {
    throw new AttuneError(
      'PACKAGE_MISSING',
      'attune/testing: expected fast-check to be installed, which makes up the worlds that laws are tried in, got none.',
      {
        hint: 'Run npm i -D fast-check.',
        cause,
      },
    );
  }
}
