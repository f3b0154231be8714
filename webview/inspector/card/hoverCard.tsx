// The hover card: one for the whole page. It follows what is pointed at, and closes when the page moves under it.
import type { ModelView } from '../../../src/protocol/modelView.ts';
import { HoverFrame } from '../../shared/hover/hoverFrame.tsx';
import { hoverOpen, hoverTarget, type HoverTopic } from '../hover.ts';
import type { InspectorState } from '../state.ts';
import { analyzedOf } from '../table/analyzed.ts';
import { TensorCard } from './tensorCard.tsx';
import { TensorsCard } from './tensorsCard.tsx';
import { TypeCard } from './typeCard.tsx';
import './hoverCard.css';

interface Props {
  readonly state: InspectorState;
  readonly model: ModelView;
}

export function HoverCard({ state, model }: Props) {
  return (
    <HoverFrame
      target={hoverTarget}
      open={hoverOpen}
      causes={[state.rows.value, state.stats.value, model]}
      draw={({ topic }) => <CardOf topic={topic} state={state} model={model} />}
    />
  );
}

function CardOf({ topic, state, model }: Props & { readonly topic: HoverTopic }) {
  const rows = state.rows.value;
  switch (topic.kind) {
    case 'tensor':
      return (
        <TensorCard
          model={model}
          rows={rows}
          analyzed={analyzedOf(state)}
          row={topic.row}
          selected={state.selected.value === topic.row}
        />
      );
    case 'tensors':
      return (
        <TensorsCard
          model={model}
          rows={rows}
          stats={state.stats.value}
          title={topic.title}
          members={topic.rows}
        />
      );
    case 'type':
      return <TypeCard model={model} type={topic.type} />;
  }
}
