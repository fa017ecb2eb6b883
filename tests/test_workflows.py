"""What the workflows promise: pinned actions, few permissions, no stranger's code near a token."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

FOLDER = Path(__file__).resolve().parent.parent / ".github"
WORKFLOWS = sorted((FOLDER / "workflows").glob("*.yml"))
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}")
OURS = re.compile(r"\$/\.github/workflows/[\w-]+\.yml")
EVENTS = {"pull_request", "push", "schedule", "workflow_call", "workflow_dispatch"}
# What runs code of the repository, or of a package that it names.
CODE = re.compile(r"\b(python|pip|make|npm|npx|bash|\.venv|java|pytest|mkdocs)\b")


def faults(text: str) -> list[str]:
    """What is wrong with a workflow; empty where nothing is."""
    workflow = yaml.safe_load(text)
    found = []
    events = workflow[True]  # YAML takes `on` for a truth value
    if unknown := {*events} - EVENTS:
        found.append(f"events {unknown}")
    if workflow.get("permissions") != {}:
        found.append("permissions at the top")
    if "concurrency" not in workflow:
        found.append("no concurrency")
    for name, job in workflow["jobs"].items():
        found += [f"{name}: {fault}" for fault in job_faults(job)]
    for line in text.splitlines():
        if "@" in line and "uses:" in line and not re.search(r"# v\d+\.\d+\.\d+$", line):
            found.append(f"no version beside the pin: {line.strip()}")
    return found


def job_faults(job: dict) -> Iterator[str]:
    steps = job.get("steps", [])
    for step in [job, *steps]:
        if "uses" in step and not (PINNED.fullmatch(step["uses"]) or OURS.fullmatch(step["uses"])):
            yield f"not pinned: {step['uses']}"
    permissions = job.get("permissions")
    if not isinstance(permissions, dict):
        yield "no permissions of its own"
        return
    checks_out = any(step.get("uses", "").startswith("actions/checkout@") for step in steps)
    for step in steps:
        if step.get("uses", "").startswith("actions/checkout@"):
            if step.get("with", {}).get("persist-credentials") is not False:
                yield "checkout keeps the credentials"
    writes = {right for right, level in permissions.items() if level == "write"}
    runs = any(CODE.search(step.get("run", "")) for step in steps)
    if writes and (checks_out or runs or "uses" in job):
        yield f"may write {sorted(writes)} and runs code of the repository"
    if checks_out and re.search(r"secrets\.|github\.token", yaml.safe_dump(job)):
        yield "names a token and runs code of the repository"
    if "uses" not in job and not 0 < job.get("timeout-minutes", 0) <= 180:
        yield "no time limit"
    if any("${{" in step.get("run", "") for step in steps):
        yield "an expression inside a script"


def caches(text: str) -> list[tuple[str, str]]:
    """Each use of the cache: the action, and when."""
    jobs = yaml.safe_load(text)["jobs"].values()
    steps = [step for job in jobs for step in job.get("steps", [])]
    used = [step for step in steps if "actions/cache" in step.get("uses", "")]
    return [(step["uses"].partition("@")[0], step.get("if", "")) for step in used]


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_a_workflow_keeps_the_rules(file):
    assert faults(file.read_text(encoding="utf-8")) == []


def test_the_workflows_are_these():
    names = {file.stem for file in WORKFLOWS}
    assert {"ci", "pages", "release", "nightly", "scheduled"} == names


CI, PAGES = ((FOLDER / "workflows" / name).read_text("utf-8") for name in ("ci.yml", "pages.yml"))


@pytest.mark.parametrize(
    "text, old, new",
    [
        (CI, "  pull_request:", "  pull_request_target:"),
        (CI, "permissions: {}", "permissions: {contents: read}"),
        (CI, "permissions: {}\n", ""),
        (CI, "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1", "actions/checkout@v7"),
        (CI, " # v7.0.1", ""),
        (CI, "persist-credentials: false", "persist-credentials: true"),
        (CI, "contents: read #", "contents: write #"),
        (CI, "    timeout-minutes: 45\n", ""),
        (CI, "python tools/setup.py --locked", "python ${{ github.head_ref }}"),
        (CI, "          path: site", "          path: ${{ secrets.TOKEN }}"),
        (CI, "concurrency:", "concurrence:"),
        (PAGES, "      - id: deployment", "      - run: make build\n      - id: deployment"),
        (PAGES, "      contents: read", "      contents: write"),
        (PAGES, "$/.github/workflows/ci.yml", "someone/else/.github/workflows/ci.yml@main"),
    ],
)
def test_a_planted_fault_is_found(text, old, new):
    assert old in text
    assert faults(text.replace(old, new, 1)) != []


def test_the_job_that_publishes_runs_nothing_of_the_repository():
    jobs = yaml.safe_load(PAGES)["jobs"]
    publishing = [name for name, job in jobs.items() if "pages" in job["permissions"]]
    assert publishing == ["deploy"]
    (step,) = jobs["deploy"]["steps"]
    assert step["uses"].startswith("actions/deploy-pages@")
    assert jobs["deploy"]["environment"]["name"] == "github-pages"


def test_nothing_that_a_pull_request_ran_can_be_published():
    """Pull requests only read the cache; what is published or released never does."""
    pull, other = "github.event_name == 'pull_request'", "github.event_name != 'pull_request'"
    assert caches(CI) == [("actions/cache/restore", pull), ("actions/cache/save", other)]
    assert caches(PAGES) == []
    assert caches((FOLDER / "workflows/release.yml").read_text("utf-8")) == []


def test_every_guarded_path_is_there():
    lines = (FOLDER / "CODEOWNERS").read_text("utf-8").splitlines()
    patterns = [line.split()[0] for line in lines if line and line[0] != "#"]
    for guarded in ("/.github/", "/weave/", "/overrides/", "/requirements*.txt"):
        assert guarded in patterns
    root = FOLDER.parent
    assert [pattern for pattern in patterns if not list(root.glob(pattern.strip("/")))] == []


@pytest.mark.parametrize("form", ["claim", "translation", "numbers", "chapter"])
def test_a_form_speaks_both_languages(form):
    text = yaml.safe_load((FOLDER / "ISSUE_TEMPLATE" / f"{form}.yml").read_text("utf-8"))
    said = [text["name"], text["description"]]
    said += [field["attributes"]["label"] for field in text["body"]]
    for words in said:
        assert re.search(r"[\u4e00-\u9fff]", words) and re.search(r"[A-Za-z]{4}", words), words


def test_the_link_on_a_page_opens_a_form_that_exists_with_its_field(root):
    link = (root / "overrides/partials/actions.html").read_text("utf-8")
    (name,) = re.findall(r"template=([\w.-]+)", link)
    form = yaml.safe_load((FOLDER / "ISSUE_TEMPLATE" / name).read_text("utf-8"))
    assert "&amp;page=" in link
    assert "page" in [field["id"] for field in form["body"]]


def test_the_release_names_only_targets_that_exist(root):
    text = (FOLDER / "workflows/release.yml").read_text("utf-8")
    targets = re.findall(r"^([a-z-]+):", (root / "Makefile").read_text("utf-8"), re.MULTILINE)
    used = re.findall(r"(?:run: |\n\s+)make ([a-z-]+)", text)
    assert [name for name in used if name not in targets] == []
