/** A stereo WAV: 440 Hz on the left, 1000 Hz on the right, 8 kHz, 16 bit. */
export function tone(ms) {
  const frames = Math.floor(ms * 8)
  const wav = Buffer.alloc(44 + frames * 4)
  wav.write('RIFF', 0)
  wav.writeUInt32LE(wav.length - 8, 4)
  wav.write('WAVEfmt ', 8)
  wav.writeUInt32LE(16, 16)
  wav.writeUInt16LE(1, 20)
  wav.writeUInt16LE(2, 22)
  wav.writeUInt32LE(8000, 24)
  wav.writeUInt32LE(32000, 28)
  wav.writeUInt16LE(4, 32)
  wav.writeUInt16LE(16, 34)
  wav.write('data', 36)
  wav.writeUInt32LE(frames * 4, 40)
  for (let n = 0; n < frames; n += 1) {
    wav.writeInt16LE(Math.round(6000 * Math.sin((2 * Math.PI * 440 * n) / 8000)), 44 + n * 4)
    wav.writeInt16LE(Math.round(6000 * Math.sin((2 * Math.PI * 1000 * n) / 8000)), 46 + n * 4)
  }
  return wav
}
