# Everything runs in .venv, which the first command sets up. The README gives the same
# commands without make.
PYTHON ?= python3
VENV := .venv/bin/python
CHECKS := .venv/checks/bin
# Material's notice about its successor, at every build; requirements.txt pins what works.
export NO_MKDOCS_2_WARNING := 1

.PHONY: serve check check-all new-chapter test build lint offline epub reproducible newest in-step notebooks bench mutate lock lint-github clean checks setup

serve: setup  ## both languages at http://127.0.0.1:8000, kept up to date while you write
	$(VENV) -m mkdocs serve

check: setup  ## what changed since main, and what depends on it
	@$(VENV) tools/check.py

check-all: test  ## all that CI does

new-chapter: setup  ## the files of a chapter: make new-chapter part=mechanics name=my-topic
	@$(VENV) tools/new_chapter.py $(part) $(name)

test: build lint  ## the strict build, the linter and all tests, browser included
	$(VENV) tools/browser.py
	$(VENV) -m pytest -n auto

build: setup  ## the site in site/; any mistake in a chapter fails it
	$(VENV) -m mkdocs build --strict

lint: setup  ## the code's style and its plain mistakes
	$(VENV) -m ruff check

offline: build  ## dist/matmul-book.zip: the whole book, to be read from a folder
	$(VENV) tools/offline.py

epub: build  ## dist/matmul-book-zh.epub and -en.epub
	$(VENV) tools/epub.py

reproducible: setup  ## build twice under different conditions and compare every byte
	$(VENV) tools/reproducible.py

in-step: setup  ## both languages of a page say the same: make in-step page=mechanics/rounding
	$(VENV) -m weave.twins $(page)

notebooks: setup  ## the committed notebooks, as the pages now are
	$(VENV) -m weave notebooks

bench: setup  ## what the builds cost, as ratios
	$(VENV) tools/bench.py

mutate: setup  ## which planted faults the tests miss: make mutate snippet=mechanics/rounding
	$(VENV) tools/mutate.py $(snippet)

lock: checks  ## write locks/ anew after a change of requirements*.txt
	$(CHECKS)/python tools/lock.py

lint-github: checks  ## the workflows, Dependabot's settings and the forms
	PATH="$(CURDIR)/$(CHECKS):$$PATH" bash .github/lint.sh

clean:  ## remove what the builds made; .venv stays
	rm -rf site dist .site.* .weave .pytest_cache .ruff_cache .hypothesis

# The linters of what GitHub reads, apart from all that the book needs.
checks: setup
	@test -x $(CHECKS)/zizmor || { $(VENV) -m venv .venv/checks && \
		$(CHECKS)/python -m pip install --quiet --no-deps --require-hashes -r locks/ci.txt; }

setup:
	@$(PYTHON) tools/setup.py
