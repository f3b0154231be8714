// The header: what the model is, in one line of facts, what memory it fits, and what its weights cost, in one number and two bars.
import { formatBits } from '../../src/core/base/units.ts';
import type { Fact, MemoryVerdict, ModelView } from '../../src/protocol/modelView.ts';
import { Icon } from '../shared/icon.tsx';
import { TypeMix } from './typeMix.tsx';
import '../shared/pageHeader.css';
import './header.css';

interface HeaderProps {
  /** null while it is being read: the places stay, empty. */
  readonly model: ModelView | null;
  readonly planMemory: () => void;
}

export function Header({ model, planMemory }: HeaderProps) {
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
        {model?.memory && <Memory memory={model.memory} plan={planMemory} />}
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

function Memory({ memory, plan }: { readonly memory: MemoryVerdict; readonly plan: () => void }) {
  const { fits, text, detail } = memory;
  return (
    <p class="memory">
      <Icon name={fits ? 'pass' : 'warning'} />
      <span class="cut" title={detail}>
        {text.slice(0, 1).toUpperCase() + text.slice(1)}
      </span>
      <button
        type="button"
        class="memory-link"
        title="Plan the memory of a run: context, cache, devices"
        onClick={plan}
      >
        Plan memory…
      </button>
    </p>
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
