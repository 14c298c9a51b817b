import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { canvasEdges, canvasNodes } from './canvas'
import { copyNodes, pasteNodes, readClip } from './clipboard'
import { diffOf, diffRows } from './diff'
import { behaviour, emptyDocument, type Catalogue, type FlowDocument } from './document'
import { addKey, addNode, freeId, moveNodes, removeNodes, renameNode, setField, wire } from './edit'
import { cleaned, formFields, wrongWith } from './form'
import { begin, commit, MOST_STEPS, redo, settle, undo } from './history'
import { arranged, nodeHeight, NODE_WIDTH, placed } from './layout'
import { waysOf } from './outlets'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const catalogue = JSON.parse(readFileSync(here('../../../dev/catalogue.json'), 'utf8')) as Catalogue
const types = new Map(catalogue.node_types.map((type) => [type.type, type]))
const folder = here('../../../../../flows/')
const shipped = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => JSON.parse(readFileSync(folder + name, 'utf8')) as FlowDocument)
  .filter((document) => document.schema === 'cti.flow/1')

const type = (name: string) => types.get(name)!

function drawn(): FlowDocument {
  let document = emptyDocument('small', 'inbound', '小流程')
  for (const name of ['answer', 'menu', 'play', 'hangup']) document = addNode(document, type(name), { x: 0, y: 0 }).document
  document = wire(document, 'answer', 'next', 'menu')
  document = wire(document, 'menu', '1', 'play')
  document = wire(document, 'menu', 'exhausted', 'hangup')
  return wire(document, 'play', 'next', 'hangup')
}

describe('document and canvas', () => {
  it.each(shipped.map((document) => [document.id, document] as const))('%s comes back from the canvas as it was, but for its picture', (_, document) => {
    const open = placed(document, types)
    const nodes = canvasNodes(open, types)
    const moved = moveNodes(open, Object.fromEntries(nodes.map(({ id, position }) => [id, { x: position.x + 7, y: position.y }])))
    const { view, ...rest } = moved
    const { view: _old, ...original } = document
    expect(JSON.stringify(rest)).toBe(JSON.stringify(original))
    expect(Object.keys(view!).sort()).toEqual(Object.keys(document.nodes).sort())
    expect(behaviour(moved)).toBe(behaviour(document))
  })

  it.each(shipped.map((document) => [document.id, document] as const))('%s has an edge for every wire, and every wire starts at a row of its node', (_, document) => {
    const wires = Object.entries(document.nodes).flatMap(([id, node]) => Object.entries(node.out ?? {}).map(([outlet, target]) => [id, outlet, target]))
    expect(canvasEdges(document).map((edge) => [edge.source, edge.data.outlet, edge.target])).toEqual(wires)
    for (const [id, outlet] of wires) {
      const node = document.nodes[id!]!
      const way = waysOf(types.get(node.type), node).find((way) => way.name === outlet)
      expect([id, outlet, way?.kind]).not.toContain('lost')
      expect(way).toBeDefined()
    }
  })

  it('every type that shipped flows use is in the catalogue', () => {
    const used = new Set(shipped.flatMap((document) => Object.values(document.nodes).map((node) => node.type)))
    expect([...used].filter((name) => !types.has(name))).toEqual([])
  })

  it('what is unknown to the page stays in the document', () => {
    const odd: FlowDocument = { ...drawn(), note: { by: 'x' }, view: { zoom: 2, answer: { x: 1, y: 2, colour: 'red' } } }
    const moved = moveNodes(odd, { answer: { x: 5, y: 6 } })
    expect(moved.note).toEqual({ by: 'x' })
    expect(moved.view).toMatchObject({ zoom: 2, answer: { x: 5, y: 6, colour: 'red' } })
  })
})

describe('changes', () => {
  it('the first node becomes the entry, and ids are free ones', () => {
    const document = addNode(drawn(), type('play'), { x: 0, y: 0 })
    expect(document.document.entry).toBe('answer')
    expect(document.id).toBe('play-2')
    expect(freeId((id) => id === 'a-2' || id === 'a', 'a-2')).toBe('a-3')
  })

  it('a node that goes takes the wires to it along, and keys stay keys', () => {
    const document = removeNodes(drawn(), ['play', 'answer'])
    expect(document.nodes.menu!.out).toEqual({ '1': '', '0': '', exhausted: 'hangup' })
    expect(document.entry).toBe('')
    expect(document.view).not.toHaveProperty('play')
    expect(removeNodes(drawn(), ['hangup']).nodes.play).not.toHaveProperty('out')
  })

  it('a new id is used wherever the node is named', () => {
    const document = renameNode({ ...drawn(), on_error: 'play' }, 'play', 'news')
    expect(document.nodes.menu!.out!['1']).toBe('news')
    expect(document.on_error).toBe('news')
    expect(Object.keys(document.nodes)).toEqual(['answer', 'menu', 'news', 'hangup'])
    expect(document.view).toHaveProperty('news')
    expect(renameNode(document, 'news', 'menu')).toBe(document)
  })

  it('an outlet that is cut is gone, a key that is cut leads nowhere', () => {
    const document = wire(wire(drawn(), 'menu', '1', null), 'menu', 'exhausted', null)
    expect(document.nodes.menu!.out).toEqual({ '1': '', '0': '' })
    expect(addKey(document, 'menu', '1')).toBe(document)
    expect(wire(document, 'menu', '1', 'nobody')).toBe(document)
  })

  it('a field that is taken away leaves no trace', () => {
    const before = drawn()
    expect(setField(setField(before, 'play', 'barge_in', true), 'play', 'barge_in', undefined)).toEqual(before)
  })
})

describe('outlets', () => {
  it('a switch has a way for each case and one for the rest', () => {
    const ways = waysOf(type('switch'), { type: 'switch', variable: 'v', cases: ['a', 'b'] })
    expect(ways.map((way) => [way.name, way.zh, way.required])).toEqual([
      ['case_1', '= a', true],
      ['case_2', '= b', true],
      ['default', '其他取值', true],
    ])
  })

  it('the outlet for errors must be wired once there is an expression', () => {
    const must = (node: object) => waysOf(type('if'), { type: 'if', ...node }).find((way) => way.name === 'error')!.required
    expect([must({}), must({ when: 'a > 1' })]).toEqual([false, true])
  })

  it('keys come first, in the order of the keypad, and what the type does not have is shown as lost', () => {
    const node = { type: 'menu', out: { '0': 'a', '*': 'a', '2': 'a', gone: 'a' } }
    expect(waysOf(type('menu'), node).map((way) => `${way.kind} ${way.name}`)).toEqual(['key 2', 'key *', 'key 0', 'named exhausted', 'lost gone'])
  })
})

describe('undo and redo', () => {
  it('goes back and forth, and a new change ends what was ahead', () => {
    let history = commit(commit(begin('a'), 'b'), 'c')
    history = undo(undo(history))
    expect([history.present, undo(history)]).toEqual(['a', history])
    history = redo(history)
    expect(history.present).toBe('b')
    history = commit(history, 'd')
    expect([redo(history), undo(history).present]).toEqual([history, 'b'])
  })

  it('typing into one field is one step, until something else happens', () => {
    let history = commit(commit(commit(begin('a'), 'ab', 'name'), 'abc', 'name'), 'abcd', 'name')
    expect(undo(history).present).toBe('a')
    history = commit(settle(history), 'abcde', 'name')
    expect(undo(history).present).toBe('abcd')
    expect(undo(commit(history, 'x', 'other')).present).toBe('abcde')
  })

  it('remembers a bounded number of steps', () => {
    let history = begin(0)
    for (let n = 1; n <= MOST_STEPS + 50; n += 1) history = commit(history, n)
    expect(history.past).toHaveLength(MOST_STEPS)
  })
})

describe('copy and paste', () => {
  it('copies get ids of their own, wires among them lead to the copies, wires to others are left out', () => {
    const before = drawn()
    const clip = copyNodes(before, ['menu', 'play'])!
    const { document, ids } = pasteNodes(before, clip, { x: 40, y: 40 })
    expect(ids).toEqual(['menu-2', 'play-2'])
    expect(document.nodes['menu-2']!.out).toEqual({ '1': 'play-2', '0': '' })
    expect(document.nodes['play-2']).not.toHaveProperty('out')
    expect(document.view!['menu-2']).toEqual({ x: 40, y: 40 })
    for (const id of Object.keys(before.nodes)) expect(document.nodes[id]).toBe(before.nodes[id])
  })

  it('go into another flow as text; other texts are no copies', () => {
    const clip = copyNodes(drawn(), ['play'])!
    expect(readClip(JSON.stringify(clip))).toEqual(clip)
    const { document, ids } = pasteNodes(emptyDocument('other', 'queue', ''), readClip(JSON.stringify(clip))!, { x: 0, y: 0 })
    expect([ids, document.entry]).toEqual([['play'], 'play'])
    expect(['hello', '{}', '{"schema":"cti.flow.nodes/1","view":{},"nodes":{"a":1}}'].map(readClip)).toEqual([null, null, null])
    expect(copyNodes(drawn(), ['nobody'])).toBeNull()
  })
})

describe('forms', () => {
  it('every field of every type has a widget and words in two languages', () => {
    for (const nodeType of catalogue.node_types) {
      for (const field of formFields(nodeType)) {
        expect([nodeType.type, field.name, field.widget]).not.toContain('json')
        expect(field.zh).toMatch(/[\u4e00-\u9fff]/)
        expect(field.en).toMatch(/^[^a-z]/)
      }
    }
  })

  it('what must be there is asked first, the rest in the order of a conversation', () => {
    const names = formFields(type('collect')).map((field) => field.name)
    expect(names.slice(0, 3)).toEqual(['prompt', 'variable', 'max'])
    expect(names.indexOf('first_digit_ms')).toBeLessThan(names.indexOf('inter_digit_ms'))
    expect(names.at(-1)).toBe('no_match_prompt')
  })

  it('what is missing, too small, too large or of the wrong form is told beside the field', () => {
    const field = (name: string) => formFields(type('collect')).find((field) => field.name === name)!
    expect(wrongWith(field('max'), undefined)).toEqual({ kind: 'missing' })
    expect(wrongWith(field('max'), 0)).toEqual({ kind: 'least', least: 1 })
    expect(wrongWith(field('max'), 65)).toEqual({ kind: 'most', most: 64 })
    expect(wrongWith(field('max'), 6)).toBeNull()
    expect(wrongWith(field('terminator'), 'x')).toEqual({ kind: 'pattern' })
    expect(wrongWith(field('terminator'), null)).toBeNull()
    expect(wrongWith(field('prompt'), [])).toEqual({ kind: 'missing' })
  })

  it('a value that is the default, or empty, is not written down', () => {
    const field = (name: string) => formFields(type('menu')).find((field) => field.name === name)!
    expect(cleaned(field('barge_in'), true)).toBeUndefined()
    expect(cleaned(field('barge_in'), false)).toBe(false)
    expect(cleaned(field('no_input_prompt'), [])).toBeUndefined()
    expect(cleaned(field('prompt'), [])).toEqual([])
  })
})

describe('layout', () => {
  it.each(shipped.map((document) => [document.id, document] as const))('nodes of %s do not lie on each other, and the entry is at the left', (_, document) => {
    const places = arranged(document, types)
    const boxes = Object.entries(places).map(([id, at]) => ({ id, ...at, h: nodeHeight(waysOf(type(document.nodes[id]!.type), document.nodes[id]!).length) }))
    for (const a of boxes) {
      for (const b of boxes) {
        if (a.id >= b.id) continue
        const apart = a.x + NODE_WIDTH <= b.x || b.x + NODE_WIDTH <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y
        expect(apart, `${a.id} lies on ${b.id}`).toBe(true)
      }
    }
    expect(places[document.entry]!.x).toBe(Math.min(...boxes.map((box) => box.x)))
  })

  it('a node that was placed keeps its place', () => {
    const document = placed(drawn(), types)
    const added = { ...document, nodes: { ...document.nodes, extra: { type: 'hangup' } } }
    expect(placed(added, types).view).toMatchObject(document.view!)
    expect(placed(added, types).view).toHaveProperty('extra')
  })
})

describe('diff', () => {
  it('lists fields and nodes that differ, and leaves the picture out', () => {
    const before = drawn()
    let after = moveNodes(setField(before, 'play', 'prompt', ['news']), { menu: { x: 900, y: 0 } })
    after = removeNodes({ ...after, name: '新名' }, ['hangup'])
    const rows = diffRows(diffOf(before, after))
    expect(rows.map(({ node, change, path }) => [node, change, path.join('/')])).toEqual([
      [null, 'changed', 'name'],
      ['hangup', 'removed', ''],
      ['menu', 'removed', 'out/exhausted'],
      ['play', 'removed', 'out'],
      ['play', 'changed', 'prompt'],
    ])
    expect(rows.at(-1)).toMatchObject({ before: '[]', after: '["news"]' })
    expect(diffRows(diffOf(before, before))).toEqual([])
  })

  it('reads names with slashes as RFC 6901 writes them', () => {
    const rows = diffRows({ fields: [], nodes: [{ node: 'a', change: 'changed', fields: [{ field: '/vars/a~1b~0c', after: 1 }] }] })
    expect(rows[0]!.path).toEqual(['vars', 'a/b~c'])
  })
})
