/** A telephone in the browser: SIP over WebSocket by JsSIP, voice by WebRTC. No page, no texts. */

import JsSIP from 'jssip'
import type { RTCSession } from 'jssip/lib/RTCSession'
import type { UA } from 'jssip/lib/UA'
import type { Voice } from './voice'

export type PhoneState = 'offline' | 'ready' | 'calling' | 'ringing' | 'talking'

export interface PhoneView {
  state: PhoneState
  /** Who calls, or who is called. */
  party: string
  /** When the talk began, in milliseconds since 1970. */
  since: number | null
  /** Why the last call ended, as SIP says it; empty when somebody hung up. */
  failure: string
  muted: boolean
}

export interface Account {
  user: string
  password: string
}

const GATHER_MS = 500
const KEY_MS = 160

export class SoftPhone {
  view: PhoneView = { state: 'offline', party: '', since: null, failure: '', muted: false }
  /** What the other side says, once it can be heard. */
  heard: MediaStream | null = null

  private readonly ua: UA
  private session: RTCSession | null = null

  /** Without an account the phone calls as a guest and cannot be called. */
  constructor(
    account: Account | null,
    private readonly voice: () => Promise<Voice>,
    private readonly changed: () => void,
  ) {
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
    const socket = new JsSIP.WebSocketInterface(`${scheme}://${location.host}/sip`)
    this.ua = new JsSIP.UA({
      sockets: [socket],
      uri: `sip:${account?.user ?? 'guest'}@${location.hostname}`,
      password: account?.password,
      register: account !== null,
      register_expires: 300,
      session_timers: false,
      user_agent: 'hotline-web',
    })
    const ready = account ? 'registered' : 'connected'
    this.ua.on(ready, () => this.become({ state: this.session ? this.view.state : 'ready', failure: '' }))
    this.ua.on('registrationFailed', (event) => this.become({ failure: event.cause ?? 'Registration' }))
    this.ua.on('disconnected', () => {
      if (!this.session) this.become({ state: 'offline' })
    })
    this.ua.on('newRTCSession', (event: { session: RTCSession; originator: string }) => {
      if (event.originator === 'remote') this.arrived(event.session)
    })
    addEventListener('pagehide', () => this.stop())
  }

  start(): void {
    this.ua.start()
  }

  /** Hangs up, signs off and closes the connection. */
  stop(): void {
    this.ua.stop()
  }

  async call(number: string): Promise<void> {
    if (this.session) return
    this.become({ state: 'calling', party: number, failure: '' })
    const voice = await this.voice()
    const session = this.ua.call(number, {
      mediaStream: voice.stream,
      mediaConstraints: { audio: true, video: false },
      pcConfig: { iceServers: [] },
    })
    this.follow(session, voice)
  }

  async answer(): Promise<void> {
    const session = this.session
    if (!session || this.view.state !== 'ringing') return
    const voice = await this.voice()
    session.once('ended', () => voice.stop())
    session.once('failed', () => voice.stop())
    session.answer({ mediaStream: voice.stream, pcConfig: { iceServers: [] } })
  }

  hangUp(): void {
    this.session?.terminate()
  }

  /** Presses a key: a telephone event (RFC 4733) in the voice. */
  press(key: string): void {
    if (this.view.state !== 'talking') return
    this.session?.sendDTMF(key, { duration: KEY_MS, transportType: JsSIP.C.DTMF_TRANSPORT.RFC2833 })
  }

  mute(muted: boolean): void {
    if (muted) this.session?.mute({ audio: true })
    else this.session?.unmute({ audio: true })
    this.become({ muted })
  }

  private arrived(session: RTCSession): void {
    if (this.session) {
      session.terminate({ status_code: 486 })
      return
    }
    this.become({ state: 'ringing', party: session.remote_identity.uri.user, failure: '' })
    this.follow(session, null)
  }

  private follow(session: RTCSession, voice: Voice | null): void {
    this.session = session
    const over = (cause: string) => {
      if (this.session !== session) return
      voice?.stop()
      this.session = null
      this.heard = null
      const state = this.ua.isConnected() ? 'ready' : 'offline'
      this.become({ state, party: '', since: null, failure: cause, muted: false })
    }
    session.on('accepted', () => this.become({ state: 'talking', since: Date.now() }))
    session.on('ended', () => over(''))
    session.on('failed', (event: { cause?: string }) => over(event.cause ?? ''))
    let gathering = 0
    session.on('icecandidate', (event: { ready: () => void }) => {
      // The centre has one address and looks for nobody: the first candidates do.
      gathering ||= window.setTimeout(() => event.ready(), GATHER_MS)
    })
    const listen = (connection: RTCPeerConnection) => {
      connection.addEventListener('track', (event) => {
        this.heard = event.streams[0] ?? new MediaStream([event.track])
        this.changed()
      })
    }
    if (session.connection) listen(session.connection)
    else session.on('peerconnection', (event: { peerconnection: RTCPeerConnection }) => listen(event.peerconnection))
  }

  private become(view: Partial<PhoneView>): void {
    this.view = { ...this.view, ...view }
    this.changed()
  }
}
