import { del, get, post } from './http'

export type Role = 'agent' | 'supervisor' | 'admin'

export interface User {
  name: string
  display_name: string
  role: Role
  /** The agent id (工号) of this web user, if the user is an agent. */
  agent: string | null
}

export interface Session {
  token: string
  expires_at: string
  user: User
}

export const signIn = (user: string, password: string) => post<Session>('/session', { user, password })
export const signOut = () => del('/session')
export const current = () => get<User | { user: User }>('/session')

/** A one-time ticket (30 s) that lets the browser open the event stream. */
export const eventsTicket = () => post<{ ticket: string; expires_at: string }>('/session/ticket', { purpose: 'events' })
