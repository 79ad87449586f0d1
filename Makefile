# `make` alone prints what there is.
PYTHON ?= python3
PORT ?= 8000
export PORT NO_BROWSER EMPTY

BIN := .venv/bin
# What production must say, with nothing real in it: the deployment checks need settings, not servers.
PRODUCTION := DEMO=0 SECRET_KEY=only-for-the-checks-0123456789abcdefghijklmnopqrstuvwxyz ALLOWED_HOSTS=redress.example \
	DATABASE_URL=postgresql://redress@db.example/redress?sslmode=verify-full STRIPE_API_KEY=sk_test_checks \
	STRIPE_WEBHOOK_SECRETS=whsec_checks EMAIL_URL=smtp://mail.example

.DEFAULT_GOAL := help
.PHONY: help run test check rules types tables bench reset-demo lock audit readiness access-matrix

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## bring the portal up with its demo world: PORT=8000 NO_BROWSER=1 EMPTY=1
	@exec $(PYTHON) config/deploy/bootstrap.py production -m config.deploy.supervisor run

test: ## install what is needed, then run every check and every test
	@$(PYTHON) config/deploy/bootstrap.py development
	@$(MAKE) --no-print-directory check

check: ## format, lint, types, layers, deployment, migrations, tests
	@$(MAKE) --no-print-directory --jobs=2 --output-sync rules types tables
	$(BIN)/pytest

rules:
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(PRODUCTION) $(BIN)/python manage.py check --deploy --fail-level WARNING
	$(BIN)/python manage.py makemigrations --check --dry-run

types:
	$(BIN)/mypy .

tables:
	$(BIN)/python -m tests.harness.migrated

bench: ## measure against references in the same run, one table: ONLY=queue_page SIZE=small KEEP=1
	@BENCH_SIZE=$(or $(SIZE),full) BENCH_KEEP=$(KEEP) $(PYTHON) config/deploy/bootstrap.py development -m tests.benchmarks $(ONLY)

reset-demo: ## forget the demo world; the next run makes a new one
	@$(PYTHON) config/deploy/bootstrap.py production -m config.deploy.supervisor reset

lock: ## choose the newest allowed versions and write them down with their hashes
	@$(PYTHON) config/deploy/bootstrap.py development config/deploy/lock.py

audit: ## write an SBOM, check licences, and ask for known vulnerabilities of the locked packages
	@$(PYTHON) config/deploy/bootstrap.py development config/deploy/audit.py

readiness: ## print what is promised, what was measured, and what misses its limit
	@$(PYTHON) config/deploy/bootstrap.py development config/deploy/readiness.py

access-matrix: ## print who hears what at every address, by role: FORMAT=csv|md
	@DJANGO_SETTINGS_MODULE=tests.settings $(PYTHON) config/deploy/bootstrap.py development -m tests.architecture.access_matrix $(FORMAT)
