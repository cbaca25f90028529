import { resolve } from 'node:path';
import ts from 'typescript';

export interface Complaint {
  readonly file: string;
  /** From 0. */
  readonly line: number;
  readonly text: string;
}

export interface TypeCheckOptions {
  readonly strict: boolean;
  readonly sources?: boolean;
}

const PACKAGE = {
  attune: ['./src/index.ts'],
  'attune/algorithms': ['./algorithms/index.ts'],
  'attune/schedulers': ['./schedulers/index.ts'],
  'attune/*': ['./src/*/index.ts'],
};

/**
 * What the compiler says of files that are not on the disk.
 *
 * @param files - their text, by the path in this project at which they would be
 * @param options.sources - `attune` is then what the sources say, without a build
 */
export function complaintsOf(files: Readonly<Record<string, string>>, { strict, sources: onSources = false }: TypeCheckOptions): readonly Complaint[] {
  const sources = new Map(
    Object.entries(files).map(([path, text]) => {
      const options = { languageVersion: ts.ScriptTarget.ES2022, impliedNodeFormat: ts.ModuleKind.ESNext } as const;
      return [resolve(path), { path, source: ts.createSourceFile(resolve(path), text, options, true) }] as const;
    }),
  );
  const { options } = ts.convertCompilerOptionsFromJson(
    {
      target: 'ES2022',
      module: 'NodeNext',
      lib: ['ES2023', 'ESNext.Disposable'],
      types: ['node'],
      noEmit: true,
      strict,
      skipLibCheck: true,
      allowImportingTsExtensions: true,
      ...(onSources ? { paths: PACKAGE } : {}),
    },
    resolve('.'),
  );
  options['pathsBasePath'] = resolve('.'); // what a tsconfig.json would say
  const host = ts.createCompilerHost(options);
  const { getSourceFile } = host;
  host.getSourceFile = (name, ...rest) => sources.get(resolve(name))?.source ?? getSourceFile(name, ...rest);
  const program = ts.createProgram([...sources.keys()], options, host);
  return [...sources.values()].flatMap(({ path, source }) =>
    [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(({ start = 0, messageText }) => ({
      file: path,
      line: source.getLineAndCharacterOfPosition(start).line,
      text: ts.flattenDiagnosticMessageText(messageText, ' '),
    })),
  );
}
