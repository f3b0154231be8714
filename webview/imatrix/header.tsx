// The header: which importance matrix, what it was made of, and how much of the model it has seen.
import { formatBytes, formatCount, formatPercent, plural } from '../../src/core/base/units.ts';
import type { ImatrixView } from '../../src/protocol/imatrixView.ts';

export function Header({ view }: { readonly view: ImatrixView }) {
  const { fileName, datasets } = view;
  const hero = heroOf(view);
  const texts = datasets.length === 0 ? 'text not named' : datasets.join(', ');
  return (
    <header class="header">
      <div class="about">
        <h1 class="cut" title={fileName}>
          {fileName}
        </h1>
        <p class="facts cut" title={factsOf(view).join(' · ')}>
          {factsOf(view).join(' · ')}
        </p>
        <p class="facts cut" title={texts}>
          Made with {texts}
        </p>
      </div>
      {hero !== null && (
        <p class="hero">
          <span class="number">{hero.number}</span>
          <span class="caption cut" title={hero.caption}>
            {hero.caption}
          </span>
        </p>
      )}
    </header>
  );
}

function factsOf({
  format,
  fileBytes,
  tensorCount,
  expertCount,
  layerCount,
  chunkCount,
  chunkTokens,
}: ImatrixView) {
  return [
    'Importance matrix',
    ...(chunkCount === null
      ? []
      : [
          chunkTokens === null
            ? plural(chunkCount, 'chunk')
            : `${plural(chunkCount, 'chunk')} of ${formatCount(chunkTokens)} tokens`,
        ]),
    plural(tensorCount, 'tensor'),
    ...(layerCount > 0 ? [plural(layerCount, 'layer')] : []),
    ...(expertCount > 0 ? [plural(expertCount, 'expert matrix', 'expert matrices')] : []),
    format === 'gguf' ? 'GGUF' : 'old format (.dat)',
    formatBytes(fileBytes),
  ];
}

function heroOf({
  expertCount,
  unseenCount,
  rows,
  chunkCount,
}: ImatrixView): { readonly number: string; readonly caption: string } | null {
  if (expertCount > 0) {
    const seen = expertCount - unseenCount;
    return {
      number: `${formatPercent(seen / expertCount)} %`,
      caption:
        unseenCount === 0
          ? 'of experts met a token'
          : `of experts met a token · ${formatCount(unseenCount)} of ${formatCount(expertCount)} never`,
    };
  }
  const known = rows.fewest.filter((count) => !Number.isNaN(count));
  if (known.length > 0) {
    const fewest = known.reduce((least, count) => Math.min(least, count), Infinity);
    const isSame = known.every((count) => count === fewest);
    return {
      number: formatCount(fewest),
      caption: isSame ? 'tokens met by every tensor' : 'tokens met by every tensor, at least',
    };
  }
  return chunkCount === null ? null : { number: formatCount(chunkCount), caption: 'chunks of text' };
}
