/** What the editor's parts share: the document with its history, what is selected, what the server says of it. */

import { computed, inject, provide, ref, shallowRef, watch, type InjectionKey } from 'vue'
import * as api from '@/api/flows'
import { Problem } from '@/api/http'
import * as promptsApi from '@/api/prompts'
import { useSession } from '@/stores/session'
import { behaviour, emptyDocument, isDocument, placeOf, type Catalogue, type Finding, type FlowDocument, type NodeType, type Point } from './model/document'
import * as drafts from './model/drafts'
import * as edits from './model/edit'
import { byNode, errors as countErrors } from './model/findings'
import * as clipboard from './model/clipboard'
import * as history from './model/history'
import { arranged, placed } from './model/layout'
import { waysOf } from './model/outlets'
import { explain, pick } from './texts'

export type Panel = 'properties' | 'findings' | 'trial' | 'versions' | 'statistics'

const CHECK_AFTER_MS = 700
const KEEP_AFTER_MS = 400
const PASTE_OFFSET = 40

export type Editor = ReturnType<typeof createEditor>
const KEY: InjectionKey<Editor> = Symbol('editor')

export function createEditor(id: string) {
  // Who edits does not change while the editor is open, not even when his session ends.
  const { user } = useSession()
  const me = user?.name ?? ''
  const mayEdit = computed(() => user?.role === 'admin')
  const catalogue = shallowRef<Catalogue | null>(null)
  const references = shallowRef<api.References | null>(null)
  const prompts = shallowRef<Map<string, promptsApi.Prompt>>(new Map())
  const detail = shallowRef<api.FlowDetail | null>(null)
  const types = computed(() => new Map<string, NodeType>(catalogue.value?.node_types.map((type) => [type.type, type]) ?? []))

  const steps = shallowRef(history.begin<FlowDocument>(emptyDocument(id, 'inbound', id)))
  const document = computed(() => steps.value.present)
  const saved = ref('')
  const text = computed(() => JSON.stringify(document.value))
  const dirty = computed(() => loaded.value && text.value !== saved.value)
  const etag = ref<string | null>(null)
  const savedAt = ref<string | null>(null)
  const restored = ref<{ at: string; stale: boolean } | null>(null)
  const loaded = ref(false)
  const failure = ref<string | null>(null)
  const notShown = ref(false)
  const shelfFull = ref(false)

  const selection = shallowRef<string[]>([])
  const selectedEdge = ref<string | null>(null)
  const panel = ref<Panel>('properties')
  /** Asks the canvas to bring a node into view. */
  const shown = shallowRef<{ id: string; field: string | null } | null>(null)

  /** Opens the flow; `imported` takes the place of what is on the server once it is saved. */
  async function load(imported: FlowDocument | null): Promise<void> {
    failure.value = null
    try {
      const [words, refs] = await Promise.all([api.catalogue(), api.references()])
      catalogue.value = words
      references.value = refs
      void refreshPrompts()
      const server = imported ? await readServer().catch(absent) : await readServer()
      const start = server ?? imported
      if (!start) throw new Problem(404, 'unknown_flow', id)
      open(start, server === null)
      if (server && imported) change(placed(imported, types.value))
    } catch (error) {
      failure.value = explain(error)
    }
  }

  async function readServer(): Promise<FlowDocument | null> {
    detail.value = await api.read(id)
    const draft = detail.value.draft ? await api.draft(id).catch(absent) : null
    etag.value = draft?.etag ?? null
    savedAt.value = draft?.saved.at ?? null
    if (draft && isDocument(draft.document)) return draft.document
    notShown.value = draft !== null
    const version = detail.value.published?.version ?? detail.value.history.at(-1)?.version
    if (!version && draft) return emptyDocument(id, detail.value.kind ?? 'inbound', detail.value.name)
    return version ? (await api.version(id, version)).document : null
  }

  /** Takes up a document; unsaved work of this user on this computer goes before it. */
  function open(start: FlowDocument, fresh: boolean): void {
    const base = placed(start, types.value)
    saved.value = fresh ? '' : JSON.stringify(base)
    const left = drafts.kept(localStorage, id, me)
    const mine = left && JSON.stringify(left.document) !== saved.value && !fresh ? left : null
    steps.value = history.begin(mine ? placed(mine.document, types.value) : base)
    restored.value = mine ? { at: mine.at, stale: mine.etag !== etag.value } : null
    // What was restored was made from the draft it names; saving over another one must be refused.
    if (mine) etag.value = mine.etag
    loaded.value = true
    selection.value = []
    scheduleCheck()
  }

  async function dropRestored(): Promise<void> {
    drafts.forget(localStorage, id)
    restored.value = null
    const server = await readServer().catch(absent)
    if (server) open(server, false)
  }

  // --- changes ----------------------------------------------------------------------------------

  function change(next: FlowDocument, to: string | null = null): void {
    if (!mayEdit.value) return
    steps.value = history.commit(steps.value, next, to)
  }

  function undo(): void {
    steps.value = history.undo(steps.value)
    keepSelection()
  }

  function redo(): void {
    steps.value = history.redo(steps.value)
    keepSelection()
  }

  function keepSelection(): void {
    selection.value = selection.value.filter((id) => document.value.nodes[id])
    selectedEdge.value = null
  }

  function add(type: NodeType, at: Point): string {
    const added = edits.addNode(document.value, type, edits.freePlace(document.value, at))
    change(added.document)
    selection.value = [added.id]
    selectedEdge.value = null
    panel.value = 'properties'
    return added.id
  }

  function remove(ids: string[]): void {
    change(edits.removeNodes(document.value, ids))
    keepSelection()
  }

  function rename(from: string, to: string): void {
    change(edits.renameNode(document.value, from, to))
    selection.value = selection.value.map((id) => (id === from ? to : id))
  }

  function arrange(): void {
    change(edits.moveNodes(document.value, arranged(document.value, types.value)))
  }

  let clip: string | null = null
  /** How often the same copy was pasted, so that copies do not lie on each other. */
  let pasted = 0

  function copy(): string | null {
    const copied = clipboard.copyNodes(document.value, selection.value)
    pasted = 0
    clip = copied ? JSON.stringify(copied) : clip
    return copied ? clip : null
  }

  function paste(from: string | null = clip): boolean {
    const copied = from ? clipboard.readClip(from) : null
    if (!copied || !mayEdit.value) return false
    pasted += 1
    const by = { x: PASTE_OFFSET * pasted, y: PASTE_OFFSET * pasted }
    const result = clipboard.pasteNodes(document.value, copied, by)
    change(result.document)
    selection.value = result.ids
    return true
  }

  function select(id: string, field: string | null = null): void {
    selection.value = [id]
    selectedEdge.value = null
    shown.value = { id, field }
  }

  // --- saving -----------------------------------------------------------------------------------

  const saving = ref(false)
  const conflict = ref<string | null>(null)

  async function save(over = false): Promise<boolean> {
    if (saving.value || !mayEdit.value) return false
    saving.value = true
    const sent = document.value
    try {
      if (over) etag.value = (await api.draft(id).catch(absent))?.etag ?? null
      const draft = await api.save(sent, etag.value)
      etag.value = draft.etag
      savedAt.value = draft.saved.at
      saved.value = JSON.stringify(sent)
      steps.value = history.settle(steps.value)
      findings.value = draft.findings
      restored.value = null
      notShown.value = false
      if (!dirty.value) drafts.forget(localStorage, id)
      void refreshDetail()
      return true
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'draft_changed') throw error
      conflict.value = error.detail
      return false
    } finally {
      saving.value = false
    }
  }

  /** The draft has become a version: there is none on the server any more. */
  function published(): void {
    etag.value = null
    savedAt.value = null
    drafts.forget(localStorage, id)
    void refreshDetail()
  }

  async function refreshDetail(): Promise<void> {
    detail.value = await api.read(id).catch(() => detail.value)
  }

  async function refreshPrompts(): Promise<void> {
    const list = await promptsApi.list().catch(() => null)
    // A recording that is there is heard in its place of one that a language lacks.
    const there = (prompt: promptsApi.Prompt) => prompt.status !== 'missing'
    const items = list?.items.toSorted((a, b) => Number(there(a)) - Number(there(b)))
    if (items) prompts.value = new Map(items.map((prompt) => [prompt.id, prompt]))
  }

  /** Loads what is on the server in place of what is on the canvas. */
  async function reload(): Promise<void> {
    drafts.forget(localStorage, id)
    restored.value = null
    conflict.value = null
    const server = await readServer()
    if (server) open(server, false)
  }

  let keeping: ReturnType<typeof setTimeout> | undefined
  watch(document, () => {
    clearTimeout(keeping)
    if (loaded.value) keeping = setTimeout(keepNow, KEEP_AFTER_MS)
  })

  /** Lays the unsaved document on this computer's shelf. */
  function keepNow(): void {
    clearTimeout(keeping)
    if (!loaded.value || !mayEdit.value) return
    if (!dirty.value) drafts.forget(localStorage, id)
    else shelfFull.value = !drafts.keep(localStorage, { document: document.value, etag: etag.value, at: new Date().toISOString(), by: me })
  }

  // --- check ------------------------------------------------------------------------------------

  const findings = shallowRef<Finding[]>([])
  const checking = ref(false)
  const checkFailure = ref<string | null>(null)
  const findingsAt = computed(() => byNode(findings.value))
  const errors = computed(() => countErrors(findings.value))
  const acts = computed(() => behaviour(document.value))
  let scheduled: ReturnType<typeof setTimeout> | undefined
  let checks = 0

  watch(acts, () => loaded.value && scheduleCheck())

  function scheduleCheck(): void {
    clearTimeout(scheduled)
    checking.value = true
    scheduled = setTimeout(() => void check(), CHECK_AFTER_MS)
  }

  async function check(): Promise<void> {
    clearTimeout(scheduled)
    const mine = ++checks
    checking.value = true
    try {
      const answer = await api.check(document.value)
      if (mine !== checks) return
      findings.value = answer.findings
      checkFailure.value = null
    } catch (error) {
      if (mine === checks) checkFailure.value = explain(error)
    } finally {
      if (mine === checks) checking.value = false
    }
  }

  /** What an outlet is called where people read it. */
  function outletName(id: string, outlet: string): string {
    const node = document.value.nodes[id]
    const way = node && waysOf(types.value.get(node.type), node).find((way) => way.name === outlet)
    return way ? pick(way) : outlet
  }

  // --- what is drawn over the canvas ----------------------------------------------------------------

  /** The path of a trial: nodes and outlets a caller came through, and where he stands. */
  const path = shallowRef<{ nodes: Set<string>; outlets: Set<string>; at: string | null } | null>(null)
  /** Counts to be drawn at outlets and nodes, by edge id and node id. */
  const counts = shallowRef<{ outlets: Map<string, number>; here: Map<string, number> } | null>(null)

  function end(): void {
    keepNow()
    clearTimeout(keeping)
    clearTimeout(scheduled)
    checks += 1
  }

  /** The middle of what lies in the picture, for a node that is added by key. */
  function besideSelection(): Point | null {
    const last = selection.value.at(-1)
    const at = last ? placeOf(document.value, last) : null
    return at ? { x: at.x + 300, y: at.y } : null
  }

  return {
    id, mayEdit, catalogue, references, prompts, detail, types, document, steps, dirty, etag, savedAt, restored, loaded, failure, notShown, shelfFull,
    selection, selectedEdge, panel, shown, saving, conflict, findings, findingsAt, errors, checking, checkFailure, acts, path, counts,
    load, change, undo, redo, add, remove, rename, arrange, copy, paste, select, save, published, reload, refreshDetail, refreshPrompts, dropRestored, check, keepNow, end, besideSelection, outletName,
  }
}

export function provideEditor(editor: Editor): Editor {
  provide(KEY, editor)
  return editor
}

export function useEditor(): Editor {
  const editor = inject(KEY)
  if (!editor) throw new Error('the editor is provided by its page')
  return editor
}

/** Gives `null` for what is not there, and throws on every other problem. */
function absent(error: unknown): null {
  if (error instanceof Problem && error.status === 404) return null
  throw error
}
