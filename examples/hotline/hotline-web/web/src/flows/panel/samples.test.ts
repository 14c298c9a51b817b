import { expect, it } from 'vitest'
import { edgeId } from '../model/canvas'
import { Samples, WINDOW_MS } from './samples'

const edge = edgeId('menu', '1')
const read = (count: number, version = 'v1') => ({ version, since: 's', nodes: [{ node: 'menu', left: [{ outlet: '1', count }] }] })

it('the growth of the last minute is told against the reading before it', () => {
  const samples = new Samples()
  samples.add(0, read(100))
  expect([samples.all().get(edge), samples.lately().get(edge)]).toEqual([100, 0])
  samples.add(30_000, read(110))
  expect(samples.lately().get(edge)).toBe(10)
  samples.add(30_000 + WINDOW_MS, read(125))
  expect([samples.all().get(edge), samples.lately().get(edge)]).toEqual([125, 15])
})

it('another version begins anew, and counts never shrink below zero', () => {
  const samples = new Samples()
  samples.add(0, read(100))
  samples.add(1000, read(3, 'v2'))
  expect(samples.lately().get(edge)).toBe(0)
  samples.add(2000, read(1, 'v2'))
  expect(samples.lately().get(edge)).toBe(0)
})
