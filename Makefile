# The door: `make` lists the targets. Each is one line; the work is in scripts/.
SHELL := /bin/bash
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

CLOUD ?= auto
PORT ?= 4566
AUTH ?= none
PYTHON ?=
ARGS ?=

# Any Python starts the bootstrap, which looks for a fitting one; PYTHON= insists on the one named.
SOME_PYTHON = $(or $(PYTHON),$(firstword $(shell command -v python3 python3.13 python3.12 python3.11 python)),python3)
RUN = .venv/bin/python -m
PYTEST = $(RUN) pytest $(ARGS)

.PHONY: help environment plan deploy destroy verify rollback export restore replay docs up down status logs trace url env outputs demo events token approvals approve reject dead-letters redrive load load-ui cost openapi screenshot test unit test-infra integration test-localstack bench lint scan fmt package lock clean

help:
	@awk 'BEGIN { FS = ":.*## " } /^##@ / { printf "\n\033[1m%s\033[0m\n", substr($$0, 5) } \
		/^[a-z -]+:.*## / { gsub(/[$$][$$]/, "$$"); printf "  \033[36mmake %-16s\033[0m %s\n", $$1, $$2 }' Makefile
	@printf '\nVariables: CLOUD=auto|embedded|localstack PORT=4566 AUTH=none|jwt|cognito PYTHON=python3.x VERBOSE=1 ARGS="pytest arguments"\n'

environment:
	@PYTHON="$(PYTHON)" $(SOME_PYTHON) scripts/bootstrap.py

##@ The local cloud
up: environment ## start a local cloud and deploy the application to it
	@$(RUN) scripts.up --cloud "$(CLOUD)" --port "$(PORT)" --auth "$(AUTH)"
down: environment ## stop it; nothing is left running
	@$(RUN) scripts.down
status: environment ## what is running, and where
	@$(RUN) scripts.status
url: environment ## the API's address
	@$(RUN) scripts.show url
env: environment ## eval "$$(make env)" points the AWS CLI and boto3 at it
	@$(RUN) scripts.show env
outputs: environment ## Terraform's outputs as JSON
	@$(RUN) scripts.show outputs

##@ Seeing what happens (ENV=dev|prod for a deployment on AWS)
demo: environment ## a task's whole life, told step by step
	@$(RUN) scripts.demo
logs: environment ## all functions' logs, merged: [FN=name] [TASK=id] [ID=correlation id] [SINCE=10m] [FOLLOW=0]
	@$(RUN) scripts.logs
trace: environment ## what followed from a request: ID=correlation id, or TASK=id for a task's whole life
	@$(RUN) scripts.trace
events: environment ## follow the event bus live
	@$(RUN) scripts.events
token: environment ## a token for the API, where it wants one: [SUB=user] [SCOPES="read write approve admin"]
	@$(RUN) scripts.token
approvals: environment ## what waits for an approval
	@$(RUN) scripts.approvals list
approve reject: environment ## decide: TASK=id [REASON=text] [APPROVER=name]
	@$(RUN) scripts.approvals $@
dead-letters: environment ## what could not be handled, and why
	@$(RUN) scripts.dead_letters
redrive: environment ## move it back: [QUEUE=name]
	@$(RUN) scripts.redrive

##@ AWS (ENV=dev|prod|pr-NUMBER, with credentials; AUTO_APPROVE=1 asks nobody)
plan: environment ## what a deployment would change
	@$(RUN) scripts.deploy plan "$(ENV)"
deploy: environment ## show it, ask, apply, test; back to the release before if the test fails
	@$(RUN) scripts.deploy deploy "$(ENV)"
destroy: environment ## remove an environment; one whose data is protected, with UNPROTECT=1
	@$(RUN) scripts.deploy destroy "$(ENV)"
verify: environment ## check a deployment, here too: API, events, approval, rights, commands [ONLY=events,rights] [WAIT=300]
	@$(RUN) scripts.verify
rollback: environment ## send calls to the release before (locally, too)
	@$(RUN) scripts.rollback
export: environment ## the tasks to a file: FILE= [TABLE=one restored beside]
	@$(RUN) scripts.restore export
restore: environment ## the tasks from the bus' archive, and an export: FROM=time [FILE=]
	@$(RUN) scripts.restore restore
replay: environment ## say events again: FROM=time [TO=time] [CONSUMER=queue]
	@$(RUN) scripts.replay

##@ Tests
test: environment ## everything
	@$(PYTEST) tests
unit: environment ## rules and handlers, nothing running
	@$(PYTEST) tests/unit
test-infra: environment ## Terraform and the package
	@$(PYTEST) tests/infra
integration: environment ## the API on a local cloud of the tests' own
	@$(PYTEST) tests/integration
test-localstack: environment ## the same tests on LocalStack, in containers of their own
	@TEST_CLOUD=localstack $(PYTEST) tests/integration

##@ Load, and what it costs
load: environment ## a run with a verdict: USERS=10 DURATION=5m SHAPE=smoke|steady|spike|soak [WORKERS=n in Compose]
	@$(RUN) scripts.load --users "$(USERS)" --duration "$(DURATION)" --shape "$(SHAPE)" --workers "$(WORKERS)"
load-ui: environment ## the same from Locust's page
	@$(RUN) scripts.load --ui
cost: environment ## a month on AWS: REQUESTS=1e6 [MEMORY=512 ARCH=arm64|x86_64 API=http|rest RETENTION=30 MS=20]
	@$(RUN) scripts.cost --requests "$(REQUESTS)" --memory "$(MEMORY)" --architecture "$(ARCH)" --api "$(API)" --retention "$(RETENTION)" --milliseconds "$(MS)"

bench: environment ## instructions of a start and of calls, beside a plain boto3 sample (needs valgrind)
	@$(RUN) scripts.bench $(ARGS)

##@ The code
lint: environment ## ruff, mypy, terraform fmt and validate
	@$(RUN) scripts.lint
scan: environment ## checkov, bandit, pip-audit, secrets, Trivy where installed
	@$(RUN) scripts.scan $(ARGS)
fmt: environment ## format Python and Terraform
	@$(RUN) scripts.lint --fix
package: environment ## build/package.zip: the code of all functions
	@$(RUN) scripts.package
docs: environment ## docs/variables.md from infra/variables*.tf
	@$(RUN) scripts.variables
openapi: environment ## docs/openapi.json and docs/events from the models
	@$(RUN) scripts.contracts
screenshot: environment ## docs/console.png, of a local cloud that is fresh
	@$(RUN) scripts.screenshot
lock: environment ## pin the dependencies of pyproject.toml in requirements/
	@$(RUN) scripts.lock $(ARGS)
clean: environment ## stop the cloud; remove what was built, fetched and cached
	@$(RUN) scripts.clean
