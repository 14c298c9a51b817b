/** What is sent and what is heard: microphone or test tone, and a meter. */

export interface Voice {
  stream: MediaStream
  /** Whether it is the test tone. */
  tone: boolean
  stop(): void
}

/** Beeps for whoever has no microphone: half a second of tone, half a second of rest. */
export async function testTone(hertz: number): Promise<Voice> {
  const context = new AudioContext()
  await context.resume()
  const oscillator = new OscillatorNode(context, { frequency: hertz })
  const gain = new GainNode(context, { gain: 0.3 })
  const out = new MediaStreamAudioDestinationNode(context)
  oscillator.connect(gain).connect(out)
  oscillator.start()
  const beat = setInterval(() => {
    gain.gain.value = gain.gain.value > 0 ? 0 : 0.3
  }, 500)
  return {
    stream: out.stream,
    tone: true,
    stop() {
      clearInterval(beat)
      void context.close()
    },
  }
}

/** The microphone, or the test tone where there is none or its use is not allowed. */
export async function microphoneOr(hertz: number): Promise<Voice> {
  try {
    const audio = { echoCancellation: true, noiseSuppression: true, autoGainControl: true }
    const stream = await navigator.mediaDevices.getUserMedia({ audio, video: false })
    return { stream, tone: false, stop: () => stream.getTracks().forEach((track) => track.stop()) }
  } catch {
    return testTone(hertz)
  }
}

export interface Reading {
  /** From 0 to 1. */
  level: number
  /** The strongest frequency. */
  hertz: number
}

/** Measures what is heard. */
export class Meter {
  private readonly context = new AudioContext()
  private readonly analyser = new AnalyserNode(this.context, { fftSize: 4096, smoothingTimeConstant: 0 })
  private readonly bins = new Float32Array(this.analyser.frequencyBinCount)
  private readonly samples = new Float32Array(this.analyser.fftSize)
  private source: MediaStreamAudioSourceNode | null = null

  listen(stream: MediaStream | null): void {
    this.source?.disconnect()
    this.source = stream && new MediaStreamAudioSourceNode(this.context, { mediaStream: stream })
    this.source?.connect(this.analyser)
    void this.context.resume()
  }

  read(): Reading {
    if (!this.source) return { level: 0, hertz: 0 }
    this.analyser.getFloatTimeDomainData(this.samples)
    const power = this.samples.reduce((sum, sample) => sum + sample * sample, 0) / this.samples.length
    this.analyser.getFloatFrequencyData(this.bins)
    const strongest = this.bins.reduce((best, value, at) => (value > this.bins[best]! ? at : best), 0)
    const hertz = (strongest * this.context.sampleRate) / this.analyser.fftSize
    return { level: Math.min(1, Math.sqrt(power) * 4), hertz: power > 1e-6 ? hertz : 0 }
  }
}
