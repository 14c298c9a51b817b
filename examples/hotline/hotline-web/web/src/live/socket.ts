/**
 * Keeps one event stream open: ticket, connect, resume after the last number, try again with
 * growing pauses. Everything outside is handed in, so tests run it without a network or a clock.
 */

import { parseFrame, type Frame } from './frames'

export type LinkState = 'connecting' | 'open' | 'waiting' | 'closed'

export interface SocketLike {
  onopen: ((event: Event) => void) | null
  onmessage: ((message: MessageEvent) => void) | null
  onclose: ((event: CloseEvent) => void) | null
  send(text: string): void
  close(): void
}

export interface Outside {
  ticket(): Promise<string>
  open(ticket: string, after: number | null): SocketLike
  after(ms: number, run: () => void): () => void
  /** A number in 0..1, to spread the reconnects of many pages. */
  random(): number
  lastNumber(): number | null
  onFrame(frame: Frame): void
  onLink(state: LinkState, retryInMs: number | null): void
  /** Whether a refused ticket is refused for good: the session is over. */
  isFinal(error: unknown): boolean
}

export const PING_EVERY_MS = 20_000
export const DEAD_AFTER_MS = 45_000
const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 10_000

/** How long to wait before try number `attempt` (0 is the first), with ±20 % spread. */
export function pause(attempt: number, random: number): number {
  const even = Math.min(FIRST_PAUSE_MS * 2 ** attempt, LONGEST_PAUSE_MS)
  return Math.round(even * (0.8 + 0.4 * random))
}

export class EventStream {
  private socket: SocketLike | null = null
  private attempt = 0
  private stopped = true
  private cancelRetry: () => void = () => {}
  private cancelPing: () => void = () => {}
  private cancelDeath: () => void = () => {}
  /** Set apart each start, so that answers to an older one are ignored. */
  private generation = 0

  constructor(private readonly outside: Outside) {}

  start(): void {
    if (!this.stopped) return
    this.stopped = false
    this.attempt = 0
    void this.connect()
  }

  stop(): void {
    this.stopped = true
    this.generation += 1
    this.cancelRetry()
    this.drop()
    this.outside.onLink('closed', null)
  }

  /** Connects at once when a retry is pending, e.g. because the network came back. */
  hurry(): void {
    if (this.stopped || this.socket) return
    this.cancelRetry()
    this.attempt = 0
    void this.connect()
  }

  private async connect(): Promise<void> {
    const generation = ++this.generation
    this.outside.onLink('connecting', null)
    let ticket: string
    try {
      ticket = await this.outside.ticket()
    } catch (error) {
      if (generation !== this.generation) return
      if (this.outside.isFinal(error)) this.stop()
      else this.retry()
      return
    }
    if (generation !== this.generation) return
    const socket = this.outside.open(ticket, this.outside.lastNumber())
    this.socket = socket
    this.expectLife()
    socket.onopen = () => {
      if (generation !== this.generation) return
      this.outside.onLink('open', null)
      this.ping()
    }
    socket.onmessage = ({ data }: { data: unknown }) => {
      if (generation !== this.generation || typeof data !== 'string') return
      this.expectLife()
      const frame = parseFrame(data)
      if (!frame) return
      this.attempt = 0
      this.outside.onFrame(frame)
    }
    socket.onclose = () => {
      if (generation === this.generation) this.retry()
    }
  }

  private retry(): void {
    this.generation += 1
    this.drop()
    const wait = pause(this.attempt, this.outside.random())
    this.attempt += 1
    this.outside.onLink('waiting', wait)
    this.cancelRetry = this.outside.after(wait, () => void this.connect())
  }

  private ping(): void {
    this.cancelPing = this.outside.after(PING_EVERY_MS, () => {
      this.socket?.send('{"type":"ping"}')
      this.ping()
    })
  }

  /** A stream that says nothing for long, not even a pong, is dead though TCP has not noticed. */
  private expectLife(): void {
    this.cancelDeath()
    this.cancelDeath = this.outside.after(DEAD_AFTER_MS, () => this.retry())
  }

  private drop(): void {
    this.cancelPing()
    this.cancelDeath()
    const socket = this.socket
    this.socket = null
    if (!socket) return
    socket.onopen = socket.onmessage = socket.onclose = null
    socket.close()
  }
}
