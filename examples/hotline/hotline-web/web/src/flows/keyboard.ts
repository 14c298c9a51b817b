/** The keys of the editor: commands, the arrows that move nodes, and the clipboard. */

import { onBeforeUnmount, onMounted } from 'vue'
import type { Editor } from './editor'
import { placeOf, type Point } from './model/document'
import { moveNodes } from './model/edit'

/** What the page does at a key; `busy` tells that a dialog has the keys. */
export interface Commands {
  busy: () => boolean
  save: () => void
  find: () => void
  copy: () => string | null
  nothingToPaste: () => void
  remove: () => void
}

const STEP = 8
const ARROWS: Record<string, Point> = { ArrowUp: { x: 0, y: -1 }, ArrowDown: { x: 0, y: 1 }, ArrowLeft: { x: -1, y: 0 }, ArrowRight: { x: 1, y: 0 } }

export function useKeyboard(editor: Editor, commands: Commands): void {
  const nodes = () => editor.document.value.nodes
  const selected = () => (editor.selection.value.length === 1 ? editor.selection.value[0]! : null)

  /** Whether a key belongs to what has the focus: a field, a list, a dialog. */
  function taken(target: EventTarget | null): boolean {
    if (commands.busy()) return true
    return target instanceof HTMLElement && (target.matches('input, textarea, select, [contenteditable], [role=menuitem], [role=tab]') || target.closest('.el-dialog, .el-message-box, .el-popper') !== null)
  }

  function onKey(event: KeyboardEvent) {
    const command = event.ctrlKey || event.metaKey
    const key = event.key.toLowerCase()
    if (command && key === 's') {
      event.preventDefault()
      commands.save()
      return
    }
    if (taken(event.target)) return
    if (command) {
      if (key === 'z' && !event.shiftKey) editor.undo()
      else if (key === 'y' || (key === 'z' && event.shiftKey)) editor.redo()
      else if (key === 'a') editor.selection.value = Object.keys(nodes())
      else if (key === 'f') commands.find()
      else if (key === 'd') (editor.copy(), editor.paste())
      else if (key === 'arrowright' || key === 'arrowleft') follow(key === 'arrowright')
      else return
      event.preventDefault()
      return
    }
    if (event.altKey) return
    const focused = event.target instanceof Element ? event.target.closest('.vue-flow__node')?.getAttribute('data-id') : null
    if (focused && (event.key === 'Enter' || event.key === ' ') && selected() !== focused) {
      event.preventDefault()
      return editor.select(focused)
    }
    const arrow = ARROWS[event.key]
    if (event.key === 'Delete' || event.key === 'Backspace') commands.remove()
    else if (event.key === 'Escape') {
      editor.selection.value = []
      editor.selectedEdge.value = null
    } else if (arrow && editor.selection.value.length > 0 && onCanvas(event.target)) move(arrow, event.shiftKey ? STEP * 6 : STEP)
    else if (event.key === 'Enter' && selected() && nodes()[selected()!] && onCanvas(event.target)) edit()
    else return
    event.preventDefault()
  }

  function move(by: Point, step: number) {
    const places = Object.fromEntries(
      editor.selection.value.flatMap((id) => {
        const at = placeOf(editor.document.value, id)
        return at ? [[id, { x: at.x + by.x * step, y: at.y + by.y * step }]] : []
      }),
    )
    editor.change(moveNodes(editor.document.value, places), `move ${editor.selection.value.join(' ')}`)
  }

  /** Goes along a wire: to the first node an outlet leads to, or to the first that leads here. */
  function follow(forth: boolean) {
    const at = selected() ?? editor.document.value.entry
    const out = Object.values(nodes()[at]?.out ?? {}).filter((id) => nodes()[id])
    const before = Object.keys(nodes()).filter((id) => Object.values(nodes()[id]!.out ?? {}).includes(at))
    const next = !selected() ? at : (forth ? out : before)[0]
    if (next && nodes()[next]) editor.select(next)
  }

  function edit() {
    editor.panel.value = 'properties'
    requestAnimationFrame(() => document.querySelector<HTMLElement>('[data-testid=node-name] input, input[data-testid=node-name]')?.focus())
  }

  function onCopy(event: ClipboardEvent) {
    if (taken(event.target) || !String(getSelection() ?? '').match(/^\s*$/)) return
    const text = commands.copy()
    if (!text) return
    event.clipboardData?.setData('text/plain', text)
    event.preventDefault()
    if (event.type === 'cut') commands.remove()
  }

  function onPaste(event: ClipboardEvent) {
    if (taken(event.target) || !editor.mayEdit.value) return
    const text = event.clipboardData?.getData('text/plain') || null
    if (editor.paste(text) || editor.paste()) event.preventDefault()
    else commands.nothingToPaste()
  }

  onMounted(() => {
    addEventListener('keydown', onKey)
    addEventListener('copy', onCopy)
    addEventListener('cut', onCopy)
    addEventListener('paste', onPaste)
  })
  onBeforeUnmount(() => {
    removeEventListener('keydown', onKey)
    removeEventListener('copy', onCopy)
    removeEventListener('cut', onCopy)
    removeEventListener('paste', onPaste)
  })
}

function onCanvas(target: EventTarget | null): boolean {
  return target === document.body || (target instanceof Element && target.closest('.vue-flow') !== null)
}
