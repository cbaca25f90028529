import { type BackendKind, Lack, type Opened, type Wanted } from './backend-kind.ts';
import { isInstalled } from './load-package.ts';

/** Opens the backend, or says what it lacks. Never rejects. */
export async function openBackend(kind: BackendKind, wanted: Wanted): Promise<Opened | Lack> {
  const missing = kind.packages.filter((id) => !isInstalled(id));
  if (missing.length > 0) return new Lack('package', `${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} not installed`, { fix: kind.install });
  try {
    return await kind.open(wanted);
  } catch (error) {
    if (error instanceof Lack) return error;
    const message = error instanceof Error ? error.message.split('\n')[0] : String(error);
    return new Lack('loading', `it does not start (${message})`, { cause: error });
  }
}
