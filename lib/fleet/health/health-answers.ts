import pLimit from 'p-limit';
import type { HealthAnswer } from './ask-health';
import { type Health, healthOf, introducesItself } from './health';
import type { HealthQuestion } from './health-question';

/** Questions that are open at once: a thousand tenants are asked in seconds, and hosts that hang don't hold up the others for long. */
const CONCURRENCY = 64;

interface Asked {
  readonly question: HealthQuestion;
  readonly answer: HealthAnswer;
}

/** What services have answered so far, the last answer of each. */
export class HealthAnswers {
  private readonly byQuestion = new Map<string, Asked>();
  /** Digests that introduced themselves for some tenant. */
  private readonly introducing = new Set<string>();

  private readonly limit = pLimit(CONCURRENCY);

  constructor(private readonly askOne: (question: HealthQuestion) => Promise<HealthAnswer>) {}

  /** Asks all of these, some at a time, and returns when each has its answer. */
  async ask(questions: readonly HealthQuestion[]): Promise<void> {
    await Promise.all(
      questions.map((question) =>
        this.limit(async () => {
          const answer = await this.askOne(question);
          this.byQuestion.set(keyOf(question), { question, answer });
          if (introducesItself(question, answer)) this.introducing.add(question.digest);
        }),
      ),
    );
  }

  /** What the last answer comes to, by all that is known now; undefined before there is one to this very question. */
  health(question: HealthQuestion): Health | undefined {
    const asked = this.byQuestion.get(keyOf(question));
    return asked && healthOf(question, asked.answer, this.introducing.has(question.digest));
  }
}

/** Another host, path or digest is another question. */
function keyOf({ tenant, service, host, path, digest }: HealthQuestion): string {
  return [tenant, service, host, path, digest].join(' ');
}
