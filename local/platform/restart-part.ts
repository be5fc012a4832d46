import { ExplainedError } from '../../lib/text/explained-error';
import { withLock } from '../processes/lock';
import { findPresence } from '../processes/presence';
import { Progress } from '../processes/progress';
import { Layout } from './layout';
import { NotRunning } from './not-running';
import { type PlatformRecord, readEndedRecord, readPlatformRecord } from './platform-record';
import { RESTART, type RestartAnswer } from './supervisor';

/** Thrown when a part could not be started anew. */
export class RestartFailed extends ExplainedError {
  override readonly name = 'RestartFailed';

  constructor(
    readonly part: string,
    reason: string,
  ) {
    super(`${part} was not started anew: ${reason}`);
  }
}

/**
 * Ends one part of a running platform in order and starts it again, with its port and its data, while all others run on. Returns when it's
 * ready. A part is called what `platform.json` and the log say: `postgres`, `kube-apiserver`, `operator` ...
 */
export async function restartPart(directory: string, part: string, progress = new Progress()): Promise<PlatformRecord> {
  const layout = new Layout(directory);
  const onWait = (pid: number) => progress.say(`waiting for process ${pid}, which brings the platform up or down …`);
  return withLock(layout.lock(), { onWait }, () =>
    progress.during(`starting ${part} anew`, () => askSupervisor(layout, part)),
  );
}

async function askSupervisor(layout: Layout, part: string): Promise<PlatformRecord> {
  const supervisor = await findPresence(layout.supervisor());
  if (!supervisor || !readPlatformRecord(layout)) throw new NotRunning(readEndedRecord(layout)?.reason);
  try {
    const line = await supervisor.ask(`${RESTART} ${part}`);
    if (line === undefined) throw new NotRunning(readEndedRecord(layout)?.reason);
    const answer = JSON.parse(line) as RestartAnswer;
    if ('failed' in answer) throw new RestartFailed(part, answer.failed);
    return answer.restarted;
  } finally {
    supervisor.leave();
  }
}
