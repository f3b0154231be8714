// The header: which model, and the number that all of this is about.
import { formatBits, formatBytes, plural } from '../../src/core/base/units.ts';
import type { QualityView } from '../../src/protocol/quality.ts';
import { LayersLink } from '../shared/layersLink.tsx';
import { heroOf, perplexityText, type Hero } from './figures.ts';
import type { QualityState, Shown } from './state.ts';

export function Header({ state, view }: { readonly state: QualityState; readonly view: QualityView }) {
  const { label, fileName, bitsPerWeight, fileBytes } = view.model;
  const hero = shownHero(state.shown.value, view.model.path);
  const facts = [
    fileName,
    ...(bitsPerWeight === null ? [] : [`${formatBits(bitsPerWeight)} bits per weight`]),
    ...(fileBytes > 0 ? [formatBytes(fileBytes)] : []),
  ];
  return (
    <header class="header">
      <div class="about">
        <h1 class="cut" title={label}>
          {label}
        </h1>
        <p class="facts cut" title={view.model.path}>
          {facts.join(' · ')}
        </p>
        <LayersLink showLayers={state.link.ask.showLayers} />
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

/** Of another model only its name tells that it is not this one's. */
function shownHero(shown: Shown | null, path: string): Hero | null {
  if (shown === null) return null;
  if (shown.kind === 'run') return heroOf(shown.run);
  const { model, score, text, chunks, contextTokens } = shown.measurement;
  const whose = model.path === path ? 'perplexity' : `perplexity of ${model.label}`;
  return {
    number: perplexityText(score),
    caption: `${whose} · ${text.name}, ${plural(chunks, 'chunk')} of ${contextTokens}`,
  };
}
