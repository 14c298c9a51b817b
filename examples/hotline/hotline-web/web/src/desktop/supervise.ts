/** By which telephone a supervisor takes part in calls. */

import { ElMessageBox } from 'element-plus/es/components/message-box/index'
import * as agentsApi from '@/api/agents'
import { t } from '@/locale'
import { useSession } from '@/stores/session'

const STORED = 'hotline.device'

/** Returns nothing for an agent, whose own phone is known; otherwise the phone that was chosen, asked for once. */
export async function phone(): Promise<{ device?: string } | null> {
  const session = useSession()
  if (session.agentId) return {}
  const kept = localStorage.getItem(STORED)
  if (kept) return { device: kept }
  const free = (await agentsApi.seats()).items.filter((seat) => !seat.agent)
  const own = free.find((seat) => seat.device === session.user?.name)
  if (own) return { device: own.device }
  const answer = await ElMessageBox.prompt(t('supervise.whichPhone'), t('supervise.phone'), {
    confirmButtonText: t('common.confirm'),
    cancelButtonText: t('common.cancel'),
    inputPattern: /^\S{1,64}$/,
    inputErrorMessage: t('supervise.whichPhone'),
  }).catch(() => null)
  if (!answer) return null
  localStorage.setItem(STORED, answer.value)
  return { device: answer.value }
}
