"""What a finished page needs beyond Material: its twin in the other language, a policy that lets
only the theme's own scripts run, and names for what assistive technology reads.

Pure functions of strings and of MkDocs' configuration; weave/building.py calls them.
"""
import base64
import hashlib
import re
from pathlib import Path
from typing import NamedTuple

PREFIXES = {"zh": "", "en": "en/"}  # where each language lives below the site's root
NAMES = {"zh": "中文", "en": "English"}
SEARCH = {"zh": "搜索", "en": "Search"}

# The theme's templates that hold inline scripts. Only these, rendered afresh, are trusted:
# taken from a finished page, hostile output would bless itself.
SCRIPT_TEMPLATES = [f"partials/javascripts/{name}.html" for name in ("base", "palette", "content")]
INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)
SCRIPT = re.compile(r"<script\b([^>]*)>(.*?)</script", re.DOTALL | re.IGNORECASE)
LOCAL = re.compile(r'\s(?:src="(?![a-z]+:|//)[^"]+"|id="__config" type="application/json")')

CODE = re.compile(r"<pre>(?:<span></span>)?(<code\b.*?</code>)</pre>", re.DOTALL)

INTERACTIVE = re.compile(r'<figure class="woven" data-interactive="([\w-]+)"')

OPENING, CLOSING = "（(“‘「", ",.;:!?)’”，。；：！？）、」"
FORMULA = re.compile(
    rf"<math(?![^>]*display)[^<]*(?:<(?!/math>)[^<]*)*</math>(?P<after>[{CLOSING}]*)"
)


class Translation(NamedTuple):
    language: str
    name: str  # of the language, in that language
    link: str  # from the root of the site that links to it
    url: str  # absolute
    written: bool  # in that language, and not a notice that it is not


def root(config) -> str:
    """The address of the whole site, whichever of its languages `config` builds."""
    return (config.site_url or "/").removesuffix(PREFIXES[config.theme["language"]])


def home(language: str, config) -> str:
    """The address of a language's front page."""
    return root(config) + PREFIXES[language]


def translations(page, config) -> list[Translation]:
    """`page` in every language, itself included.

    Where its twin is awaited, the link leads to the notice; from what is no page, to the front.
    """
    up = "../" if PREFIXES[config.theme["language"]] else ""
    found = []
    for language, prefix in PREFIXES.items():
        file = Path(config.docs_dir).parent / language / page.file.src_uri if page else None
        written = bool(file and file.is_file())
        there = written or page and (page.meta.get("twin") or page.meta.get("notice"))
        path = prefix + (page.url.removeprefix("./") if there else "")
        name, url = NAMES[language], root(config) + path
        found.append(Translation(language, name, up + path, url, written))
    return found


def interactive(page) -> list[str]:
    """The names of the scripts that a page's figures ask for, each once."""
    return list(dict.fromkeys(INTERACTIVE.findall(page.content or ""))) if page else []


def theme_scripts(env, config, base_url: str) -> list[str]:
    """The inline scripts that the theme gives a page at this depth (`base_url`)."""
    pages = (env.get_template(name).render(config=config, base_url=base_url)
             for name in SCRIPT_TEMPLATES)
    return [script for html in pages for script in INLINE.findall(html)]


def foreign_scripts(html: str, trusted: list[str]) -> list[str]:
    """The scripts on a page that are neither the theme's nor files of this site."""
    return [attributes + body for attributes, body in SCRIPT.findall(html)
            if not (LOCAL.match(attributes) or not attributes and body in trusted)]


def policy(trusted: list[str]) -> str:
    """A content-security policy under which nothing runs but `trusted` and the site's own files."""
    digests = (hashlib.sha256(script.encode()).digest() for script in trusted)
    hashes = " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
    return "; ".join([
        "default-src 'none'", f"script-src 'self' {hashes}", "worker-src 'self'",
        "style-src 'self' 'unsafe-inline'", "img-src 'self' data:", "font-src 'self'",
        "connect-src 'self'", "manifest-src 'self'", "base-uri 'self'", "form-action 'self'",
    ])


def with_policy(html: str, trusted: list[str]) -> str:
    """The page with the policy ahead of everything that it governs."""
    charset = '<meta charset="utf-8">'
    meta = f'{charset}<meta http-equiv="Content-Security-Policy" content="{policy(trusted)}">'
    return html.replace(charset, meta, 1)


def accessible(html: str, language: str) -> str:
    """The page with names for what is read aloud, and tables in boxes that scroll sideways.

    Footnotes in a row are marked, so that 3 and 4 do not read as 34.
    """
    html = html.replace('</sup><sup id="fnref', '</sup><sup class="next" id="fnref')
    html = html.replace('role="dialog"', f'role="dialog" aria-label="{SEARCH[language]}"', 1)
    html = html.replace("<table>", '<div class="table"><table class="data">')
    return re.sub(r'(<table class="data">.*?</table>)', r"\1</div>", html, flags=re.DOTALL)


def counted(html: str) -> str:
    """The page with the number of lines of each block of code.

    The style sheet makes room for them, so that a browser need not lay out a block before it comes
    into view. Material's script would measure each `pre > code`, and lay out even what is folded;
    so there is an element between the two.
    """

    def block(match: re.Match) -> str:
        lines = match[1].removesuffix("</code>").rstrip("\n").count("\n") + 1
        return f'<pre style="--lines:{lines}"><span>{match[1]}</span></pre>'

    return CODE.sub(block, html)


def for_counted(sheet: str) -> str:
    """A style sheet of the theme, whose rules for code reach it past that element."""
    return sheet.replace("pre>code", "pre code")


def glued(html: str) -> str:
    """The page with punctuation kept on its formula's line: browsers break beside any formula."""
    pieces, at = [], 0
    for match in FORMULA.finditer(html):
        text = html[at : match.start()]
        line = text.rstrip(OPENING)
        if match["after"] or len(line) < len(text):
            pieces += [line, '<span class="glued">', text[len(line) :], match[0], "</span>"]
            at = match.end()
    return "".join(pieces) + html[at:]
