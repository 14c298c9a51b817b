import { expect, it } from 'vitest'
import { duration, percent, rfc3339 } from './format'

it('writes durations as minutes and seconds, with hours when there are any', () => {
  expect([0, 999, 59_999, 245_000, 3_723_000, null].map(duration)).toEqual([
    '0:00', '0:00', '0:59', '4:05', '1:02:03', '—',
  ])
})

it('writes shares as percent and never rounds up to all', () => {
  expect([1, 0.9996, 0.5, null].map(percent)).toEqual(['100%', '99.9%', '50.0%', '—'])
})

it('writes times with the offset of the browser, naming the same moment', () => {
  const moment = new Date('2026-11-22T01:02:03Z')
  expect(Date.parse(rfc3339(moment))).toBe(moment.getTime())
  expect(rfc3339(moment)).toMatch(/^2026-11-2[12]T\d\d:\d\d:03[+-]\d\d:\d\d$/)
})
