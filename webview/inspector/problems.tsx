// What is wrong with the file: the worst of it above the map, all of it in a tab of its own.
import { formatCount, plural } from '../../src/core/base/units.ts';
import type { ModelView, ProblemView } from '../../src/protocol/modelView.ts';
import { IconButton } from '../shared/controls.tsx';
import { Icon } from '../shared/icon.tsx';
import { revealRow, type InspectorState } from './state.ts';
import './problems.css';
import { copyText } from '../shared/link.ts';

interface Props {
  readonly state: InspectorState;
  readonly model: ModelView;
}

/** More would push the map out of sight. */
const MAX_STRIP = 3;

/** Errors and unknown types: what changes how the map is to be read. */
export function ProblemStrip({ state, model }: Props) {
  const serious = model.problems.filter(
    ({ severity, code }) => severity === 'error' || code === 'type-unknown',
  );
  if (serious.length === 0) return null;
  const shown = serious.slice(0, MAX_STRIP);
  const more = Math.max(serious.length, model.errorCount) - shown.length;
  return (
    <section class="problem-strip" aria-label="Problems">
      <ProblemTable state={state} problems={shown} />
      {more > 0 && (
        <button type="button" class="link more" onClick={() => (state.tab.value = 'problems')}>
          {formatCount(more)} more
        </button>
      )}
    </section>
  );
}

export function ProblemsTab({ state, model }: Props) {
  const { problems } = model;
  if (problems.length === 0)
    return <p class="nothing">No problem was found: all sizes, offsets and types agree with the file.</p>;
  const left = model.errorCount + model.warningCount - problems.length;
  return (
    <div class="problem-list">
      <div class="tools">
        <span class="muted">{plural(problems.length, 'problem')}</span>
        <IconButton
          icon="copy"
          label="Copy all problems as text"
          onClick={() => copyText(state.link, problems.map(asText).join('\n'))}
        />
      </div>
      <ProblemTable state={state} problems={problems} />
      {left > 0 && <p class="nothing muted">{formatCount(left)} more are in the exported report.</p>}
    </div>
  );
}

function ProblemTable({
  state,
  problems,
}: {
  readonly state: InspectorState;
  readonly problems: readonly ProblemView[];
}) {
  const inFiles = problems.some(({ file }) => file !== '');
  return (
    <table class="problem-table">
      <thead>
        <tr>
          <th>Problem</th>
          {inFiles && <th class="file">File</th>}
          <th class="code">Code</th>
          <th class="offset">At byte</th>
        </tr>
      </thead>
      <tbody>
        {problems.map((problem, index) => (
          <ProblemRow key={index} state={state} problem={problem} inFiles={inFiles} />
        ))}
      </tbody>
    </table>
  );
}

function ProblemRow({
  state,
  problem,
  inFiles,
}: {
  readonly state: InspectorState;
  readonly problem: ProblemView;
  readonly inFiles: boolean;
}) {
  const { severity, text, tensor, file, code, byteOffset } = problem;
  const goThere = (): void => {
    state.tab.value = 'layers';
    revealRow(state, tensor, true);
  };
  const copyRow = (event: KeyboardEvent): void => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 'c') return;
    if (getSelection()?.isCollapsed === false) return; // the user's own selection goes first
    event.preventDefault();
    copyText(state.link, asText(problem));
  };
  return (
    <tr tabIndex={tensor < 0 ? 0 : undefined} onKeyDown={copyRow}>
      <td class="text">
        <Icon name={severity} />
        <span class="unseen">{severity}: </span>
        {tensor < 0 ? (
          <span title={text}>{text}</span>
        ) : (
          <button type="button" class="text-button" title={`${text}\nGo to the tensor`} onClick={goThere}>
            {text}
          </button>
        )}
      </td>
      {inFiles && (
        <td class="file cut" title={file}>
          {file}
        </td>
      )}
      <td class="code mono muted">{code}</td>
      <td class="offset">{byteOffset === null ? '–' : formatCount(byteOffset)}</td>
    </tr>
  );
}

function asText({ severity, text, code, byteOffset, file }: ProblemView): string {
  const where = [file, byteOffset === null ? '' : `byte ${formatCount(byteOffset)}`].filter(
    (part) => part !== '',
  );
  return `${severity}: ${text} [${code}${where.map((part) => `, ${part}`).join('')}]`;
}
