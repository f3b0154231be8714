import { expect, test } from 'vitest';
import type { MetadataView } from '../../src/protocol/modelView.ts';
import { filterMetadata, groupMetadata } from '../../webview/inspector/metadata/groups.ts';

const entry = (key: string, text = '', source = 'header', meaning = ''): MetadataView => ({
  key,
  type: 'string',
  text,
  meaning,
  source,
  itemCount: -1,
  cut: false,
  byteOffset: null,
});

test.each([
  [
    'by the prefix of the key',
    [entry('general.name'), entry('llama.block_count'), entry('general.type')],
    ['general: 2', 'llama: 1'],
  ],
  ['together where there is no prefix', [entry('format'), entry('version')], ['header: 2']],
  [
    'by file where they are not from the header',
    [entry('a.b', '', 'config.json'), entry('c', '', 'config.json')],
    ['config.json: 2'],
  ],
  [
    'apart when two sources use one prefix',
    [entry('quant.x'), entry('quant.y', '', 'quant')],
    ['quant: 1', 'quant: 1'],
  ],
])('entries are grouped %s', (_name, entries, groups) => {
  expect(groupMetadata(entries).map(({ title, entries: members }) => `${title}: ${members.length}`)).toEqual(
    groups,
  );
});

test.each([
  ['', 3],
  ['LLAMA', 2],
  ['llama count', 1],
  ['q4_k_m', 1],
  ['nothing of this', 0],
])('the filter %j leaves %i', (filter, count) => {
  const entries = [
    entry('general.architecture', 'llama'),
    entry('llama.block_count', '4'),
    entry('general.file_type', '15', 'header', 'MOSTLY_Q4_K_M'),
  ];
  expect(filterMetadata(entries, filter)).toHaveLength(count);
});
