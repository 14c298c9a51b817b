/** The rules as they are in force and as they are being changed; one for the page. */

import { ElMessage } from 'element-plus/es/components/message/index'
import { ElMessageBox } from 'element-plus/es/components/message-box/index'
import { computed, ref, shallowRef } from 'vue'
import type { References } from '@/api/flows'
import * as flowsApi from '@/api/flows'
import { Problem } from '@/api/http'
import * as api from '@/api/routing'
import type { Comparison, Duties, Finding, NamedRule, Settings, Staged } from '@/api/routing'
import { explain, t as common } from '@/locale'
import { same, type Rules } from './model'
import { t } from './texts'

const NO_RULES: Rules = {
  queues: [], between: 'first_come', misses: { after_no_answer_ms: 0, after_reject_ms: 0, after_unreachable_ms: 0, max_misses: 0, pause_ms: 0 },
}

const inForce = shallowRef<Rules>(NO_RULES)
const draft = shallowRef<Rules>(NO_RULES)
const staged = shallowRef<Staged | null>(null)
/** The version that the draft was made from. */
let madeFrom = ''
const strategies = shallowRef<NamedRule[]>([])
const references = shallowRef<References | null>(null)
const settings = ref(new Map<string, { kept: Settings; now: Settings }>())
const duties = ref(new Map<string, { kept: Duties; now: Duties }>())
const findings = shallowRef<Finding[]>([])
const compared = shallowRef<Comparison | null>(null)
const busy = ref(false)
const loaded = ref(false)

const changedSettings = () => [...settings.value].filter(([, it]) => !same(it.kept, it.now))
const changedDuties = () => [...duties.value].filter(([, it]) => !same(it.kept, it.now))
const rulesChanged = computed(() => !same(inForce.value, draft.value))
const changed = computed(() => rulesChanged.value || changedSettings().length > 0 || changedDuties().length > 0)

const sure = (title: string, text: string) =>
  ElMessageBox.confirm(text, title, { type: 'warning', confirmButtonText: common('common.confirm'), cancelButtonText: common('common.cancel') })
    .then(() => true).catch(() => false)

/** Runs one thing at a time and tells what went wrong. */
async function attempt(run: () => Promise<unknown>, done?: string): Promise<boolean> {
  if (busy.value) return false
  busy.value = true
  try {
    if ((await run()) === false) return false
    if (done) ElMessage.success(done)
    return true
  } catch (error) {
    const invalid = error instanceof Problem && error.code === 'invalid_value'
    ElMessage.error(invalid ? `${error.field ?? ''} ${error.detail}`.trim() : explain(error))
    return false
  } finally {
    busy.value = false
  }
}

async function readRules(): Promise<void> {
  const [rules, stages] = await Promise.all([api.rules(), api.staged()])
  inForce.value = rules
  draft.value = structuredClone(rules)
  staged.value = stages
  madeFrom = stages.version
  findings.value = []
}

/** Reads everything once; what is being changed stays. */
async function load(): Promise<void> {
  if (loaded.value) return void refreshStages()
  await attempt(async () => {
    const [, named, refs] = await Promise.all([readRules(), api.strategies(), flowsApi.references().catch(() => null)])
    strategies.value = named.items
    references.value = refs
    loaded.value = true
  })
}

async function refreshStages(): Promise<void> {
  try {
    staged.value = await api.staged()
    // Nothing was changed here, so that what somebody else changed is shown.
    if (staged.value.version !== madeFrom && !rulesChanged.value && !busy.value) await readRules()
  } catch {
    // Asked again in a moment.
  }
}

async function needSettings(queue: string): Promise<void> {
  if (settings.value.has(queue)) return
  try {
    const kept = await api.settings(queue)
    if (!settings.value.has(queue)) settings.value.set(queue, { kept, now: structuredClone(kept) })
  } catch (error) {
    ElMessage.error(explain(error))
  }
}

function openQueue(queue: string, now: Settings): void {
  settings.value.set(queue, { kept: { ...now, name: '' }, now })
}

async function needDuties(agent: string): Promise<void> {
  if (duties.value.has(agent)) return
  try {
    const kept = await api.duties(agent)
    if (!duties.value.has(agent)) duties.value.set(agent, { kept, now: structuredClone(kept) })
  } catch (error) {
    ElMessage.error(explain(error))
  }
}

/** Whether nothing is wrong with the draft; what is wrong is shown. */
async function check(): Promise<boolean> {
  findings.value = (await api.check(draft.value)).findings
  return findings.value.length === 0
}

const checkNow = () => attempt(check, t('fine'))

async function apply(): Promise<void> {
  await attempt(async () => {
    const newQueues = changedSettings().some(([, it]) => it.kept.name === '')
    // A queue that is not there yet can be named once its settings are kept.
    if (!newQueues && !(await check())) return false
    const now = await api.staged()
    if (now.version !== madeFrom && !(await sure(t('apply'), t('otherAsk', { version: short(now.version) })))) return false
    if (now.version === madeFrom && !(await sure(t('apply'), t('applyAsk')))) return false
    for (const [queue, it] of changedSettings()) {
      await api.configure(queue, it.now)
      it.kept = structuredClone(plain(it.now))
    }
    for (const [agent, it] of changedDuties()) {
      await api.setDuties(agent, it.now)
      it.kept = structuredClone(plain(it.now))
    }
    if (rulesChanged.value) {
      if (newQueues && !(await check())) return false
      await api.replace(draft.value)
    }
    await readRules()
    return true
  }, t('applied'))
}

const follow = () => attempt(async () => {
  if (!(await check())) return false
  await api.follow(draft.value)
  await refreshStagesOnly()
  return true
}, t('shadowed'))

const unfollow = () => attempt(async () => {
  await api.unfollow()
  await refreshStagesOnly()
})

const switchOver = () => attempt(async () => {
  if (!(await sure(t('switch'), t('switchAsk', { version: short(staged.value?.shadow?.version) })))) return false
  await api.switchOver()
  await readRules()
  return true
}, t('applied'))

const rollBack = () => attempt(async () => {
  if (!(await sure(t('rollBack', { version: short(staged.value?.previous) }), t('rollBackAsk')))) return false
  await api.rollBack()
  await readRules()
  return true
}, t('applied'))

async function refreshStagesOnly(): Promise<void> {
  staged.value = await api.staged()
}

const tryOut = () => attempt(async () => {
  compared.value = null
  if (!(await check())) return false
  compared.value = await api.tryOut(draft.value)
  return true
})

async function discard(): Promise<void> {
  if (!(await sure(t('discard'), t('discardAsk')))) return
  draft.value = structuredClone(inForce.value)
  for (const [id, it] of settings.value) {
    if (it.kept.name === '') settings.value.delete(id)
    else it.now = structuredClone(plain(it.kept))
  }
  for (const it of duties.value.values()) it.now = structuredClone(plain(it.kept))
  findings.value = []
}

/** A copy without what makes it reactive. */
function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T
}

export const short = (version: string | null | undefined) => version?.slice(0, 8) ?? '—'

/** Forgets everything, for the next one who signs in. */
export function forget(): void {
  loaded.value = false
  inForce.value = NO_RULES
  draft.value = NO_RULES
  staged.value = null
  settings.value.clear()
  duties.value.clear()
  findings.value = []
  compared.value = null
}

export function useRules() {
  return {
    inForce, draft, staged, strategies, references, settings, duties, findings, compared, busy, loaded, changed, rulesChanged,
    load, refreshStages, needSettings, openQueue, needDuties, check, checkNow, apply, follow, unfollow, switchOver, rollBack, tryOut, discard,
  }
}
