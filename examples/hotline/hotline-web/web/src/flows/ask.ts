/** Asks before something is done: for a reason, or yes and no. */

import { ElMessage } from 'element-plus/es/components/message/index'
import { ElMessageBox } from 'element-plus/es/components/message-box/index'
import { t as common } from '@/locale'
import { isObject } from './model/document'
import { explain, t } from './texts'

/** The reason a person gives, or `null` when he thinks better of it. */
export async function reason(title: string, text: string): Promise<string | null> {
  const answer: unknown = await ElMessageBox.prompt(text, title, {
    confirmButtonText: common('common.confirm'), cancelButtonText: common('common.cancel'), inputValidator: (typed: string) => Boolean(typed?.trim()) || t('versions.reasonMissing'),
    closeOnClickModal: false,
  }).catch(() => null)
  return isObject(answer) ? String(answer.value).trim() : null
}

export async function sure(title: string, text: string): Promise<boolean> {
  const answer: unknown = await ElMessageBox.confirm(text, title, { type: 'warning', confirmButtonText: common('common.confirm'), cancelButtonText: common('common.cancel') }).catch(() => null)
  return answer !== null
}

/** Does something and tells what went wrong; answers whether it was done. */
export async function attempt(run: () => Promise<unknown>, done?: string): Promise<boolean> {
  try {
    await run()
    if (done) ElMessage.success(done)
    return true
  } catch (error) {
    ElMessage.error(explain(error))
    return false
  }
}
