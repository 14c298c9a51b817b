/** Texts of the telephone in the browser; the call page shows both languages, the desk the chosen one. */

import type { PhoneState } from './softphone'

type Pair = readonly [zh: string, en: string]

export const STATES: Record<PhoneState, Pair> = {
  offline: ['正在连接…', 'Connecting…'],
  ready: ['可以拨打', 'Ready to call'],
  calling: ['正在呼叫…', 'Calling…'],
  ringing: ['来电', 'Ringing'],
  talking: ['通话中', 'In a call'],
}

export const TEXTS = {
  title: ['12345 政务服务便民热线', '12345 Public Service Hotline'],
  intro: ['按一下按钮，用浏览器直接打进来。', 'Press the button to call from this browser.'],
  number: ['号码', 'Number'],
  call: ['拨打', 'Call'],
  hangUp: ['挂断', 'Hang up'],
  tone: ['发送测试音（没有麦克风时自动使用）', 'Send a test tone (used by itself where there is no microphone)'],
  usesTone: ['正在发送测试音', 'Sending the test tone'],
  usesMicrophone: ['正在使用麦克风', 'Using the microphone'],
  keypad: ['拨号键盘', 'Keypad'],
  heard: ['听到的声音', 'What you hear'],
  failed: ['未能接通', 'The call did not get through'],
  browserPhone: ['网页话机', 'Browser telephone'],
  account: ['话机账号', 'Account of the telephone'],
  password: ['话机密码', 'Its password'],
  connect: ['启用', 'Switch on'],
  disconnect: ['停用', 'Switch off'],
  answer: ['接听', 'Answer'],
  mute: ['静音', 'Mute'],
  unmute: ['取消静音', 'Unmute'],
  autoAnswer: ['自动接听', 'Answer by itself'],
} satisfies Record<string, Pair>
