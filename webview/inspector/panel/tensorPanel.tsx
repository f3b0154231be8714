// The panel of the selected tensor: its name and type, and below its tabs: distribution, blocks, worst outliers.
import './panel.css';
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { formatCount, formatBits } from '../../../src/core/base/units.ts';
import type { ModelView } from '../../../src/protocol/modelView.ts';
import { IconButton } from '../../shared/controls.tsx';
import { rowBits } from '../../shared/tensors/rows.ts';
import type { InspectorState, PanelTab } from '../state.ts';
import { inOutDims } from '../../shared/tensors/shape.ts';
import { TypeSwatch } from '../../shared/tensors/typeMark.tsx';
import type { Answer } from '../../shared/answer.ts';
import { Answered } from './answered.tsx';
import { Blocks } from './blocks.tsx';
import { Distribution } from './distribution.tsx';
import { Groups } from './groups/groups.tsx';
import { Notice } from './notices.tsx';
import { closePanel, focusLatePanel, goToOther } from './openPanel.ts';
import { PanelEdge } from './panelEdge.tsx';
import { useTensorNumbers } from './tensorNumbers.ts';
import { Worst } from './worst.tsx';

const TABS: readonly { readonly id: PanelTab; readonly title: string }[] = [
  { id: 'distribution', title: 'Distribution' },
  { id: 'blocks', title: 'Blocks' },
  { id: 'worst', title: 'Worst outliers' },
];
const NAMESAKE =
  'A tensor before this one has the same name, so that no program finds this one. Its numbers are not shown here.';

/** Of packed matrices only. */
const GROUPS_TAB = { id: 'groups', title: 'Groups' } as const;

export function TensorPanel({ state, model }: { readonly state: InspectorState; readonly model: ModelView }) {
  const row = state.selected.value;
  const rows = state.rows.value;
  const name = rows.names[row] ?? '';
  const asTables = useSignal(false);
  const type = model.types[rows.type[row] ?? 0];
  const tabs = type?.isPacked === true && name !== '' ? [...TABS, GROUPS_TAB] : TABS;
  // Another tensor may have no groups; the next one may have some again.
  const tab = tabs.find(({ id }) => id === state.panelTab.value)?.id ?? 'distribution';
  const hasTables = tab === 'distribution' || tab === 'groups';
  // Tensors are asked for by name: the host would answer with the first of that name.
  const isNamesake = rows.names.indexOf(name) < row;
  const { answer, isCurrent } = useTensorNumbers(state, isNamesake ? '' : name, model);
  useEffect(focusLatePanel, []);
  const shownName = useRef(name);
  useEffect(() => {
    if (shownName.current !== '' && shownName.current !== name) state.block.value = 0;
    shownName.current = name;
  }, [name]);

  const onKeyDown = (event: KeyboardEvent): void => {
    const { target } = event;
    // Arrows have a meaning of their own in a field, and in a table that scrolls.
    const isTaken = target instanceof Element && target.closest('input, .chart-data') !== null;
    if (event.ctrlKey || event.metaKey || event.altKey || isTaken) return;
    if (event.key === 'ArrowDown') goToOther(state, 1);
    else if (event.key === 'ArrowUp') goToOther(state, -1);
    else if (event.key === 't' && hasTables) asTables.value = !asTables.peek();
    else return;
    event.preventDefault();
  };
  return (
    <section class="tensor-panel" aria-label="Tensor" onKeyDown={onKeyDown}>
      <PanelEdge state={state} />
      <header class="panel-head">
        <button type="button" class="link-button back" onClick={() => closePanel(state)}>
          ← Layers
        </button>
        <h2 class="cut" title={name}>
          {name === '' ? 'No tensor is selected' : name}
        </h2>
        {name !== '' && <Facts state={state} model={model} row={row} />}
        <span class="panel-buttons">
          <IconButton icon="arrow-up" label="Tensor before (↑)" onClick={() => goToOther(state, -1)} />
          <IconButton icon="arrow-down" label="Next tensor (↓)" onClick={() => goToOther(state, 1)} />
          <IconButton icon="close" label="Close (Escape)" onClick={() => closePanel(state)} />
        </span>
      </header>
      <div class="panel-tabs">
        <PanelTabs state={state} tabs={tabs} shown={tab} />
        {hasTables && (
          <button
            type="button"
            class="chart-switch"
            aria-pressed={asTables.value}
            title="Show the charts as tables (t)"
            onClick={() => (asTables.value = !asTables.peek())}
          >
            Tables
          </button>
        )}
      </div>
      <div
        class="panel-body"
        role="tabpanel"
        tabIndex={0}
        id="tensor-tabpanel"
        aria-labelledby={`tensor-tab-${tab}`}
        aria-busy={!isCurrent}
      >
        {isNamesake && <Notice icon="error" text={NAMESAKE} />}
        {!isNamesake && tab === 'distribution' && (
          <Answered answer={answer} waiting="Reading the weights…">
            {(stats) => stats && <Distribution state={state} stats={stats} asTables={asTables.value} />}
          </Answered>
        )}
        {!isNamesake && tab === 'blocks' && name !== '' && (
          <Blocks state={state} model={model} row={row} stats={valueOf(answer)} />
        )}
        {!isNamesake && tab === 'groups' && type !== undefined && (
          <Groups
            state={state}
            model={model}
            name={name}
            type={type.name}
            outputs={inOutDims(model, rows, row)
              .slice(1)
              .reduce((product, size) => product * size, 1)}
            asTables={asTables.value}
          />
        )}
        {!isNamesake && tab === 'worst' && (
          <Answered answer={answer} waiting="Reading the weights…">
            {(stats) => stats && <Worst state={state} model={model} row={row} stats={stats} />}
          </Answered>
        )}
      </div>
    </section>
  );
}

const valueOf = <T,>(answer: Answer<T>): T | null => (answer.kind === 'here' ? answer.value : null);

function Facts({
  state,
  model,
  row,
}: {
  readonly state: InspectorState;
  readonly model: ModelView;
  readonly row: number;
}) {
  const rows = state.rows.value;
  const type = model.types[rows.type[row] ?? 0];
  const dims = inOutDims(model, rows, row);
  const [input = 1, output = 1] = dims;
  return (
    <>
      {type && (
        <span class="fact">
          <TypeSwatch type={type} />
          {type.name}
        </span>
      )}
      <span class="fact muted">{formatBits(rowBits(rows, row))} bpw</span>
      <span class="fact muted shape">
        {dims.length === 2
          ? `${formatCount(input)} in × ${formatCount(output)} out`
          : dims.map(formatCount).join(' × ')}
      </span>
    </>
  );
}

function PanelTabs({
  state,
  tabs,
  shown,
}: {
  readonly state: InspectorState;
  readonly tabs: readonly { readonly id: PanelTab; readonly title: string }[];
  readonly shown: PanelTab;
}) {
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'ArrowRight' && event.key !== 'ArrowLeft') return;
    event.preventDefault();
    const step = event.key === 'ArrowRight' ? 1 : tabs.length - 1;
    const other = tabs[(tabs.findIndex(({ id }) => id === shown) + step) % tabs.length]?.id ?? shown;
    state.panelTab.value = other;
    document.getElementById(`tensor-tab-${other}`)?.focus();
  };
  return (
    <div role="tablist" class="tabs" aria-label="Views of the tensor" onKeyDown={onKeyDown}>
      {tabs.map(({ id, title }) => (
        <button
          key={id}
          type="button"
          role="tab"
          id={`tensor-tab-${id}`}
          aria-selected={id === shown}
          aria-controls="tensor-tabpanel"
          tabIndex={id === shown ? 0 : -1}
          onClick={() => (state.panelTab.value = id)}
        >
          {title}
        </button>
      ))}
    </div>
  );
}
