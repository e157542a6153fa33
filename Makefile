# `make` alone lists what there is.
.DEFAULT_GOAL := help
.NOTPARALLEL:
PYTHON := .venv/bin/python

##@ Use

.PHONY: run
run: .venv ## Start everything and stay up; Ctrl-C stops it, the state is kept in .local/
	@exec $(PYTHON) -m deploy.local

.PHONY: demo
demo: .venv ## Play one booking, a move and a cancel on a temporary stack, and check the result
	@exec $(PYTHON) -m deploy.local.demo

.PHONY: status
status: .venv ## Show the parts of the running stack and the memory they use
	@exec $(PYTHON) -m deploy.local.bookwith status

##@ Check

.PHONY: test
test: programs lint ## Everything: style, types, import rules, generated files, all tests
	@exec $(PYTHON) -m pytest -n 2

.PHONY: test-unit
test-unit: .venv ## The tests that need no server
	@exec $(PYTHON) -m pytest tests/unit tests/contracts

.PHONY: test-domain
test-domain: .venv ## The rules alone, in seconds, with fewer random examples than `make test`
	@exec $(PYTHON) -m pytest --domain tests/unit

.PHONY: test-containers
test-containers: .venv ## Integration and component tests with PostgreSQL and Kafka in Docker
	@BOOKWITH_TEST_STACK=containers exec $(PYTHON) -m pytest tests/integration tests/component --ignore tests/integration/test_local_stack.py

.PHONY: coverage
coverage: .venv ## Branch coverage of services/ and contracts/ by the tests that need no server
	@mkdir -p .coverage && $(PYTHON) -m coverage run -m pytest -q tests/unit tests/contracts tests/golden && $(PYTHON) -m coverage report

.PHONY: mutation
mutation: .venv ## Break the domain in each place and see that a test notices; writes docs/mutation.md
	@exec $(PYTHON) -m tests.mutation

.PHONY: guarantees
guarantees: .venv ## Run the tests that docs/guarantees.md names, and print each guarantee with its result
	@exec $(PYTHON) -m tests.guarantees

.PHONY: bench
bench: .venv ## The benchmarks, each compared with its anchor; writes benchmarks/results/
	@exec $(PYTHON) -m benchmarks

.PHONY: races
races: programs ## 500 clients at one moment in six races, with the time that 99 of 100 took
	@BOOKWITH_RACE_CLIENTS=500 exec $(PYTHON) -m pytest -s tests/e2e/test_races_of_many.py

##@ Write

.PHONY: lint
lint: .venv ## Style, types, import rules, spelling, generated files; needs no server
	@echo "ruff" && $(PYTHON) -m ruff check --quiet . && $(PYTHON) -m ruff format --quiet --check .
	@echo "mypy" && $(PYTHON) -m mypy
	@echo "import rules" && .venv/bin/lint-imports --no-logo
	@echo "codespell" && .venv/bin/codespell
	@echo "generated files" && $(PYTHON) -m contracts --check

.PHONY: format
format: .venv ## Format the code and fix what the linter can fix
	@$(PYTHON) -m ruff check --fix-only . && $(PYTHON) -m ruff format .

.PHONY: generate
generate: .venv ## Write the schemas, fixtures and documents that are made from the code
	@$(PYTHON) -m contracts && $(PYTHON) -m deploy.settings_table && $(PYTHON) -m deploy.operations_tables && $(PYTHON) -m tests.state_diagrams

.PHONY: screens
screens: programs ## Take the screens of all pages anew; writes docs/screens/
	@exec $(PYTHON) -m tests.screens

##@ Clean

.PHONY: clean
clean: ## Remove caches
	@rm -rf mutants .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage
	@find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

.PHONY: clean-state
clean-state: ## Delete the state of the local stack, all bookings too (stop it first)
	@rm -rf .local

.PHONY: clean-all
clean-all: clean clean-state ## Remove everything that was made here, .venv too
	@rm -rf .venv

##@ Help

.PHONY: help
help: ## List the targets
	@awk 'BEGIN { FS = ":.*## " } \
	  /^##@ / { printf "\n\033[1m%s\033[0m\n", substr($$0, 5) } \
	  /^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# Installs the pinned packages when they have changed; otherwise it takes no time.
.PHONY: .venv
.venv:
	@python3 -m deploy.local.bootstrap

.PHONY: programs
programs: .venv
	@$(PYTHON) -m deploy.local.machine chromium kcat pgbouncer mvn node npm
