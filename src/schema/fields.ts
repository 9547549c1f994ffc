import * as z from 'zod'
import { DURATION, formatDuration, parseDurationMs } from './duration.ts'

/*
 * Kinds of keys. The error text of each schema is the noun phrase of what it expects: the loader puts the path before
 * it and what was received behind it, and the documentation ends with it, so that the three cannot differ.
 */

type Shape = Readonly<Record<string, z.ZodType>>

/** A mapping that knows its keys. Left out or empty, every key has its default. */
export function section<S extends Shape>(about: string, shape: S) {
  return z
    .strictObject(shape, { error: 'a mapping' })
    .prefault({} as never)
    .meta({ description: about })
}

type Primitive = string | number | boolean | null

/** One of some values; the first is the default. */
export function choice<const V extends Primitive>(about: string, values: readonly V[]) {
  const error = enumerate(values)
  return z
    .literal(values, { error })
    .default(values[0] as never)
    .meta({ description: document(about, error) })
}

/** Text of the form `5s`, in the configuration whole milliseconds from `min` to `max`. */
export function duration(about: string, preset: string, min: string, max: string) {
  const expected = `a duration from ${min} to ${max}, such as ${preset}`
  return z
    .codec(z.string({ error: expected }).regex(DURATION, { error: expected }), z.number(), {
      decode: (text, context) => {
        const ms = parseDurationMs(text)
        if (ms >= parseDurationMs(min) && ms <= parseDurationMs(max)) return ms
        context.issues.push({ code: 'custom', message: expected, input: text })
        return z.NEVER
      },
      encode: formatDuration,
    })
    .prefault(preset)
    .meta({ description: document(about, expected) })
}

/** A decimal number. */
export function number(about: string, preset: number, min: number, max: number) {
  const error = `a number from ${min} to ${max}`
  return z
    .number({ error })
    .min(min, { error })
    .max(max, { error })
    .default(preset)
    .meta({ description: document(about, error) })
}

/** A part of a whole. */
export function fraction(about: string, preset: number) {
  return number(about, preset, 0, 1)
}

export function optionalNumber(about: string, min: number, max: number) {
  const error = `a number from ${min} to ${max} or null`
  return z
    .number({ error })
    .min(min, { error })
    .max(max, { error })
    .nullable()
    .default(null)
    .meta({ description: document(about, error) })
}

/** Text of a form. A form's expectation says when `null` is allowed too. */
export interface Form {
  readonly expected: string
  readonly pattern: RegExp
  /** What no pattern can say. */
  readonly accepts?: (text: string) => boolean
}

export const ABSOLUTE_PATH: Form = { expected: 'an absolute path', pattern: /^\/[^\0]{0,4095}$/ }

export function text(about: string, form: Form, preset: string) {
  return textOf(form)
    .default(preset)
    .meta({ description: document(about, form.expected) })
}

export function optionalText(about: string, form: Form) {
  const expected = `${form.expected} or null`
  return textOf({ ...form, expected })
    .nullable()
    .default(null)
    .meta({ description: document(about, expected) })
}

/** Any number of texts of a form, up to `most`. */
export function texts(about: string, form: Form, example: string, most = 100) {
  const error = `a list of at most ${most} entries, each ${form.expected}, such as ${example}`
  return z
    .array(textOf(form), { error })
    .max(most, { error })
    .default([])
    .meta({ description: document(about, error) })
}

/** Free keys of one form with text of another. */
export function mapping(about: string, key: Form, value: Form, example: string) {
  const expected = `a mapping of names to text, such as ${example}`
  return z
    .record(textOf(key), textOf(value), { error: expected })
    .default({})
    .meta({ description: document(about, expected) })
}

/** As `choice`, without a default: the operator has to say it. */
export function requiredChoice<const V extends Primitive>(about: string, values: readonly V[]) {
  const error = enumerate(values)
  return z.literal(values, { error }).meta({ description: document(about, error) })
}

export function requiredNumber(about: string, min: number, max: number) {
  const error = `a number from ${min} to ${max}`
  return z
    .number({ error })
    .min(min, { error })
    .max(max, { error })
    .meta({ description: document(about, error) })
}

export function requiredText(about: string, form: Form) {
  return textOf(form).meta({ description: document(about, form.expected) })
}

function textOf({ expected, pattern, accepts }: Form) {
  // One that has another form is told of once.
  const text = z.string({ error: expected }).regex(pattern, { error: expected, abort: true })
  return accepts === undefined ? text : text.refine(accepts, { error: expected })
}

function document(about: string, expected: string): string {
  return `${about} Expects ${expected}.`
}

function enumerate(values: readonly unknown[]): string {
  const words = values.map(String)
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
}
