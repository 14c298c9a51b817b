/**
 * A pretend server for working on the page: the REST and WebSocket contract with made-up, moving
 * data, and the built page from `dist` if there is one. Not the product: nothing is kept.
 *
 *   npm run mock            # http://127.0.0.1:8080, users 8000, 8001 … 8016, password demo + user
 *   PORT=0 QUIET=1 node dev/mock.mjs
 */

import { createReadStream, existsSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { WebSocketServer } from 'ws'
import { City } from './city.mjs'
import { flowRoutes, Flows } from './flows.mjs'
import { promptRoutes, Prompts } from './prompts.mjs'
import { tone } from './tone.mjs'

const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; media-src 'self' blob:; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' }

const dist = fileURLToPath(new URL('../dist', import.meta.url))
const city = new City()
const sessions = new Map()
const tickets = new Set()
let serial = 0

class Refused extends Error {
  constructor(status, code, detail, field) {
    super(detail)
    Object.assign(this, { status, code, detail, field })
  }
}

const prompts = new Prompts()
const flows = new Flows(Refused, prompts)

const page = (items, url) => {
  const from = Number(url.searchParams.get('after') ?? 0)
  const limit = Number(url.searchParams.get('limit') ?? 50)
  const part = items.slice(from, from + limit)
  return { items: part, next: from + limit < items.length ? String(from + limit) : null }
}

function match(url, names) {
  const wants = (name) => url.searchParams.get(name)
  return (item) =>
    names.every((name) => !wants(name) || String(item[name] ?? '').includes(wants(name))) &&
    (!wants('from') || Date.parse(item.started) >= Date.parse(wants('from'))) &&
    (!wants('to') || Date.parse(item.started) <= Date.parse(wants('to')))
}

const ROUTES = [
  ['POST', /^\/session$/, ({ body }) => {
    const role = body.user === 'admin' ? 'admin' : body.user === '8000' ? 'supervisor' : 'agent'
    const known = role === 'admin' || role === 'supervisor' || city.agents.has(body.user)
    const password = role === 'admin' ? 'demoadmin' : `demo${body.user}`
    if (!known || body.password !== password) throw new Refused(401, 'invalid_credentials', 'wrong user or password')
    const token = `mock-${++serial}`
    const name = city.agents.get(body.user)?.name
    const user = { name: body.user, display_name: name ?? { admin: '系统管理员', supervisor: '值班长' }[role], role, agent: role === 'agent' ? body.user : null }
    sessions.set(token, user)
    return { token, expires_at: new Date(Date.now() + 8 * 3600e3).toISOString(), user }
  }],
  ['GET', /^\/session$/, ({ user }) => user],
  ['DELETE', /^\/session$/, ({ token }) => void sessions.delete(token)],
  ['POST', /^\/session\/ticket$/, () => {
    const ticket = `ticket-${++serial}`
    tickets.add(ticket)
    return { ticket, expires_at: new Date(Date.now() + 30e3).toISOString() }
  }],
  ['GET', /^\/me$/, ({ user }) => ({ user, agent: city.agents.get(user.agent) ?? null, permissions: [] })],
  ['GET', /^\/agents$/, ({ url }) => page([...city.agents.values()], url)],
  ['GET', /^\/seats$/, ({ url }) => page(city.seats(), url)],
  ['GET', /^\/queues$/, ({ url }) => page([...city.queues.values()], url)],
  ['GET', /^\/calls$/, ({ url }) => page([...city.calls.values()], url)],
  ['DELETE', /^\/calls\/([^/]+)$/, ({ args }) => city.hangUp(args[0])],
  ['POST', /^\/calls\/([^/]+)\/([a-z-]+)$/, ({ args, body, user }) => {
    try {
      return city.serve(args[0], args[1], body, user.agent)
    } catch (error) {
      throw new Refused(error.message.startsWith('unknown') ? 404 : 409, error.message, '')
    }
  }],
  ['POST', /^\/agents\/([^/]+)\/(sign-in|sign-out|ready|not-ready)$/, ({ args, body }) => {
    try {
      return city.command(args[0], args[1], body)
    } catch (error) {
      throw new Refused(error.message.startsWith('unknown') ? 404 : 409, error.message, '')
    }
  }],
  ['GET', /^\/call-records$/, ({ url }) => page(city.records.filter(match(url, ['caller', 'agent', 'seat'])), url)],
  ['GET', /^\/recordings$/, ({ url }) => page(city.recordings.filter(match(url, ['caller', 'called', 'agent', 'seat'])), url)],
  ['POST', /^\/recordings\/([^/]+)\/link$/, ({ args }) => ({
    url: `/api/v1/recordings/${args[0]}/audio?signature=mock`,
    expires_at: new Date(Date.now() + 300e3).toISOString(),
  })],
  ['GET', /^\/mailboxes$/, () => ({ items: [], next: null })],
  ['GET', /^\/messages$/, ({ url }) => page(city.messages, url)],
  ['GET', /^\/alarms$/, ({ url }) => page(city.alarms, url)],
  ['GET', /^\/categories$/, () => ({ items: city.categories, next: null })],
  ['GET', /^\/contacts\/history$/, ({ url }) => ({ items: city.history(url.searchParams.get('number')), next: null })],
  ['GET', /^\/tickets$/, ({ url }) => page(city.tickets.filter((ticket) => ticket.caller_number.includes(url.searchParams.get('number') ?? '')), url)],
  ['GET', /^\/tickets\/([^/]+)$/, ({ args }) => {
    const ticket = city.tickets.find((other) => other.no === args[0])
    if (!ticket) throw new Refused(404, 'not_found', '')
    return ticket
  }],
  ['POST', /^\/tickets$/, ({ body, user, key }) => {
    if (!city.categories.some((category) => category.code === body.category)) {
      throw new Refused(422, 'invalid_field', '没有这个分类', 'category')
    }
    return city.file(body, user.agent, key)
  }, 201],
  ['GET', /^\/status$/, () => ({
    version: '0.1.0', started_at: city.started, drain: false, sip: '127.0.0.1:5060',
    numbers: [{ number: '12345', name: '政务热线' }, { number: '12329', name: '公积金' }],
  })],
  ...flowRoutes(flows),
  ...promptRoutes(prompts, flows),
]

async function answer(request, response) {
  const url = new URL(request.url, 'http://mock')
  if (url.pathname.startsWith('/mock/')) return play(url.pathname.slice('/mock/'.length), response)
  if (!url.pathname.startsWith('/api/v1/')) return sendFile(url.pathname, response)
  const path = url.pathname.slice('/api/v1'.length)
  const audio = /^\/recordings\/([^/]+)\/audio$/.exec(path)
  if (audio) return sendAudio(request, response, city.recordings.find((other) => other.id === audio[1]), url)
  try {
    const token = request.headers.authorization?.replace('Bearer ', '')
    const user = sessions.get(token)
    if (!user && !(path === '/session' && request.method === 'POST')) throw new Refused(401, 'unauthorized', '')
    const parts = []
    for await (const part of request) parts.push(part)
    const raw = Buffer.concat(parts)
    const json = /json/.test(request.headers['content-type'] ?? '') && raw.length > 0
    if (/^\/(flow|prompt)/.test(path)) allow(user, request.method, path)
    for (const [method, pattern, run, status = 200] of ROUTES) {
      const found = method === request.method && pattern.exec(path)
      if (!found) continue
      const result = run({
        url, user, token, args: found.slice(1).map(decodeURIComponent), body: json ? JSON.parse(raw) : {}, raw, key: request.headers['idempotency-key'],
      })
      if (Buffer.isBuffer(result)) return response.writeHead(200, { 'content-type': 'audio/wav' }).end(result)
      response.writeHead(result === undefined ? 204 : status, { 'content-type': 'application/json' })
      return response.end(result === undefined ? undefined : JSON.stringify(result))
    }
    throw new Refused(404, 'not_found', path)
  } catch (error) {
    const { status = 500, code = 'internal', detail = String(error), field, more } = error
    response.writeHead(status, { 'content-type': 'application/problem+json' })
    response.end(JSON.stringify({ type: `about:blank#${code}`, title: code, status, detail, code, field, ...more }))
  }
}

/** Flows are read by supervisors and changed by administrators. */
function allow(user, method, path) {
  const reading = method === 'GET' || /^\/flow-trials|^\/flows\/(check|import)/.test(path)
  if (user.role === 'agent' || (user.role === 'supervisor' && !reading)) throw new Refused(403, 'forbidden', '')
}

/** Makes things happen: `POST /mock/call`, `/mock/hang-up` (of 8001), `/mock/drop` (every stream),
 * `/mock/edit/<flow>` (somebody else saves it). */
function play(what, response) {
  if (what === 'call') city.callIn('13905310086')
  if (what === 'hang-up') for (const call of [...city.calls.values()]) if (call.agent === '8001') city.hangUp(call.id)
  if (what.startsWith('edit/')) flows.save(what.slice(5), { document: editedByAnother(what.slice(5)), etag: flows.line(what.slice(5)).draft?.etag }, '李主任')
  if (what === 'drop') sockets.clients.forEach((peer) => peer.terminate())
  response.writeHead(204).end()
}

function editedByAnother(id) {
  const line = flows.line(id)
  const document = structuredClone(line.draft?.document ?? flows.served(line).document)
  return { ...document, description: `${document.description ?? ''}（他人修改）` }
}

function sendFile(path, response) {
  const wanted = join(dist, normalize(path))
  const file = existsSync(wanted) && statSync(wanted).isFile() ? wanted : join(dist, 'index.html')
  if (!existsSync(file)) return response.writeHead(404).end('npm run build, or use npm run dev')
  response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream', 'content-security-policy': CSP })
  createReadStream(file).pipe(response)
}

function sendAudio(request, response, recording, url) {
  if (!recording) return response.writeHead(404).end()
  const wav = tone(Math.min(recording.length_ms, 60_000))
  const headers = { 'content-type': 'audio/wav', 'accept-ranges': 'bytes' }
  if (url.searchParams.has('download')) headers['content-disposition'] = `attachment; filename="${recording.id}.wav"`
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '')
  if (!range) return response.writeHead(200, { ...headers, 'content-length': wav.length }).end(wav)
  const from = Number(range[1])
  const to = range[2] ? Number(range[2]) : wav.length - 1
  response.writeHead(206, { ...headers, 'content-range': `bytes ${from}-${to}/${wav.length}`, 'content-length': to - from + 1 })
  response.end(wav.subarray(from, to + 1))
}

const server = createServer((request, response) => void answer(request, response))
const sockets = new WebSocketServer({ noServer: true })
server.on('upgrade', (request, socket, head) => {
  const url = new URL(request.url, 'http://mock')
  if (url.pathname !== '/api/v1/events' || !tickets.delete(url.searchParams.get('ticket'))) return socket.destroy()
  sockets.handleUpgrade(request, socket, head, (peer) => {
    const send = (frame) => peer.readyState === 1 && peer.send(JSON.stringify(frame))
    const after = Number(url.searchParams.get('after') ?? NaN)
    const missed = city.since(after)
    if (missed) missed.forEach(send)
    else send(city.snapshot())
    const stop = city.listen(send)
    peer.on('message', (text) => String(text).includes('"ping"') && send({ type: 'pong' }))
    peer.on('close', stop)
  })
})

const port = Number(process.env.PORT ?? 8080)
server.listen(port, '127.0.0.1', () => console.log(`LISTENING http://127.0.0.1:${server.address().port}`))
city.live({ quiet: process.env.QUIET === '1' })
