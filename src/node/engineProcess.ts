// The engine as a child process: started for one job, watched while it works, killed when it does not end by itself. Native
// code may die of a file; what is left of it then is its last words.
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Engine, EngineFailure } from '../app/quality/engine.ts';
import { cancelled, Failure, type FailureCode, internal } from '../core/base/failure.ts';
import { shorten, visibleText } from '../core/base/visibleText.ts';
import type { EngineMessage, EngineOrder } from '../protocol/engine.ts';
import type { AbortSignal } from '../protocol/rpc.ts';
import { createLogTail } from './logTail.ts';

export interface EngineParts {
  /** Bundle of src/engine. */
  readonly engineProgram: string;
  /** Folders with llama.cpp's libraries, the most wanted one first. */
  readonly engineFolders: readonly string[];
  readonly rowsFile: string;
}

/** How long a cancelled engine may take to end by itself. */
const GRACE_MILLISECONDS = 200;

export function createEngine(parts: EngineParts): Engine {
  return {
    async measure(request, tell, signal) {
      if (signal.aborted) throw cancelled();
      const temporaryFolder = mkdtempSync(join(tmpdir(), 'quantscope-engine-'));
      const { engineFolders, rowsFile } = parts;
      try {
        const job = { ...request, engineFolders, rowsFile, temporaryFolder };
        const answer = await askChild(parts, { kind: 'run', job }, tell as (news: AnyNews) => void, signal);
        if (answer.kind !== 'result') throw internal('The engine answered what it was not asked.');
        return answer.result;
      } finally {
        rmSync(temporaryFolder, { recursive: true, force: true, maxRetries: 3 });
      }
    },
    async devices(signal) {
      if (signal.aborted) throw cancelled();
      const { engineFolders } = parts;
      const answer = await askChild(parts, { kind: 'list', engineFolders }, () => undefined, signal);
      if (answer.kind !== 'devices') throw internal('The engine answered what it was not asked.');
      return answer.devices;
    },
  };
}

/** A process for one order. @throws EngineFailure, and Failure cancelled */
export function askChild(
  { engineProgram }: Pick<EngineParts, 'engineProgram'>,
  asked: EngineOrder,
  tell: (news: AnyNews) => void,
  signal: AbortSignal,
): Promise<EngineAnswer> {
  const child = fork(engineProgram, [], {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    execArgv: [],
    env: environment(),
  });
  const log = createLogTail();
  child.stderr?.setEncoding('utf8').on('data', (text: string) => log.add(text));
  const order = (what: EngineOrder): void => void child.send(what, () => undefined); // that it is gone, 'close' tells
  let kill: NodeJS.Timeout | undefined;
  const cancel = (): void => {
    order({ kind: 'cancel' });
    kill = setTimeout(() => child.kill('SIGKILL'), GRACE_MILLISECONDS);
  };
  signal.addEventListener('abort', cancel);
  const settled = outcome(child, tell);
  order(asked);
  return settled
    .catch((failure: unknown) => {
      if (signal.aborted) throw cancelled();
      if (!(failure instanceof EngineEnd)) throw failure;
      const cause = failure.seeLog ? log.cause() : null;
      const sentence =
        cause === null ? failure.message : `${failure.message}: ${shorten(visibleText(cause), MAX_CAUSE)}`;
      throw new EngineFailure(new Failure(failure.code, sentence), log.lines());
    })
    .finally(() => {
      clearTimeout(kill);
      signal.removeEventListener('abort', cancel);
    });
}

const ANSWERS = ['result', 'devices', 'memory', 'quantized', 'collected', 'measured'] as const;
type EngineAnswer = Extract<EngineMessage, { readonly kind: (typeof ANSWERS)[number] }>;
type EngineFault = Extract<EngineMessage, { readonly kind: 'failure' }>;
export type AnyNews = Exclude<EngineMessage, EngineAnswer | EngineFault>;

const isAnswer = (message: EngineMessage): message is EngineAnswer =>
  (ANSWERS as readonly string[]).includes(message.kind);

/** A line of the log is quoted up to this many characters. */
const MAX_CAUSE = 300;

/** How a job ended without a result. */
class EngineEnd extends Failure {
  readonly seeLog: boolean;

  constructor(code: FailureCode, message: string, seeLog: boolean) {
    super(code, message);
    this.seeLog = seeLog;
  }
}

/** Settles when the process has ended and all it wrote has been read. */
function outcome(child: ChildProcess, tell: (news: AnyNews) => void): Promise<EngineAnswer> {
  return new Promise((resolve, reject) => {
    let last: EngineAnswer | EngineFault | null = null;
    child.on('message', (message: EngineMessage) => {
      if (isAnswer(message) || message.kind === 'failure') last = message;
      else tell(message);
    });
    child.on('error', (error) =>
      reject(new EngineEnd('internal', `The engine could not be started (${error.message}).`, false)),
    );
    child.on('close', (code, deathSignal) => {
      if (last?.kind === 'failure') reject(new EngineEnd(last.code, last.text, last.seeLog));
      else if (last !== null) resolve(last);
      else
        reject(new EngineEnd('internal', `The engine stopped (${deathSignal ?? `exit code ${code}`})`, true));
    });
  });
}

/** Without what is meant for the program we run in: its flags, its debugger. */
function environment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _flags, ...rest } = process.env;
  // When ggml fails it would start a debugger to print where. In Electron the program is the editor itself, unless told.
  return { ...rest, GGML_NO_BACKTRACE: '1', ELECTRON_RUN_AS_NODE: '1' };
}
