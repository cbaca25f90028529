import { AttuneError } from '../../base/errors.ts';
import { lastLines, runCommand } from './run-command.ts';

/** What was taken out of a wheel. */
export interface Unpacked {
  /** The files in `lib/`, with their sizes. */
  readonly libraries: Readonly<Record<string, number>>;
  /** How many headers lie in `include/`. */
  readonly headers: number;
  /** What the wheel asks of pip for CUDA, such as `nvidia-cudnn-cu12<10,>=9.3`. */
  readonly cuda: readonly string[];
}

/** The headers that the source of the binding names; what they include follows. */
const HEADERS = ['c/c_api.h', 'c/eager/c_api.h', 'c/tf_datatype.h', 'c/tf_status.h', 'c/tf_tensor.h', 'core/platform/ctstring_internal.h'];

/** Python has a reader of zip files wherever it runs, and a wheel is one. */
const SCRIPT = `
import json, os, posixpath, re, shutil, sys, zipfile
wheel, out, wanted = sys.argv[1], sys.argv[2], sys.argv[3:]
root = 'tensorflow/include/'
with zipfile.ZipFile(wheel) as z:
    names = set(z.namelist())
    def put(name, to):
        os.makedirs(os.path.dirname(to), exist_ok=True)
        with z.open(name) as source, open(to, 'wb') as file:
            shutil.copyfileobj(source, file, 1 << 20)
    libraries = {}
    for name in names:
        file = posixpath.basename(name)
        if re.fullmatch(r'tensorflow/libtensorflow(_cc|_framework)[.]so[.]2', name):
            put(name, os.path.join(out, 'lib', file))
            libraries[file] = z.getinfo(name).file_size
    todo, headers = [root + 'tensorflow/' + name for name in wanted], set()
    while todo:
        name = todo.pop()
        if name not in names or name in headers:
            continue
        headers.add(name)
        put(name, os.path.join(out, 'include', name[len(root):]))
        for other in re.findall(r'^\\s*#\\s*include\\s*["<]([^">]+)', z.read(name).decode('utf-8', 'replace'), re.M):
            todo += [root + other, posixpath.normpath(posixpath.join(posixpath.dirname(name), other))]
    metadata = next((z.read(n).decode('utf-8', 'replace') for n in names if n.endswith('.dist-info/METADATA')), '')
    print(json.dumps({'libraries': libraries, 'headers': len(headers), 'metadata': metadata.split('\\n\\n')[0]}))
`;

/**
 * Puts the libraries of TensorFlow and the few headers that the binding needs into `out`: a wheel has 13,000 more.
 *
 * @throws {AttuneError} `BACKEND_UNAVAILABLE` when the wheel cannot be read or has not what is needed
 */
export async function unpackWheel(python: string, wheel: string, out: string): Promise<Unpacked> {
  const ran = await runCommand(python, ['-c', SCRIPT, wheel, out, ...HEADERS]);
  if (ran.code !== 0) {
    throw new AttuneError('BACKEND_UNAVAILABLE', `tfjs build: expected to unpack ${wheel}, got: ${lastLines(ran, 1)}.`, {
      hint: 'See that the disk has room and that the file is whole, then again.',
    });
  }
  const { libraries, headers, metadata } = JSON.parse(ran.stdout) as Unpacked & { readonly metadata: string };
  if (Object.keys(libraries).length !== 2 || headers === 0) {
    throw new AttuneError('BACKEND_UNAVAILABLE', `tfjs build: expected ${wheel} to hold TensorFlow's C library with its headers, got one without them.`, {
      hint: 'Name another version with --tensorflow.',
    });
  }
  return { libraries, headers, cuda: cudaRequirements(metadata) };
}

/** The requirements that the extra `and-cuda` adds, without the conditions behind them. */
export const cudaRequirements = (metadata: string): readonly string[] =>
  [...metadata.matchAll(/^Requires-Dist: *(nvidia-[\w-]+) *([^;\n]*);[^\n]*extra *== *["']and-cuda["']/gm)].map(
    ([, name = '', range = '']) => name + range.replace(/[() ]/g, ''),
  );
