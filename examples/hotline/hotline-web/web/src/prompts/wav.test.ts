import { expect, it } from 'vitest'
import { mixed, wav } from './wav'

it('a WAV file says its format, and holds each sample in 16 bits', () => {
  const view = new DataView(wav(new Float32Array([0, 1, -1, 2, -0.5]), 48_000))
  const text = (at: number) => String.fromCharCode(...[0, 1, 2, 3].map((n) => view.getUint8(at + n)))
  expect([text(0), text(8), text(12), text(36)]).toEqual(['RIFF', 'WAVE', 'fmt ', 'data'])
  expect(view.byteLength).toBe(54)
  expect([view.getUint32(4, true), view.getUint32(24, true), view.getUint32(28, true), view.getUint32(40, true)]).toEqual([46, 48_000, 96_000, 10])
  expect([0, 1, 2, 3, 4].map((n) => view.getInt16(44 + n * 2, true))).toEqual([0, 32767, -32767, 32767, -16383])
})

it('channels are laid over each other without becoming louder', () => {
  expect([...mixed([new Float32Array([1, 0]), new Float32Array([0, 0.5])])]).toEqual([0.5, 0.25])
  expect(mixed([])).toHaveLength(0)
})
