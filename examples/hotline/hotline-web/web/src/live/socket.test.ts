import { beforeEach, describe, expect, it } from 'vitest'
import { DEAD_AFTER_MS, EventStream, pause, PING_EVERY_MS, type LinkState, type SocketLike } from './socket'
import type { Frame } from './frames'

const NOTHING: unknown = {}

class FakeSocket implements SocketLike {
  onopen: ((event: Event) => void) | null = null
  onmessage: ((message: MessageEvent) => void) | null = null
  onclose: ((event: CloseEvent) => void) | null = null
  sent: string[] = []
  closed = false
  constructor(readonly ticket: string, readonly after: number | null) {}
  send(text: string) {
    this.sent.push(text)
  }
  close() {
    this.closed = true
  }
  say(frame: object) {
    this.onmessage?.({ data: JSON.stringify(frame) } as MessageEvent)
  }
}

class World {
  sockets: FakeSocket[] = []
  links: LinkState[] = []
  frames: Frame[] = []
  last: number | null = null
  refuse: Error | null = null
  private now = 0
  private timers: { due: number; run: () => void }[] = []
  private tickets = 0

  readonly stream = new EventStream({
    ticket: async () => {
      if (this.refuse) throw this.refuse
      return `ticket-${++this.tickets}`
    },
    open: (ticket, after) => {
      const socket = new FakeSocket(ticket, after)
      this.sockets.push(socket)
      return socket
    },
    after: (ms, run) => {
      const timer = { due: this.now + ms, run }
      this.timers.push(timer)
      return () => void (this.timers = this.timers.filter((other) => other !== timer))
    },
    random: () => 0.5,
    lastNumber: () => this.last,
    onFrame: (frame) => {
      this.frames.push(frame)
      if ('no' in frame) this.last = frame.no
    },
    onLink: (state) => void this.links.push(state),
    isFinal: (error) => (error as Error).message === 'unauthorized',
  })

  async advance(ms: number) {
    const until = this.now + ms
    for (;;) {
      await settle()
      const next = this.timers.filter((timer) => timer.due <= until).sort((a, b) => a.due - b.due)[0]
      if (!next) break
      this.now = next.due
      this.timers = this.timers.filter((timer) => timer !== next)
      next.run()
    }
    this.now = until
    await settle()
  }
  get socket(): FakeSocket {
    return this.sockets[this.sockets.length - 1]!
  }
}

async function settle() {
  for (let turn = 0; turn < 8; turn += 1) await Promise.resolve()
}

describe('the event stream', () => {
  let world: World
  beforeEach(async () => {
    world = new World()
    world.stream.start()
    await settle()
    world.socket.onopen?.(NOTHING as Event)
  })

  it('opens with a ticket and without a number the first time', () => {
    expect(world.socket.ticket).toBe('ticket-1')
    expect(world.socket.after).toBeNull()
    expect(world.links).toEqual(['connecting', 'open'])
  })

  it('resumes after the last number with a fresh ticket', async () => {
    world.socket.say({ type: 'event', no: 42, at: '', name: 'queued', data: {} })
    world.socket.onclose?.(NOTHING as CloseEvent)
    await world.advance(pause(0, 0.5))
    expect(world.sockets).toHaveLength(2)
    expect(world.socket.ticket).toBe('ticket-2')
    expect(world.socket.after).toBe(42)
  })

  it('pauses longer after every failure, up to a limit', async () => {
    world.refuse = new Error('unreachable')
    world.socket.onclose?.(NOTHING as CloseEvent)
    await world.advance(60_000)
    const tries = world.links.filter((link) => link === 'waiting').length
    expect(tries).toBeGreaterThan(6)
    expect(tries).toBeLessThan(14)
    expect(pause(50, 1)).toBeLessThanOrEqual(12_000)

    world.refuse = null
    await world.advance(15_000)
    expect(world.sockets).toHaveLength(2)
  })

  it('stops for good when the session is over', async () => {
    world.refuse = new Error('unauthorized')
    world.socket.onclose?.(NOTHING as CloseEvent)
    await world.advance(60_000)
    expect(world.links[world.links.length - 1]).toBe('closed')
    expect(world.sockets).toHaveLength(1)
  })

  it('gives up a stream that says nothing, not even a pong', async () => {
    const first = world.socket
    await world.advance(PING_EVERY_MS)
    expect(first.sent).toEqual(['{"type":"ping"}'])
    await world.advance(DEAD_AFTER_MS)
    expect(first.closed).toBe(true)
    expect(world.sockets.length).toBeGreaterThan(1)
  })

  it('lives on as long as pongs come', async () => {
    for (let turn = 0; turn < 6; turn += 1) {
      await world.advance(PING_EVERY_MS)
      world.socket.say({ type: 'pong' })
    }
    expect(world.sockets).toHaveLength(1)
  })

  it('hears nothing from a socket it has left', async () => {
    const first = world.socket
    const late = first.onmessage
    first.onclose?.(NOTHING as CloseEvent)
    late?.({ data: '{"type":"pong"}' } as MessageEvent)
    expect(world.frames).toEqual([])
    world.stream.stop()
    await world.advance(60_000)
    expect(world.sockets).toHaveLength(1)
  })
})
