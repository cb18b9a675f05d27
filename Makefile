# The door: `make` lists the targets. Each is one line; the work is in scripts/.
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

ifeq ($(OS),Windows_NT)
$(error On Windows this runs in WSL 2 (https://learn.microsoft.com/windows/wsl/install) or in the dev container (see README.md))
endif

# Arguments count from make's own command line: what a shell's profile exports under such a name (PORT, ENV, ID …)
# changes nothing. Documented as environment, and read there: AWS_*, API_TOKEN, AUTO_APPROVE, TEST_CLOUD, CI, LOAD_*,
# LOCALSTACK_*, DOCKER_*, and the settings of pip and uv.
# $(call given,TASK ID) is `--task='…' --id='…'`, of those that were given.
is_given = $(filter command,$(firstword $(origin $(1))))
quoted = '$(subst ','\'',$(value $(1)))'
given = $(foreach name,$(1),$(if $(call is_given,$(name)), --$(shell echo $(name) | tr A-Z a-z)=$(call quoted,$(name))))
# Arguments for pytest and the like, as they were written.
words = $(if $(call is_given,ARGS),$(ARGS))

# These change where Python finds modules and how it runs: here they could only do harm.
unexport PYTHONHOME PYTHONPATH PYTHONSAFEPATH PYTHONSTARTUP PYTHONOPTIMIZE PYTHONWARNINGS PYTHONPLATLIBDIR VIRTUAL_ENV
export PYTHONUTF8 = 1

# Any Python starts the bootstrap, which looks for the one to use; PYTHON= insists on the one named.
ANY_PYTHON = "$$(command -v python3 || command -v python3.13 || command -v python3.12 || command -v python3.11 \
	|| command -v python3.14 || command -v python)"
NO_PYTHON = error: Python 3.11 or newer is needed (Debian and Ubuntu: apt install python3 python3-venv; macOS: \
	brew install python@3.13), or name it: make PYTHON=/path/to/it
RUN = .venv/bin/python -m
PYTEST = $(RUN) pytest $(words)

.PHONY: help environment plan deploy destroy verify rollback export restore replay docs up down status logs trace url env outputs demo events token approvals approve reject dead-letters redrive load load-ui cost openapi screenshot test unit test-infra integration test-localstack bench lint scan fmt package lock clean

help:
	@awk 'BEGIN { FS = ":.*## " } /^##@ / { printf "\n\033[1m%s\033[0m\n", substr($$0, 5) } \
		/^[a-z -]+:.*## / { gsub(/[$$][$$]/, "$$"); printf "  \033[36mmake %-16s\033[0m %s\n", $$1, $$2 }' Makefile
	@printf '\nVariables: CLOUD=embedded|localstack PORT=4566 AUTH=none|jwt|cognito PYTHON=python3.x VERBOSE=1 ARGS="pytest arguments"\n'

environment:
	@python=$(if $(call is_given,PYTHON),$(call quoted,PYTHON),$(ANY_PYTHON)); \
		command -v "$$python" > /dev/null || { echo "$(NO_PYTHON)" >&2; exit 1; }; \
		"$$python" scripts/base/bootstrap.py $(if $(call is_given,PYTHON),--this-python) $(NEEDS)

# Where no `terraform` is installed, these need the one from PyPI, which is not built for every platform.
up plan deploy destroy verify rollback test test-infra integration test-localstack lint: NEEDS = --terraform

##@ The local cloud
up: environment ## start a local cloud and deploy the application to it
	@$(RUN) scripts.deployments.up$(call given,CLOUD PORT AUTH VERBOSE)
down: environment ## stop it; nothing is left running
	@$(RUN) scripts.deployments.down
status: environment ## what is running, and where
	@$(RUN) scripts.operators.status$(call given,ENV)
url: environment ## the API's address
	@$(RUN) scripts.deployments.show url
env: environment ## eval "$$(make env)" points the AWS CLI and boto3 at it
	@$(RUN) scripts.deployments.show env
outputs: environment ## Terraform's outputs as JSON
	@$(RUN) scripts.deployments.show outputs

##@ Seeing what happens (ENV=dev|prod for a deployment on AWS)
demo: environment ## a task's whole life, told step by step
	@$(RUN) scripts.operators.demo$(call given,ENV)
logs: environment ## all functions' logs, merged: [FN=name] [TASK=id] [ID=correlation id] [SINCE=10m] [FOLLOW=0]
	@$(RUN) scripts.operators.logs$(call given,ENV FN TASK ID SINCE FOLLOW)
trace: environment ## what followed from a request: ID=correlation id, or TASK=id for a task's whole life
	@$(RUN) scripts.operators.trace$(call given,ENV TASK ID SINCE)
events: environment ## follow the event bus live
	@$(RUN) scripts.operators.events$(call given,ENV)
token: environment ## a token for the API, where it wants one: [SUB=user] [SCOPES="read write approve admin"]
	@$(RUN) scripts.deployments.token$(call given,ENV SUB SCOPES)
approvals: environment ## what waits for an approval
	@$(RUN) scripts.operators.approvals list$(call given,ENV)
approve reject: environment ## decide: TASK=id [VERSION=n] [REASON=text] [APPROVER=name]
	@$(RUN) scripts.operators.approvals $@$(call given,ENV TASK VERSION REASON APPROVER)
dead-letters: environment ## what could not be handled, and why
	@$(RUN) scripts.operators.dead_letters$(call given,ENV)
redrive: environment ## move it back: [QUEUE=name]
	@$(RUN) scripts.operators.redrive$(call given,ENV QUEUE)

##@ AWS (ENV=dev|prod|pr-NUMBER, with credentials; AUTO_APPROVE=1 asks nobody)
plan: environment ## what a deployment would change
	@$(RUN) scripts.deployments.deploy plan$(call given,ENV)
deploy: environment ## show it, ask, apply, test; back to the release before if the test fails; alarms ignored: FORCE=1
	@$(RUN) scripts.deployments.deploy deploy$(call given,ENV FORCE)
destroy: environment ## remove an environment; one whose data is protected, with UNPROTECT=1
	@$(RUN) scripts.deployments.deploy destroy$(call given,ENV UNPROTECT)
verify: environment ## check a deployment, here too: API, events, approval, rights, commands [ONLY=events,rights] [WAIT=300]
	@$(RUN) scripts.operators.verify$(call given,ENV ONLY WAIT)
rollback: environment ## send calls to the release before (locally, too)
	@$(RUN) scripts.deployments.rollback$(call given,ENV)
export: environment ## the tasks to a file: FILE= [TABLE=one restored beside]
	@$(RUN) scripts.operators.restore export$(call given,ENV FILE TABLE)
restore: environment ## the tasks from the bus' archive, and an export: FROM=time [FILE=] [WAIT=0]
	@$(RUN) scripts.operators.restore restore$(call given,ENV FROM FILE WAIT)
replay: environment ## say events again: FROM=time [TO=time] [CONSUMER=queue] [WAIT=0]
	@$(RUN) scripts.operators.replay$(call given,ENV FROM TO CONSUMER WAIT)

##@ Tests
test: environment ## everything
	@$(PYTEST) tests
unit: environment ## rules and handlers, nothing running
	@$(PYTEST) tests/unit
test-infra: environment ## Terraform, the package, and what is known of AWS
	@$(PYTEST) tests/infra tests/aws
integration: environment ## the API on a local cloud of the tests' own
	@$(PYTEST) tests/integration
test-localstack: environment ## the same tests on LocalStack, in containers of their own
	@TEST_CLOUD=localstack $(PYTEST) tests/integration

##@ Load, and what it costs
load: environment ## a run with a verdict: USERS=10 DURATION=5m SHAPE=smoke|steady|spike|soak [WORKERS=n in Compose]
	@$(RUN) load.run$(call given,ENV USERS DURATION SHAPE WORKERS)
load-ui: environment ## the same from Locust's page
	@$(RUN) load.run --ui$(call given,ENV USERS)
cost: environment ## a month on AWS: REQUESTS=1e6 [MEMORY=512 ARCH=arm64|x86_64 API=http|rest RETENTION=30 MS=20]
	@$(RUN) scripts.economics.cost$(call given,REQUESTS MEMORY ARCH API RETENTION MS)

bench: environment ## instructions of a start and of calls, beside a plain boto3 sample (needs valgrind)
	@$(RUN) scripts.bench $(words)

##@ The code
lint: environment ## ruff, mypy, terraform fmt and validate
	@$(RUN) scripts.quality.lint
scan: environment ## checkov, bandit, pip-audit, secrets, Trivy where installed
	@$(RUN) scripts.quality.scan $(words)
fmt: environment ## format Python and Terraform
	@$(RUN) scripts.quality.lint --fix
package: environment ## build/package.zip: the code of all functions, for CLOUD=embedded|localstack
	@$(RUN) scripts.build.package$(call given,CLOUD)
docs: environment ## docs/variables.md from infra/variables*.tf
	@$(RUN) scripts.documents.variables
openapi: environment ## docs/openapi.json and docs/events from the models
	@$(RUN) scripts.documents.contracts
screenshot: environment ## docs/console.png, of a local cloud that is fresh
	@$(RUN) scripts.quality.screenshot
lock: environment ## pin the dependencies of pyproject.toml in requirements/
	@$(RUN) scripts.quality.lock $(words)
clean: environment ## stop the cloud; remove what was built, fetched and cached
	@$(RUN) scripts.quality.clean
