import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { test } from 'node:test'

const root = resolve(import.meta.dirname, '../..')
const pages = ['README.md', 'CONTRIBUTING.md', ...globSync('docs/**/*.md', { cwd: root })]
const textOf = (path: string): string => readFileSync(join(root, path), 'utf8').replaceAll(/```[\s\S]*?```/g, '')

/** As GitHub makes them. */
const anchorsOf = (path: string): readonly string[] =>
  [...textOf(path).matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )

test('every link between the documents leads somewhere', () => {
  let links = 0
  for (const page of pages) {
    for (const [, target = '', , anchor] of textOf(page).matchAll(/\]\(([^)#\s]*)(#([^)\s]+))?\)/g)) {
      if (/^https?:/.test(target)) continue
      links += 1
      const path = target === '' ? page : join(dirname(page), target)
      assert.ok(existsSync(join(root, path)), `${page}: ${target}`)
      if (anchor !== undefined) assert.ok(anchorsOf(path).includes(anchor), `${page}: ${target}#${anchor}`)
    }
  }
  assert.ok(links > 30)
})

test('every page of docs/ is reached from the README', () => {
  const reached = new Set<string>()
  const follow = (page: string): void => {
    if (reached.has(page)) return
    reached.add(page)
    for (const [, target = ''] of textOf(page).matchAll(/\]\(([^)#\s]+\.md)(?:#[^)\s]+)?\)/g)) {
      follow(join(dirname(page), target))
    }
  }
  follow('README.md')
  for (const page of pages) assert.ok(reached.has(page), page)
})

test('a document that the code names is in the repository', () => {
  const sources = globSync(
    '{src,native,test,bench,scripts,packaging,systemd,config}/**/*.{ts,cc,h,yaml,service,conf,rules}',
    {
      cwd: root,
      exclude: ['test/docs/**', 'native/build/**'],
    },
  )
  let named = 0
  for (const source of sources) {
    const text = readFileSync(join(root, source), 'utf8')
    assert.doesNotMatch(text, /\bDESIGN\b/, source)
    for (const [name] of text.matchAll(/\b[\w./-]+\.md\b/g)) {
      named += 1
      const places = [name, join('docs', name), join(dirname(source), name)]
      assert.ok(
        name.startsWith('usr/') || name.startsWith('share/') || places.some((path) => existsSync(join(root, path))),
        `${source}: ${name}`,
      )
    }
  }
  assert.ok(named > 5)
})

test('a file of the repository that a page names is there', () => {
  let named = 0
  for (const page of pages) {
    for (const [, path = ''] of textOf(page).matchAll(
      /`((?:src|test|native|config|scripts|bench|packaging|systemd)\/[^`\s*]+)`/g,
    )) {
      named += 1
      assert.ok(existsSync(join(root, path)), `${page}: ${path}`)
    }
  }
  assert.ok(named > 50)
})
