// One line above everything when what is shown is no longer what is on the disk, or could not be read to its end.
import { Button } from '../shared/controls.tsx';
import { Icon } from '../shared/icon.tsx';
import type { PageProps } from './state.ts';

export function Banner({ state, reload }: PageProps) {
  const text = textOf(state);
  return (
    <div role="status">
      {text !== null && (
        <div class="banner">
          <Icon name={hasFailed(state) ? 'warning' : 'info'} />
          <p>{text}</p>
          {state.fileState.value !== 'gone' && (
            <Button appearance="secondary" icon="refresh" onClick={reload}>
              Reload
            </Button>
          )}
        </div>
      )}
    </div>
  );
}

const hasFailed = ({ failure, analysis }: PageProps['state']): boolean =>
  failure.value !== null || analysis.value?.state === 'failed';

function textOf({ fileState, failure, loaded, analysis }: PageProps['state']): string | null {
  if (failure.value !== null)
    return `${loaded.value ? 'The file could not be read again.' : 'Not all of the model could be read.'} ${failure.value}`;
  if (fileState.value !== 'gone' && analysis.value?.state === 'failed') return analysis.value.why;
  if (fileState.value === 'changed') return 'The file changed on disk. What is shown was read before.';
  if (fileState.value === 'gone')
    return 'The file is no longer on disk. What is shown was read before it was deleted or moved.';
  return null;
}
