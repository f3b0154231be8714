// The header: what the model is, in one line of facts, and what its weights cost, in one number and two bars.
import { formatBits } from '../../src/core/base/units.ts';
import type { Fact, ModelView } from '../../src/protocol/modelView.ts';
import { Icon } from '../shared/icon.tsx';
import { TypeMix } from './typeMix.tsx';
import './header.css';

/** @param model null while it is being read: the places stay, empty. */
export function Header({ model }: { readonly model: ModelView | null }) {
  const bits = model?.bitsPerWeight ?? null;
  return (
    <header class="header">
      <div class="about">
        <h1 class="cut" title={model?.title}>
          {model?.title}
        </h1>
        <ul class="facts" aria-label="Facts">
          {model?.facts.map((fact) => (
            <FactItem key={`${fact.lead} ${fact.word} ${fact.value}`} fact={fact} />
          ))}
        </ul>
        {model?.note && (
          <p class="note cut" title={model.note.text}>
            <Icon name={model.note.severity} />
            <span>{model.note.text}</span>
          </p>
        )}
      </div>
      {(model === null || bits !== null) && (
        <div class="hero">
          <p class="bits">
            <span class="number">{model !== null && formatBits(bits)}</span>
            <span class="caption">{model !== null && 'bits per weight'}</span>
          </p>
          <TypeMix types={model?.types ?? []} />
        </div>
      )}
    </header>
  );
}

function FactItem({ fact: { lead, value, word, title } }: { readonly fact: Fact }) {
  return (
    <li title={title}>
      {lead !== '' && `${lead} `}
      <span class="value">{value}</span>
      {word !== '' && ` ${word}`}
    </li>
  );
}
