// `npm run chaos`: no disallowed grant stays, no allowed grant is revoked and no event is lost, while everything around us
// breaks. docs/explanation/reliability.md says what is promised and what breaks.
import { chaos } from './chaos.ts';

process.exitCode = await chaos(process.argv.slice(2), (text) => console.log(`${text}\n`));
