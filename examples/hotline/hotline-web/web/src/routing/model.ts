/** The document of routing rules as the page edits it, and how two runs of a day compare. Pure. */

export interface Relaxation {
  after_ms: number
  levels_down: number
  any_skill: boolean
  any_language: boolean
  any_region: boolean
  any_site: boolean
  queues: string[]
  raise_to: number | null
  move_to: string | null
}

export type Ageing =
  | { by: 'strict' }
  | { by: 'linear'; worth_ms: number }
  | { by: 'doubling'; every_ms: number }
  | { by: 'steps'; steps: { after_ms: number; up: number }[] }

export interface Missed {
  after_ms: number
  delay_ms: number
  once_in_ms: number
  schedule?: string | null
  keeps_place: boolean
  priority?: number | null
}

export interface QueueRules {
  queue: string
  strategy: string
  ring_at_most: number
  ring_step_ms: number
  max_wait_ms: number | null
  max_length: number | null
  nobody_staffed_after_ms: number
  weight: number
  head_start_ms: number
  ageing: Ageing
  lift_after_ms: number | null
  relax: Relaxation[]
  max_expected_wait_ms: number | null
  min_service_level: { percent: number; within_ms: number; minutes: number; at_least: number } | null
  refuse_unstaffed: boolean
  schedule: string | null
  advanced: boolean
  reentry_ms: number
  missed: Missed | null
  last_agent: { within_ms: number; wait_ms: number } | null
  sites: string[]
  seed: number
}

export interface Membership {
  tier: number
  position: number
  rank: number
}

export interface Profile {
  agent: string
  skills: Record<string, number>
  regions: string[]
  site: string | null
  queues: Record<string, Membership>
}

export interface Script {
  name: string
  source: string
}

export interface Rules {
  /** What the page does not know of a queue's rules is kept as it is. */
  queues: (Partial<QueueRules> & { queue: string })[]
  agents?: (Partial<Profile> & { agent: string })[]
  between: string
  misses: { after_no_answer_ms: number; after_reject_ms: number; after_unreachable_ms: number; max_misses: number; pause_ms: number }
  scripts?: Script[]
}

export const FRESH: Omit<QueueRules, 'queue'> = {
  strategy: 'longest_idle', ring_at_most: 16, ring_step_ms: 5000, max_wait_ms: null, max_length: null, nobody_staffed_after_ms: 5000, weight: 1,
  head_start_ms: 0, ageing: { by: 'strict' }, lift_after_ms: null, relax: [], max_expected_wait_ms: null, min_service_level: null,
  refuse_unstaffed: false, schedule: null, advanced: false, reentry_ms: 0, missed: null, last_agent: null, sites: [], seed: 0,
}
export const FRESH_STEP: Relaxation = {
  after_ms: 60_000, levels_down: 1, any_skill: false, any_language: false, any_region: false, any_site: false, queues: [], raise_to: null, move_to: null,
}
export const FRESH_MISSED: Missed = { after_ms: 10_000, delay_ms: 60_000, once_in_ms: 4 * 3_600_000, schedule: null, keeps_place: true, priority: null }
export const FRESH_MEMBER: Membership = { tier: 1, position: 0, rank: 1 }

export const NEW_SCRIPT = `// 最小者优先。c 是排队者，a 是座席。 The smallest goes first.
fn contact_key(c) {
  c.since_ms - c.priority * 60000
}

fn agent_key(a) {
  a.idle_since_ms
}
`

/** All rules of a queue; what is not said has the value that changes nothing. */
export function rulesOf(rules: Rules, queue: string): QueueRules {
  return { ...structuredClone(FRESH), queue, ...rules.queues.find((it) => it.queue === queue) } as QueueRules
}

/** The rules with those of a queue changed. */
export function withQueue(rules: Rules, changed: QueueRules): Rules {
  const known = rules.queues.some((it) => it.queue === changed.queue)
  return { ...rules, queues: known ? rules.queues.map((it) => (it.queue === changed.queue ? changed : it)) : [...rules.queues, changed] }
}

export function profileOf(rules: Rules, agent: string): Profile {
  const known = rules.agents?.find((it) => it.agent === agent)
  return { agent, skills: { ...known?.skills }, regions: [...(known?.regions ?? [])], site: known?.site ?? null, queues: structuredClone(known?.queues ?? {}) }
}

/** The rules with an agent's profile changed; an empty profile is left out. */
export function withProfile(rules: Rules, changed: Profile): Rules {
  const queues = Object.fromEntries(Object.entries(changed.queues).filter(([, it]) => it.tier !== 1 || it.position !== 0 || it.rank !== 1))
  const empty = !Object.keys(changed.skills).length && !changed.regions.length && !changed.site && !Object.keys(queues).length
  const others = (rules.agents ?? []).filter((it) => it.agent !== changed.agent)
  const { site, ...rest } = { ...changed, queues }
  const agents = empty ? others : [...others, site ? { ...rest, site } : rest].sort((a, b) => a.agent.localeCompare(b.agent))
  return { ...rules, agents }
}

/** The rules with a script written, renamed (queues follow) or, when it is `null`, taken out (queues go back to longest idle). */
export function withScript(rules: Rules, name: string | null, script: Script | null): Rules {
  const scripts = rules.scripts ?? []
  if (name === null) return script ? { ...rules, scripts: [...scripts, script] } : rules
  const strategy = script?.name ?? FRESH.strategy
  return {
    ...rules,
    scripts: script ? scripts.map((it) => (it.name === name ? script : it)) : scripts.filter((it) => it.name !== name),
    queues: rules.queues.map((it) => (it.strategy === name ? { ...it, strategy } : it)),
  }
}

/** The queues that a script decides for. */
export const usedBy = (rules: Rules, script: string) => rules.queues.filter((it) => it.strategy === script).map((it) => it.queue)

/** Whether two documents say the same. */
export function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other))
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => a.localeCompare(b)).map(([key, inner]) => [key, sorted(inner)]))
}

export interface QueueReport {
  contacts: number
  answered: number
  in_time: number
  abandoned: number
  overflowed: number
  waits: { mean_ms: number; p50_ms: number; p90_ms: number; p95_ms: number; max_ms: number }
  overtakes: number
}

interface Time {
  secs: number
  nanos: number
}

export interface AgentLoad {
  answered: number
  busy: Time
  idle: Time
}

export type Figure =
  | 'contacts' | 'level' | 'abandoned' | 'overflowed' | 'mean' | 'p50' | 'p90' | 'p95' | 'max' | 'overtakes' | 'busiest' | 'laziest'

export interface Line {
  figure: Figure
  before: number
  after: number
  as: 'count' | 'share' | 'ms'
  /** Whether the change is good; none when it is neither. */
  better: boolean | null
}

const share = (part: number, whole: number, empty: number) => (whole === 0 ? empty : part / whole)
export const occupancy = (load: AgentLoad) => {
  const seconds = (time: Time) => time.secs + time.nanos / 1e9
  return share(seconds(load.busy), seconds(load.busy) + seconds(load.idle), 0)
}

/** The figures of a day, or of one queue's part of it, under the old rules and the new ones. */
export function lines(
  before: { report: QueueReport; loads: AgentLoad[] },
  after: { report: QueueReport; loads: AgentLoad[] },
): Line[] {
  type Reader = (day: { report: QueueReport; loads: AgentLoad[] }) => number
  const line = (figure: Figure, as: Line['as'], wanted: 'more' | 'less' | null, read: Reader): Line => {
    const [old, now] = [read(before), read(after)]
    const better = wanted === null || old === now ? null : wanted === 'more' ? now > old : now < old
    return { figure, as, before: old, after: now, better }
  }
  const waits = (name: keyof QueueReport['waits']): Reader => (day) => day.report.waits[name]
  const all = [
    line('contacts', 'count', null, (day) => day.report.contacts),
    line('level', 'share', 'more', ({ report }) => share(report.in_time, report.contacts, 1)),
    line('abandoned', 'share', 'less', ({ report }) => share(report.abandoned, report.contacts, 0)),
    line('overflowed', 'share', 'less', ({ report }) => share(report.overflowed, report.contacts, 0)),
    line('mean', 'ms', 'less', waits('mean_ms')),
    line('p50', 'ms', 'less', waits('p50_ms')),
    line('p90', 'ms', 'less', waits('p90_ms')),
    line('p95', 'ms', 'less', waits('p95_ms')),
    line('max', 'ms', 'less', waits('max_ms')),
    line('overtakes', 'count', 'less', (day) => day.report.overtakes),
  ]
  if (!before.loads.length && !after.loads.length) return all
  return [
    ...all,
    line('busiest', 'share', 'less', (day) => Math.max(0, ...day.loads.map(occupancy))),
    line('laziest', 'share', 'more', (day) => (day.loads.length ? Math.min(...day.loads.map(occupancy)) : 0)),
  ]
}
