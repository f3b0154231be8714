// A line that says that the host's answer did not come, beside what is shown of the answer before.
import { Button } from './controls.tsx';
import { Icon } from './icon.tsx';

interface Props {
  /** "The model could not be read." */
  readonly what: string;
  readonly why: string;
  readonly reload: () => void;
}

export function FailedBanner({ what, why, reload }: Props) {
  return (
    <div class="banner" role="alert">
      <Icon name="warning" />
      <p>
        {what} {why}
      </p>
      <Button appearance="secondary" icon="refresh" onClick={reload}>
        Try again
      </Button>
    </div>
  );
}
