/** The page `/call`: a newcomer presses one button and talks to the hotline. */

import { SoftPhone } from './softphone'
import { STATES, TEXTS } from './texts'
import { Meter, microphoneOr, testTone, type Voice } from './voice'
import './page.css'

const TONE_HZ = 440
const KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#']

type Pair = readonly [string, string]

function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Partial<HTMLElementTagNameMap[K]> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = Object.assign(document.createElement(tag), properties)
  made.append(...children)
  return made
}

function say(target: HTMLElement, [zh, en]: Pair): void {
  target.replaceChildren(element('span', {}, zh), element('small', { lang: 'en' }, en))
}

function labelled<T extends HTMLElement>(made: T, id: string, text?: Pair): T {
  made.dataset.testid = id
  if (text) say(made, text)
  return made
}

const state = labelled(element('p', { className: 'state' }), 'call-state')
const clock = labelled(element('p', { className: 'clock' }), 'call-duration')
const source = labelled(element('p', { className: 'source' }), 'call-source')
const failure = labelled(element('p', { className: 'failure' }), 'call-failure')
const number = labelled(element('input', { id: 'number', value: '12345', inputMode: 'tel', autocomplete: 'off' }), 'call-number')
const tone = labelled(element('input', { type: 'checkbox', id: 'tone' }), 'call-tone')
const main = labelled(element('button', { type: 'submit', className: 'main' }), 'call-button')
const meter = labelled(element('meter', { max: 1 }), 'call-heard')
const audio = element('audio', { autoplay: true })
const keypad = element('div', { className: 'keypad', role: 'group', ariaLabel: TEXTS.keypad.join(' ') })
for (const key of KEYS) {
  const button = labelled(element('button', { type: 'button', onclick: () => phone.press(key) }, key), `key-${key}`)
  keypad.append(button)
}
const form = element(
  'form',
  {
    onsubmit(event) {
      event.preventDefault()
      if (busy()) phone.hangUp()
      else void phone.call(number.value.trim())
    },
  },
  labelled(element('label', { htmlFor: 'number' }), 'number-label', TEXTS.number),
  number,
  main,
)
const toneText = element('span')
say(toneText, TEXTS.tone)
const heardText = element('span')
say(heardText, TEXTS.heard)
const title = element('h1')
say(title, TEXTS.title)
const intro = element('p')
say(intro, TEXTS.intro)

document.getElementById('call')!.append(
  title, intro, form, element('label', { className: 'choice' }, tone, toneText),
  state, clock, failure, source, keypad, element('label', { className: 'heard' }, heardText, meter), audio,
)

let measured: Meter | null = null
let listened: MediaStream | null = null

async function voice(): Promise<Voice> {
  const made = await (tone.checked ? testTone(TONE_HZ) : microphoneOr(TONE_HZ))
  say(source, made.tone ? TEXTS.usesTone : TEXTS.usesMicrophone)
  return made
}

const phone = new SoftPhone(null, voice, show)

function busy(): boolean {
  return phone.view.state === 'calling' || phone.view.state === 'talking'
}

function show(): void {
  const { view } = phone
  state.dataset.state = view.state
  say(state, STATES[view.state])
  say(main, busy() ? TEXTS.hangUp : TEXTS.call)
  main.classList.toggle('busy', busy())
  main.disabled = view.state === 'offline'
  number.disabled = tone.disabled = busy()
  for (const key of keypad.querySelectorAll('button')) key.disabled = view.state !== 'talking'
  if (!busy()) source.replaceChildren()
  if (view.failure) say(failure, [`${TEXTS.failed[0]}：${view.failure}`, TEXTS.failed[1]])
  else failure.replaceChildren()
  if (phone.heard !== listened) {
    listened = phone.heard
    audio.srcObject = listened
    measured ??= new Meter()
    measured.listen(listened)
  }
}

setInterval(() => {
  const seconds = phone.view.since === null ? null : Math.floor((Date.now() - phone.view.since) / 1000)
  const two = (value: number) => String(value).padStart(2, '0')
  clock.textContent = seconds === null ? '' : `${two(Math.floor(seconds / 60))}:${two(seconds % 60)}`
  const reading = measured?.read() ?? { level: 0, hertz: 0 }
  meter.value = reading.level
  meter.dataset.hertz = String(Math.round(reading.hertz))
}, 200)

show()
phone.start()
