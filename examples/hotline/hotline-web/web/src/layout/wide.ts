/** Whether the window has room for columns that are only nice to have. */

import { onScopeDispose, ref, type Ref } from 'vue'

export function useWide(): Readonly<Ref<boolean>> {
  const query = matchMedia('(min-width: 1600px)')
  const wide = ref(query.matches)
  const listen = () => void (wide.value = query.matches)
  query.addEventListener('change', listen)
  onScopeDispose(() => query.removeEventListener('change', listen))
  return wide
}
