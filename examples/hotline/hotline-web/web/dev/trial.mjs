/** A pretend caller in a flow: walks plays, menus, digits, schedules and queues on a virtual clock. */

const PLAY_MS = 3000

export class Trial {
  events = []
  no = 0
  told = 0
  over = false
  node = null
  playing = null
  digits = ''
  tries = 0
  until = null
  variables = {}

  constructor(id, document, version, { at, caller = '13800001234', channel = 'test' }) {
    this.id = id
    this.document = document
    this.version = version
    this.channel = channel
    this.now = Date.parse(at ?? new Date().toISOString())
    this.variables['call.caller'] = caller
    this.enter(document.entry)
  }

  stamp(time = this.now) {
    return new Date(time + 8 * 3600e3).toISOString().replace('Z', '+08:00')
  }

  tell(event) {
    this.events.push({ no: ++this.no, at: this.stamp(), ...event })
  }

  play(pieces, looped = false) {
    const prompts = (pieces ?? []).filter((piece) => typeof piece === 'string')
    const text = (pieces ?? []).map((piece) => (typeof piece === 'string' ? piece : `[${piece.tone ?? `silence ${piece.silence_ms}`}]`)).join(' ')
    const length_ms = PLAY_MS * Math.max(prompts.length, 1)
    this.playing = { prompts, text, looped, ends: looped ? null : this.now + length_ms }
    this.tell({ type: 'play', prompts, text, looped, length_ms })
  }

  enter(id) {
    for (let steps = 0; steps < 200; steps += 1) {
      const node = this.document.nodes[id]
      this.node = id
      this.playing = null
      this.until = null
      this.tell({ type: 'entered', flow: this.document.id, version: this.version, node: id })
      const outlet = this.begin(node)
      if (outlet === null) return
      this.tell({ type: 'visited', flow: this.document.id, version: this.version, node: id, outlet })
      id = node.out?.[outlet]
      if (!id) return this.finish()
    }
  }

  /** Returns the outlet by which the node is left at once, or `null` when it waits. */
  begin(node) {
    switch (node.type) {
      case 'answer':
        this.tell({ type: 'effect', name: 'answer', text: 'answer' })
        return 'next'
      case 'hangup':
      case 'leave_queue':
      case 'return':
        return this.finish()
      case 'set':
        this.variables[node.variable] = String(node.value ?? '')
        return 'next'
      case 'if':
        return (node.is === 'exists' ? node.variable in this.variables : this.variables[node.variable] === node.value) ? 'true' : 'false'
      case 'schedule': {
        const hour = new Date(this.now + 8 * 3600e3).getUTCHours()
        return hour >= 8 && hour < 18 ? 'work' : 'off'
      }
      case 'enqueue':
        this.tell({ type: 'effect', name: 'enqueue', text: `enqueue ${node.queue}` })
        return null
      case 'ring':
        this.tell({ type: 'effect', name: 'ring', text: `ring ${(node.devices ?? []).join(' ')}` })
        this.play(node.prompt, true)
        return null
      case 'menu':
      case 'collect':
        this.tries = 0
        this.digits = ''
        this.play(node.prompt)
        return null
      case 'music':
        this.play(node.prompt, true)
        this.until = this.now + (node.for_ms ?? 20_000)
        return null
      case 'record_message':
        this.play(node.prompt)
        this.tell({ type: 'effect', name: 'record', text: 'record' })
        return null
      case 'play':
      case 'rating':
        this.play(node.prompt)
        return null
      case 'say':
      case 'position':
        this.play([...(node.before ?? []), 'n-3', ...(node.after ?? [])])
        return null
      case 'lookup':
        this.variables[`${node.prefix ?? ''}account`] = this.variables[node.key] ?? '1'
        return 'found'
      default:
        return Object.keys(node.out ?? {})[0] ?? this.finish()
    }
  }

  finish() {
    if (!this.over) this.tell({ type: 'effect', name: 'end', text: 'end' })
    this.over = true
    this.playing = null
    return null
  }

  leave(outlet) {
    const to = this.document.nodes[this.node].out?.[outlet]
    this.tell({ type: 'visited', flow: this.document.id, version: this.version, node: this.node, outlet })
    if (to) this.enter(to)
    else this.finish()
  }

  nextAt() {
    return this.playing?.ends ?? this.until
  }

  /** Goes to the next thing that happens by itself. */
  happen() {
    const at = this.nextAt()
    if (at === null || this.over) return false
    this.now = Math.max(this.now, at)
    const node = this.document.nodes[this.node]
    if (this.playing?.ends != null) {
      this.playing = null
      if (['play', 'say', 'position'].includes(node.type)) this.leave('next')
      else if (['menu', 'collect', 'rating'].includes(node.type)) this.until = this.now + (node.first_digit_ms ?? 5000)
      return true
    }
    this.until = null
    if (node.type === 'music') this.leave('done')
    else if (node.type === 'rating') this.leave('skipped')
    else this.again(node.no_input_prompt)
    return true
  }

  again(sorry) {
    const node = this.document.nodes[this.node]
    this.tries += 1
    this.digits = ''
    if (this.tries > (node.retries ?? 2)) return this.leave('exhausted')
    this.play([...(sorry ?? []), ...(node.prompt ?? [])])
  }

  key(key) {
    const node = this.document.nodes[this.node]
    if (node.type === 'menu' || node.type === 'play' || node.type === 'music') {
      if (node.out?.[key]) this.leave(key)
      else if (node.type === 'menu') this.again(node.no_match_prompt)
    } else if (node.type === 'collect') {
      this.playing = null
      if (key !== node.terminator) this.digits += key
      this.until = this.now + (node.inter_digit_ms ?? 5000)
      if (key === node.terminator || this.digits.length >= node.max) {
        if (this.digits.length < (node.min ?? 1)) return this.again(node.no_match_prompt)
        this.variables[node.variable] = this.digits
        this.leave('next')
      }
    } else if (node.type === 'rating' && node.keys?.[key]) this.leave('rated')
  }

  step(text) {
    this.tell({ type: 'input', text })
    const words = text.trim().split(/\s+/)
    if (words[0] === 'press') for (const key of words[1]) this.over || this.key(key)
    else if (words[0] === 'wait') {
      const [, number, unit] = /^(\d+)(ms|s|m)$/.exec(words[1]) ?? []
      if (!number) return `${words[1]} is not a time`
      const until = this.now + Number(number) * { ms: 1, s: 1000, m: 60_000 }[unit]
      while (!this.over && this.nextAt() !== null && this.nextAt() <= until && this.happen());
      this.now = until
    } else if (words[0] === 'skip') this.happen()
    else if (words[0] === 'hangs') this.finish()
    else if (text.startsWith('leaves queue')) this.leave(words[2])
    else if (text === 'ring fails') this.leave('failed')
    else if (words[0] === 'recorded') this.leave('saved')
    else if (text === 'not recorded') this.leave('empty')
    else if (words[0] === 'position') this.variables.position = words[1]
    else return `"${text}" is not a step`
    return null
  }

  answer(all = false) {
    const node = this.document.nodes[this.node]
    const events = this.events.filter((event) => all || event.no > this.told)
    this.told = this.no
    const waits = { menu: ['key', 'time'], collect: ['key', 'time'], rating: ['key', 'time'], enqueue: ['queue'], ring: ['ring'], record_message: ['recording', 'key'] }[node?.type] ?? ['time', 'key']
    return {
      id: this.id, flow: this.document.id, channel: this.channel, at: this.stamp(), over: this.over,
      place: this.over ? null : { flow: this.document.id, version: this.version, node: this.node, type: node.type },
      playing: this.playing && { prompts: this.playing.prompts, text: this.playing.text, looped: this.playing.looped, ends_at: this.playing.ends && this.stamp(this.playing.ends) },
      waits_for: this.over ? [] : waits, question: null, next_time_out: this.nextAt() && this.stamp(this.nextAt()), variables: this.variables, data: {}, events, no: this.no,
    }
  }
}
