import { expect, test } from 'vitest';
import { INSPECTOR_KEYS } from '../../webview/inspector/table/analysisFilter.ts';
import { parseFilter } from '../../webview/shared/filter/filterLanguage.ts';

/** Terms as text: `[-]kind key values`, or `! reason`. */
function parsed(text: string): string[] {
  return parseFilter(text, INSPECTOR_KEYS).map((term) => {
    if ('error' in term) return `! ${term.error}`;
    const sign = term.negated ? 'not ' : '';
    switch (term.test.kind) {
      case 'text':
        return `${sign}${term.test.key} ${term.test.values.join(' | ')}`;
      case 'number':
        return `${sign}${term.test.key} ${term.test.intervals.map(({ low, high }) => `${low}…${high}`).join(' | ')}`;
      case 'shape':
        return `${sign}shape ${term.test.shapes.map((sides) => sides.map((side) => side ?? '*').join('×')).join(' | ')}`;
    }
  });
}

test.each<[text: string, ...terms: string[]]>([
  [''],
  ['   '],
  ['attn', 'name attn'],
  ['ATTN  norm', 'name attn', 'name norm'],
  ['"a b" -"c d"', 'name a b', 'not name c d'],
  ['"bpw<4"', 'name bpw<4'],
  ['"not closed', 'name not closed'],
  ['blk.0-1', 'name blk.0-1'],
  ['type:q4_k', 'type q4_k'],
  ['TYPE:Q4_K,q6', 'type q4_k | q6'],
  ['type=q4_k', 'type q4_k'],
  ['type:"unknown (139)"', 'type unknown (139)'],
  ['type:q4_k,', 'type q4_k'],
  ['-role:ffn_down', 'not role ffn_down'],
  ['name:bias file:00002 group:mm', 'name bias', 'file 00002', 'group mm'],
  ['state:mis', 'state mis'],
  ['layer:3', 'layer 2.995…3.005'],
  ['layer:0-7', 'layer -0.005…7.005'],
  ['layer:0-1,5', 'layer -0.005…1.005 | 4.995…5.005'],
  ['bpw:4.5', 'bpw 4.495…4.505'],
  ['bpw<4.5', 'bpw -Infinity…4.495'],
  ['bpw<=4.5', 'bpw -Infinity…4.505'],
  ['bpw>4.5', 'bpw 4.505…Infinity'],
  ['bpw>=4.5', 'bpw 4.495…Infinity'],
  ['weights>1M', 'weights 1005000…Infinity'],
  ['size>10MB', 'size 10005000…Infinity'],
  ['size:10-20kB', 'size 9995…20005'],
  ['size<1KiB', 'size -Infinity…1018.88'],
  ['share>1%', 'share 1.005…Infinity'],
  ['outliers>1%', 'outliers 1.005…Infinity'],
  ['kurtosis>-0.5', 'kurtosis -0.495…Infinity'],
  ['kurtosis:-1-0', 'kurtosis -1.005…0.005'],
  ['std<1e-3', 'std -Infinity…0.000995'],
  ['std:0.0146', 'std 0.01455…0.01465'],
  ['std:1e-3-2e-3', 'std 0.000995…0.00201'],
  ['absmax>=0.5', 'absmax 0.4975…Infinity'],
  ['scales>4', 'scales 4.05…Infinity'],
  ['-entropy:3.5', 'not entropy 3.495…3.505'],
  ['shape:4096x*', 'shape 4096×*'],
  ['shape:4096×1024,256', 'shape 4096×1024 | 256'],
])('%j is understood', (text, ...terms) => {
  expect(parsed(text)).toEqual(terms);
});

test.each<[text: string, reason: RegExp]>([
  ['-', /left out after “-”/],
  ['""', /left out/],
  ['foo:3', /no key “foo”.*type, layer, role/],
  ['type:', /value is missing after “type:”; write type:q4_k/],
  ['type:,', /value is missing/],
  ['type<q4', /“type” is not a number/],
  ['bpw<', /value is missing after “bpw<”/],
  ['bpw:x', /“x” is not a number; write bpw<4.5/],
  ['bpw<4,5', /“<” takes one number/],
  ['bpw<4MB', /“bpw” has no unit/],
  ['size>3XB', /“xb” is not a unit of size; write size>10MB/],
  ['layer:0-', /“0-” has no end/],
  ['layer:7-0', /“7-0” ends before it begins/],
  ['layer:-3', /not a number/],
  ['std<1e-', /“1e-” is not a number; write std<1e-3/],
  ['std:-1', /not a number/],
  ['kurtosis>3%', /“kurtosis” has no unit/],
  ['entropy:q4', /“q4” is not a number; write entropy<3.5/],
  ['shape:4096xx', /not a shape; write shape:4096x1024/],
  ['state:broken', /“broken” is not a state; states are whole, cut, missing, invalid/],
])('%j is refused with the reason', (text, reason) => {
  expect(parsed(text)).toHaveLength(1);
  expect(parsed(text)[0]).toMatch(reason);
});

test('a term that is refused leaves the others as they are', () => {
  expect(parsed('type:q4_k foo:3 attn')).toEqual(['type q4_k', expect.stringMatching(/^! /), 'name attn']);
});

test('terms know where they stand and where their key ends', () => {
  const text = ' -type:q4_k  attn bpw<x';
  const pieces = parseFilter(text, INSPECTOR_KEYS).map(({ start, end, keyEnd }) => [
    text.slice(start, keyEnd),
    text.slice(keyEnd, end),
  ]);
  expect(pieces).toEqual([
    ['-type:', 'q4_k'],
    ['', 'attn'],
    ['bpw<', 'x'],
  ]);
});

test('every example of the help is understood', () => {
  for (const { example } of Object.values(INSPECTOR_KEYS)) expect(parsed(example)[0]).not.toMatch(/^!/);
});
