/** Runs one command at a time, shows what went wrong, and shows the agent it answers at once. */

import { ElMessage } from 'element-plus/es/components/message/index'
import { ref } from 'vue'
import type { Agent } from '@/api/agents'
import { explain } from '@/locale'
import { useLive } from '@/stores/live'

export function useCommand() {
  const live = useLive()
  const busy = ref(false)

  async function run(command: () => Promise<Agent | void>): Promise<boolean> {
    if (busy.value) return false
    busy.value = true
    try {
      const agent = await command()
      if (agent) live.putAgent(agent)
      return true
    } catch (error) {
      ElMessage.error(explain(error))
      return false
    } finally {
      busy.value = false
    }
  }

  return { busy, run }
}
