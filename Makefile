# `make` lists the targets. Each is one line; the work is in scripts/.
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

ifeq ($(OS),Windows_NT)
$(error On Windows this runs in WSL 2 (https://learn.microsoft.com/windows/wsl/install) or in the dev container (see README.md))
endif

# Arguments are read from make's own command line only: variables that a shell exports under such a name (PORT, ENV,
# ID …) are ignored. These are read from the environment: AWS_*, API_TOKEN, AUTO_APPROVE, TEST_CLOUD, CI, LOAD_*,
# LOCALSTACK_*, DOCKER_*, and the settings of pip and uv.
# $(call given,TASK ID) is `--task='…' --id='…'`, with only those that were given.
is_given = $(filter command,$(firstword $(origin $(1))))
quoted = '$(subst ','\'',$(value $(1)))'
# $(call flags,FOLLOW WAIT) is `--no-follow --wait` of `FOLLOW=0 WAIT=1`.
flags = $(foreach name,$(1),$(if $(call is_given,$(name)), --$(if $(filter 0 no false,$(value $(name))),no-)$(shell echo $(name) | tr A-Z a-z)))
given = $(foreach name,$(1),$(if $(call is_given,$(name)), --$(shell echo $(name) | tr A-Z a-z)=$(call quoted,$(name))))
# Arguments for pytest and other tools, unchanged.
words = $(if $(call is_given,ARGS),$(ARGS))

# These change where Python finds modules and how it runs, which the targets must not depend on.
unexport PYTHONDONTWRITEBYTECODE PYTHONHOME PYTHONPATH PYTHONSAFEPATH PYTHONSTARTUP PYTHONOPTIMIZE PYTHONWARNINGS PYTHONPLATLIBDIR VIRTUAL_ENV
export PYTHONUTF8 = 1

# Any Python starts the bootstrap, which looks for the one to use; PYTHON= prescribes it.
ANY_PYTHON = "$$(command -v python3 || command -v python3.13 || command -v python3.12 || command -v python3.11 \
	|| command -v python3.14 || command -v python)"
NO_PYTHON = error: Python 3.11 or newer is needed (Debian and Ubuntu: apt install python3 python3-venv; macOS: \
	brew install python@3.13), or name it: make PYTHON=/path/to/it
RUN = .venv/bin/python -m
COMMAND = $(RUN) scripts
# Files of tests side by side; `ARGS="-n 0"` runs one after the other.
PARALLEL = --dist loadfile --no-loadscope-reorder -n

# The targets by group. `make` lists those with `##`, `make help-all` those with `#-` as well.
.PHONY: help help-all environment local-only plan deploy destroy verify rollback export restore backfill replay docs up down status logs trace url env outputs demo dev invoke seed reset save load-state break mend rights events token approvals approve reject dead-letters redrive load load-ui cost openapi screenshot test unit test-infra test-delivery integration test-localstack test-endpoint emulators bench bench-dev lint mutants scan fmt package lock clean console browse clients add-endpoint add-event add-reaction add-table update

LIST = awk 'BEGIN { FS = ":.*\#[\#-] " } /^\#\#@ / { printf "\n\033[1m%s\033[0m\n", substr($$0, 5) } \
	$$0 ~ shown { gsub(/[$$][$$]/, "$$"); printf "  \033[36mmake %-16s\033[0m %s\n", $$1, $$2 }'
help:
	@$(LIST) shown='^[a-z -]+:.*\#\# ' Makefile
	@printf '\nmake help-all lists the rest; task-manager, in .venv/bin, is the same as a command line with --help.\n'
help-all:
	@$(LIST) shown='^[a-z -]+:.*\#[\#-] ' Makefile
	@printf '\nAlso: PYTHON=python3.x chooses an interpreter, ARGS="…" goes to pytest.\n'

environment:
	@python=$(if $(call is_given,PYTHON),$(call quoted,PYTHON),$(ANY_PYTHON)); \
		command -v "$$python" > /dev/null || { echo "$(NO_PYTHON)" >&2; exit 1; }; \
		"$$python" scripts/base/bootstrap.py $(if $(call is_given,PYTHON),--this-python) $(NEEDS)

# What works on the local cloud alone refuses the ENV= of another, which would look as if it were meant.
IS_LOCAL = error: ENV=%s: this works on the local cloud alone: leave ENV out\n
local-only:
	@$(if $(filter-out local,$(if $(call is_given,ENV),$(value ENV))),printf '$(IS_LOCAL)' $(call quoted,ENV) >&2; exit 2,:)

# Without an installed `terraform`, these need the one from PyPI, which is not built for every platform.
up load-state plan deploy destroy verify rollback test test-infra test-delivery integration test-localstack test-endpoint emulators lint fmt scan: NEEDS = --terraform

##@ Try it
up: local-only environment ## start a local cloud and deploy to it: [CLOUD=embedded|localstack|endpoint ENDPOINT=http://…] [PORT=4566] [AUTH=none|jwt|cognito]
	@$(COMMAND) up$(call given,CLOUD PORT AUTH ENDPOINT)$(call flags,VERBOSE)
demo: environment ## show one task's life, step by step [ENV=]; CHAPTER=faults shows a reaction that fails
	@$(COMMAND) demo$(call given,ENV CHAPTER)
dev: local-only environment ## run the edited code at the next call, and show what happens: [DEBUG=on_completed,relay opens a debugger's port]
	@$(COMMAND) dev$(call given,DEBUG)
status: environment ## show what is running, and where [ENV=]
	@$(COMMAND) status$(call given,ENV)
trace: environment ## trace what followed from a request, ID=, or a task's whole life, TASK= [ENV=] [SINCE=1d] [FORMAT=otlp] [OTLP=collector]
	@$(COMMAND) trace$(call given,ENV TASK ID SINCE FORMAT OTLP)
console: environment ## serve a page for developers: feed, traces, dead letters, workflows, map [PORT=] [ENV=, read-only]
	@$(COMMAND) console$(call given,ENV PORT)
browse: local-only environment #- start StackPort, which shows every resource of the local cloud [PORT=]
	@$(COMMAND) browse$(call given,PORT)
invoke: environment ## call one function as its trigger would: FN=name [EVENT=TaskCreated or a JSON file] [TASK=id] [ENV=]
	@$(COMMAND) invoke$(call given,ENV FN EVENT TASK)
seed: environment #- create believable tasks in all statuses: [N=1000] [USERS=20] [ENV=]
	@$(COMMAND) seed$(call given,ENV N USERS)
reset: local-only environment #- empty the local cloud in seconds; asks if it holds tasks
	@$(COMMAND) reset
save: environment #- save the local cloud, with all that it holds: NAME=demo
	@$(COMMAND) save$(call given,ENV NAME)
load-state: environment #- have the local cloud be as it was saved: NAME=demo; asks before it discards tasks
	@$(COMMAND) load-state$(call given,ENV NAME)
break: local-only environment #- break a function, FN=name [ACTION=s3:PutObject] [THROTTLE=0] [LATENCY=2s], or a delivery, BUS=queue, of the local cloud
	@$(COMMAND) break$(call given,FN ACTION THROTTLE LATENCY BUS)
mend: local-only environment #- end everything that make break did
	@$(COMMAND) mend
rights: local-only environment #- compare what functions may do with what they did: [FN=name] [WRITE=1 writes services/functions.json]
	@$(COMMAND) rights$(call given,FN)$(call flags,WRITE)
logs: environment ## show all functions' logs, merged: [FN=name] [TASK=] [ID=] [SINCE=10m] [FOLLOW=0] [ENV=]
	@$(COMMAND) logs$(call given,ENV FN TASK ID SINCE)$(call flags,FOLLOW)
down: local-only environment ## stop the local cloud
	@$(COMMAND) down
url: environment #- print the API's address [ENV=]
	@$(COMMAND) url$(call given,ENV)
env: local-only environment #- eval "$$(make env)" points the AWS CLI and boto3 at the local cloud
	@$(COMMAND) env
outputs: environment #- print Terraform's outputs as JSON [ENV=]
	@$(COMMAND) outputs$(call given,ENV)
events: environment #- follow the event bus [ENV=]
	@$(COMMAND) events$(call given,ENV)
token: environment #- print a token for the API: [SUB=user] [SCOPES="read write approve admin"] [ENV=]
	@$(COMMAND) token$(call given,ENV SUB SCOPES)
approvals: environment #- list the tasks that wait for an approval [ENV=]
	@$(COMMAND) approvals$(call given,ENV)
approve reject: environment #- decide on a task: TASK=id [VERSION=n] [REASON=text] [APPROVER=name] [ENV=]
	@$(COMMAND) $@$(call given,ENV TASK VERSION REASON APPROVER)
load: environment ## run a load test: [USERS=10] [DURATION=5m] [SHAPE=smoke|steady|spike|soak] [WORKERS=n in Compose]
	@$(RUN) load$(call given,ENV USERS DURATION SHAPE WORKERS)
load-ui: environment #- run a load test from Locust's page [USERS=10]
	@$(RUN) load --ui$(call given,ENV USERS)
cost: environment #- show what a month on AWS costs: [REQUESTS=1e6] [MEMORY=512] [ARCH=arm64|x86_64] [API=http|rest] [RETENTION=30] [MONITORING=full|lean] [MS=20]
	@$(COMMAND) cost$(call given,REQUESTS MEMORY ARCH API RETENTION MONITORING MS)

##@ Change it
fmt: environment ## format Python, Terraform and the console's JavaScript
	@$(COMMAND) lint --fix
openapi: environment ## write docs/openapi.json, docs/asyncapi.json and docs/events from the models
	@$(COMMAND) openapi
clients: environment #- write the typed clients in clients/ from docs/openapi.json
	@$(COMMAND) clients
docs: environment ## write docs/variables.md, the maps of the system, and the figures of docs/costs.md and docs/scaling.md
	@$(COMMAND) docs
lock: environment ## pin the dependencies of pyproject.toml in requirements/ [ARGS=--upgrade]
	@$(COMMAND) lock $(words)
package: environment #- build build/package.zip, the code of all functions [CLOUD=embedded|localstack]
	@$(COMMAND) package$(call given,CLOUD)
add-endpoint: environment #- add a function that answers a route: NAME=get_task_age ROUTE="GET /tasks/{taskId}/age"
	@$(COMMAND) add-endpoint$(call given,NAME ROUTE)
add-table: environment #- add a kind of entity that belongs to a task, with a table, a store and events: ENTITY=comment
	@$(COMMAND) add-table$(call given,ENTITY)
add-event: environment #- add a kind of event that comes with some writes of a task, or of another entity: EVENT=TaskReopened
	@$(COMMAND) add-event$(call given,EVENT)
add-reaction: environment #- add a function that reacts to an event: NAME=congratulate EVENT=TaskCompleted
	@$(COMMAND) add-reaction$(call given,NAME EVENT)
screenshot: environment #- take the pictures in docs, with a local cloud that holds no tasks
	@$(COMMAND) screenshot
# template only
.PHONY: new
new: environment #- write a project of your own: NAME=parcel-tracker ENTITY=parcel INTO=../parcel-tracker [PLURAL=parcels]
	@$(COMMAND) new$(call given,NAME ENTITY PLURAL INTO)
# end of template only
update: environment #- take over a later version of the template: [TO=tag or commit]
	@$(COMMAND) update$(call given,TO)
clean: environment ## stop the cloud; remove what was built, fetched and cached
	@$(COMMAND) clean

##@ Test it
unit: environment ## test rules and handlers, without any cloud or program
	@$(RUN) pytest $(PARALLEL) logical --durations-min=0.5 $(if $(CI),,--hypothesis-profile=brief) $(words) tests/unit
lint: environment ## run ruff, mypy, imports, functions, terraform fmt and validate, biome and tsc, redocly and spectral
	@$(COMMAND) lint
test-infra: environment #- test Terraform, the package, the programs of the project, and facts about AWS
	@$(RUN) pytest $(PARALLEL) logical $(words) tests/infra tests/aws tests/programs
test-delivery: environment #- test how it gets to a cloud, on clouds of their own: killed, with lost answers, as to AWS
	@$(RUN) pytest $(PARALLEL) auto $(words) tests/delivery
integration: environment ## test the running stack, on a local cloud of the tests' own
	@$(RUN) pytest $(PARALLEL) auto $(words) tests/integration
test-localstack: environment ## run the same tests on LocalStack, in containers of their own
	@TEST_CLOUD=localstack $(RUN) pytest $(PARALLEL) auto $(words) tests/integration
test-endpoint: environment #- run the same tests on an emulator that runs already: ENDPOINT=http://… [EMULATOR="name version"]
	@TEST_CLOUD=endpoint TEST_ENDPOINT=$(if $(call is_given,ENDPOINT),$(call quoted,ENDPOINT)) \
		TEST_EMULATOR=$(if $(call is_given,EMULATOR),$(call quoted,EMULATOR)) $(RUN) pytest $(words) tests/integration
emulators: environment #- run the same tests on each local cloud, or take REPORTS="a.xml b.xml", and compare them in docs/emulators.md
	@$(COMMAND) emulators$(if $(call is_given,REPORTS), $(REPORTS))
test: environment ## run all tests, except those on LocalStack
	@$(RUN) pytest $(PARALLEL) auto $(words) tests
mutants: environment #- change the functions' code, one small thing at a time, and report what no test notices: [MODULE=services/core/task.py] [JOBS=1]
	@$(COMMAND) mutants$(call given,MODULE JOBS)
scan: environment #- run checkov, bandit, pip-audit, secrets, Trivy where it is installed
	@$(COMMAND) scan $(words)
bench-dev: environment #- measure make dev: from a saved edit to the new behaviour, for each kind of function [EDITS=100]
	@$(COMMAND) bench-dev$(call given,EDITS)
bench: environment #- count instructions of a cold start and of calls, compared with a plain sample (needs valgrind)
	@$(COMMAND) bench $(words)

##@ Ship it (ENV=dev|prod|pr-NUMBER, with AWS credentials; AUTO_APPROVE=1 skips the questions)
plan: environment ## show what a deployment would change
	@$(COMMAND) plan$(call given,ENV)
deploy: environment ## plan, confirm, apply, smoke test; rolls back if the test fails [FORCE=1 ignores alarms]
	@$(COMMAND) deploy$(call given,ENV)$(call flags,FORCE)
verify: environment ## check a deployment, also a local one: [ONLY=events,rights] [WAIT=300]
	@$(COMMAND) verify$(call given,ENV ONLY WAIT)
rollback: environment ## send calls back to the previous release, also locally
	@$(COMMAND) rollback$(call given,ENV)
destroy: environment #- remove an environment; one whose data is protected, with UNPROTECT=1
	@$(COMMAND) destroy$(call given,ENV)$(call flags,UNPROTECT)
dead-letters: environment #- list the dead letters with their reasons [ENV=]
	@$(COMMAND) dead-letters$(call given,ENV)
redrive: environment #- move dead letters back to their queues: [QUEUE=name] [ENV=]
	@$(COMMAND) redrive$(call given,ENV QUEUE)
export: environment #- write the tasks to a file: FILE= [TABLE=a restored one] [ENV=]
	@$(COMMAND) export$(call given,ENV FILE TABLE)
restore: environment #- restore the tasks from the archived events and an export: FROM=time [FILE=] [WAIT=0] [ENV=]
	@$(COMMAND) restore$(call given,ENV FROM FILE)$(call flags,WAIT)
backfill: environment #- write the fields that stored tasks lack, while the table is in use: [RATE=50] [AFTER=task] [ENV=]
	@$(COMMAND) backfill$(call given,ENV RATE AFTER)
replay: environment #- deliver archived events again: FROM=time [TO=time] [CONSUMER=queue] [WAIT=0] [ENV=]
	@$(COMMAND) replay$(call given,ENV FROM TO CONSUMER)$(call flags,WAIT)
