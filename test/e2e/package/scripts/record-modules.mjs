// Preloaded with --import, in every thread: appends the file of each module that this thread loads to $LOADED/<thread>.
import { appendFileSync } from 'node:fs';
import Module, { register } from 'node:module';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';

const file = join(process.env.LOADED, String(threadId));
const hooks = `
  import { appendFileSync } from 'node:fs';
  let file;
  export const initialize = (data) => { file = data; };
  export const load = (url, context, next) => {
    if (!url.startsWith('node:')) appendFileSync(file, url + '\\n');
    return next(url, context);
  };
`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`, { data: file });

// What is required does not pass by those hooks.
const { _compile } = Module.prototype;
Module.prototype._compile = function (content, filename, ...rest) {
  appendFileSync(file, `${filename}\n`);
  return _compile.call(this, content, filename, ...rest);
};
