import { expect, it } from 'vitest'
import { atCentre, dateTime, duration, learnOffset, percent, rfc3339 } from './format'

it('writes durations as minutes and seconds, with hours when there are any', () => {
  expect([0, 999, 59_999, 245_000, 3_723_000, null].map(duration)).toEqual([
    '0:00', '0:00', '0:59', '4:05', '1:02:03', '—',
  ])
})

it('writes shares as percent and never rounds up to all', () => {
  expect([1, 0.9996, 0.5, null].map(percent)).toEqual(['100%', '99.9%', '50.0%', '—'])
})

it('shows and reads the wall clock of the centre, wherever the browser is', () => {
  for (const [stamp, shown] of [
    ['2026-11-22T09:02:03.250+08:00', '2026-11-22 09:02:03'],
    ['2026-11-21T20:02:03-05:00', '2026-11-21 20:02:03'],
  ] as const) {
    learnOffset(stamp)
    expect(dateTime(stamp)).toBe(shown)
    expect(dateTime('2026-11-22T01:02:03Z')).toBe(shown)
    const picked = atCentre(Date.parse(stamp))
    expect(rfc3339(picked)).toBe(`${shown.replace(' ', 'T')}${stamp.slice(-6)}`)
  }
  expect(dateTime(null)).toBe('—')
})
