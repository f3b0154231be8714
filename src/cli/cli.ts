// The commands of the terminal program and their exit codes.
import { inspection } from '../app/present/report.ts';
import { Failure, wrongUsage } from '../core/base/failure.ts';
import type { EngineParts } from '../node/engineProcess.ts';
import { readArguments } from './arguments.ts';
import { inspectionText } from './inspectText.ts';
import { memory } from './memory.ts';
import { openPath, whyUnreadable } from './openPath.ts';
import { imatrix } from './imatrix.ts';
import { imatrixShow } from './imatrixShow.ts';
import { perplexity } from './perplexity.ts';
import { quantize } from './quantize.ts';
import { type Programs, stats } from './stats.ts';
import { EXIT, type Terminal } from './terminal.ts';

const USAGE = `Usage: quantscope inspect PATH [--json]
       quantscope stats PATH [--tensor NAME | --threads N] [--json]
       quantscope perplexity PATH --text FILE [--base PATH] [--context N] [--chunks N]
                             [--gpu auto|off|vulkan|cuda|metal] [--threads N] [--json]
       quantscope quantize IN OUT --type T [--imatrix F] [--tensor-type REGEX=TYPE]… [--output-type T]
                           [--embedding-type T] [--pure] [--keep-split] [--allow-requantize]
                           [--recipe F] [--dry-run [--predict]] [--threads N] [--force] [--json]
       quantscope imatrix MODEL --text FILE -o OUT [--chunks N] [--context N]
                          [--gpu auto|off|vulkan|cuda|metal] [--threads N] [--resume] [--force] [--json]
       quantscope imatrix --show FILE [--json]
       quantscope memory PATH [--context N] [--parallel N] [--kv-type K[,V]] [--gpu-layers N] [--vram GB] [--json]

  inspect PATH   what a GGUF or safetensors model is made of; PATH is the model, any of its shards or its index
  stats PATH     the numbers in it: every weight of every tensor is decoded and counted
  --tensor NAME  only of this tensor, with every count exact
  --threads N    how many threads work, else one less than the machine has
  perplexity PATH
                 how well a GGUF model predicts a text, by llama.cpp
  --text FILE    the text to predict, UTF-8
  --base PATH    compares with this model on the same text: difference of perplexity, KL divergence
  --context N    tokens of a chunk, else 512; the second half of them is scored
  --chunks N     reads only the first N chunks
  --gpu WHERE    auto takes a GPU when there is one, off does not
  memory PATH    how much memory a run takes: weights, KV cache, compute buffers
  --context N    tokens for each sequence, else as many as fit --vram, else 8192 or what the model was trained for
  --parallel N   sequences at once, else 1
  --kv-type K,V  types of the cached keys and values (one for both: q8_0), else f16, or q8_0 to fit --vram
  --gpu-layers N layers on the GPU, the output counts as one; else all
  --vram GB      memory of the GPU: what fits, and what would
  quantize IN OUT
                 makes OUT of the GGUF model IN in other types, by llama.cpp; IN stays as it is
  --type T       Q4_K_M, Q8_0, IQ4_XS, … as llama-quantize names them
  --imatrix F    an importance matrix, of quantscope imatrix or of llama-imatrix
  --tensor-type REGEX=TYPE
                 tensors with such names get this type; may come several times, the first that fits counts
  --recipe F     reads all of this from a JSON file; what stands on the command line counts before it
  --output-type T, --embedding-type T
                 types of the tensor that makes the output, and of the token embeddings
  --pure         the type of the mix for all tensors, without its exceptions
  --keep-split   as many files as IN has
  --allow-requantize
                 quantizes also what is quantized already: it loses more than the same type made of the original
  --dry-run      only tells what every tensor would become, why, and how large the file would be
  --predict      measures on a sample of its rows how much each tensor would lose, and tells time and memory
  --force        replaces OUT if it is there
  imatrix MODEL  makes an importance matrix: how much every column of the weights is used on a text
  --resume       goes on with a run of the same model, text and settings that did not come to its end
  --show FILE    what stands in an importance matrix, as GGUF or of before 2025: coverage, statistics, warnings
  --json         the same as JSON, with every tensor
  --help         this text
`;

export async function runCli(
  args: readonly string[],
  terminal: Terminal,
  programs: Programs & { readonly engine: EngineParts },
  signal: AbortSignal = new AbortController().signal,
): Promise<number> {
  try {
    const [command, ...rest] = args;
    if (command === undefined) throw wrongUsage('no command given; try: quantscope --help');
    if (['--help', '-h', 'help'].includes(command) || rest.includes('--help') || rest.includes('-h')) {
      terminal.out(USAGE);
      return EXIT.ok;
    }
    switch (command) {
      case 'inspect':
        return inspect(rest, terminal);
      case 'stats':
        return await stats(rest, terminal, programs);
      case 'memory':
        return memory(rest, terminal);
      case 'perplexity':
        return await perplexity(rest, terminal, programs.engine, signal);
      case 'quantize':
        return await quantize(rest, terminal, programs.engine, signal);
      case 'imatrix':
        if (rest.includes('--show')) return imatrixShow(rest, terminal);
        return await imatrix(rest, terminal, programs.engine, signal);
      default:
        throw wrongUsage(`there is no command "${command}"; try: quantscope --help`);
    }
  } catch (error) {
    return exitCodeOf(error, terminal);
  }
}

/** Tells a failure in one sentence; what is no failure is thrown on. */
function exitCodeOf(error: unknown, terminal: Terminal): number {
  if (!(error instanceof Failure)) throw error;
  terminal.error(`quantscope: ${error.message}\n`);
  if (error.code === 'cancelled') return EXIT.cancelled;
  return error.code === 'wrong-usage' ? EXIT.usage : EXIT.failed;
}

function inspect(args: readonly string[], terminal: Terminal): number {
  const { path, json } = readArguments('inspect', args, []);
  const { opened } = openPath(path);
  const asJson = (): void => terminal.out(`${JSON.stringify(inspection(opened), null, 2)}\n`);
  if (opened.model === null) {
    terminal.error(`quantscope: ${path}: ${whyUnreadable(opened)}\n`);
    if (json) asJson();
    return EXIT.failed;
  }
  if (json) asJson();
  else terminal.out(inspectionText(path, opened));
  return EXIT.ok;
}
