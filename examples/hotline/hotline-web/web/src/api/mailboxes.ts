import { del, get, post, put, type Page } from './http'

export interface Mailbox {
  id: string
  name: string
  agents: string[]
  queues: string[]
  new: number
  messages: number
  most_messages: number
  greeting: string | null
}

export type MessageState = 'new' | 'heard' | 'done'

export interface MailboxMessage {
  id: string
  call: string
  caller: string
  call_back: string
  call_back_given: boolean
  wants_reply: boolean | null
  called: string
  at: string
  length_ms: number
  state: MessageState
  marked_by: string | null
  marked_at: string | null
}

const path = (mailbox: string, message?: string) =>
  `/mailboxes/${encodeURIComponent(mailbox)}/messages${message ? `/${encodeURIComponent(message)}` : ''}`

export const list = () => get<Page<Mailbox>>('/mailboxes')
export const messages = (mailbox: string) => get<Page<MailboxMessage>>(path(mailbox))
export const mark = (mailbox: string, message: string, state: MessageState) => put(path(mailbox, message), { state })
export const remove = (mailbox: string, message: string) => del(path(mailbox, message))
export const callBack = (mailbox: string, message: string) => post(`${path(mailbox, message)}/call-back`, {})
