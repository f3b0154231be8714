// Above the map: why nothing can be planned or started, what the plan warns of, what a loaded recipe left out. The worst first, at
// most three, the others on request.
import './notices.css';
import { useSignal } from '@preact/signals';
import type { Severity } from '../../src/core/base/problem.ts';
import type { RequantizeView, WarningView } from '../../src/protocol/requantize.ts';
import { Button, IconButton } from '../shared/controls.tsx';
import { Icon } from '../shared/icon.tsx';
import { chooseImatrix } from './options/chooseImatrix.ts';
import { changeOptions, type RequantizeState } from './state.ts';

const MAX_SHOWN = 3;

interface Props {
  readonly state: RequantizeState;
  readonly view: RequantizeView;
  readonly planAgain: () => void;
}

interface Action {
  readonly label: string;
  readonly run: () => void;
}

interface Notice {
  readonly severity: Severity;
  readonly text: string;
  /** Nothing can be started while it stands. */
  readonly blocks: boolean;
  readonly actions: readonly Action[];
  readonly dismiss: (() => void) | null;
}

export function Notices({ state, view, planAgain }: Props) {
  const isWhole = useSignal(false);
  const notices = noticesOf(state, view, planAgain);
  if (notices.length === 0) return null;
  const shown = isWhole.value ? notices : notices.slice(0, MAX_SHOWN);
  return (
    <section class="notices" aria-label="Notes on the plan">
      <ul>
        {shown.map((notice) => (
          <li key={notice.text}>
            <Icon name={notice.severity} />
            <p role={notice.blocks ? 'alert' : undefined}>{notice.text}</p>
            {notice.actions.map(({ label, run }) => (
              <Button key={label} appearance="secondary" onClick={run}>
                {label}
              </Button>
            ))}
            {notice.dismiss !== null && <IconButton icon="close" label="Dismiss" onClick={notice.dismiss} />}
          </li>
        ))}
      </ul>
      {notices.length > MAX_SHOWN && (
        <button type="button" class="link-button" onClick={() => (isWhole.value = !isWhole.value)}>
          {isWhole.value ? 'Fewer' : `${notices.length - MAX_SHOWN} more`}
        </button>
      )}
    </section>
  );
}

function noticesOf(state: RequantizeState, view: RequantizeView, planAgain: () => void): Notice[] {
  const { ask } = state.link;
  const showLog: Action = {
    label: 'Show Log',
    run: () => void ask.showLog(null).catch(() => undefined),
  };
  const notices: Notice[] = [];
  const add = (severity: Severity, text: string, rest: Partial<Notice> = {}): void => {
    notices.push({ severity, text, blocks: false, actions: [], dismiss: null, ...rest });
  };
  if (view.obstacle !== null) {
    add(view.obstacle.kind === 'unfit' ? 'error' : 'warning', view.obstacle.text, { blocks: true });
    return notices;
  }
  if (state.startFailure.value !== null)
    add('error', state.startFailure.value, {
      blocks: true,
      dismiss: () => (state.startFailure.value = null),
    });
  if (state.planFailure.value !== null)
    add('error', state.planFailure.value, {
      blocks: true,
      actions: [showLog, { label: 'Try Again', run: planAgain }],
    });
  else
    for (const warning of state.plan.value?.view.warnings ?? [])
      add(warning.blocks ? 'error' : warning.severity, warning.text, {
        blocks: warning.blocks,
        actions: actionsOf(state, warning, view),
      });
  const errors = state.errors.value;
  if (errors?.state === 'failed')
    add('warning', `The errors could not be predicted. ${errors.failure}`, { actions: [showLog] });
  for (const text of errors?.notes ?? []) add('info', text);
  for (const text of state.notes.value)
    add('info', text, {
      dismiss: () => (state.notes.value = state.notes.peek().filter((one) => one !== text)),
    });
  return notices;
}

/** What would lift a warning, where one click does. */
function actionsOf(state: RequantizeState, { kind }: WarningView, view: RequantizeView): readonly Action[] {
  const { allowRequantize } = state.draft.value.options;
  if (kind === 'requantize' && !allowRequantize)
    return [{ label: 'Quantize It Anyway', run: () => changeOptions(state, { allowRequantize: true }) }];
  if (kind !== 'imatrix' || state.draft.value.options.imatrix !== null) return [];
  const choose: Action = {
    label: 'Choose…',
    run: () => chooseImatrix(state, (text) => (state.notes.value = text === '' ? [] : [text])),
  };
  const make: Action = {
    label: 'Make Importance Matrix…',
    run: () => void state.link.ask.makeImatrix(null).catch(() => undefined), // the host tells what failed
  };
  return view.canMakeImatrix ? [choose, make] : [choose];
}
