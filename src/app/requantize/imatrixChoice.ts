// An importance matrix as the plan page names it.
import { formatCount, plural } from '../../core/base/units.ts';
import { shorten, visibleText } from '../../core/base/visibleText.ts';
import type { Imatrix } from '../../core/formats/imatrix/imatrix.ts';
import type { ImatrixChoice } from '../../protocol/requantize.ts';

const MAX_NAME = 60;

export function imatrixChoice(
  path: string,
  { datasets, chunkCount, chunkTokens, entries }: Imatrix,
): ImatrixChoice {
  const fileName = visibleText(path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1));
  const [text] = datasets;
  const chunks =
    chunkCount === null
      ? []
      : [`${plural(chunkCount, 'chunk')}${chunkTokens === null ? '' : ` of ${formatCount(chunkTokens)}`}`];
  const of = text === undefined || text === '' ? [] : [shorten(visibleText(text), MAX_NAME)];
  return { path, fileName, detail: [...chunks, ...of, plural(entries.length, 'tensor')].join(' · ') };
}
