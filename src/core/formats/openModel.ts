// The one door: opens a file by what its bytes are, whatever its name says.
import { NEVER_CANCELLED, type CancelSignal } from '../base/cancel.ts';
import { notFound } from '../base/failure.ts';
import { createProblemList } from '../base/problemList.ts';
import type { ProblemCode } from '../base/problem.ts';
import type { ModelFolder } from './byteSource.ts';
import { openGguf } from './gguf/openGguf.ts';
import { pointerSentence, readLfsPointer } from './lfsPointer.ts';
import type { Opened } from './model.ts';
import { openSafetensors } from './safetensors/openSafetensors.ts';
import { INDEX_ENDING } from './safetensors/shardIndex.ts';

/** Bytes looked at to tell what a file is. */
const SNIFF_BYTES = 512;

/**
 * Opens a model from any of its files. What is wrong with the contents comes back as problems; a Failure is thrown only when
 * the file does not exist, cannot be read, or `signal` is aborted.
 */
export function openModel(
  folder: ModelFolder,
  fileName: string,
  signal: CancelSignal = NEVER_CANCELLED,
): Opened {
  const source = folder.open(fileName);
  if (source === null) throw notFound(fileName);
  const head = new Uint8Array(Math.min(SNIFF_BYTES, source.size));
  const first = head.subarray(0, source.read(0, head));
  if (first.length === 0) return nothing('file-empty', `${fileName} is empty. Download it again.`);

  const pointer = readLfsPointer(source);
  if (pointer !== null)
    return { ...nothing('file-is-lfs-pointer', pointerSentence(fileName, pointer)), pointer };
  if (startsWith(first, 'GGUF')) {
    const opened = openGguf(source, fileName, folder, signal);
    return /\.safetensors$/i.test(fileName)
      ? withNote(opened, 'a GGUF model, though its name ends in .safetensors')
      : opened;
  }
  if (fileName.endsWith(INDEX_ENDING) || looksLikeSafetensors(first)) {
    const opened = openSafetensors(folder, fileName, signal);
    return /\.gguf$/i.test(fileName)
      ? withNote(opened, 'a safetensors model, though its name ends in .gguf')
      : opened;
  }
  const known = KNOWN_CONTENTS.find(({ fits }) => fits(first));
  if (known !== undefined) return nothing('format-unknown', `${fileName} is ${known.is}. ${known.advice}`);
  // Too damaged to tell: the name decides which reader explains what is wrong.
  if (/\.safetensors$/i.test(fileName)) return openSafetensors(folder, fileName, signal);
  if (/\.gguf$/i.test(fileName)) return openGguf(source, fileName, folder, signal);
  return nothing('format-unknown', `${fileName} is neither a GGUF nor a safetensors file.`);
}

/** Contents that are found under the names of models, and what to do. */
const KNOWN_CONTENTS: readonly {
  readonly fits: (first: Uint8Array) => boolean;
  readonly is: string;
  readonly advice: string;
}[] = [
  {
    fits: (first) => /^\s*<(!doctype html|html|head|\?xml)/i.test(ascii(first)),
    is: 'a web page, not a model',
    advice: 'Probably the link of the page was downloaded, or an error message; download the file itself.',
  },
  {
    fits: (first) => startsWith(first, 'PK\u0003\u0004'),
    is: 'a ZIP archive, most likely a PyTorch checkpoint',
    advice:
      'Such files can run code when loaded, so they are not opened; convert it to safetensors or GGUF first.',
  },
  {
    fits: ([mark, protocol = 0]) => mark === 0x80 && protocol >= 2 && protocol <= 5,
    is: 'a Python pickle, most likely an old PyTorch checkpoint',
    advice:
      'Such files can run code when loaded, so they are not opened; convert it to safetensors or GGUF first.',
  },
  {
    fits: (first) => /^(tjgg|fmgg|lmgg|algg)/.test(ascii(first)),
    is: 'a GGML file, the predecessor of GGUF',
    advice: 'llama.cpp does not read it any more either; get the model as GGUF.',
  },
  {
    fits: (first) => startsWith(first, '\u0089HDF\r\n'),
    is: 'an HDF5 file, most likely a Keras checkpoint',
    advice: 'Convert it to safetensors first.',
  },
  {
    fits: (first) =>
      startsWith(first, '\u001f\u008b') ||
      startsWith(first, '7z\u00bc\u00af') ||
      startsWith(first, '\u0028\u00b5\u002f\u00fd'),
    is: 'a compressed archive',
    advice: 'Unpack it first.',
  },
  {
    fits: (first) => /^\s*[{[]/.test(ascii(first)),
    is: 'a JSON text, not a model',
    advice: 'Open the model it belongs to; its config.json is read along.',
  },
  {
    fits: (first) => first.every((byte) => byte === 0),
    is: 'nothing but zeros where it begins',
    advice: 'Probably a download that reserved its space and never finished; download it again.',
  },
];

/** 8 bytes of length, then "{". A length can look like text (31,520 begins with " {"), but no text has zeros in it. */
function looksLikeSafetensors(first: Uint8Array): boolean {
  const isPossibleLength = first.subarray(4, 8).every((byte) => byte === 0);
  return first[8] === 0x7b && (isPossibleLength || !/^\s*[{[<]/.test(ascii(first)));
}

function startsWith(first: Uint8Array, text: string): boolean {
  return ascii(first.subarray(0, text.length)) === text;
}

/** One character for each byte. */
function ascii(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

function nothing(code: ProblemCode, text: string): Opened {
  const problems = createProblemList();
  problems.add('error', code, 0, text);
  return { model: null, problems: problems.list() };
}

function withNote(opened: Opened, what: string): Opened {
  const note = createProblemList();
  note.add('info', 'format-unknown', 0, `This is ${what}.`);
  return { ...opened, problems: [...note.list(), ...opened.problems] };
}
