/** Sound as a WAV file: one channel, 16 bit. Pure. */

const HEADER = 44

/** Lays the channels over each other. */
export function mixed(channels: readonly Float32Array[]): Float32Array {
  const [first] = channels
  if (!first) return new Float32Array(0)
  if (channels.length === 1) return first
  return first.map((_, n) => channels.reduce((sum, channel) => sum + (channel[n] ?? 0), 0) / channels.length)
}

export function wav(samples: Float32Array, rate: number): ArrayBuffer {
  const buffer = new ArrayBuffer(HEADER + samples.length * 2)
  const view = new DataView(buffer)
  const text = (at: number, letters: string) => [...letters].forEach((letter, n) => view.setUint8(at + n, letter.charCodeAt(0)))
  text(0, 'RIFF')
  view.setUint32(4, buffer.byteLength - 8, true)
  text(8, 'WAVEfmt ')
  view.setUint32(16, 16, true)
  view.setUint16(20, 1, true)
  view.setUint16(22, 1, true)
  view.setUint32(24, rate, true)
  view.setUint32(28, rate * 2, true)
  view.setUint16(32, 2, true)
  view.setUint16(34, 16, true)
  text(36, 'data')
  view.setUint32(40, samples.length * 2, true)
  samples.forEach((sample, n) => view.setInt16(HEADER + n * 2, Math.round(Math.max(-1, Math.min(1, sample)) * 32767), true))
  return buffer
}
