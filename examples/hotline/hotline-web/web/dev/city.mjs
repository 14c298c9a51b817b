/** A made-up city for the mock server: agents, callers and calls that move by themselves. */

const NAMES = ['王芳', '张伟', '李娜', '刘洋', '陈静', '杨磊', '赵敏', '黄涛', '周洁', '吴强', '徐丽', '孙浩', '马超', '朱琳', '胡军', '郭婷']
const CALLERS = ['13853112076', '15966601245', '18660781902', '13705418833', '053188012345', '17662093411', '15098727756', '13969155520', '18853163307']
const PROBLEMS = [
  ['complaint', 'noise', '经十路工地夜间施工噪音扰民', '经十路与舜华路交叉口工地连续三晚 23 点后仍在施工，严重影响休息，要求查处。'],
  ['request', 'water', '小区停水两天无人通知', '历下区某小区自前天上午起停水，物业称管道检修，未见通知，请尽快恢复供水。'],
  ['consultation', 'social', '灵活就业人员医保如何缴费', '市民咨询灵活就业人员城镇职工医保的缴费渠道和截止时间。'],
  ['complaint', 'road', '人行道地砖破损积水', '泺源大街北侧人行道多处地砖破损，雨后积水，老人多次滑倒，请维修。'],
  ['suggestion', 'traffic', '建议增加早高峰公交班次', '建议 K52 路早高峰 7 点至 8 点半加密班次，目前候车超过二十分钟。'],
]
const HOUR = 3600e3
const iso = (time = Date.now()) => {
  const local = new Date(time + 8 * HOUR).toISOString().replace('Z', '')
  return `${local}+08:00`
}
const pick = (list) => list[Math.floor(Math.random() * list.length)]
const between = (from, to) => Math.floor(from + Math.random() * (to - from))

let legs = 0

function party(by) {
  return {
    leg: `leg-${++legs}`, agent: null, seat: null, device: null, number: null, state: 'connected', role: 'full', coaches: null,
    muted: false, served: false, entry: 'offered', since: iso(), ...by,
  }
}

export class City {
  no = 1000
  started = iso()
  agents = new Map()
  calls = new Map()
  records = []
  recordings = []
  messages = []
  tickets = []
  alarms = []
  keys = new Map()
  log = []
  listeners = new Set()
  changed = { agents: new Set(), queues: new Set(), calls: new Set(), ended: new Set() }
  callSerial = 420
  recordingSerial = 300
  ticketSerial = 118

  categories = [
    ['noise', '城乡建设 / 施工噪音', 'Noise'], ['water', '公用事业 / 供水', 'Water supply'], ['heating', '公用事业 / 供热', 'Heating'],
    ['road', '城市管理 / 市政道路', 'Roads'], ['traffic', '交通运输 / 公共交通', 'Public transport'], ['social', '劳动社保 / 医疗保险', 'Social insurance'],
    ['fund', '住房公积金 / 提取', 'Housing fund'], ['other', '其他', 'Other'],
  ].map(([code, label_zh, label_en]) => ({ code, label_zh, label_en }))

  queues = new Map([
    ['general', '政务综合'],
    ['fund', '公积金专席'],
  ].map(([id, name], n) => [id, {
    id, name, waiting: 0, longest_wait_ms: 0, agents_ready: 0, agents_signed_in: 0, service_level_15s: [0.914, 0.8][n],
    offered_today: [318, 46][n], answered_today: [297, 44][n], abandoned_today: [21, 2][n], callers: [],
  }]))

  constructor() {
    const states = ['signed_out', 'ready', 'on_call', 'on_call', 'after_call_work', 'ready', 'on_call', 'not_ready', 'ready', 'not_ready', 'on_call', 'signed_out', 'not_ready', 'ready', 'signed_out', 'signed_out']
    NAMES.forEach((name, n) => {
      const id = String(8001 + n)
      const state = states[n]
      const out = state === 'signed_out'
      this.agents.set(id, {
        id, name, announced_number: id, state, reason: { 7: 'break', 9: 'no_answer', 12: 'lunch' }[n] ?? null,
        since: iso(Date.now() - between(15, n === 12 ? 2600 : 700) * 1000), seat: out ? null : `A${String(n + 1).padStart(2, '0')}`,
        device: out ? null : id, device_in_service: n !== 9, queues: n % 4 === 3 ? ['general', 'fund'] : ['general'], call: null, calls_today: out ? 0 : between(8, 41),
        after_call: null, heard: true, work: [], offers: [],
      })
    })
    for (const agent of this.agents.values()) if (agent.state === 'on_call') this.talkingCall(agent)
    for (let n = 0; n < 3; n += 1) this.queueCall(Date.now() - [52, 21, 6][n] * 1000)
    this.flowCall()
    this.past()
    this.alarms = [
      { id: 'alarm-2', code: 'queue_unstaffed', raised: iso(Date.now() - 260e3), words: '队列 公积金专席：签入的话务员全部示忙，来电已转溢出', cleared: null },
      { id: 'alarm-1', code: 'device_out_of_service', raised: iso(Date.now() - 3 * HOUR), words: '话机 8010 注册超时', cleared: iso(Date.now() - 2.9 * HOUR) },
    ]
    this.count()
  }

  talkingCall(agent) {
    const call = this.newCall(pick(CALLERS), Date.parse(agent.since) - 14e3)
    Object.assign(call, { state: 'talking', agent: agent.id, seat: agent.seat, answered: iso(Date.parse(agent.since) - 13e3), talking_since: agent.since, recording: true, flow: null })
    agent.call = call.id
    call.parties.push(party({ agent: agent.id, seat: agent.seat, device: agent.device }))
  }

  newCall(caller, started = Date.now()) {
    const n = ++this.callSerial
    const call = {
      id: `call-${n}`, contact: `contact-${n - 2}`, direction: 'inbound', kind: 'service', caller, called: '12345', state: 'flow', flow: 'hotline-12345', queue: 'general',
      position: null, agent: null, seat: null, started: iso(started), answered: iso(started + 300), talking_since: null, recording: false, consults: null,
    }
    call.parties = [party({ number: caller, served: true, entry: 'began' })]
    this.calls.set(call.id, call)
    return call
  }

  flowCall() {
    const call = this.newCall(pick(CALLERS), Date.now() - 8000)
    Object.assign(call, { called: '12329', flow: 'fund-12329', queue: null })
    return call
  }

  queueCall(started = Date.now(), caller = pick(CALLERS)) {
    const call = this.newCall(caller, started)
    call.state = 'queued'
    const queue = this.queues.get('general')
    queue.callers.push({ contact: call.contact, call: call.id, caller, medium: 'voice', priority: 0, assigned: null, position: 0, waited_ms: 0, since: iso(started) })
    return call
  }

  past() {
    for (let n = 0; n < 64; n += 1) {
      const started = Date.now() - (n + 1) * between(150, 200) * 1000
      const call = `call-${400 - n}`
      const outcome = n % 9 === 4 ? 'abandoned' : n % 17 === 6 ? 'message' : n % 13 === 8 ? 'self_service' : 'answered'
      const agent = outcome === 'answered' ? this.agents.get(String(8002 + (n % 11))) : null
      const talk_ms = agent ? between(35, 340) * 1000 : null
      const wait_ms = outcome === 'self_service' ? null : between(2, 48) * 1000
      const seat = agent ? `A${String(2 + (n % 11)).padStart(2, '0')}` : null
      const ended = iso(started + (wait_ms ?? 30e3) + (talk_ms ?? 20e3))
      const legs = agent
        ? [{ agent: agent.id, seat, device: agent.id, offered: iso(started + wait_ms), answered: iso(started + wait_ms + 3000), ended, ring_ms: 3000, talk_ms, outcome: 'answered' }]
        : []
      if (n % 10 === 2 && agent) legs.unshift({ ...legs[0], agent: '8010', seat: 'A10', device: '8010', answered: null, ring_ms: 20000, talk_ms: 0, outcome: 'no_answer' })
      const recording = agent || outcome === 'message' ? `recording-${this.recordingSerial - n}` : null
      const caller = CALLERS[n % CALLERS.length]
      let no = null
      if (agent && n % 2 === 0) {
        const [type, category, title, text] = PROBLEMS[n % PROBLEMS.length]
        no = `370100-20261122-01-${String(this.ticketSerial - n).padStart(6, '0')}-${n % 10}`
        this.tickets.push({
          no, query_code: String(between(100000, 999999)), type, category, title, text, caller_number: caller, caller_name: ['王先生', '李女士', null][n % 3], address: n % 3 ? null : '历下区经十路 100 号',
          call, contact: `contact-${398 - n}`, agent: agent.id, seat, status: 'accepted', created: ended, updated: ended, version: 1,
        })
      }
      const record = {
        call, contact: `contact-${398 - n}`, caller, called: outcome === 'self_service' ? '12329' : '12345', trunk: 'demo', started: iso(started), answered: iso(started + 300), ended,
        outcome, cause: 'normal', queue: outcome === 'self_service' ? null : 'general', wait_ms, talk_ms, agent: agent?.id ?? null, agent_name: agent?.name ?? null, seat, legs, recording, ticket: no,
      }
      this.records.push(record)
      if (recording) {
        const length_ms = talk_ms ?? 14e3
        this.recordings.push({ id: recording, call, agent: record.agent, seat, caller, called: record.called, started: iso(started + (wait_ms ?? 0)), ended, length_ms, bytes: 44 + length_ms * 32, kind: agent ? 'call' : 'message' })
        if (!agent) this.messages.push({ id: `message-${n}`, recording, caller, called: record.called, at: ended, length_ms, handled: n > 30 })
      }
    }
  }

  seats() {
    return [...this.agents.keys()].map((device, n) => {
      const id = `A${String(n + 1).padStart(2, '0')}`
      return { id, device, agent: [...this.agents.values()].find((agent) => agent.seat === id)?.id ?? null, in_service: n !== 11 }
    })
  }

  history(number) {
    return this.records.filter((record) => record.caller === number).slice(0, 4).map((record) => {
      const ticket = this.tickets.find((other) => other.no === record.ticket)
      return {
        contact: record.contact, call: record.call, at: record.started, queue: record.queue, agent: record.agent, outcome: record.outcome,
        ticket: ticket ? { no: ticket.no, title: ticket.title, status: ticket.status } : null,
      }
    })
  }

  file(body, agent, key) {
    if (this.keys.has(key)) return this.keys.get(key)
    const call = this.calls.get(body.call) ?? this.records.find((record) => record.call === body.call)
    const no = `370100-20261122-01-${String(++this.ticketSerial).padStart(6, '0')}-7`
    const ticket = {
      no, query_code: String(between(100000, 999999)), type: body.type ?? 'complaint', category: body.category, title: body.title ?? body.text.slice(0, 20), text: body.text,
      caller_number: body.number ?? call?.caller ?? '', caller_name: body.caller_name ?? null, address: body.address ?? null, call: body.call ?? null, contact: call?.contact ?? null,
      agent, seat: this.agents.get(agent)?.seat ?? null, status: 'accepted', created: iso(), updated: iso(), version: 1,
    }
    this.tickets.unshift(ticket)
    if (call && 'ticket' in call) call.ticket = no
    this.keys.set(key, ticket)
    this.tell('ticket_created', { ticket: no, call: body.call })
    return ticket
  }

  // --- what moves ---------------------------------------------------------------------------

  snapshot() {
    return { type: 'snapshot', no: this.no, at: iso(), agents: [...this.agents.values()], queues: [...this.queues.values()], calls: [...this.calls.values()] }
  }

  since(after) {
    if (!Number.isInteger(after) || after > this.no || (this.log[0] && after < this.log[0].no - 1)) return null
    if (after < this.no && this.log.length === 0) return null
    return this.log.filter((event) => event.no > after).concat([{ ...this.snapshot(), type: 'state', calls_ended: [] }])
  }

  listen(send) {
    this.listeners.add(send)
    return () => this.listeners.delete(send)
  }

  tell(name, data) {
    const event = { type: 'event', no: ++this.no, at: iso(), name, data }
    this.log = [...this.log, event].slice(-200)
    this.listeners.forEach((send) => send(event))
    this.count()
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.sendState(), 100)
  }

  sendState() {
    const { agents, queues, calls, ended } = this.changed
    this.changed = { agents: new Set(), queues: new Set(), calls: new Set(), ended: new Set() }
    const frame = {
      type: 'state', no: this.no, agents: [...agents], queues: [...queues], calls: [...calls].filter((call) => !ended.has(call.id)), calls_ended: [...ended],
    }
    this.listeners.forEach((send) => send(frame))
  }

  count() {
    for (const queue of this.queues.values()) {
      const serving = [...this.agents.values()].filter((agent) => agent.queues.includes(queue.id) && agent.state !== 'signed_out')
      queue.agents_signed_in = serving.length
      queue.agents_ready = serving.filter((agent) => agent.state === 'ready').length
      queue.waiting = queue.callers.length
      queue.callers.forEach((caller, n) => (caller.position = n + 1))
      queue.longest_wait_ms = queue.callers[0] ? Date.now() - Date.parse(queue.callers[0].since) : 0
      this.changed.queues.add(queue)
    }
  }

  put(agent, state, by = {}) {
    Object.assign(agent, { state, reason: null, since: iso(), ...by })
    this.changed.agents.add(agent)
    this.tell('agent_state_changed', { agent: agent.id, state })
    return agent
  }

  command(id, verb, body) {
    const agent = this.agents.get(id)
    if (!agent) throw new Error('unknown_agent')
    const out = agent.state === 'signed_out'
    if (verb === 'sign-in') {
      if (!out) throw new Error('already_signed_in')
      const seat = this.seats().find((other) => other.id === body.seat)
      if (!seat) throw new Error('unknown_seat')
      if (seat.agent) throw new Error('seat_taken')
      return this.put(agent, 'not_ready', { seat: seat.id, device: seat.device })
    }
    if (out) throw new Error('not_signed_in')
    if (agent.state === 'on_call' || agent.state === 'reserved') throw new Error('invalid_state')
    if (verb === 'sign-out') return this.put(agent, 'signed_out', { seat: null, device: null })
    if (verb === 'ready') return this.put(agent, 'ready')
    return this.put(agent, 'not_ready', { reason: body.reason ?? 'break' })
  }

  callIn(caller = pick(CALLERS)) {
    const call = this.queueCall(Date.now(), caller)
    this.changed.calls.add(call)
    this.tell('call_started', { call: call.id, caller, called: call.called })
    this.tell('queued', { call: call.id, queue: 'general' })
    return call
  }

  offer() {
    const queue = this.queues.get('general')
    const waiting = queue.callers[0]
    const agent = [...this.agents.values()].filter((other) => other.state === 'ready').sort((a, b) => a.since.localeCompare(b.since))[0]
    if (!waiting || !agent) return
    queue.callers.shift()
    const call = this.calls.get(waiting.call)
    Object.assign(call, { state: 'offering', agent: agent.id, seat: agent.seat, position: null })
    this.changed.calls.add(call)
    this.put(agent, 'reserved', { call: call.id })
    this.tell('offered', { agent: agent.id, call: call.id, contact: call.contact, caller: call.caller, called: call.called, queue: 'general' })
    setTimeout(() => this.connect(call, agent), 3000)
  }

  connect(call, agent) {
    if (!this.calls.has(call.id) || call.state !== 'offering') return
    Object.assign(call, { state: 'talking', talking_since: iso(), recording: true })
    call.parties.push(party({ agent: agent.id, seat: agent.seat, device: agent.device }))
    this.changed.calls.add(call)
    this.put(agent, 'on_call', { calls_today: agent.calls_today + 1 })
    this.tell('connected', { agent: agent.id, call: call.id })
  }

  /** A service on a call, as far as the page shows it. */
  serve(id, verb, body, me) {
    const call = this.calls.get(id)
    if (!call) throw new Error('unknown_call')
    const mine = (of) => of.parties.find((one) => one.agent === me)
    const changed = (...calls) => {
      calls.forEach((one) => this.changed.calls.add(one))
      this.tell(verb.replaceAll('-', '_'), { call: id })
    }
    const hold = (of, on) => {
      mine(of).state = on ? 'hold' : 'connected'
      of.state = on ? 'held' : 'talking'
    }
    const held = () => this.calls.get(body.held ?? call.consults)
    const over = (of) => {
      this.calls.delete(of.id)
      this.changed.ended.add(of.id)
    }
    if (verb === 'hold' || verb === 'retrieve') {
      hold(call, verb === 'hold')
      return changed(call)
    }
    if (verb === 'consult') {
      hold(call, true)
      const asks = this.newCall(call.caller)
      const to = this.agents.get(body.to.agent)
      Object.assign(asks, { kind: 'consult', direction: 'internal', consults: id, state: 'offering', flow: null, called: body.to.agent ?? body.to.number })
      asks.parties = [party({ agent: me, served: true, entry: 'began' }), party({ agent: to?.id ?? null, number: body.to.number ?? null, state: 'alerting', entry: 'rung' })]
      setTimeout(() => {
        if (!this.calls.has(asks.id)) return
        asks.parties[1].state = 'connected'
        asks.state = 'talking'
        changed(asks)
      }, 1500)
      changed(call, asks)
      return { call: asks.id }
    }
    if (verb === 'alternate') {
      hold(call, true)
      hold(held(), false)
      return changed(call, held())
    }
    if (verb === 'reconnect') {
      const back = held()
      over(call)
      hold(back, false)
      return changed(back)
    }
    if (verb === 'transfer' || verb === 'conference') {
      const back = held()
      const asked = call.parties.find((one) => one.agent !== me)
      over(call)
      back.parties.push({ ...asked, entry: 'moved', state: 'connected', since: iso() })
      back.state = 'talking'
      if (verb === 'conference') mine(back).state = 'connected'
      else {
        back.parties = back.parties.filter((one) => one.agent !== me)
        back.agent = asked.agent
        this.put(this.agents.get(me), 'after_call_work', { call: null })
      }
      return changed(back)
    }
    if (verb === 'monitor' || verb === 'whisper' || verb === 'barge') {
      const role = { monitor: 'listen_only', whisper: 'coach', barge: 'full' }[verb]
      call.parties.push(party({ device: body.device ?? null, role, entry: verb }))
      changed(call)
      return { leg: call.parties.at(-1).leg }
    }
    if (verb === 'force-release') return this.hangUp(id)
    throw new Error('invalid_call_state')
  }

  hangUp(id) {
    const call = this.calls.get(id)
    if (!call) return
    this.calls.delete(id)
    this.changed.ended.add(id)
    for (const queue of this.queues.values()) queue.callers = queue.callers.filter((caller) => caller.call !== id)
    const agent = this.agents.get(call.agent)
    const talk_ms = call.talking_since ? Date.now() - Date.parse(call.talking_since) : null
    const recording = talk_ms ? `recording-${++this.recordingSerial}` : null
    const wait_ms = call.talking_since ? Date.parse(call.talking_since) - Date.parse(call.started) : null
    const ended = iso()
    this.records.unshift({
      call: id, contact: call.contact, caller: call.caller, called: call.called, trunk: 'demo', started: call.started, answered: call.answered, ended, outcome: talk_ms ? 'answered' : 'abandoned',
      cause: 'normal', queue: call.queue, wait_ms, talk_ms, agent: agent?.id ?? null, agent_name: agent?.name ?? null, seat: call.seat, recording, ticket: this.tickets.find((ticket) => ticket.call === id)?.no ?? null,
      legs: agent ? [{ agent: agent.id, seat: call.seat, device: agent.device, offered: call.started, answered: call.talking_since, ended, ring_ms: 3000, talk_ms, outcome: talk_ms ? 'answered' : 'withdrawn' }] : [],
    })
    if (recording) this.recordings.unshift({ id: recording, call: id, agent: agent.id, seat: call.seat, caller: call.caller, called: call.called, started: call.talking_since, ended, length_ms: talk_ms, bytes: talk_ms * 32, kind: 'call' })
    if (agent) this.put(agent, 'after_call_work', { call: null })
    this.tell('call_ended', { call: id, agent: agent?.id })
    if (recording) this.tell('recording_finished', { recording, call: id })
    if (agent) setTimeout(() => agent.state === 'after_call_work' && this.put(agent, 'ready'), 8000)
  }

  live({ quiet }) {
    setInterval(() => this.offer(), 700)
    if (quiet) return
    setInterval(() => {
      if (this.calls.size < 12) this.callIn()
    }, 7000)
    setInterval(() => {
      const talking = [...this.calls.values()].filter((call) => call.state === 'talking' && Date.now() - Date.parse(call.talking_since) > 15e3)
      if (talking.length > 4) this.hangUp(pick(talking).id)
    }, 5000)
  }
}
