/** Schedules as they are edited: the hours of a week as text, checked while they are typed. Pure. */

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
export type Day = (typeof DAYS)[number]
export type Span = [from: string, to: string, part: 'work' | 'lunch']

export interface Schedule {
  name: string
  days: Partial<Record<Day, Span[]>>
  make_up_day?: Span[]
  observes_holidays?: boolean
  days_off?: unknown[]
}

export interface Schedules {
  schema: string
  zone?: string
  schedules: Record<string, Schedule>
}

const SPAN = /^(\d{1,2}):(\d{2})\s*[-–—~至]\s*(\d{1,2}):(\d{2})\s*(\*?)$/

/** `08:30-12:00 12:00-13:30* 13:30-17:30`: spans of a day, those of lunch with a star. */
export function written(spans: readonly Span[] | undefined): string {
  return (spans ?? []).map(([from, to, part]) => `${from}-${to}${part === 'lunch' ? '*' : ''}`).join(' ')
}

/** The spans that a text says, or `null` when it says none that make sense. */
export function read(text: string): Span[] | null {
  const words = text.trim().split(/[\s,，;；]+/).filter(Boolean)
  const spans: Span[] = []
  let end = 0
  for (const word of words) {
    const found = SPAN.exec(word)
    if (!found) return null
    const [, h1, m1, h2, m2, lunch] = found
    const [from, to] = [Number(h1) * 60 + Number(m1), Number(h2) * 60 + Number(m2)]
    if (Number(m1) > 59 || Number(m2) > 59 || from < end || to <= from || to > 24 * 60) return null
    spans.push([clock(from), clock(to), lunch ? 'lunch' : 'work'])
    end = to
  }
  return spans
}

/** The document with one day's hours changed. */
export function withDay(all: Schedules, id: string, day: Day, spans: Span[]): Schedules {
  const schedule = all.schedules[id]
  if (!schedule) return all
  return withSchedule(all, id, { ...schedule, days: { ...schedule.days, [day]: spans } })
}

export function withSchedule(all: Schedules, id: string, schedule: Schedule | null): Schedules {
  const others = Object.entries(all.schedules).filter(([other]) => other !== id || schedule)
  const kept = Object.fromEntries(others)
  return { ...all, schedules: schedule ? { ...kept, [id]: schedule } : kept }
}

function clock(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
}
