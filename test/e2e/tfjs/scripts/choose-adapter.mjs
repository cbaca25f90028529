// Which backend is used when an adapter is asked for by its name, or none is: or why there is none.
import { useBackend } from 'attune/tfjs';

const [name] = process.argv.slice(2);
const options = name === undefined ? {} : { backend: 'webgpu', device: name };
const answer = await useBackend(options).then(
  ({ backend, device, why }) => ({ backend, device, why }),
  ({ message }) => message,
);
console.log(JSON.stringify(answer));
