import { planMarkdown } from '../../lib/plan/plan-markdown';
import { type PlanReport, planReport } from '../../lib/plan/plan-report';
import { planText } from '../../lib/plan/plan-text';
import { readPlan } from '../../lib/plan/terraform-plan';
import { PLATFORM } from './plan-file';

const CONTEXT = { platform: PLATFORM, stack: 'tenants', from: 'plan.json' };

export function reported(text: string, context: Partial<typeof CONTEXT> = {}): PlanReport {
  return planReport(readPlan(text, 'plan.json'), { ...CONTEXT, ...context });
}

/** What a terminal shows of a plan, two minutes after it was made. */
export function shown(text: string, context: Partial<typeof CONTEXT> = {}): string {
  return planText(reported(text, context), new Date('2026-11-25T03:08:01Z'));
}

export function commented(text: string, context: Partial<typeof CONTEXT> = {}, whole?: string): string {
  return planMarkdown(reported(text, context), whole);
}
