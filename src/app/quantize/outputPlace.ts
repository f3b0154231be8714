// Where a file is written before it is the user's: a folder NAME.part beside it, which goes again whatever happens.
import type { FileAccess } from '../ports.ts';

export interface OutputOrder {
  /** Absolute path of what is to be made. */
  readonly output: string;
  /** All files that will have their names from it: itself, or its shards. */
  readonly files: readonly string[];
  /** Files that must never be written over. */
  readonly sources: readonly string[];
  /** Whether a file that is there may be replaced. */
  readonly force: boolean;
}

export interface OutputPlaces {
  /**
   * Takes the name: a second run to the same output is refused until this one is over.
   * @throws Failure wrong-usage where a file is in the way, not-readable where nothing can be written
   */
  reserve(order: OutputOrder): OutputPlace;
  /** How it stands with an output before anything is done; `force` does not count. Never throws. */
  look(order: OutputOrder): OutputFacts;
}

export interface OutputFacts {
  /** A file that would be replaced is there. */
  readonly exists: boolean;
  /** Why nothing can be written there, a sentence; null: it can. */
  readonly why: string | null;
  /** Of the disk; null where the system does not say. */
  readonly freeBytes: number | null;
}

export interface OutputPlace {
  /** Absolute; with nothing in it but a note of whose it is. */
  readonly folder: string;
  readonly files: FileAccess;
  /** Of the disk the folder lies on; null where the system does not say. */
  freeBytes(): number | null;
  /** Gives files their final names. @param moves name in the folder → absolute path. @throws Failure as reserve */
  commit(moves: readonly (readonly [name: string, path: string])[]): void;
  /** Removes the folder with all that is in it. Never throws. */
  discard(): void;
}
