// Validates AsyncAPI documents. Answers each line, which is a document, with a line on what is wrong with it:
// {"diagnostics": [{severity, code, message, path}]}, where severity is 0 for errors, 1 for warnings, more for hints.
import { createInterface } from 'node:readline'
import { Parser } from '@asyncapi/parser'

for await (const document of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify({ diagnostics: await new Parser().validate(document) }))
}
