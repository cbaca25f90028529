import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileExpression } from '../../src/base/expression.ts';

const evaluate = (text: string, values: Readonly<Record<string, unknown>> = {}) => compileExpression(text).evaluate((name) => values[name]);
const refused = (text: RegExp) => expect.objectContaining({ code: 'EXPRESSION_INVALID', message: expect.stringMatching(text) as string });

describe('values', () => {
  test.each<[string, number | boolean]>([
    ['1 + 2 * 3 - 4 / 8', 6.5],
    ['-2 ^ 2', -4],
    ['2 ^ 3 ^ 2', 512],
    ['(1 + 2) * +3', 9],
    ['7 % 3 + -1 mod 3', 3],
    ['0x1F + 1e-3', 31.001],
    ['abs(-2) + ceil(0.5) + floor(1.5) + sign(-9)', 3],
    ['cos(0) + sin(0) + tan(0) + tanh(0) + exp(0)', 2],
    ['log(8, 2) + log2(8) + log10(1000) + log(1)', 9],
    ['max(1, 5, 3) - min(4, 2) + pow(2, 3) + sqrt(16)', 15],
    ['round(2.5) + round(-2.5) + round(3.14159, 2)', 3.14],
    ['1 < 2', true],
    ['1 < 2 < 3 and not (3 < 2 < 9)', true],
    ['2 >= 2 and 2 <= 2 and 1 == 1 and 1 != 2', true],
    ['0.1 + 0.2 == 0.3', false], // exact: no tolerance
    ['true ? 1 : 2', 1],
    ['false or 0', false],
    ['2 or false', true],
    ['true + true', 2],
  ])('%s is %s', (text, expected) => {
    const value = evaluate(text);
    if (typeof expected === 'number') expect(value).toBeCloseTo(expected, 12);
    else expect(value).toBe(expected);
  });

  test('names, with dots for nested keys, which are looked up with slashes', () => {
    const { names, text, evaluate: run } = compileExpression('lr * batch / 256 + eval.top.loss + lr');
    expect(names).toEqual(['lr', 'batch', 'eval.top.loss']);
    expect(text).toBe('lr * batch / 256 + eval.top.loss + lr');
    expect(run((name) => ({ lr: 1, batch: 512, 'eval/top/loss': 10 })[name])).toBe(13);
    expect(evaluate('_x + x1 + αβ + max + e', { _x: 1, x1: 2, αβ: 3, max: 4, e: 5 })).toBe(15);
  });

  test('a comparison with a missing, null, NaN or non-numeric operand is false', () => {
    const rule = 'loss < 0.01 or training_iteration >= 100';
    expect(evaluate(rule, { training_iteration: 100 })).toBe(true);
    expect(evaluate(rule, { training_iteration: 99 })).toBe(false);
    for (const bad of [undefined, null, NaN, '5', {}, [1]]) {
      for (const op of ['<', '<=', '>', '>=', '==', '!=']) expect(evaluate(`x ${op} 5`, { x: bad })).toBe(false);
      expect(evaluate('0 < x < 5', { x: bad })).toBe(false);
      expect(evaluate('x ? 1 : 2', { x: bad })).toBe(2);
      expect(evaluate('x and true', { x: bad })).toBe(false);
      expect(evaluate('x + 1', { x: bad })).toBeNaN();
    }
  });

  test('property: arithmetic is that of JavaScript', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), fc.double({ noNaN: true }), (x, y) => {
        const values = { x, y };
        expect(evaluate('x + y', values)).toBe(x + y);
        expect(evaluate('x * y - x / y', values)).toBe(x * y - x / y);
        expect(evaluate('x < y', values)).toBe(x < y);
        expect(evaluate('x == y or x > y', values)).toBe(x === y || x > y);
        expect(evaluate('max(x, y)', values)).toBe(Math.max(x, y));
      }),
    );
  });
});

describe('what is not on the list is refused, and named', () => {
  test.each<[string, RegExp]>([
    ['', /empty/],
    ['   ', /empty/],
    ['lr *', /expression "lr \*"/],
    ['a && b', /and, or, not/],
    ['!a', /and, or, not/],
    ['random()', /the function random\(\).*abs, ceil/],
    ['ones(1e9)', /the function ones\(\)/],
    ['import("fs")', /the function import\(\)/],
    ['evaluate("1")', /the function evaluate\(\)/],
    ['constructor(1)', /the function constructor\(\)/],
    ['toString()', /the function toString\(\)/],
    ['a.b(2)', /the function a\.b\(\)/],
    ['x = 3', /the assignment "x = 3".*==/],
    ['f(x) = x', /the assignment/],
    ['"text"', /the string "text"/],
    ['a == "sgd"', /the string "sgd"/],
    ['[1, 2]', /the array/],
    ['{a: 1}', /the object/],
    ['1:3', /the range/],
    ['a; b', /several statements/],
    ['a\nb', /several statements/],
    ['a[1]', /the index "a\[1\]".*dots/],
    ['a["b"]', /the index/],
    ['a?.b', /the index/],
    ['2 x', /"2 x" without an operator/],
    ['5 cm', /without an operator.*no units/],
    ['2i', /without an operator/],
    ['layers.0', /without an operator/],
    ['5 cm to inch', /"to"|without an operator/],
    ['5%', /the percentage/],
    ['x!', /the operator "!"/],
    ["x'", /the operator "'"/],
    ['a | b', /the operator "\|"/],
    ['a xor b', /the operator "xor"/],
    ['a .* b', /the operator "\.\*"/],
    ['a ?? b', /the operator "\?\?"/],
    ['null', /got null/],
    ['NaN', /got NaN/],
    ['Infinity', /got Infinity/],
    ['undefined', /got undefined/],
    ['sqrt()', /sqrt\(\) with 0 arguments/],
    ['pow(2)', /pow\(\) with 1 argument\./],
    ['abs(1, 2)', /abs\(\) with 2 arguments/],
    ['max()', /max\(\) with 0 arguments/],
  ])('%j', (text, message) => expect(() => compileExpression(text)).toThrow(refused(message)));

  test('what is no text', () => expect(() => compileExpression(5 as never)).toThrow(refused(/expected a formula, got number/)));

  test('property: any text is an expression or refused with the code', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc
            .array(
              fc.constantFrom('a', '.', '(', ')', '1', '+', 'max', ',', ' and ', '?', ':', '<', '=', '"', '[', ']', '{', '}', ';', '!', '%', '^', 'sqrt('),
              { maxLength: 8 },
            )
            .map((parts) => parts.join('')),
        ),
        (text) => {
          try {
            expect(['number', 'boolean']).toContain(typeof compileExpression(text).evaluate(() => 1));
          } catch (error) {
            expect(error).toMatchObject({ code: 'EXPRESSION_INVALID' });
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
