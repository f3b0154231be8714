// Opens the model that a path on the command line names.
import { type Stats, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { NEVER_CANCELLED } from '../core/base/cancel.ts';
import { messageOf, notFound, notReadable } from '../core/base/failure.ts';
import type { Opened } from '../core/formats/model.ts';
import { openModel } from '../core/formats/openModel.ts';
import { diskAccess } from '../node/fileSource.ts';

/** @throws Failure not-found or not-readable */
export function openPath(path: string): { readonly absolute: string; readonly opened: Opened } {
  const absolute = resolve(path);
  const stat = statOf(absolute, path);
  if (stat === undefined) throw notFound(path);
  if (!stat.isFile())
    throw notReadable(
      path,
      stat.isDirectory() ? 'it is a folder; name the model in it' : 'it is not a regular file',
    );
  const opened = diskAccess.withFolder(absolute, (folder, fileName) =>
    openModel(folder, fileName, NEVER_CANCELLED),
  );
  return { absolute, opened };
}

/** undefined: there is nothing of that name. */
function statOf(absolute: string, path: string): Stats | undefined {
  try {
    return statSync(absolute, { throwIfNoEntry: false });
  } catch (error) {
    throw notReadable(path, messageOf(error)); // a name that is too long, a folder that is closed to us
  }
}

/** Why there is no model, in a sentence. */
export function whyUnreadable({ problems }: Opened): string {
  const worst = problems.find(({ severity }) => severity === 'error') ?? problems[0];
  return worst?.text ?? 'nothing could be read.';
}
