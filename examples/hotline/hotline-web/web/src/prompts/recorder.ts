/** Sound from the microphone or a file, made into a WAV file by the browser's own decoder. */

import { mixed, wav } from './wav'

/** The server takes at most 8 MiB: five minutes of one channel at this rate. */
const RATE = 12_000
export const MOST_SECONDS = 300

export class Unreadable extends Error {}
export class TooLong extends Error {}

export interface Sound {
  wav: Blob
  seconds: number
}

/** Reads any sound that the browser can play. */
export async function decoded(source: Blob): Promise<Sound> {
  // The context's rate is what the decoder converts to; telephones use 8 kHz.
  const context = new OfflineAudioContext(1, 1, 48_000)
  const buffer = await context.decodeAudioData(await source.arrayBuffer()).catch(() => null)
  if (!buffer || buffer.length === 0) throw new Unreadable()
  if (buffer.duration > MOST_SECONDS) throw new TooLong()
  const rate = buffer.duration > 80 ? RATE : 48_000
  const channels = Array.from({ length: buffer.numberOfChannels }, (_, n) => buffer.getChannelData(n))
  const samples = rate === 48_000 ? mixed(channels) : await resampled(mixed(channels), rate)
  return { wav: new Blob([wav(samples, rate)], { type: 'audio/wav' }), seconds: buffer.duration }
}

async function resampled(samples: Float32Array, rate: number): Promise<Float32Array> {
  const context = new OfflineAudioContext(1, Math.max(1, Math.ceil((samples.length * rate) / 48_000)), rate)
  const buffer = context.createBuffer(1, samples.length, 48_000)
  buffer.getChannelData(0).set(samples)
  const source = context.createBufferSource()
  source.buffer = buffer
  source.connect(context.destination)
  source.start()
  return (await context.startRendering()).getChannelData(0)
}

export interface Recording {
  /** Ends it and gives what was said. */
  stop(): Promise<Sound>
  /** Ends it and forgets what was said. */
  cancel(): void
}

/** Begins to record; throws when there is no microphone or the person does not allow it. */
export async function record(): Promise<Recording> {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, echoCancellation: false, noiseSuppression: true, autoGainControl: false } })
  const recorder = new MediaRecorder(stream)
  const parts: Blob[] = []
  recorder.addEventListener('dataavailable', ({ data }) => parts.push(data))
  recorder.start()
  const release = () => stream.getTracks().forEach((track) => track.stop())
  return {
    stop: async () => {
      const stopped = new Promise((done) => recorder.addEventListener('stop', done, { once: true }))
      recorder.stop()
      await stopped
      release()
      return decoded(new Blob(parts, { type: recorder.mimeType }))
    },
    cancel: () => {
      if (recorder.state !== 'inactive') recorder.stop()
      release()
    },
  }
}
