/** One place that talks HTTP: base path, bearer token, problem+json. */

export interface Page<T> {
  items: T[]
  next: string | null
}

/** An error answer of the server (RFC 9457), or a request that never got an answer (`status` 0). */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    /** The field that is wrong: a name or a JSON pointer, as the server sent it. */
    readonly field: string | null = null,
    /** Members of the problem document beyond those above, such as findings. */
    readonly more: Record<string, unknown> = {},
  ) {
    super(detail || code)
  }

  /** The wrong field's last name: `/caller_name` gives `caller_name`. */
  get fieldName(): string | null {
    return this.field?.split(/[/.]/).pop() || null
  }
}

export type Query = Record<string, string | number | null | undefined>

const BASE = '/api/v1'
let token: string | null = null
let onUnauthorized: () => void = () => {}

export function useToken(value: string | null): void {
  token = value
}

/** Called when a request with a token is refused: the session is over. */
export function whenUnauthorized(run: () => void): void {
  onUnauthorized = run
}

export function get<T>(path: string, query: Query = {}): Promise<T> {
  return request('GET', path + queryString(query))
}

export function post<T>(path: string, body?: unknown, headers: Record<string, string> = {}): Promise<T> {
  return request('POST', path, body ?? {}, headers)
}

export function put<T>(path: string, body: unknown): Promise<T> {
  return request('PUT', path, body)
}

export function patch<T>(path: string, body: unknown): Promise<T> {
  return request('PATCH', path, body)
}

export function del<T = void>(path: string): Promise<T> {
  return request('DELETE', path)
}

/** A file behind the sign-in, such as a prompt. */
export async function getBlob(path: string): Promise<Blob> {
  return (await send('GET', path, { Accept: '*/*' })).blob()
}

/** A file that takes its time: nobody waits in vain for less than ten minutes. */
export async function getLargeBlob(path: string, query: Query = {}): Promise<Blob> {
  return (await send('GET', path + queryString(query), { Accept: '*/*' }, undefined, 600_000)).blob()
}

/** A file that is made of what is sent, such as a text that is said. */
export async function postForBlob(path: string, body: unknown): Promise<Blob> {
  const headers = { Accept: '*/*', 'Content-Type': 'application/json' }
  return (await send('POST', path, headers, JSON.stringify(body))).blob()
}

/** Sends a table or another text as it is. */
export async function sendText<T>(method: 'POST' | 'PUT', path: string, text: string, type: string): Promise<T> {
  const response = await send(method, path, { Accept: 'application/json', 'Content-Type': type }, text)
  return (await response.json()) as T
}

/** Sends a file as it is. */
export async function putBlob<T>(path: string, body: Blob): Promise<T> {
  const response = await send('PUT', path, { Accept: 'application/json', 'Content-Type': body.type }, body)
  return (await response.json()) as T
}

/** A stable key for a request that may be sent twice. Works without a secure context. */
export function idempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function queryString(query: Query): string {
  const given = Object.entries(query).filter(([, value]) => value != null && value !== '')
  if (given.length === 0) return ''
  return `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`
}

async function request<T>(
  method: string,
  path: string,
  body?: unknown,
  extra: Record<string, string> = {},
): Promise<T> {
  const headers: Record<string, string> = { Accept: 'application/json', ...extra }
  if (body !== undefined) headers['Content-Type'] = 'application/json'
  const response = await send(method, path, headers, body === undefined ? undefined : JSON.stringify(body))
  const text = await response.text()
  return (text === '' ? undefined : JSON.parse(text)) as T
}

/** Sends a request; anything but success is thrown as a problem. */
async function send(
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: BodyInit,
  patience = 15_000,
): Promise<Response> {
  if (token) headers.Authorization = `Bearer ${token}`
  let response: Response
  try {
    response = await fetch(BASE + path, { method, headers, body, signal: AbortSignal.timeout(patience) })
  } catch {
    throw new Problem(0, 'unreachable', '')
  }
  if (response.ok) return response
  const problem = await toProblem(response)
  if (problem.status === 401 && token && problem.code !== 'invalid_credentials') onUnauthorized()
  throw problem
}

async function toProblem(response: Response): Promise<Problem> {
  try {
    const body = (await response.json()) as Record<string, unknown>
    const text = (name: string) => (typeof body[name] === 'string' ? (body[name] as string) : '')
    return new Problem(
      response.status,
      text('code') || `http_${response.status}`,
      text('detail') || text('title'),
      text('field') || null,
      body,
    )
  } catch {
    return new Problem(response.status, `http_${response.status}`, response.statusText)
  }
}
