/** Does something and tells what went wrong, with the field that the server names; answers whether it was done. */

import { ElMessage } from 'element-plus/es/components/message/index'
import { Problem } from '@/api/http'
import { explain } from '@/locale'

export async function attempt(run: () => Promise<unknown>, done?: string): Promise<boolean> {
  try {
    await run()
    if (done) ElMessage.success(done)
    return true
  } catch (error) {
    const named = error instanceof Problem && error.code === 'invalid_value'
    ElMessage.error(named ? [error.field, error.detail].filter(Boolean).join('：') : explain(error))
    return false
  }
}
