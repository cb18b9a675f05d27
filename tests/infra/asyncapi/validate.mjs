// Validates an AsyncAPI document. Reads it from standard input, writes what is wrong with it to standard output:
// {"diagnostics": [{severity, code, message, path}]}, where severity is 0 for errors, 1 for warnings, more for hints.
import { text } from 'node:stream/consumers'
import { Parser } from '@asyncapi/parser'

const diagnostics = await new Parser().validate(await text(process.stdin))
console.log(JSON.stringify({ diagnostics }))
