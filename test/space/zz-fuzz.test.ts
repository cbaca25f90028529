import fc from 'fast-check';
fc.configureGlobal({ numRuns: 10000, interruptAfterTimeLimit: 60000 });
await import('./space.test.ts'); await import('./sample.test.ts'); await import('./encode.test.ts'); await import('./contains.test.ts'); await import('./variants.test.ts');
