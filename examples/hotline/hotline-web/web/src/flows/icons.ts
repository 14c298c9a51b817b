/** A picture and a colour for each type of node; a type that is new to the page gets its group's. */

import {
  AlarmClock, Bell, ChatLineRound, CircleClose, Coin, Collection, CollectionTag, Connection, Cpu, DataLine, DocumentChecked, EditPen, Finished,
  Grid, Headset, Histogram, Iphone, Link, Location, Message, Mic, Microphone, MuteNotification, Opportunity, Phone, PhoneFilled, Pointer, Position,
  Printer, Promotion, Reading, RefreshRight, Right, Search, Service, Share, Star, Stopwatch, SwitchButton, Switch as SwitchIcon, Timer, TopRight, User, UserFilled, VideoPlay,
} from '@element-plus/icons-vue'
import type { Component } from 'vue'

const TYPES: Record<string, Component> = {
  answer: Phone, play: VideoPlay, say: Opportunity, menu: Grid, collect: Pointer, music: Headset, record_message: Mic, schedule: AlarmClock,
  hours_check: Stopwatch, if: SwitchIcon, switch: Share, set: EditPen, loop: RefreshRight, random_split: Histogram, script: Cpu, subflow: Connection,
  return: Right, goto_flow: TopRight, lookup: Search, db_query: Coin, http: DataLine, crm_lookup: User, kb_lookup: Collection, blacklist_check: MuteNotification,
  number_area: Location, sms_send: Message, speak: Reading, listen: Microphone, language: ChatLineRound, fax_hook: Printer, bridge: Link, agent_whisper: Service, log_tag: CollectionTag, set_caller_attr: UserFilled, ring: Bell, hangup: SwitchButton, enqueue: Finished,
  transfer_agent: Promotion, position: Position, expected_wait: Timer, leave_queue: CircleClose, call_back: PhoneFilled, rating: Star, survey_question: DocumentChecked,
  play_greeting: Bell, note_message: EditPen, open_mailbox: Collection, next_message: Right, play_message: VideoPlay,
  mark_message: CollectionTag, record_greeting: Mic, transfer_group: Share, conference: Connection,
  transfer_external: TopRight, talk_recording: Mic, dtmf_send: Pointer, change_priority: Histogram,
}

const GROUPS: Record<string, { icon: Component; colour: string }> = {
  media: { icon: VideoPlay, colour: '#1b5fae' },
  logic: { icon: Share, colour: '#6d4fc2' },
  data: { icon: Coin, colour: '#0e7490' },
  call: { icon: Phone, colour: '#17803d' },
  queue: { icon: Finished, colour: '#b45309' },
  survey: { icon: Star, colour: '#a8326e' },
  mailbox: { icon: Message, colour: '#4d5f1a' },
}

const NONE = { icon: Iphone, colour: '#5b6675' }

export function iconOf(type: string, group: string | undefined): Component {
  return TYPES[type] ?? (GROUPS[group ?? ''] ?? NONE).icon
}

export function colourOf(group: string | undefined): string {
  return (GROUPS[group ?? ''] ?? NONE).colour
}
