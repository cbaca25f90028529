/// <reference types="node" preserve="true" />
export { basicVariant } from './basic-variant.ts';
export { type GridOptions, grid } from './grid.ts';
export { type RandomOptions, random } from './random.ts';
export { type TpeOptions, tpe } from './tpe.ts';
