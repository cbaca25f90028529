/// <reference types="node" preserve="true" />
/** `attune/testing`: for authors of searchers and schedulers. */
export {
  ackley,
  branin,
  hartmann3,
  hartmann6,
  levy,
  rastrigin,
  rosenbrock,
  sixHumpCamel,
  sphere,
  styblinskiTang,
  type TestProblem,
} from './problems.ts';
