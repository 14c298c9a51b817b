import { expect, test } from 'vitest'
import { read, withDay, withSchedule, written, type Schedules, type Span } from './calendar'

test('hours are written and read back, lunch by a star', () => {
  const day: Span[] = [['08:30', '12:00', 'work'], ['12:00', '13:30', 'lunch'], ['13:30', '24:00', 'work']]
  expect(written(day)).toBe('08:30-12:00 12:00-13:30* 13:30-24:00')
  expect(read(written(day))).toEqual(day)
  expect(read('8:30至12:00，13:00~17:00')).toEqual([['08:30', '12:00', 'work'], ['13:00', '17:00', 'work']])
  expect(read('  ')).toEqual([])
  expect(written(undefined)).toBe('')
})

test('hours that make no sense are none: backwards, overlapping, beyond the day, not a time', () => {
  for (const wrong of ['12:00-08:00', '08:00-12:00 11:00-13:00', '08:00-24:01', '08:70-09:00', 'morning', '08:00-08:00']) expect(read(wrong), wrong).toBeNull()
})

test('a day of one schedule changes and everything else stays', () => {
  const all: Schedules = { schema: 'cti.schedules/1', zone: 'Asia/Shanghai', schedules: { a: { name: 'A', days: { mon: [['08:00', '09:00', 'work']] }, observes_holidays: false }, b: { name: 'B', days: {} } } }
  const changed = withDay(all, 'a', 'tue', [['10:00', '11:00', 'work']])
  expect(changed.schedules.a).toEqual({ name: 'A', observes_holidays: false, days: { mon: [['08:00', '09:00', 'work']], tue: [['10:00', '11:00', 'work']] } })
  expect(changed.schedules.b).toBe(all.schedules.b)
  expect(withDay(all, 'c', 'mon', [])).toBe(all)
  expect(Object.keys(withSchedule(all, 'a', null).schedules)).toEqual(['b'])
})
